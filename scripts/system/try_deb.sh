#!/usr/bin/env bash
# Tries the Debian package for real: a fresh root of each suite, with systemd as its first process and a PulseAudio of
# its own, in namespaces without a network that end with this script. Installs, upgrades, refuses to go back, goes back,
# removes and purges it, and listens to the music all the while. Prints what happened; docs/install.md has it.
# Needs root, mmdebstrap, dpkg-deb, unshare and nsenter; changes nothing on the machine.
#   ./scripts/system/try_deb.sh [bookworm] [trixie] [noble]     KEEP=FOLDER keeps packages and roots for the next time
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
[ $# -gt 0 ] || set -- bookworm trixie noble
work=${KEEP:-$(mktemp -d /var/tmp/try-deb.XXXXXX)}
mkdir -p "$work/debs"
sink=cafe
. scripts/system/debian_root.sh

# fresh SUITE DEB MARK: unpacks a root of the suite with what the package depends on, and sound.
fresh() {
  local needs
  needs=$(dpkg-deb -f "$2" Depends | sed 's/([^)]*)//g; s/ //g')
  unpack "$1" "$1" "$needs,systemd,systemd-sysv,dbus,pulseaudio,pulseaudio-utils"
  cp "$work/debs"/*"$3"* "$root/trial/"
  add_sound
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
  inside grep -q '^mutagen .*GPL.*\*$' /usr/share/doc/ambient-player/copyright || fail "the copyright does not name all that is in the package"
  inside sh -c 'stat -c "   %A %U %n" /etc/ambient-player /etc/ambient-player/config.yaml /var/lib/ambient-player /var/lib/ambient-player/library.db'
  player config set playback.volume 66 | sed 's/^/   /'
  [ "$(player config get playback.volume)" = 66 ] || fail "the setting did not take"

  say "-- upgrade to ${new##*/} while the music is recorded"
  record 180 >"$work/upgrade.raw" &
  recorder=$!
  sleep 2
  apt install -o Dpkg::Options::=--force-confold "$new"
  hears_music "after the upgrade"
  inside sh -c 'kill -KILL $(pidof parec)' || true
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
