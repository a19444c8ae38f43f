"""A scan: the database brought in line with the files in the music folders."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic, time

from player.errors import AudioFileError, LibraryError, NotNowError, RowError
from player.library.database.connection import Database
from player.library.database.differences import (
    ADOPT,
    KNOWN,
    LOOK_AGAIN,
    YOUNG_S,
    Differences,
    differences,
    is_young,
)
from player.library.database.known_files import Missing, heirs, replaced, sounds_as_before
from player.library.database.snapshot import TrackSnapshot
from player.library.database.track_sql import (
    INHERIT_MOOD,
    READ_AGAIN,
    READ_NO_MORE,
    RETAG,
    SET_ASIDE,
    TAKE_IN,
    UNREADABLE,
    file_values,
    tag_values,
)
from player.library.models import ScanReport
from player.library.scan.music_files import FoundFile, Walk, look_up
from player.library.scan.retries import Retries
from player.library.search_text import names_text
from player.library.transient_errors import not_now
from player.log import EventLog, LogEvent
from player.types import Track

log = EventLog(__name__, LogEvent.LIBRARY)

_NAMED_BY = {
    "tracks": ("artist", "title", "album", "genre"),
    "plays": ("artist", "title", "album", "composer", "label"),
}
_SAID_OF = "SELECT id, path FROM tracks WHERE own_valence IS NOT NULL"
_CHUNK = 1000
Progress = Callable[[int, int], None]
"""Called with (files done, files in all)."""


class Scanner:
    """Takes files into the library and out of it; one scan at a time, from any thread."""

    def __init__(self, database: Database, snapshot: TrackSnapshot) -> None:
        self._db, self._snapshot = database, snapshot
        self._lock = threading.Lock()
        self._retries = Retries()
        self._missing = Missing(database)
        self._waiting: dict[str, tuple[FoundFile, str]] = {}
        """Files that could not be read when they were as they are, and why."""

    def scan(
        self, folders: Sequence[Path], progress: Progress | None = None, extra: Iterable[Path] = ()
    ) -> ScanReport:
        """Bring the library in line with folders and `extra` files; only what is new or changed is opened.

        A file that sounds the same as before keeps its analysis, whatever its tags became; so does one that
        was moved or renamed, with its number. One that is gone, or lies in none of the folders, is no
        longer returned, but what is known of it is kept for when it comes back (`Library.forget_missing`).
        Of a file that an earlier version took in, the tags that it did not look for are read once.
        """
        with self._lock:
            self._make_names()
            walk, now = Walk(folders), monotonic()
            found = {str(file.path): file for file in walk}
            same = _taken_up(found, look_up(extra, folders))
            changes = differences(self._db.rows(KNOWN), found, walk.closed, time())
            self._set_present(changes.gone, False)
            self._set_present((changes.known - changes.present) & found.keys(), True)
            self._db.write_each((ADOPT, changes.unmarked))
            self._missing = Missing(self._db)
            stale = changes.edited | changes.touched | changes.again
            opened = [path for path in found if path in stale or path in changes.unnumbered]
            failed = self._read_all([found[path] for path in opened], len(found), changes, progress, now)
            for place in walk.closed:
                if self._retries.is_due(place, now):
                    self._retries.failed(place, now)
            self._waiting = {path: why for path, why in self._waiting.items() if path in opened}
            self._retries.keep({*self._waiting, *walk.closed})
            marked, again = self._unreadable()
            pauses_s = [self._retries.wait_s(now), YOUNG_S if again else None]
            waiting = [(file.path, why) for file, why in self._waiting.values()]
            return ScanReport(
                added=len(found.keys() - changes.present - self._waiting.keys()),
                changed=len(changes.present & (changes.edited | changes.touched) - self._waiting.keys()),
                removed=len(changes.gone),
                unreadable=walk.problems + failed + waiting + marked,
                failed=failed,
                closed=list(walk.closed),
                left_out=walk.left_out,
                same=same,
                again_s=min((pause_s for pause_s in pauses_s if pause_s is not None), default=None),
            )

    def restrict(self, folders: Sequence[Path], extra: Iterable[Path] = ()) -> None:
        """Return no longer files outside the folders and `extra`: a scan's quick half, which opens none."""
        rows = self._db.rows("SELECT path FROM tracks WHERE missing_since IS NULL AND url = ''")
        named = {str(path) for path in extra}
        inside = tuple(f"{folder.absolute()}{os.sep}" for folder in folders)
        paths = {row["path"] for row in rows} - named
        self._set_present([path for path in paths if not path.startswith(inside)], False)

    def _read_all(
        self,
        files: Sequence[FoundFile],
        found: int,
        changes: Differences,
        progress: Progress | None,
        now: float,
    ) -> list[tuple[Path, str]]:
        """Open these of all the files found; returns those that cannot be taken in, each with why not."""
        failed = []
        # Known names first: of songs that changed their names all are set aside before one is looked for.
        order = sorted(files, key=lambda file: str(file.path) not in changes.known)
        for done, file in enumerate(order, start=found - len(files)):
            if progress is not None:
                progress(min(done, found), found)
            try:
                if not self._read(file, changes, now):
                    order.append(file)
            except NotNowError:  # what was known of it stays
                log.debug("%s has to wait", file.path)
            except Exception as error:  # the trouble of one file is that file's alone
                if isinstance(error, LibraryError) and not isinstance(error, RowError):
                    raise
                log.debug("%s", file.path, exc_info=True)
                failed.append((file.path, f"cannot be taken into the library ({error})."))
        if progress is not None:
            progress(found, found)
        return failed

    def _unreadable(self) -> tuple[list[tuple[Path, str]], bool]:
        """The files marked as unreadable, each with why; and whether one is to be tried again soon."""
        rows = self._db.rows(
            f"SELECT path, unreadable, ctime_ns FROM tracks WHERE {UNREADABLE} ORDER BY path"
        )
        marked = [(Path(row["path"]), row["unreadable"]) for row in rows]
        return marked, any(row["ctime_ns"] == LOOK_AGAIN for row in rows)

    def _read(self, file: FoundFile, changes: Differences, now: float) -> bool:
        """Open one file of a scan; raises NotNowError if it cannot be read, or not yet again.

        False if its name was another song's: it is to be read once more, as a new one.
        """
        path, is_taken = str(file.path), True
        if path in self._waiting and self._waiting[path][0] == file and not self._retries.is_due(path, now):
            raise NotNowError(self._waiting[path][1])
        try:
            if path in changes.unnumbered:
                self._read_again(file.path)
            else:
                is_taken = self._take_in(file, path in changes.known, path in changes.edited)
        except NotNowError as error:
            self._retries.failed(path, now)
            self._waiting[path] = file, str(error)
            raise
        self._waiting.pop(path, None)
        if not is_taken:
            changes.known.remove(path)
        return is_taken

    def _take_in(self, file: FoundFile, known: bool, edited: bool) -> bool:
        """Read the tags of a new or changed file; what it sounds like is forgotten unless it still does.

        False if it is another song than the one known by its name, which is set aside.
        """
        why = None
        try:
            track = _read(file.path)
        except AudioFileError as error:
            if (passing := not_now(file.path, error)) is not None:
                raise passing from error
            track, why = Track(file.path, title=file.path.stem), str(error)
            if is_young(file, time()):
                file = replace(file, ctime_ns=LOOK_AGAIN)
        twin = None if known else self._missing.take_twin(file, track.duration_s)
        same = twin is not None
        if known:
            same = sounds_as_before(self._db, file.path, track.duration_s, edited)
            if not same and (other := replaced(self._db, file.path, track.duration_s)) is not None:
                self._db.write(SET_ASIDE, other)
                self._snapshot.renew(file.path)
                return False
        with self._db.transaction() as connection:
            if twin is not None:
                connection.execute("UPDATE tracks SET path = ? WHERE id = ?", (str(file.path), twin))
            connection.execute(RETAG if same else TAKE_IN, file_values(file, track, why))
        self._snapshot.renew(file.path)
        return True

    def _read_again(self, path: Path) -> None:
        """Read of a file that is known, and has not changed, what earlier versions did not look for."""
        try:
            track = _read(path)
        except AudioFileError as error:
            if (passing := not_now(path, error)) is not None:
                raise passing from error
            self._db.write(READ_NO_MORE, str(path))
        else:
            self._db.write(READ_AGAIN, *tag_values(track), str(path))
        self._snapshot.renew(path)

    def _make_names(self) -> None:
        """What tracks and plays are found by, where an earlier version took them in; a chunk at a time."""
        for table, columns in _NAMED_BY.items():
            query = f"SELECT id, {', '.join(columns)} FROM {table} WHERE names IS NULL AND id > ?"
            last = -1
            while rows := self._db.rows(f"{query} ORDER BY id LIMIT {_CHUNK}", last):
                last = rows[-1]["id"]
                made = [(names_text(*(row[name] for name in columns)), row["id"]) for row in rows]
                self._db.write_each((f"UPDATE {table} SET names = ? WHERE id = ?", made))

    def _set_present(self, paths: Iterable[str], present: bool) -> None:
        missing_since = "NULL" if present else "coalesce(missing_since, unixepoch())"
        # What could not be read of an unplugged disk may be readable now.
        statement = f"UPDATE tracks SET missing_since = {missing_since}, unreadable = NULL WHERE path = ?"
        if chosen := set(paths):
            with self._db.lock:
                self._db.write_each((statement, [(path,) for path in chosen]))
                if not present:  # of few tracks something was said: one question, however many are gone
                    said = [row["id"] for row in self._db.rows(_SAID_OF) if row["path"] in chosen]
                    self._db.write_each((INHERIT_MOOD, heirs(self._db, said)))
                self._snapshot.forget()


def _taken_up(found: dict[str, FoundFile], extra: Iterable[FoundFile]) -> dict[Path, Path]:
    """Take up files beside those found, but for other names of these, which are returned with theirs."""
    known = {(file.place, file.size, file.mtime_ns): file.path for file in found.values()}
    same: dict[Path, Path] = {}
    for file in extra:
        other = known.get((file.place, file.size, file.mtime_ns))
        if other is None:
            found[str(file.path)] = file
        elif other != file.path and str(file.path) not in found:
            same[file.path] = other
    return same


def _read(path: Path) -> Track:
    """What a music file says of itself. Raises AudioFileError."""
    # ffmpeg takes 15 MB, and most starts find nothing new.
    from player.library.scan.reading import read_file  # noqa: PLC0415

    return read_file(path)
