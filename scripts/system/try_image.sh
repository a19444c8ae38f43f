#!/usr/bin/env bash
# Tries the OCI image for real: built by Podman, started by deploy/compose.yaml, beside a PulseAudio of its own whose sink
# is recorded, in namespaces without a network that end with this script. Plays without a camera, is plugged one in, loses
# the sound server, is killed, stopped and started again. Prints what happened; docs/container.md has it.
# Needs root, podman, mmdebstrap, pulseaudio and a package index for podman-compose; changes nothing on the machine, and
# has images and containers in a folder of its own.
#   ./scripts/system/try_image.sh     KEEP=FOLDER keeps the image for the next time; BASE=IMAGE takes that as its base
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
. scripts/system/recorded.sh
work=${KEEP:-$(mktemp -d /var/tmp/try-image.XXXXXX)}
compose=$work/compose/bin/podman-compose
user=1000 server=''
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf
export DISABLE_HC_SYSTEMD=true # this script asks for the health itself
export SOUND=$work/sound MUSIC=$work/music

say() { printf '%s\n' "$*"; }
fail() {
  say "FAILED: $*"
  podman logs "$(container)" 2>&1 | tail -n 20 || true
  exit 1
}

# engine: Podman as this machine can have it: its own folders, and no more open files than it may have itself.
engine() {
  local runtime=crun
  [ -e /sys/fs/cgroup/cgroup.controllers ] || runtime=runc # crun knows no mixed groups
  mkdir -p "$work"
  cat >"$CONTAINERS_CONF" <<END
[engine]
runtime = "$runtime"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
END
  cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "overlay"
graphroot = "$work/store"
runroot = "$work/run"
END
  # A compose.yaml with limits replaces Podman's defaults, which this machine may not grant.
  cat >"$work/here.yaml" <<END
services:
  player:
    ulimits: {core: 0, nofile: {soft: 1024, hard: 4096}, nproc: 4096}
END
}

end() {
  [ -z "${INSIDE:-}" ] || composed down -v >/dev/null 2>&1 || true
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  if [ -z "${KEEP:-}" ]; then
    podman rm --all --force >/dev/null 2>&1 || true
    umount --lazy "$work/store/overlay" 2>/dev/null || true
    rm -rf --one-file-system "$work"
  fi
}

composed() { "$compose" -p try -f deploy/compose.yaml -f "$work/here.yaml" "$@"; }
container() { podman ps -a -q --filter label=io.podman.compose.project=try | head -n 1; }
player() { podman exec "$(container)" ambient-player "$@"; }
as_listener() { setpriv --reuid "$user" --regid "$user" --clear-groups env HOME="$SOUND/home" XDG_RUNTIME_DIR="$SOUND/home" "$@"; }

# sound_server: that of somebody's login: only their user may enter its folder, and it asks for more than that.
sound_server() {
  (cd "$SOUND/home" && exec setpriv --reuid $user --regid $user --clear-groups env HOME="$SOUND/home" XDG_RUNTIME_DIR="$SOUND/home" \
    pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 "--load=module-null-sink sink_name=cafe" \
    "--load=module-native-protocol-unix socket=$SOUND/native") >/dev/null 2>&1 &
  server=$!
  for _ in $(seq 50); do [ -S "$SOUND/native" ] && return || sleep 0.1; done
  fail "no PulseAudio"
}

playing() { player status --json 2>/dev/null | .venv/bin/python -c '
import json, sys
print(json.load(sys.stdin)["playback"]["track"]["title"])' 2>/dev/null || true; }

# record SECONDS: what the loudspeaker gets, for so long. Told to end politely, parec may wait for ever.
record() {
  as_listener sh -c 'cd && exec timeout -s KILL "$0" parec -s "unix:$1" -d cafe.monitor --raw --rate=8000 --channels=1 --format=s16le' \
    "$1" "$SOUND/native" 2>/dev/null
}

# hears_music WHAT: waits until music is heard.
hears_music() {
  local heard
  for _ in $(seq 20); do
    heard=$({ record 2 || sleep 0.5; } | level)
    if [ "$heard" -gt -60 ]; then say "   music is heard: $heard dBFS (playing: $(playing))"; return; fi
  done
  fail "no music: $1"
}

# waits_for SECONDS WHAT COMMAND...: until it is true.
waits_for() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || fail "$what"
    sleep 0.2
  done
}

healthy() { podman exec "$(container)" healthy; }
says() { player status | grep -q -E "$1"; }
refused() { ! podman exec "$(container)" "$@"; }

# own_devices: a /dev for this trial alone, to which a camera can be added.
own_devices() {
  mkdir -p "$work/dev"
  mount -t tmpfs -o mode=755 tmpfs "$work/dev"
  cp -a /dev/{null,zero,full,random,urandom,tty,fd,stdin,stdout,stderr} "$work/dev/"
  mkdir "$work"/dev/{pts,shm,mqueue}
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$work/dev/pts"
  ln -s pts/ptmx "$work/dev/ptmx"
  mount -t tmpfs tmpfs "$work/dev/shm"
  mount --move "$work/dev" /dev
}

build() {
  [ -x "$compose" ] || { python3 -m venv "$work/compose" && "$work/compose/bin/pip" install -q podman-compose==1.6.0 2>/dev/null; }
  podman image exists ambient-player ||
    .venv/bin/python -m scripts.release.image --engine podman --no-file ${BASE:+--base "$BASE"} ${BASE:---bootstrap} >"$work/build.log" 2>&1 ||
    { tail -n 20 "$work/build.log"; exit 1; }
}

trial() {
  local before recorder seconds
  ip link set lo up
  own_devices
  mkdir -p "$MUSIC"
  rm -rf "$SOUND" && install -d -m 0700 -o $user -g $user "$SOUND" "$SOUND/home"

  say "-- up, before there is a sound server"
  composed up -d >/dev/null 2>&1
  waits_for 60 "it does not say that there is no sound" says 'no audio device'
  player status | grep 'no audio device' | sed 's/^/   /'
  sound_server
  hears_music "after the sound server has come"
  waits_for 60 "not healthy" healthy
  say "   $(healthy); the page: $(.venv/bin/python -c '
import urllib.request
answer = urllib.request.urlopen("http://127.0.0.1:8787/", timeout=10)
print(answer.status, len(answer.read()), "bytes")')"
  podman exec "$(container)" sh -c '
    echo "   $(id)"
    sed -n "s/^\(CapEff\|CapBnd\|NoNewPrivs\):/   \1/p" /proc/self/status | tr "\n" ";"; echo
    stat -c "   %A %U %n" /data/config/ambient-player/config.yaml /data/state/ambient-player /data/state/ambient-player/library.db'
  [ "$(podman exec "$(container)" id -u)" != 0 ] || fail "it is root"
  for place in / /etc /opt/ambient-player /usr/bin /music; do
    refused sh -c "touch $place/written 2>/dev/null" || fail "$place can be written to"
  done

  say "-- a camera that is not there, and one that is plugged in later"
  player config set camera.source 0 | sed 's/^/   /'
  waits_for 30 "it does not say that there is no camera" says '^camera +lost'
  podman logs "$(container)" 2>&1 | grep 'camera lost' | tail -n 1 | sed 's/^/   /'
  hears_music "without a camera"
  mknod -m 0660 /dev/video0 c 81 255 && chgrp video /dev/video0 # no camera has this number here: opened, it is none
  mknod -m 0666 /dev/disk b "$(stat -c '%Hd' /)" 0
  say "   /dev/video0: $(podman exec "$(container)" sh -c 'head -c 1 /dev/video0' 2>&1 | sed 's/.*: //'); a disk: $(podman exec "$(container)" sh -c 'head -c 1 /dev/disk' 2>&1 | sed 's/.*: //')"

  say "-- the sound server starts again"
  kill -KILL "$server"
  wait "$server" 2>/dev/null || true
  rm -f "$SOUND/native"
  sound_server
  hears_music "after the sound server was another"

  say "-- kill -9 of the player, while the music is recorded"
  player config set playback.volume 66 >/dev/null
  before=$(playing)
  record 20 >"$work/kill.raw" &
  recorder=$!
  sleep 2
  kill -KILL "$(pgrep -P "$(pgrep -P "$(podman inspect -f '{{.State.Pid}}' "$(container)")" | head -n 1)" | head -n 1)"
  wait $recorder || true
  hears_music "after the kill"
  say "   longest silence in $(($(stat -c %s "$work/kill.raw") / 16000)) s: $(longest_silence "$work/kill.raw") s; $before before, $(playing) after; playback.volume $(player config get playback.volume)"
  record 30 >"$work/kill.raw" &
  recorder=$!
  sleep 2
  kill -KILL "$(podman inspect -f '{{.State.Pid}}' "$(container)")"
  wait $recorder || true
  hears_music "after the kill of the whole container"
  say "   of the whole container: longest silence $(longest_silence "$work/kill.raw") s"

  say "-- ambient-player update --check"
  player update --check | cut -c 1-180 | sed 's/^/   /'

  say "-- stop, and up again from the same volume"
  before=$(playing)
  seconds=$(date +%s.%N)
  podman stop "$(container)" >/dev/null
  seconds=$(echo "$(date +%s.%N) - $seconds" | bc | sed 's/^\./0./;s/\(\.[0-9]\).*/\1/')
  say "   stopped within $seconds s, exit code $(podman inspect -f '{{.State.ExitCode}}' "$(container)")"
  [ "${seconds%.*}" -lt 10 ] || fail "it took $seconds s to stop"
  composed down >/dev/null 2>&1
  composed up -d >/dev/null 2>&1
  hears_music "after it was stopped"
  say "   $before before, $(playing) after; playback.volume $(player config get playback.volume)"
  [ "$(player config get playback.volume)" = 66 ] || fail "the settings were lost"

  say "-- down -v, and another user, who is none of the image's"
  composed down -v >/dev/null 2>&1
  kill -KILL "$server"
  wait "$server" 2>/dev/null || true
  user=23456
  export PLAYER_UID=$user PLAYER_GID=$user
  rm -rf "$SOUND" && install -d -m 0700 -o $user -g $user "$SOUND" "$SOUND/home"
  sound_server
  composed up -d >/dev/null 2>&1
  hears_music "as another user"
  podman exec "$(container)" stat -c '   %A %u %n' /data/state/ambient-player/library.db
  composed down -v >/dev/null 2>&1
  say "   left: $(podman ps -a -q | wc -l) containers, $(podman volume ls -q | wc -l) volumes"
}

engine
trap end EXIT
if [ -z "${INSIDE:-}" ]; then
  build
  say "== $(podman --version), $(sed -n 's/^runtime = "\(.*\)"/\1/p' "$CONTAINERS_CONF"); the image: $(podman run --rm --entrypoint sh --network none ambient-player -c '. /etc/os-release; echo "$PRETTY_NAME, $(python3 --version)"'), $(podman image inspect -f '{{.Size}}' ambient-player | numfmt --to=si)"
  KEEP=$work INSIDE=1 unshare --net --mount "$0"
  say "all of it went as it should"
else
  trial
fi
