"""The folder of the user's login, in which sound servers listen; cron, su and ssh do not say where it is."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, MutableMapping
from pathlib import Path

LOGINS = Path("/run/user")
"""Where systemd-logind has one for each user, by number."""
SYSTEM_WIDE = Path("/run/pulse/native")
SOCKETS = ("pulse/native", "pipewire-0")


def adopt(env: MutableMapping[str, str] = os.environ, logins: Path = LOGINS) -> None:
    """Set XDG_RUNTIME_DIR for this process and its children, if it is missing, another user's or left over.

    PulseAudio's and PipeWire's libraries find their server by it alone. One in which nobody listens is left
    over (of a login that has ended, of a program that made one up) if somebody does in that of the login.
    """
    ours = logins / str(os.geteuid())
    if _usable(env) and (env.get("PULSE_SERVER") or _has_server(Path(env["XDG_RUNTIME_DIR"]))):
        return
    if _is_ours(ours) and _has_server(ours):
        env["XDG_RUNTIME_DIR"] = str(ours)


def missing(env: Mapping[str, str] = os.environ, system_wide: Path = SYSTEM_WIDE) -> str:
    """Why no sound server can be found, if the login is the reason; empty if it is not."""
    if env.get("PULSE_SERVER") or listens(system_wide):
        return ""
    said = env.get("XDG_RUNTIME_DIR")
    if said and _usable(env):
        left = [name for name in SOCKETS if (Path(said) / name).is_socket()]
        if not left or _has_server(Path(said)):
            return ""
        return (
            f"nobody listens at {Path(said) / left[0]} any more: PulseAudio or PipeWire has ended there; "
            "start it again, or start the player from the session in which it runs."
        )
    what = f"XDG_RUNTIME_DIR is {said}, which is not this user's" if said else "XDG_RUNTIME_DIR is not set"
    return (
        f"{what}, and nobody listens in {LOGINS / str(os.geteuid())}: PulseAudio or PipeWire cannot be found "
        "from here (cron, su, ssh); start the player from your own session, or as a service."
    )


def listens(path: Path) -> bool:
    """Whether somebody listens at a socket; one that is left over is a file like one that is in use."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.setblocking(False)
        try:
            asking.connect(os.fsencode(path))
        except BlockingIOError:  # so many wait for an answer
            return True
        except OSError:
            return False
    return True


def _has_server(folder: Path) -> bool:
    return any(listens(folder / name) for name in SOCKETS)


def _usable(env: Mapping[str, str]) -> bool:
    return _is_ours(Path(said)) if (said := env.get("XDG_RUNTIME_DIR")) else False


def _is_ours(folder: Path) -> bool:
    try:
        return folder.is_dir() and folder.stat().st_uid == os.geteuid()
    except OSError:
        return False
