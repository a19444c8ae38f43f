"""The environment of this process and of those it starts: no telemetry, and no keys for who needs none."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping

NO_TELEMETRY = {
    # onnxruntime 1.31 and later: else a device id, the processor and each session go to its maker.
    "ORT_DISABLE_TELEMETRY": "1",
    # huggingface_hub, which comes with tokenizers; we never call it.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # FastAPI reports to OpenTelemetry, if there is any; we have none, and want none.
    "OTEL_SDK_DISABLED": "true",
    "FASTAPI_OTEL_AUTO_CONFIGURE": "false",
    # pydantic loads whatever plugins are installed, of which the best known reports to its maker.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "DO_NOT_TRACK": "1",
}
"""What switches off the reports that libraries send by themselves; they read it when they are imported."""

MOST_PIXELS = {"OPENCV_IO_MAX_IMAGE_PIXELS": str(36_000_000)}
"""Of one picture; OpenCV reads it when it is imported, and allows 2^30 without it: 6 GB with its decoder."""

_PLAIN = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TZDIR", "TMPDIR", "TERM"),
    *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"),
)
_PLAIN_BEGINNINGS = ("LC_", "XDG_", "PULSE_", "PIPEWIRE_", "ALSA_", "SDL_AUDIO")
_INNER = (
    *("AMBIENT_PLAYER_NAME", "VIRTUAL_ENV", "GLIBC_TUNABLES", "SYSTEMROOT", "TEMP", "TMP", "USERPROFILE"),
    # A station may lie behind a proxy.
    *(
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ),
)
_INNER_BEGINNINGS = ("PYTHON", "LD_", "DYLD_", "VLC_", "OMP_", "MALLOC_", "SSL_CERT_", "FAKETIME")

_SECRET = re.compile("KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
"""In the name of a variable whose value is nobody's business, however it begins."""
_FOLDERS = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


def forget_relative_folders(env: MutableMapping[str, str] = os.environ) -> None:
    """Pass over folders of the user's that are empty or relative, as the XDG specification demands.

    They would lead elsewhere from each folder the player is called from. Without HOME, passwd is asked.
    """
    for name in _FOLDERS:
        if not env.get(name, "/").startswith("/"):
            del env[name]


def forbid_telemetry(env: MutableMapping[str, str] = os.environ) -> None:
    """Switch off what libraries would send; comes before the first of them is imported.

    An owner's own value does not count: the player promises that nothing leaves the machine.
    """
    env.update(NO_TELEMETRY)


def bound_pictures(env: MutableMapping[str, str] = os.environ) -> None:
    """Let OpenCV refuse what would fill the memory, whatever a header says; comes before its import."""
    env.update(MOST_PIXELS)


def plain(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a command of the owner's needs: where programs, home and sound are. No key and no password."""
    return {name: value for name, value in env.items() if _is_plain(name)} | NO_TELEMETRY


def inner(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the player's own processes need: they read strangers' files, and get no key either.

    They have no cache: libVLC would copy the cover of all that it plays to one, in folders with the names of
    artist and album, and never clear it.
    """
    kept = {name: value for name, value in env.items() if _is_plain(name) or _is_inner(name)}
    return kept | NO_TELEMETRY | {"XDG_CACHE_HOME": os.devnull}


def _is_plain(name: str) -> bool:
    return (name in _PLAIN or name.startswith(_PLAIN_BEGINNINGS)) and not _SECRET.search(name)


def _is_inner(name: str) -> bool:
    return (name in _INNER or name.startswith(_INNER_BEGINNINGS)) and not _SECRET.search(name)
