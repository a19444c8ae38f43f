#!/usr/bin/env bash
# Tries the player on another machine's processor: bootstraps an arm64 Debian, installs the committed checkout by the
# README's command, runs check, doctor, caption, mood, library analyze, unit tests and a short daemon run under qemu-user,
# and holds the readings against this machine's. Prints what happened; docs/raspberry-pi.md has it.
# Needs root, mmdebstrap, qemu-user-static, a network and .venv (./scripts/test); about an hour on two cores. How long
# anything takes here says nothing of a Raspberry Pi.
#   ./scripts/system/try_arm64.sh [trixie|bookworm]     CPU=cortex-a76 another processor; KEEP=FOLDER keeps the root
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
suite=${1:-trixie}
cpu=${CPU:-cortex-a72}
work=${KEEP:-$(mktemp -d /var/tmp/try-arm64.XXXXXX)}
root=$work/$suite
formats=/proc/sys/fs/binfmt_misc
registered=''
tests='tests/unit/vision tests/unit/mood tests/unit/camera tests/unit/audio tests/unit/schedule tests/unit/selection'

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }

end() {
  [ -z "$registered" ] || echo -1 >"$formats/qemu-aarch64"
  [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$work"
}
trap end EXIT

# The kernel hands arm64's programs to qemu, wherever they lie.
if ! [ -e $formats/qemu-aarch64 ]; then
  [ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats
  cat /usr/lib/binfmt.d/qemu-aarch64.conf >$formats/register
  registered=yes
fi

# inside COMMAND...: runs it in the root, with processes of its own that end with it. Without /sys: what onnxruntime
# reads there is of the processor that emulates, and it crashes on it.
inside() {
  unshare --mount --pid --fork --kill-child bash -c '
    set -e; root=$0; mount --make-rprivate /
    mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount -t tmpfs tmpfs "$root/dev/shm"
    exec chroot "$root" env -i "$@"' "$root" \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive QEMU_CPU="$cpu" \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DEFAULT_TIMEOUT=180 "$@"
}
player() { inside /root/ambient-player/scripts/run "$@"; }
here() { .venv/bin/python -P -m player "$@"; }

[ -x "$root/bin/sh" ] || mmdebstrap -q --arch=arm64 --variant=minbase \
  --include=python3,pulseaudio,pulseaudio-utils "$suite" "$root" http://deb.debian.org/debian
install -D /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt" # this network's authorities, if it has its own
cp /etc/resolv.conf "$root/etc/"
mkdir -p "$root/root/ambient-player" "$root/trial"
git archive HEAD | tar -x -C "$root/root/ambient-player"
say "== $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' "$root/etc/os-release"), $(inside uname -m), $cpu under $(qemu-aarch64-static --version | head -n 1)"

say "-- ./scripts/run check"
player check 2>&1 | sed 's/^/   /'
say "   $(inside python3 --version), $(inside /root/ambient-player/.venv/bin/python -c 'import onnxruntime, cv2, av, numpy
print("onnxruntime", onnxruntime.__version__, "OpenCV", cv2.__version__, "PyAV", av.__version__, "numpy", numpy.__version__)')"

say "-- doctor"
player doctor 2>&1 | sed 's/^/   /' || true

say "-- caption, mood and library analyze, against $(uname -m)"
packages=.venv/lib/python3*/site-packages
cp $packages/skimage/data/{coffee,chelsea,motorcycle_left}.png $packages/skimage/data/rocket.jpg "$root/trial/"
cp $packages/immich_memories_music/tracks/calm/calm_acoustic_1.opus \
  $packages/immich_memories_music/tracks/happy/happy_electronic_1.opus "$root/trial/"
files=(/trial/coffee.png /trial/chelsea.png /trial/motorcycle_left.png /trial/rocket.jpg)
tracks=(/trial/calm_acoustic_1.opus /trial/happy_electronic_1.opus)
sentences=("two people at a table, dim light" "a crowded bar at night, loud and bright" "비 오는 일요일 아침")
player caption "${files[@]}" >"$work/there.jsonl"
player mood "${sentences[@]}" >>"$work/there.jsonl"
player library analyze "${tracks[@]}" >>"$work/there.jsonl"
here caption "${files[@]/#/$root}" >"$work/here.jsonl"
here mood "${sentences[@]}" >>"$work/here.jsonl"
here library analyze "${tracks[@]/#/$root}" >>"$work/here.jsonl"
.venv/bin/python -m scripts.system.compare_readings "$work/here.jsonl" "$work/there.jsonl" | sed 's/^/   /'

say "-- unit tests: ${tests//tests\/unit\//}"
# The stamp of need_venv stays right: these come beside what the lock says.
grep -E '^(pytest|pytest-timeout|hypothesis|httpx|iniconfig|pluggy|sortedcontainers)==' requirements/test.lock >"$root/trial/tests.lock"
inside sh -c "cd /root/ambient-player && .venv/bin/python -m pip install -q -r /trial/tests.lock &&
  .venv/bin/python -m pytest -q --no-header -p no:cacheprovider $tests" >"$work/tests.log" 2>&1 || true
tail -n 12 "$work/tests.log" | sed 's/^/   /'

say "-- a short run of the player, at a PulseAudio that is recorded"
cat >"$root/trial/run.sh" <<'END'
export PULSE_SERVER=unix:/run/trial-pulse PATH="$PATH:/usr/bin"
mkdir -p /run /tmp
pulseaudio -n --exit-idle-time=-1 --daemonize=no --load="module-null-sink sink_name=cafe" \
  --load="module-native-protocol-unix auth-anonymous=1 socket=/run/trial-pulse" 2>/dev/null &
for _ in $(seq 100); do pactl info >/dev/null 2>&1 && break; sleep 0.3; done
cd /root/ambient-player
.venv/bin/python -P -m player run --config /trial/config.yaml >/trial/daemon.log 2>&1 &
daemon=$!
for _ in $(seq 120); do
  .venv/bin/python -P -m player status --json --config /trial/config.yaml >/trial/status.json 2>/dev/null &&
    grep -q '"scene": {' /trial/status.json && grep -q '"heard_db": -' /trial/status.json && break
  sleep 2
done
parec -d cafe.monitor --raw --rate=8000 --channels=1 --format=s16le >/trial/heard.raw 2>/dev/null & recorder=$!
sleep 15; kill -KILL $recorder
.venv/bin/python -P -m player status --config /trial/config.yaml
kill -TERM $daemon; wait $daemon; echo "ended with $?"
END
cat >"$root/trial/config.yaml" <<'END'
camera: {source: demo}
gate: {interval_s: 10}
state_dir: /trial/state
web: {enabled: false}
END
inside bash /trial/run.sh 2>&1 | sed 's/^/   /' || true
.venv/bin/python -c '
import sys, numpy
sound = numpy.fromfile(sys.argv[1], numpy.int16).astype(float)
print(f"   recorded: {sound.size / 8000:.0f} s at {20 * numpy.log10(max(1e-9, (sound**2).mean() ** 0.5 / 32768)):.0f} dBFS")' "$root/trial/heard.raw"
grep -E ' (scene|shift|track) ' "$root/trial/daemon.log" | head -n 6 | sed 's/^/   /'
say "done"
