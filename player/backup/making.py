"""Puts a backup together: settings, library with history and taste, what the room was taught, the state."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from player import __version__
from player.backup import archive
from player.backup.archive import Manifest
from player.config import document
from player.library.database import copies
from player.library.database.scratch_folder import scratch_folder
from player.state import state_file, taught_moments

PREFIX = ".ambient-player-unfinished-"
"""Of the folder in which one is put together; nobody else on that disk has such a name."""


def make(
    target: Path, config_path: Path, state: Path, owners: Path, now: datetime, *, secrets: bool = False
) -> tuple[str, ...]:
    """Write a backup; returns the keys of settings whose passwords are not in it.

    state    the folder of database and state
    owners   the folder of passwords
    now      timezone-aware
    secrets  passwords of settings, stations and the page, too

    A player may use all of it meanwhile. Raises BackupError, LibraryError or ConfigError.
    """
    archive.check_target(target)
    with ExitStack() as stack:
        with archive.in_words(f"{target} cannot be written"):
            # Beside the target: that is where the room has to be in any case.
            scratch = stack.enter_context(scratch_folder(PREFIX, target.parent))
            text, hidden = _settings(config_path, secrets)
            config = scratch / archive.CONFIG
            config.write_bytes(text.encode())
            library = scratch / state_file.DATABASE
            copies.copy(state / state_file.DATABASE, library, secrets=secrets)
            files = {archive.CONFIG: config, state_file.DATABASE: library}
            for folder, name in (
                (state, state_file.STATE),
                (state, taught_moments.NAME),
                *([(owners, archive.PASSWORDS)] if secrets else []),
            ):
                if (folder / name).is_file():
                    files[name] = Path(shutil.copyfile(folder / name, scratch / name))

        def about(sums: Mapping[str, str]) -> Manifest:
            made_at = now.isoformat(timespec="seconds")
            return Manifest(__version__, copies.SCHEMA, made_at, secrets, hidden, sums, archive.home())

        archive.write(target, scratch, files, about)
    return hidden


def _settings(config_path: Path, secrets: bool) -> tuple[str, tuple[str, ...]]:
    """The config file's text, and the keys that lost something. Raises ConfigError or OSError."""
    # Imported here: the daemon carries no editor until it makes one.
    from player.config.editing.without_secrets import without_secrets  # noqa: PLC0415

    text = document.decode(config_path, config_path.read_bytes())
    return (text, ()) if secrets else without_secrets(config_path, text)
