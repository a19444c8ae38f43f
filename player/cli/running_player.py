"""Where the running player listens, also after its config.yaml has been edited to nonsense."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from player.config import loader
from player.config.settings.config import Config
from player.errors import ConfigError
from player.interfaces import socket
from player.state import places
from player.system.player_name import named_in, player_name
from player.system.proc import ROOT, Proc


def control_socket(config_path: Path | None, proc: Path = ROOT) -> Path:
    """The socket that the config names, or the one of the player that was started with this config.

    A player stays where it was when it started. Raises ConfigError if the file does not say where to look
    and no player runs.
    """
    path = config_path or loader.default_path()
    try:
        settings = loader.whereabouts(path)
    except ConfigError:
        found = _listening(path, Proc(proc)) or socket.answering(places.sockets(Config()))
        if found is None:
            raise
        return found
    paths = places.sockets(settings)
    return socket.answering(paths) or _listening(path, Proc(proc)) or paths[0]


def _listening(config_path: Path, proc: Proc) -> Path | None:
    """The control socket of this user's running player that was started with this config file."""
    try:
        sockets, pids = proc.listening_sockets(), proc.pids()
    except OSError:  # this system has no /proc
        return None
    for pid in pids:
        try:
            if proc.owner(pid) != os.getuid() or not _plays(proc, pid, config_path):
                continue
            for handle in proc.handles(pid):
                if found := sockets.get(handle):
                    return found
        except OSError:  # it has ended meanwhile, or is another's
            continue
    return None


def _plays(proc: Proc, pid: int, config_path: Path) -> bool:
    """Whether a process is a player that was started with this config file."""
    words = proc.command_line(pid)
    if not any(Path(word).name in ("ambient-player", "player", "__main__.py") for word in words[:5]):
        return False
    if "run" not in words and "demo" not in words:
        return False
    if named_in(words, proc.environment(pid)) != player_name():
        return False
    named = next(_named(words), str(loader.default_path()))
    return os.path.realpath(proc.working_folder(pid) / named) == os.path.realpath(config_path)


def _named(words: list[str]) -> Iterator[str]:
    """What a command line gives as --config."""
    for word, following in pairwise(words):
        if word in ("--config", "-c"):
            yield following
        elif word.startswith("--config="):
            yield word.partition("=")[2]
