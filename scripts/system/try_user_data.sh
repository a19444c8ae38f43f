#!/usr/bin/env bash
# Tries deploy/raspberry-pi/user-data for real, as far as that goes without a Raspberry Pi: cloud-init carries it out in a
# fresh Debian 13 with a systemd of its own, in namespaces without a network (packages are unpacked beforehand). Listens
# to the music, asks the page, looks at what the display would show. Prints what happened; docs/raspberry-pi.md has it.
# Needs root, mmdebstrap, dpkg-deb, unshare and nsenter; changes nothing on the machine.
#   ./scripts/system/try_user_data.sh     KEEP=FOLDER keeps package and root for the next time; PICTURE=FILE.png the display
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
work=${KEEP:-$(mktemp -d /var/tmp/try-user-data.XXXXXX)}
mkdir -p "$work/debs"
sink=auto_null
. scripts/system/debian_root.sh
listener='runuser -u ambient-player --'

deb=$(find "$work/debs" -name 'ambient-player_*deb13_amd64.deb' | head -n 1)
[ -n "$deb" ] || deb=$($python -m scripts.release.deb --suite trixie --arch amd64 --out "$work/debs")
packages=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/ //g')
packages+=,systemd,systemd-sysv,dbus,libpam-systemd,cloud-init,openssh-server,sudo,iproute2,curl
packages+=,pulseaudio,pulseaudio-utils,nginx-core,cage,chromium,chromium-sandbox,fonts-noto-core,fonts-noto-cjk,grim
unpack trixie user-data "$packages"

card=$root/boot/firmware/ambient-player
mkdir -p "$card" "$root/var/lib/cloud/seed/nocloud"
cp "$deb" "$card/"
echo "a password of the owner" >"$card/owner-password.txt"
cp deploy/raspberry-pi/user-data "$root/var/lib/cloud/seed/nocloud/"
echo "instance-id: trial" >"$root/var/lib/cloud/seed/nocloud/meta-data"
printf 'datasource_list: [NoCloud]\nnetwork: {config: disabled}\n' >"$root/etc/cloud/cloud.cfg.d/99-trial.cfg"
# No display, no terminal: the compositor draws into memory.
mkdir -p "$root/etc/systemd/system/ambient-player-screen.service.d"
cat >"$root/etc/systemd/system/ambient-player-screen.service.d/trial.conf" <<'END'
[Service]
ExecCondition=
TTYPath=
TTYReset=no
TTYVHangup=no
StandardInput=null
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
END

state() { inside systemctl is-active "$@" | tr '\n' ' ' || true; }
code() { inside curl -s -o /dev/null -w '%{http_code}' "$@" || true; }

say "== $(sed -n 's/^PRETTY_NAME=//p' "$root/etc/os-release"), $(dpkg-query --admindir="$root/var/lib/dpkg" -W -f='cloud-init ${Version}, systemd ' cloud-init)$(dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${Version}' systemd), $(basename "$deb")"
start_systemd
say "-- cloud-init"
say "   $(inside timeout 300 cloud-init status --wait --long | tr '\n' ' ')"
say "   $(inside cloud-init schema --system 2>&1 | head -n 3 | tr '\n' ' ')"
say "   $(inside hostname), $(inside id shop), $(inside id kiosk)"
for _ in $(seq 300); do [ -e "$root/etc/ambient-player-screen/done" ] && break; sleep 1; done
inside journalctl --no-pager -o cat -u ambient-player-first-start | grep '^ambient-player:' | sed 's/^/   /' || true
[ -e "$root/etc/ambient-player-screen/done" ] || { inside journalctl --no-pager -o cat -n 60 -u ambient-player-first-start; fail "the first start did not end"; }

say "-- music"
hears_music "after the first start"
say "-- services: $(state ambient-player pulseaudio ambient-player-screen-proxy ambient-player-screen)"
say "   units: $(inside systemd-analyze verify --man=no ambient-player-first-start.service pulseaudio.service ambient-player-screen-proxy.service ambient-player-screen.service ambient-player-state.service 2>&1 | grep -c . || true) complaints"
say "   watchdog: $(inside systemctl show -p RuntimeWatchdogUSec), journal: $(inside systemd-analyze cat-config systemd/journald.conf | grep -E '^(SystemMaxUse|RuntimeMaxUse)' | tr '\n' ' ')"

say "-- the page"
say "   left on the card: $(ls "$card" | tr '\n' ' '); $(sed 's/: .*/: (a made-up one)/' "$card/passwords.txt" | tr -d '\r')"
say "   listens on $(inside ss -Hltn 'sport = :8787' | awk '{print $4}'); without a login: $(code http://127.0.0.1:8787/api/status); port 80: $(code http://127.0.0.1/)"
login() { code -H 'Content-Type: application/json' -d "{\"role\": \"owner\", \"password\": \"$1\"}" http://127.0.0.1:8787/api/login; }
say "   the owner's password: $(login 'a password of the owner'), another one: $(login 'another password')"

say "-- the display"
say "   what it may do: look $(code http://127.0.0.1:8788/screen), skip $(code -X POST http://127.0.0.1:8788/api/commands/next), settings $(code http://127.0.0.1:8788/api/config)"
for _ in $(seq 60); do [ -n "$(inside ss -Htn state established 'dport = :8788' | head -n 1)" ] && break; sleep 1; done
say "   connections of the browser: $(inside ss -Htn state established 'dport = :8788' | grep -c . || true)"
if ! inside ss -Htn state established 'dport = :8788' | grep -q .; then
  inside journalctl --no-pager -o cat -n 40 -u ambient-player-screen
  fail "the display shows nothing"
fi
sleep 5
uid=$(inside id -u kiosk)
if inside runuser -u kiosk -- sh -c "XDG_RUNTIME_DIR=/run/user/$uid WAYLAND_DISPLAY=wayland-0 grim /tmp/display.png"; then
  inside cat /tmp/display.png >"${PICTURE:-$work/display.png}"
  say "   a picture of it: $(stat -c %s "${PICTURE:-$work/display.png}") bytes"
fi
say "   the player is restarted: $(inside systemctl restart ambient-player && sleep 8; code http://127.0.0.1:8788/screen), stopped: $(inside systemctl stop ambient-player; code http://127.0.0.1:8788/screen) with \"$(inside curl -s http://127.0.0.1:8788/screen | grep -o 'The player starts')\""
inside systemctl start ambient-player
hears_music "after a restart"

say "all of it went as it should"
