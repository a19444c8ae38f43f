#!/usr/bin/env bash
# Tries the Debian package for real: a fresh root of each suite, with systemd as its first process and a PulseAudio of
# its own, in namespaces without a network that end with this script. Installs, upgrades, refuses to go back, goes back,
# removes and purges it, and listens to the music all the while. Prints what happened; docs/install.md has it.
# Needs root, mmdebstrap, dpkg-deb, unshare and nsenter; changes nothing on the machine.
#   ./scripts/system/try_deb.sh [bookworm] [trixie]     KEEP=FOLDER keeps packages and roots for the next time
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
. scripts/system/recorded.sh
[ $# -gt 0 ] || set -- bookworm trixie
work=${KEEP:-$(mktemp -d /var/tmp/try-deb.XXXXXX)}
mkdir -p "$work/debs"
group=/sys/fs/cgroup
[ -d $group/unified ] && group=$group/unified
python=.venv/bin/python
manager='' root=''

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }

end() {
  if [ -n "$manager" ]; then kill -KILL "$manager" 2>/dev/null || true; wait "$manager" 2>/dev/null || true; fi
  manager=''
  for _ in $(seq 50); do
    find "$group/try-deb-$$" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    [ -d "$group/try-deb-$$" ] || break
    sleep 0.1
  done
  [ -z "$root" ] || rm -rf "$root"
  root=''
}
trap 'end; [ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT

# fresh SUITE DEB: unpacks a root of the suite with what the package depends on, and sound.
fresh() {
  local tar="$work/$1.tar" needs
  needs=$(dpkg-deb -f "$2" Depends | sed 's/([^)]*)//g; s/ //g')
  [ -e "$tar" ] || mmdebstrap -q --variant=minbase \
    --include="$needs,systemd,systemd-sysv,dbus,pulseaudio,pulseaudio-utils" "$1" "$tar" http://deb.debian.org/debian
  root=$(mktemp -d /var/tmp/try-deb-root.XXXXXX)
  chmod 755 "$root"
  tar -C "$root" -xf "$tar"
  mkdir -p "$root/trial"
  cp "$work/debs"/*"$3"* "$root/trial/"
  cat >"$root/etc/systemd/system/trial-sound.service" <<END
[Service]
ExecStart=/usr/bin/pulseaudio --system --disallow-exit -n --exit-idle-time=-1 --load="module-null-sink sink_name=cafe" --load="module-native-protocol-unix auth-anonymous=1 socket=/run/pulse/native"
RuntimeDirectory=pulse
[Install]
WantedBy=multi-user.target
END
  ln -sf ../trial-sound.service "$root/etc/systemd/system/multi-user.target.wants/"
  # No hardware here: what waits for it would only take time.
  for unit in systemd-udevd.service systemd-udev-trigger.service systemd-logind.service getty.target; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
}

# inside COMMAND...: runs it in the root, beside its systemd.
inside() {
  nsenter --target "$init" --mount --pid --ipc --uts --net --cgroup --root -- \
    env -C / -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

start_systemd() {
  mkdir -p "$group/try-deb-$$"
  ( echo "$BASHPID" >"$group/try-deb-$$/cgroup.procs"
    exec unshare --cgroup --mount --pid --ipc --uts --net --fork --kill-child bash -c '
      set -e; cd "$0"; mount --make-rprivate /; mount --bind "$0" "$0"; cd "$0"
      mount -t proc proc proc; mount -t sysfs -o ro sysfs sys
      mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp; mount -t tmpfs -o mode=755 tmpfs dev
      for node in null zero full random urandom tty; do touch dev/$node; mount --bind /dev/$node dev/$node; done
      mkdir dev/pts dev/shm; mount -t tmpfs tmpfs dev/shm; mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
      ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
      mount -t tmpfs tmpfs sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none sys/fs/cgroup
      exec chroot . env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null >/dev/null 2>&1' "$root" ) &
  manager=$!
  for _ in $(seq 100); do
    init=$(pgrep -P "$manager" | head -n 1) || true
    if [ -n "$init" ] && inside systemctl is-active multi-user.target >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  inside systemctl --no-pager list-units --failed || true
  fail "systemd did not start here"
}

# record SECONDS: what the loudspeaker gets, for so long. Told to end politely, parec may wait for ever.
record() {
  inside timeout -s KILL "$1" parec -s unix:/run/pulse/native -d cafe.monitor --raw --rate=8000 --channels=1 --format=s16le 2>/dev/null
}

# hears_music WHAT: waits until music is heard.
hears_music() {
  local heard
  for _ in $(seq 10); do
    heard=$({ record 3 || true; } | level)
    if [ "$heard" -gt -60 ]; then say "   music is heard: $heard dBFS ($(inside systemctl show -P StatusText ambient-player))"; return; fi
  done
  inside journalctl --no-pager -n 30 -u ambient-player || true
  fail "no music: $1"
}

apt() { inside apt-get -qq -y -o Dpkg::Use-Pty=0 "$@" 2>&1 | grep -v -E '^\(Reading|^Selecting|^Preparing|^Unpacking|^Setting up|^Removing|^Purging|^Processing|^debconf' | sed 's/^/   /' || true; }
installed() { inside dpkg-query -W -f='${db:Status-Abbrev} ${Version}' ambient-player 2>/dev/null || echo none; }
player() { inside ambient-player "$@"; }

trial() {
  local suite=$1 mark old new recorder silence
  mark=$($python -c "from scripts.release.deb import SUITES; print(SUITES['$suite'].mark)")
  for version in 0.1.0 0.1.1; do
    ls "$work/debs/ambient-player_$version-1~${mark}_amd64.deb" >/dev/null 2>&1 ||
      $python -m scripts.release.deb --suite "$suite" --version $version --out "$work/debs" 2>/dev/null >/dev/null
  done
  old=/trial/ambient-player_0.1.0-1~${mark}_amd64.deb new=/trial/ambient-player_0.1.1-1~${mark}_amd64.deb
  fresh "$suite" "$work/debs/${old##*/}" "$mark"
  start_systemd
  say "== $suite: $(sed -n 's/^PRETTY_NAME=//p' "$root/etc/os-release"), $(inside python3 --version), $(inside systemctl --version | head -n 1)"

  say "-- apt-get install ${old##*/} ($(du -m "$work/debs/${old##*/}" | cut -f1) MB)"
  apt install "$old"
  hears_music "after the installation"
  say "   $(installed); user: $(inside id ambient-player)"
  say "   $(player check | tail -n 1)"
  inside sh -c 'stat -c "   %A %U %n" /etc/ambient-player /etc/ambient-player/config.yaml /var/lib/ambient-player /var/lib/ambient-player/library.db'
  player config set playback.volume 66 | sed 's/^/   /'
  [ "$(player config get playback.volume)" = 66 ] || fail "the setting did not take"

  say "-- upgrade to ${new##*/} while the music is recorded"
  record 180 >"$work/upgrade.raw" &
  recorder=$!
  sleep 2
  apt install -o Dpkg::Options::=--force-confold "$new"
  hears_music "after the upgrade"
  inside pkill -KILL parec || true
  wait $recorder || true
  silence=$(longest_silence "$work/upgrade.raw")
  say "   $(installed); longest silence in $(($(stat -c %s "$work/upgrade.raw") / 16000)) s: $silence s; playback.volume is $(player config get playback.volume)"
  [ "${silence%.*}" -lt 5 ] || fail "silent for $silence s"
  [ "$(player config get playback.volume)" = 66 ] || fail "the setting was lost"

  say "-- downgrade, the library having been brought to a newer version"
  inside python3 -c '
import sqlite3
library = sqlite3.connect("/var/lib/ambient-player/library.db")
version = library.execute("PRAGMA user_version").fetchone()[0]
library.execute(f"PRAGMA user_version = {version + 1}")'
  apt install --allow-downgrades "$old"
  say "   $(installed)"
  case "$(installed)" in *0.1.1*) ;; *) fail "the older package was installed" ;; esac
  hears_music "after the refusal"
  inside python3 -c '
import sqlite3
library = sqlite3.connect("/var/lib/ambient-player/library.db")
version = library.execute("PRAGMA user_version").fetchone()[0]
library.execute(f"PRAGMA user_version = {version - 1}")'

  say "-- downgrade with a library of the same version"
  apt install --allow-downgrades "$old"
  say "   $(installed)"
  hears_music "after the downgrade"

  say "-- remove"
  apt remove ambient-player
  say "   $(installed); left: $(inside sh -c 'ls -d /usr/lib/ambient-player /usr/bin/ambient-player /etc/ambient-player /var/lib/ambient-player 2>/dev/null | tr "\n" " "')"
  say "-- purge"
  apt purge ambient-player
  say "   $(installed); left: $(inside sh -c 'find / -xdev -path /trial -prune -o -name "*ambient*player*" -print 2>/dev/null | tr "\n" " "'); user: $(inside getent passwd ambient-player || echo none)"
  end
}

for suite in "$@"; do trial "$suite"; done
say "all of it went as it should"
