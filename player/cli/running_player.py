"""Where the running player listens, also after its config.yaml has been edited to nonsense."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from player.config import loader
from player.config.settings import Config
from player.errors import ConfigError
from player.interfaces import socket
from player.state import places

LISTENS = 0x10000
"""__SO_ACCEPTCON in the flags of /proc/net/unix."""


def control_socket(config_path: Path | None, proc: Path = Path("/proc")) -> Path:
    """The socket that the config names, or the one of the player that was started with this config.

    A player stays where it was when it started. Raises ConfigError if the file does not say where to look
    and no player runs.
    """
    path = config_path or loader.default_path()
    try:
        settings = loader.whereabouts(path)
    except ConfigError:
        found = _listening(path, proc) or socket.answering(places.sockets(Config()))
        if found is None:
            raise
        return found
    paths = places.sockets(settings)
    return socket.answering(paths) or _listening(path, proc) or paths[0]


def _listening(config_path: Path, proc: Path) -> Path | None:
    """The control socket of this user's running player that was started with this config file."""
    sockets = _sockets(proc)
    for process in proc.glob("[0-9]*"):
        try:
            if process.stat().st_uid != os.getuid() or not _plays(process, config_path):
                continue
            for handle in (process / "fd").iterdir():
                if found := sockets.get(_link(handle)):
                    return found
        except OSError:  # it has ended meanwhile, or is another's
            continue
    return None


def _link(handle: Path) -> str:
    try:
        return str(handle.readlink())
    except OSError:
        return ""


def _sockets(proc: Path) -> dict[str, Path]:
    """The Unix sockets with a path at which somebody listens, by the name that /proc/PID/fd has for them."""
    try:
        lines = (proc / "net" / "unix").read_bytes().splitlines()[1:]
    except OSError:
        return {}
    rows = (line.split(maxsplit=7) for line in lines)
    return {
        f"socket:[{os.fsdecode(row[6])}]": Path(os.fsdecode(row[7]))
        for row in rows
        if len(row) == 8 and int(row[3], 16) & LISTENS and row[7].startswith(b"/")
    }


def _plays(process: Path, config_path: Path) -> bool:
    """Whether a process is a player that was started with this config file."""
    words = [os.fsdecode(word) for word in (process / "cmdline").read_bytes().split(b"\0")]
    if not any(Path(word).name in ("ambient-player", "player", "__main__.py") for word in words[:5]):
        return False
    if "run" not in words and "demo" not in words:
        return False
    named = next(_named(words), str(loader.default_path()))
    return os.path.realpath(Path(os.readlink(process / "cwd")) / named) == os.path.realpath(config_path)


def _named(words: list[str]) -> Iterator[str]:
    """What a command line gives as --config."""
    for word, following in pairwise(words):
        if word in ("--config", "-c"):
            yield following
        elif word.startswith("--config="):
            yield word.partition("=")[2]
