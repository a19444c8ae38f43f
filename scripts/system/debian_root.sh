# A fresh Debian or Ubuntu with a systemd of its own, in namespaces that end with whoever sources this: for trials of what is
# installed on a whole machine. Sourced at the root of the checkout, as root; needs mmdebstrap, unshare and nsenter, and
# changes nothing on the machine. $work keeps what is to be kept, $sink is where the music is heard, $listener the words
# before a command of somebody who may hear it. It has no network, unless $network says that it has this machine's.

. scripts/system/recorded.sh
group=/sys/fs/cgroup
[ -d $group/unified ] && group=$group/unified
python=.venv/bin/python
manager='' root='' listener='' network=''

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }

end() {
  if [ -n "$manager" ]; then kill -KILL "$manager" 2>/dev/null || true; wait "$manager" 2>/dev/null || true; fi
  manager=''
  for _ in $(seq 50); do
    find "$group/trial-$$" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    [ -d "$group/trial-$$" ] || break
    sleep 0.1
  done
  [ -z "$root" ] || rm -rf "$root"
  root=''
}
trap 'end; [ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT

# unpack SUITE NAME PACKAGES: a root of the suite with these packages, made once and kept under this name. Ubuntu's needs
# its keys, of the package ubuntu-keyring.
unpack() {
  local tar="$work/$2.tar" from=(http://deb.debian.org/debian)
  [ "$1" != noble ] || from=(--components=main,universe http://archive.ubuntu.com/ubuntu)
  [ -e "$tar" ] || mmdebstrap -q --variant=minbase --include="apt,$3" "$1" "$tar" "${from[@]}"
  root=$(mktemp -d /var/tmp/trial-root.XXXXXX)
  chmod 755 "$root"
  tar -C "$root" -xf "$tar"
  mkdir -p "$root/trial"
  # No hardware here: what waits for it would only take time. The kernel is this machine's, and stays as it is set.
  for unit in systemd-udevd.service systemd-udev-trigger.service getty.target systemd-sysctl.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
}

# add_sound: a PulseAudio of the whole root, whose sink is $sink.
add_sound() {
  cat >"$root/etc/systemd/system/trial-sound.service" <<END
[Service]
ExecStart=/usr/bin/pulseaudio --system --disallow-exit -n --exit-idle-time=-1 --load="module-null-sink sink_name=$sink" --load="module-native-protocol-unix auth-anonymous=1 socket=/run/pulse/native"
RuntimeDirectory=pulse
[Install]
WantedBy=multi-user.target
END
  ln -sf ../trial-sound.service "$root/etc/systemd/system/multi-user.target.wants/"
  ln -sf /dev/null "$root/etc/systemd/system/systemd-logind.service"
}

# inside COMMAND...: runs it in the root, beside its systemd.
inside() {
  nsenter --target "$init" --mount --pid --ipc --uts --net --cgroup --root -- \
    env -C / -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

start_systemd() {
  local net=--net
  [ -z "$network" ] || net=''
  mkdir -p "$group/trial-$$"
  ( echo "$BASHPID" >"$group/trial-$$/cgroup.procs"
    exec unshare --cgroup --mount --pid --ipc --uts $net --fork --kill-child bash -c '
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
  inside timeout -s KILL "$1" $listener parec -s unix:/run/pulse/native -d "$sink.monitor" --raw --rate=8000 --channels=1 --format=s16le 2>/dev/null
}

# heard: what comes out of the loudspeaker within two seconds, in dBFS.
heard() {
  { record 3 || true; } | level
}

# hears_music WHAT: waits until music is heard.
hears_music() {
  local heard
  for _ in $(seq 10); do
    heard=$(heard)
    if [ "$heard" -gt -60 ]; then say "   music is heard: $heard dBFS ($(inside systemctl show -P StatusText ambient-player))"; return; fi
  done
  inside journalctl --no-pager -n 30 -u ambient-player || true
  fail "no music: $1"
}
