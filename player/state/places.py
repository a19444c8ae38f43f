"""Where database, state and socket are, and what stands in if that folder cannot be used.

The daemon and the command line go by the same rule, so that they find each other.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from player.errors import StateError
from player.privacy.private_files import make_folder
from player.state import state_file
from player.system.player_name import player_name
from player.system.probes import ANSWER_S, run_with_timeout
from player.system.proc import Proc

if TYPE_CHECKING:  # a process that is told where its folder is does without the settings
    from player.config.settings.config import Config

LONGEST_SOCKET = 107
"""Bytes of a socket's path: unix(7), sun_path."""
MEMORY = ("tmpfs", "ramfs")
"""File systems that no card wears by."""
SLOW_S = 10.0
"""A disk that has to wake takes a few seconds; a folder that has not answered by then is on a dead mount."""
FORGETS = "The music plays, but what it learns is forgotten at the next start of this machine."
PASSWORDS = "web_secrets.json"
TAKEN_ALONG = (
    state_file.STATE,
    "state.taught.json",
    "fleet.json",
    "mqtt.json",
    "mood_llm.jsonl",
    "recent_log.jsonl",
    state_file.DATABASE,
)
"""What a folder that stands in begins with; the last of them says that all are there."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder for database and state."""

    folder: Path
    passwords: Path
    """The folder with those of the page: never a stand-in while the right one may hold some."""
    problem: str = ""
    """Why it is only a stand-in, in one sentence; empty if it is the right one."""


def place(config: Config, owners: Path | None = None) -> Place:
    """The state folder, or one in memory in its place, with what can be read of the right one.

    owners  the folder of passwords; None is the state folder
    """
    wanted, answers = state_file.state_place(config), True
    try:
        folder = run_with_timeout(lambda: state_file.state_dir(config), SLOW_S)
        return Place(folder, owners or folder)
    except TimeoutError:
        answers = False
        said = os.strerror(errno.ETIMEDOUT)
        problem = f"{wanted} cannot be written to ({said}); set another state_dir. {FORGETS}"
    except StateError as error:
        problem = f"{error} {FORGETS}"
    kept = owners or wanted
    for private in _private_folders():
        folder = private / f"state-{_mark(wanted)}"
        with contextlib.suppress(OSError):
            make_private(private)
            folder.mkdir(exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(bytes(state_file.LEAST_ROOM))
            if answers and wanted is not None and not (folder / state_file.DATABASE).exists():
                _take_along(wanted, folder)
            return Place(folder, _passwords(kept, folder, answers), problem)
    nowhere = Path("/nonexistent")
    return Place(wanted or nowhere, kept or nowhere, problem)


def in_memory(folder: Path) -> Path | None:
    """A file for what changes all the time beside a folder's state: it outlives the process, not the machine.

    None if this user has no folder in memory. Creates that folder, not the file.
    """
    # The last first: /dev/shm is what a service in a sandbox may write to and finds again when it restarts.
    for private in reversed(_private_folders()):
        with contextlib.suppress(OSError):
            if Proc().file_system(private.parent) in MEMORY:
                make_private(private)
                if os.access(private, os.W_OK | os.X_OK):
                    return private / f"newest-{_mark(folder)}.json"
    return None


def sockets(config: Config) -> list[Path]:
    """Where the player listens: at the first of these that is possible. Creates nothing."""
    wanted = state_file.socket_path(config)
    name = f"control-{_mark(wanted)}.sock"
    paths = [wanted] if wanted and _answers(wanted.parent) else []
    paths += [folder / name for folder in _private_folders()]
    return [path for path in paths if len(os.fsencode(path)) <= LONGEST_SOCKET]


def _answers(folder: Path) -> bool:
    """Whether the disk of a folder says anything at all, be it that there is no such folder."""
    try:
        run_with_timeout(folder.exists, ANSWER_S)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def too_long(config: Config) -> str:
    """What is wrong with the wanted socket's name, if anything."""
    wanted = state_file.socket_path(config)
    if wanted is None or len(os.fsencode(wanted)) <= LONGEST_SOCKET:
        return ""
    return f"{wanted} is too long a name for a socket; commands find the player all the same."


def prepare_socket_folder(path: Path) -> None:
    """Create the folder of a socket, so that only its user can enter it. Raises OSError."""
    if path.parent in _private_folders():
        make_private(path.parent)
    else:
        make_folder(path.parent)


def is_ours(path: Path) -> bool:
    """Whether a socket may be trusted: nobody else can have put it into a folder that all may write to."""
    return path.parent not in _private_folders() or _is_private(path.parent)


def _private_folders() -> list[Path]:
    """Folders of this user alone, in memory or temporary; not all can be made."""
    user = os.geteuid()
    bases = (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}", "/tmp", "/dev/shm")
    return [Path(base) / f"ambient-player-{user}" for base in dict.fromkeys(bases) if base.startswith("/")]


def make_private(folder: Path) -> None:
    """Create a folder in one that all may write to. Raises OSError, also if it belongs to somebody else."""
    folder.mkdir(exist_ok=True, mode=0o700)
    if not _is_private(folder):
        raise PermissionError(f"{folder} is open to others")


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _passwords(kept: Path | None, folder: Path, answers: bool) -> Path:
    """Where the page's passwords are while `folder` stands in: still in `kept`, if there is such a folder.

    Where nobody can tell, nobody gets in until they are set again. Raises OSError.
    """
    if kept is None:
        return folder
    if not answers:
        (folder / PASSWORDS).touch(mode=0o600)  # an empty file is a damaged one
        return folder
    try:
        return kept if kept.is_dir() else folder
    except OSError:  # it is closed to us, and reading them will say so
        return kept


def _take_along(wanted: Path, folder: Path) -> None:
    """What is known already is worth a copy; a stand-in that holds half of the library would be worse.

    Without the passwords: what `web password` sets holds at once, and there is one place for it.
    """
    with contextlib.suppress(OSError):
        versions = state_file.CONFIG_VERSIONS
        shutil.copytree(wanted / versions, folder / versions, dirs_exist_ok=True)
    with contextlib.suppress(OSError):  # what the state's disk has refused, perhaps for days
        if (newest := in_memory(wanted)) and (ours := in_memory(folder)):
            shutil.copyfile(newest, ours)
    for name in TAKEN_ALONG:
        try:
            shutil.copyfile(wanted / name, folder / name)
            if (wanted / f"{name}-wal").exists():
                shutil.copyfile(wanted / f"{name}-wal", folder / f"{name}-wal")
        except OSError:
            for part in (name, f"{name}-wal"):
                (folder / part).unlink(missing_ok=True)


def _mark(path: Path | None) -> str:
    """Tells the stand-ins of several players apart."""
    return hashlib.sha256(os.fsencode(path or player_name())).hexdigest()[:12]
