#!/usr/bin/env bash
# Tries the service for real: a systemd of an unprivileged user, with a PulseAudio of its own, in namespaces that end
# with this script. Installs the player as that user would, has it save settings, then crashes it, hangs it, stops it.
# Needs root, systemd, dbus-daemon and pulseaudio; changes nothing on the machine. docs/service.md has what it said.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cd "$here/.."
home=/srv/cafe config=/srv/cafe/settings/config.yaml runtime=/run/user/1000 group=/sys/fs/cgroup
[ -d $group/unified ] && group=$group/unified

outside() {
  mkdir -p "$group/ambient-player-trial"
  trap 'find "$group/ambient-player-trial" -depth -type d -exec rmdir {} \;' EXIT
  ( echo "$BASHPID" >"$group/ambient-player-trial/cgroup.procs"
    exec timeout -s KILL 300 unshare --cgroup --mount --pid --ipc --fork --kill-child "$here/try_service.sh" --as-root )
}

as_root() {
  local python
  mount --make-rprivate /
  mount -t proc proc /proc
  mount -t tmpfs tmpfs /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
  for folder in /run /srv; do mount -t tmpfs tmpfs $folder; done
  mkdir -p $home/settings $runtime /run/systemd/system
  mkdir -m 700 /run/systemd/unit-root # where systemd builds a service's view of the files
  { cat /etc/passwd; echo "cafe:x:1000:1000::$home:/bin/bash"; } >/run/passwd
  mount --bind /run/passwd /etc/passwd
  python=$(readlink -f .venv/bin/python)
  if [[ $python = /root/* ]]; then # root's home is closed to others: show only Python
    python=${python%/bin/*}
    mkdir /run/python
    mount --bind "$python" /run/python
    mount -t tmpfs -o mode=755 tmpfs /root
    mkdir -p "$python"
    mount --bind /run/python "$python"
  fi
  printf 'playback: {output: pulse}\ncamera: {source: demo}\n' >$config
  chown -R 1000:1000 $home $runtime
  chown 1000:1000 /sys/fs/cgroup /sys/fs/cgroup/cgroup.{procs,subtree_control}
  exec setpriv --reuid=1000 --regid=1000 --clear-groups env -i HOME=$home USER=cafe LOGNAME=cafe \
    PATH=/usr/bin:/bin XDG_RUNTIME_DIR=$runtime PYTHONDONTWRITEBYTECODE=1 \
    DBUS_SESSION_BUS_ADDRESS=unix:path=$runtime/bus "$here/try_service.sh" --as-user
}

player() { .venv/bin/python -m player "$@"; }
unit() { systemctl --user "$@" ambient-player; }
pid() { unit show --property=MainPID --value; }

# back SIGNAL: sends it to the player, and says how long it takes until another one plays.
back() {
  local before began
  before=$(pid) began=$(date +%s.%N)
  kill "-$1" "$before"
  until [ "$(pid)" != "$before" ] && [ "$(pid)" != 0 ] && unit is-active >/dev/null; do sleep 0.05; done
  echo "SIG$1: $(date +%s.%N | awk -v began="$began" '{ printf "%.1f", $1 - began }') s; $(player service status)"
}

as_user() {
  dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork --nopidfile 2>/dev/null &
  pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --load="module-null-sink sink_name=cafe" \
    --load=module-native-protocol-unix 2>/dev/null &
  /lib/systemd/systemd --user 2>/dev/null &
  until systemctl --user is-system-running >/dev/null 2>&1; do sleep 0.1; done
  player service install --config $config
  until player status --config $config --json | grep -q '"scene": {'; do sleep 0.5; done
  player status --config $config
  # By the service itself, also after another program has put a new file in the place of the old one.
  player config set --url http://127.0.0.1:8787 playback.volume 66
  player config set --config $config playback.volume 67
  player config set --url http://127.0.0.1:8787 playback.volume 68
  grep -E 'NoNewPrivs|Seccomp:' "/proc/$(pid)/status"
  for signal in SEGV KILL STOP; do back $signal; sleep 3; done
  pkill -KILL -P "$(pid)" -f library.analysis.child && sleep 1 && echo "an analysis process killed; $(player service status)"
  unit reload && echo "reloaded; $(player service status)"
  unit stop && player service status || player service uninstall
}

case "${1:-}" in
  --as-root) as_root ;;
  --as-user) as_user ;;
  *) outside ;;
esac
