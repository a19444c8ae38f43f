"""Folders that the owner may walk through to find the music: names of folders, and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from player.errors import MissingError

SYSTEM = frozenset(
    [
        "bin",
        "boot",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "lost+found",
        "opt",
        "proc",
        "root",
        "run",
        "sbin",
        "snap",
        "sys",
        "tmp",
        "usr",
        "var",
    ]
)
"""Folders of / that hold the system, not music (Filesystem Hierarchy Standard 3.0)."""
MOUNTS = Path("/run/media")
"""Where udisks puts a stick, though /run is the system's."""
SHOWN = 1000
"""Folders shown at most: a page's list must end."""


@dataclass(frozen=True, slots=True)
class Folders:
    """A folder, the one above it (None where one may go no higher), and the names of those in it."""

    path: Path
    above: Path | None
    names: tuple[str, ...]
    left_out: int
    """Folders that are there, beyond those that are shown."""


def folders(path: Path, home: Path, top: Path = Path("/")) -> Folders:
    """The folders in `path`, by name. Raises MissingError for what may not be looked at.

    Hidden and system folders and links are neither shown nor walked through, nor is what cannot be read.
    """
    if not _open(path, home, top):
        raise MissingError("There is no such folder, or the player may not look into it.")
    try:
        with os.scandir(path) as entries:
            inside = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        raise MissingError("There is no such folder, or the player may not look into it.") from None
    names = sorted((name for name in inside if _open(path / name, home, top)), key=str.casefold)
    above = path.parent if path != top and _open(path.parent, home, top) else None
    return Folders(path, above, tuple(names[:SHOWN]), len(names[SHOWN:]))


def _open(path: Path, home: Path, top: Path) -> bool:
    """Whether the owner may look into it."""
    try:
        # A link anywhere on the way, "..", and a path that is not absolute all resolve to another path.
        if str(path) != os.path.realpath(path) or not path.is_relative_to(top):
            return False
        str(path).encode()  # a name that is no Unicode cannot be written to config.yaml
        inside = home if path.is_relative_to(home) else top
        parts = path.relative_to(inside).parts
        if any(part.startswith(".") for part in parts):
            return False
        mounts = top / MOUNTS.relative_to("/")
        system = inside == top and parts and parts[0] in SYSTEM and not path.is_relative_to(mounts)
        return not system and path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except (OSError, ValueError):
        return False
