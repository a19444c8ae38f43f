#!/usr/bin/env bash
# Tries the README's ways in as a newcomer would: in fresh Debian and Ubuntu roots with nothing of ours, as somebody who
# may use sudo, with the commands of its table, its list and docs/install.md, read from there. Listens to the music after each, then
# removes it and says what is left. The rest has trials of its own: the package as a service try_deb.sh, the container
# try_image.sh, the Raspberry Pi try_user_data.sh. Prints what happened; docs/install.md has it.
# Needs root, mmdebstrap, unshare, nsenter, git and this machine's network, with ports 8787 and up free; changes nothing on
# the machine.
#   ./scripts/system/try_readme.sh [bookworm] [trixie] [noble]     KEEP=FOLDER keeps the roots for the next time
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
[ $# -gt 0 ] || set -- bookworm trixie noble
work=${KEEP:-$(mktemp -d /var/tmp/try-readme.XXXXXX)}
mkdir -p "$work"
sink=cafe
. scripts/system/debian_root.sh
network=yes

# cell TEXT: the commands in the second cell of the row of README.md's table in which this stands, a line each.
cell() {
  $python - "$1" <<'END'
import re, sys
(row,) = [line for line in open("README.md") if line.startswith("|") and sys.argv[1] in line]
print(*re.findall(r"`([^`]+)`", row.split("|")[2]), sep="\n")
END
}

# block FILE LINE: the commands of the first block behind this line, without what is said of them.
block() {
  $python - "$1" "$2" <<'END'
import re, sys
text = open(sys.argv[1]).read().split(f"\n{sys.argv[2]}\n", 1)[1]
for line in re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].splitlines():
    print(re.sub(r"\s+#.*", "", line))
END
}

# as_owner FOLDER COMMAND: a line as the owner of the machine types it there.
as_owner() {
  inside setpriv --reuid owner --regid owner --init-groups env HOME=/home/owner USER=owner \
    PATH=/home/owner/.local/bin:/usr/local/bin:/usr/bin:/bin PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_DEFAULT_TIMEOUT=180 bash -c "cd $1 && $2" </dev/null
}
owner() { as_owner /home/owner/ambient-player "$1"; }

# does COMMAND: what has to succeed, and how long it took.
does() {
  local since=$SECONDS
  owner "$1" >"$work/last.log" 2>&1 || { tail -n 20 "$work/last.log"; fail "$1"; }
  say "   \$ $1    ($((SECONDS - since)) s)"
}

# tells COMMAND: its exit code, and its last word.
tells() {
  local code=0
  owner "$1" >"$work/last.log" 2>&1 || code=$?
  say "   \$ $1    ($code: $(tail -n 1 "$work/last.log" | cut -c 1-100))"
}

# plays COMMAND PLAYER: it plays until `stops`; PLAYER is how it is asked.
plays() {
  local since=$SECONDS heard=-180
  owner "$1" >"$work/playing.log" 2>&1 &
  playing=$!
  while [ "$heard" -le -60 ]; do
    [ $((SECONDS - since)) -lt 900 ] && kill -0 $playing 2>/dev/null || { tail -n 20 "$work/playing.log"; fail "no music: $1"; }
    heard=$({ record 2 || sleep 1; } | level)
  done
  say "   \$ $1    (music after $((SECONDS - since)) s: $heard dBFS)"
  owner "$2 status" 2>/dev/null | head -n 3 | cut -c 1-110 | sed 's/^/     /'
}

stops() {
  inside pkill -INT -o -u owner -f '^[^ ]*python[^ ]* .*player run$'
  wait $playing || true
  ! inside pgrep -u owner -f '[p]layer' >/dev/null || fail "something still runs: $(inside pgrep -a -u owner -f '[p]layer')"
}

left() {
  inside find / -xdev \( -path /home/owner/ambient-player -o -path /trial -o -path /proc -o -path /sys \) -prune -o \
    -iname '*ambient*player*' -print 2>/dev/null | tr '\n' ' '
}

# fresh SUITE: somebody's Debian with sudo, git and a loudspeaker, and the repository cloned.
fresh() {
  unpack "$1" "$1" ca-certificates,dbus,git,procps,pulseaudio,pulseaudio-utils,python3,sudo,systemd,systemd-sysv
  add_sound
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt" # this network's authorities, if it has its own
  echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
  echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/trial" # somebody who answers yes
  chroot "$root" useradd --create-home --shell /bin/bash --groups audio,video owner
  echo 'owner ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/owner"
  git clone -q --bare . "$root/trial/ambient-player.git"
  chroot "$root" chown -R owner:owner /trial/ambient-player.git
  start_systemd
  inside apt-get update -qq
  as_owner /home/owner 'git clone -q /trial/ambient-player.git'
}

checkout_and_package() {
  local build install
  say "-- the checkout itself"
  plays "$(cell '| the checkout itself')" ./scripts/run
  stops
  plays "$(cell '| the checkout itself')" ./scripts/run
  stops
  tells './scripts/run service uninstall' # here is no login whose systemd could have one
  say "   left beside the folder: $(left)"

  say "-- the package, built in the checkout"
  { read -r build && read -r install; } < <(cell "a shop's own box")
  [ "$1" = bookworm ] || { build+=" --suite $1" install=${install/deb12_amd64/*_amd64}; } # the table's is Debian 12's
  does "$build"
  does "$install"
  hears_music "after the installation"
  does 'sudo apt purge ambient-player'
  say "   left beside the folder: $(left)"
}

wheel() {
  local line
  say "-- a wheel, with pipx"
  while read -r line; do
    case "$line" in
      'ambient-player run') plays "$line" ambient-player ;;
      *) does "$line" ;;
    esac
  done < <(block docs/install.md '## From a wheel: pipx, uv tool, pip')
  say "-- the README's list of commands"
  owner 'cp "$(find ~/.local -name calm_acoustic_1.opus | head -n 1)" a.mp3'
  while read -r line; do
    tells "$line"
  done < <(block README.md '## Your room, your music')
  does 'ambient-player resume'
  stops
  tells 'ambient-player service uninstall'
  does 'pipx uninstall ambient-player'
  say "   left beside the folder: $(left)"
}

for suite in "$@"; do
  fresh "$suite"
  say "== $suite: $(sed -n 's/^PRETTY_NAME=//p' "$root/etc/os-release"), $(inside python3 --version)"
  checkout_and_package "$suite"
  end
  fresh "$suite"
  wheel
  end
done
say "all of it went as it should"
