"""What the player remembers over a restart or a power cut: a small JSON file, replaced as a whole."""

from __future__ import annotations

import errno
import json
import os
import shlex
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from player.errors import StateError
from player.log import EventLog, LogEvent
from player.privacy import private_files
from player.system.player_name import player_name, suffix
from player.types import Json, json_text

if TYPE_CHECKING:  # a process that is told where its folder is does without the settings
    from player.config.settings.config import Config

log = EventLog(__name__, LogEvent.STATE)

OURS = ("library.db", "state.", "mood_llm.", "web_secrets.", "fleet.")
"""How the names of files with something to hide begin; the folder may hold files of its owner's, too."""
LARGEST = 1_000_000
"""A state has a few thousand bytes."""


STATE, DATABASE = "state.json", "library.db"
CONFIG_VERSIONS = "config_versions"
"""The folder of earlier versions of config.yaml."""
PLAYERS = "players"
"""The folder of those that have a name, each in a folder of its name."""
LEAST_ROOM = 500_000
"""Bytes that must be free for a database to be opened, with its log beside it."""


def state_place(config: Config) -> Path | None:
    """Where the folder for database, state and socket is to be; None if nobody knows this user's home."""
    place = _common_place(config)
    return place / PLAYERS / name if place and (name := player_name()) else place


def _common_place(config: Config) -> Path | None:
    """The folder of the player without a name, in which those with one have theirs."""
    if config.state_dir is not None:
        return config.state_dir
    if base := os.environ.get("XDG_STATE_HOME"):
        return Path(base) / "ambient-player"
    try:
        return Path.home() / ".local" / "state" / "ambient-player"
    except RuntimeError:  # a container, systemd's DynamicUser: no HOME, and no entry in passwd
        return None


def state_dir(config: Config) -> Path:
    """The folder for database, state and socket, created so that only its user can enter it.

    Raises StateError.
    """
    folder = state_place(config)
    if folder is None:
        raise StateError("there is no home folder to keep the state in (HOME is not set); set state_dir.")
    try:
        private_files.make_folder(folder)
    except OSError as error:
        raise StateError(f"{folder} cannot be created ({error.strerror}); set another state_dir.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StateError(f"{folder} cannot be written to; set another state_dir or change its owner.")
    try:
        with TemporaryFile(dir=folder) as probe:
            probe.write(bytes(LEAST_ROOM))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "make room on its disk" if full else "set another state_dir"
        raise StateError(f"{folder} cannot be written to ({error.strerror}); {hint}.") from error
    return folder


def open_to_others(folder: Path) -> str | None:
    """A sentence for a state folder into which other users of the machine can look; None if they cannot."""
    if not private_files.open_to_others(folder):
        return None
    return (
        f"Other users of this machine can look into {folder}. The player's files in it are closed to them; to"
        f" close the folder, too: chmod 700 {shlex.quote(str(folder))}"
    )


def close_to_others(folder: Path) -> None:
    """Take others' rights from files that are there already, and say it once if the folder is open."""
    with suppress(OSError):  # a folder that cannot be used at all is spoken of elsewhere
        for path in folder.iterdir():
            if path.name.startswith(OURS) and path.is_file() and not path.is_symlink():
                private_files.make_private(path)
        if problem := open_to_others(folder):
            log.warning("%s", problem)


def socket_path(config: Config) -> Path | None:
    """Where the running player is to listen for commands; None if nobody knows this user's home."""
    place = state_place(config)
    own = config.control.socket
    if own is not None and own.name:  # players may share a config, and each listens
        return own.with_name(f"{own.stem}{suffix(player_name())}{own.suffix}")
    return place and place / "control.sock"


def database_path(config: Config) -> Path:
    """Where the library and the play history are kept."""
    return state_dir(config) / DATABASE


def load(path: Path) -> Json:
    """The remembered state; {} if there is none or it cannot be read (the file is set aside)."""
    try:
        return load_readable(path)
    except OSError as error:  # the next state takes its place: aside, it is not lost
        _set_aside(path, error)
        return {}


def load_readable(path: Path) -> Json:
    """The same for what is kept until it can be read. Raises OSError, of which most pass."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise ValueError(f"it has more than {LARGEST} bytes")
        state = json.loads(text)
        if isinstance(state, dict):
            return state
        raise ValueError(f"found a {type(state).__name__}")
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        _set_aside(path, error)
        return {}


def _set_aside(path: Path, error: Exception) -> None:
    aside = path.with_suffix(".damaged")
    log.warning("%s cannot be read (%s): starting without it; it is kept as %s", path, error, aside)
    try:
        path.replace(aside)
        private_files.make_private(aside)
    except OSError:
        log.debug("and it could not be renamed", exc_info=True)


def save(path: Path, state: Json) -> None:
    """Replace the state atomically: after a power cut the file is the old one or the new one, whole.

    Raises OSError (disk full, read-only): the caller logs it, the music goes on.
    """
    private_files.replace(path, json_text(state))
