"""What the player remembers over a restart or a power cut: a small JSON file, replaced as a whole."""

from __future__ import annotations

import json
import logging
import os
import shlex
from contextlib import suppress
from pathlib import Path

from player import private_files
from player.errors import StateError
from player.settings import Config
from player.types import Json, json_text

log = logging.getLogger(__name__)

OURS = ("library.db", "state.", "mood_llm.")
"""How the names of files with something to hide begin; the folder may hold files of its owner's, too."""
LARGEST = 1_000_000
"""A state has a few thousand bytes."""


def state_place(config: Config) -> Path:
    """Where the folder for database, state and socket is to be."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return config.state_dir or base / "ambient-player"


def state_dir(config: Config) -> Path:
    """The folder for database, state and socket, created so that only its user can enter it.

    Raises StateError.
    """
    folder = state_place(config)
    try:
        private_files.make_folder(folder)
    except OSError as error:
        raise StateError(f"{folder} cannot be created ({error.strerror}); set another state_dir.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StateError(f"{folder} cannot be written to; set another state_dir or change its owner.")
    return folder


def open_to_others(config: Config) -> str | None:
    """A sentence for a state folder into which other users of the machine can look; None if they cannot."""
    folder = state_dir(config)
    if not private_files.open_to_others(folder):
        return None
    return (
        f"Other users of this machine can look into {folder}. The player's files in it are closed to them; to"
        f" close the folder, too: chmod 700 {shlex.quote(str(folder))}"
    )


def close_to_others(config: Config) -> None:
    """Take others' rights from files that are there already, and say it once if the folder is open."""
    with suppress(OSError):  # a folder that cannot be used at all is spoken of elsewhere
        for path in state_dir(config).iterdir():
            if path.name.startswith(OURS) and path.is_file() and not path.is_symlink():
                private_files.make_private(path)
        if problem := open_to_others(config):
            log.warning("%s", problem)


def socket_path(config: Config) -> Path:
    """Where the running player listens for commands."""
    return config.control.socket or state_dir(config) / "control.sock"


def state_path(config: Config) -> Path:
    """Where the state is kept."""
    return state_dir(config) / "state.json"


def database_path(config: Config) -> Path:
    """Where the library and the ledger are kept."""
    return state_dir(config) / "library.db"


def load(path: Path) -> Json:
    """The remembered state; {} where there is none or it cannot be read (a damaged file is set aside)."""
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
    except (OSError, ValueError, RecursionError) as error:
        aside = path.with_suffix(".damaged")
        log.warning("%s cannot be read (%s): starting afresh, the old file is kept as %s", path, error, aside)
        try:
            path.replace(aside)
            private_files.make_private(aside)
        except OSError:
            log.debug("and it could not be renamed", exc_info=True)
        return {}


def save(path: Path, state: Json) -> None:
    """Replace the state atomically: after a power cut the file is the old one or the new one, whole.

    Raises OSError (disk full, read-only): the caller logs it, the music goes on.
    """
    new = path.with_suffix(".new")
    with private_files.write(new) as file:
        file.write(json_text(state))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or else the power cut may take back the new name
    finally:
        os.close(folder)
