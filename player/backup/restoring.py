"""Puts a backup back: tried in full on copies first, then all of it takes its place, or nothing does."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from player.backup import archive
from player.backup.archive import CONFIG, PASSWORDS, Manifest
from player.backup.folder_moves import FolderMoves, Folders
from player.config import document, loader
from player.config.editing import safe_write
from player.config.editing.changes import rewritten
from player.config.settings.config import Config
from player.errors import BackupError, PlayerError
from player.library.database import copies
from player.library.database.scratch_folder import scratch_folder
from player.privacy.private_files import flush
from player.state import state_file, taught_moments

_BESIDE = tuple(f"{state_file.DATABASE}{suffix}" for suffix in ("-wal", "-shm"))


class Restoration:
    """A backup that could be put back: read, checked, and its settings fitted to this machine.

    Raises BackupError or ConfigError.
    """

    def __init__(self, path: Path, config_path: Path, folders: Folders) -> None:
        self._path, self._config_path = path, config_path
        self.manifest: Manifest = archive.read(path)
        if self.manifest.schema > copies.SCHEMA:
            raise BackupError(
                f"{path} was made by a newer player ({self.manifest.player}; its library has version"
                f" {self.manifest.schema}, this program knows {copies.SCHEMA}): update this one first."
            )
        self._moves = FolderMoves(folders, self.manifest.home, archive.home())
        with tempfile.TemporaryDirectory() as scratch:
            only = {CONFIG: self.manifest.files[CONFIG]}
            archive.extract(path, replace(self.manifest, files=only), Path(scratch))
            self._text = self._moved_text((Path(scratch) / CONFIG).read_bytes())
        self.config: Config = loader.validated(document.parse(config_path, self._text))

    def carry_out(self, now: datetime) -> list[str]:
        """Put it in place; what was there goes into a folder beside it. What was done, a sentence each.

        No player may run meanwhile. Raises PlayerError, and then all is as it was.
        """
        place = state_file.state_dir(self.config)
        try:
            with scratch_folder(".restore-", place) as new:
                archive.extract(self._path, self.manifest, new)
                tracks = self._fit(new)
                aside = place / f"before-restore-{now:%Y-%m-%d-%H%M%S}"
                aside.mkdir(mode=0o700)
                self._swap(new, place, aside)
        except OSError as error:
            at_config = error.filename in (self._config_path, str(self._config_path))
            raise _sentence(self._config_path if at_config else place, error) from error
        said = [
            f"the backup of {self.manifest.made_at} is in place: {self._config_path}, and in {place}",
            f"what was there before is in {aside}",
        ]
        if self._moves:
            said += [f"tracks that are at another place now: {tracks}", *self._moves.said()]
        if self.manifest.hidden:
            said.append(f"passwords were not in it, enter them again: {', '.join(self.manifest.hidden)}")
        return said

    def _moved_text(self, data: bytes) -> str:
        """The settings' text with folders as they are here."""
        text = document.decode(self._config_path, data)
        if not self._moves:
            return text
        values = document.parse(self._config_path, text).values
        return rewritten(self._config_path, text, values, self._moves.values(values))

    def _fit(self, new: Path) -> int:
        """Bring what was unpacked up to date and to this machine's places; how many tracks moved."""
        library, state = new / state_file.DATABASE, new / state_file.STATE
        if copies.version(library) != self.manifest.schema:
            raise BackupError(
                f"{self._path} holds a library of another version than it says: it was changed."
            )
        copies.bring_up_to_date(library)
        tracks = copies.move(library, self._moves.path) if self._moves else 0
        if state.exists():
            said = state_file.load(state)
            moved = {
                key: self._moves.path(said[key])
                for key in ("path", "coming")
                if isinstance(said.get(key), str)
            }
            state_file.save(state, said | moved)
        (new / CONFIG).write_bytes(self._text.encode())
        return tracks

    def _swap(self, new: Path, place: Path, aside: Path) -> None:
        """Let what is new take the place of what is there; after a failure all is as it was."""
        before = self._config_path.read_bytes() if self._config_path.exists() else None
        if before is not None:
            (aside / CONFIG).write_bytes(before)
        names = [state_file.DATABASE, *_BESIDE, state_file.STATE, taught_moments.NAME]
        if PASSWORDS in self.manifest.files:
            names.append(PASSWORDS)
        moves: list[tuple[Path, Path]] = []
        try:
            safe_write.replace(self._config_path, self._text.encode())
            for name in names:
                for source, target in ((place / name, aside / name), (new / name, place / name)):
                    if source.exists():
                        os.rename(source, target)
                        moves.append((source, target))
            flush(place)
        except (OSError, PlayerError):
            for source, target in reversed(moves):
                os.rename(target, source)
            self._put_back(before)
            with suppress(OSError):
                (aside / CONFIG).unlink(missing_ok=True)
                aside.rmdir()
            raise

    def _put_back(self, before: bytes | None) -> None:
        if before is not None:
            safe_write.replace(self._config_path, before)
        else:
            self._config_path.unlink(missing_ok=True)


def _sentence(place: Path, error: OSError) -> BackupError:
    hint = archive.remedy(error, "check its disk, and who may write there")
    return BackupError(f"{place} cannot be written to ({error.strerror}), and all is as it was; {hint}.")
