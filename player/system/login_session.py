"""The folder of the user's login, in which sound servers listen; cron, su and ssh do not say where it is."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

LOGINS = Path("/run/user")
"""Where systemd-logind has one for each user, by number."""
SYSTEM_WIDE = Path("/run/pulse/native")
SOCKETS = ("pulse/native", "pipewire-0")


def adopt(env: MutableMapping[str, str] = os.environ, logins: Path = LOGINS) -> None:
    """Set XDG_RUNTIME_DIR for this process and its children, if it is missing or another user's.

    PulseAudio's and PipeWire's libraries find their server by it alone.
    """
    ours = logins / str(os.geteuid())
    if not _usable(env) and _is_ours(ours) and any((ours / name).is_socket() for name in SOCKETS):
        env["XDG_RUNTIME_DIR"] = str(ours)


def missing(env: Mapping[str, str] = os.environ, system_wide: Path = SYSTEM_WIDE) -> str:
    """Why no sound server can be found, if the login is the reason; empty if it is not."""
    if _usable(env) or env.get("PULSE_SERVER") or system_wide.is_socket():
        return ""
    said = env.get("XDG_RUNTIME_DIR")
    what = f"XDG_RUNTIME_DIR is {said}, which is not this user's" if said else "XDG_RUNTIME_DIR is not set"
    return (
        f"{what}, and nobody listens in {LOGINS / str(os.geteuid())}: PulseAudio or PipeWire cannot be found "
        "from here (cron, su, ssh); start the player from your own session, or as a service."
    )


def _usable(env: Mapping[str, str]) -> bool:
    return _is_ours(Path(said)) if (said := env.get("XDG_RUNTIME_DIR")) else False


def _is_ours(folder: Path) -> bool:
    try:
        return folder.is_dir() and folder.stat().st_uid == os.geteuid()
    except OSError:
        return False
