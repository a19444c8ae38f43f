#!/usr/bin/env bash
# Tries the player in a real Home Assistant: makes a root of Debian 13 with one from PyPI, once (minutes, 1.4 GB), and has
# tests/integration/test_home_assistant.py find, press and lose the player there. docs/home-assistant.md has what came of it.
# Needs root, debootstrap, unshare and mosquitto; apart from the root it changes nothing on the machine.
#   ./scripts/system/try_home_assistant.sh [options of pytest]     AMBIENT_TEST_HOME_ASSISTANT=FOLDER: where the root is to be
#   ./scripts/system/try_home_assistant.sh --pictures              takes those in docs/pictures instead
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
export AMBIENT_TEST_HOME_ASSISTANT=${AMBIENT_TEST_HOME_ASSISTANT:-$HOME/.cache/ambient-player/home-assistant}
root=$AMBIENT_TEST_HOME_ASSISTANT
version=2026.2.3 # the newest for Debian 13: the next needs Python 3.14

say() { printf '%s\n' "$*"; }
inside() { chroot "$root.new" "$@"; }

# What Home Assistant would install while it runs: the needs of what it always starts, of MQTT and MPD, and of what its page
# asks about for its services' descriptions (homeassistant/helpers/service.py).
needs='
import json, pathlib, homeassistant.bootstrap as bootstrap
parts = pathlib.Path(bootstrap.__file__).with_name("components")
described = "ai_task assist_satellite calendar camera climate fan humidifier lock media_player siren todo vacuum water_heater"
found, waiting = {}, {"config", "isal", "logbook", "mpd", "mqtt", "zeroconf", *bootstrap.DEFAULT_INTEGRATIONS, *described.split()}
while waiting:
    name = waiting.pop()
    found[name] = json.loads((parts / name / "manifest.json").read_text())
    waiting |= set(found[name].get("dependencies", [])) - set(found)
print(*sorted({need for each in found.values() for need in each.get("requirements", [])}), sep="\n")
'

make() {
  [ "$(id -u)" = 0 ] || { say "a root is made by root: sudo $0"; exit 1; }
  rm -rf "$root.new"
  mkdir -p "$root.new"
  debootstrap --variant=minbase --include=ca-certificates,gcc,g++,libc6-dev,libffi-dev,python3,python3-dev,python3-venv,tzdata \
    trixie "$root.new" http://deb.debian.org/debian
  # The network is this machine's, with the authorities that it believes.
  cp -L /etc/resolv.conf "$root.new/etc/resolv.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root.new/etc/ssl/certs/ca-certificates.crt"
  inside python3 -m venv /opt/home-assistant
  inside /opt/home-assistant/bin/pip install --quiet --no-cache-dir "homeassistant==$version"
  inside /opt/home-assistant/bin/python -c "$needs" >"$root.new/opt/needs.txt"
  inside /opt/home-assistant/bin/pip install --quiet --no-cache-dir -r /opt/needs.txt
  rm -rf "$root.new/var/cache/apt" "$root.new/var/lib/apt/lists"
  mv "$root.new" "$root"
}

if ! [ -x "$root/opt/home-assistant/bin/hass" ]; then
  say "making a root with Home Assistant $version in $root"
  make
fi
[ "${1:-}" = --pictures ] && exec .venv/bin/python -m scripts.page.home_assistant "${@:2}"
exec .venv/bin/python -m pytest tests/integration/test_home_assistant.py "$@"
