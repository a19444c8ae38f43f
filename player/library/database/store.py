"""The library: what is known of every track and what was played, in one SQLite file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time, time_ns
from typing import Any

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
from player.library.database.feedback import FeedbackStore
from player.library.database.known_files import missing_twin, sounds_as_before
from player.library.database.stations import Station, keep_stations
from player.library.database.track_sql import (
    PLAYABLE,
    READ_AGAIN,
    READ_NO_MORE,
    RETAG,
    SAVE,
    TAKE_IN,
    UNREADABLE,
    file_values,
    sound_values,
    tag_values,
    track_of,
)
from player.library.models import ANALYSIS_VERSION, SAME_IN_STEREO, Analysis, Play, ScanReport
from player.library.scan.file_identity import channels
from player.library.scan.music_files import FoundFile, Walk, look_up
from player.library.scan.reading import read_file
from player.library.scan.retries import Retries
from player.library.transient_errors import not_now
from player.log import EventLog, LogEvent
from player.types import Choice, Json, Mood, Track, json_text

log = EventLog(__name__, LogEvent.LIBRARY)

Progress = Callable[[int, int], None]
"""Called with (files done, files in all)."""

_COUNTS = f"""
    SELECT count(*) FILTER (WHERE {PLAYABLE}) AS tracks,
        count(*) FILTER (WHERE {PLAYABLE} AND valence IS NOT NULL) AS analysed,
        count(*) FILTER (WHERE {UNREADABLE}) AS unreadable,
        (SELECT count(*) FROM plays) AS plays
    FROM tracks
"""


class Library:
    """The owner's music. Every method may be called from any thread and may raise LibraryError."""

    def __init__(
        self, db_path: Path, *, insist: bool = True, on_reopened: Callable[[], None] = lambda: None
    ) -> None:
        """Open the database or begin one; a damaged one is set aside (`schema.connect`).

        If it cannot be opened now: raise LibraryError (`insist`), or try again until it can be, which
        `on_reopened` is told.
        """
        self._db = Database(db_path, insist=insist, on_reopened=on_reopened)
        self.feedback = FeedbackStore(self._db)
        self._scan_lock = threading.Lock()
        self._retries = Retries()
        self._waiting: dict[str, tuple[FoundFile, str]] = {}
        """Files that could not be read when they were as they are, and why."""
        self._by_path: dict[str, Track] | None = None
        self._snapshot: list[Track] | None = None
        self._version: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the database; the object is of no use afterwards."""
        self._db.close()

    def scan(
        self, folders: Sequence[Path], progress: Progress | None = None, extra: Iterable[Path] = ()
    ) -> ScanReport:
        """Bring the library in line with folders and `extra` files; only what is new or changed is opened.

        A file that sounds the same as before keeps its analysis, whatever its tags became; so does one that
        was moved or renamed, with its number. One that is gone, or lies in none of the folders, is no
        longer returned, but what is known of it is kept for when it comes back (`forget_missing`). Of a file
        that an earlier version took in, the tags that it did not look for are read once.
        """
        with self._scan_lock:
            walk, now = Walk(folders), monotonic()
            found = {str(file.path): file for file in walk}
            same = _taken_up(found, look_up(extra, folders))
            changes = differences(self._db.rows(KNOWN), found, walk.closed, time())
            self._set_present(changes.gone, False)
            self._set_present((changes.known - changes.present) & found.keys(), True)
            self._db.write_each((ADOPT, changes.unmarked))
            stale = changes.edited | changes.touched | changes.again
            opened = [path for path in found if path in stale or path in changes.unnumbered]
            failed: list[tuple[Path, str]] = []
            for done, path in enumerate(opened, start=len(found) - len(opened)):
                if progress is not None:
                    progress(done, len(found))
                try:
                    self._read(found[path], changes, now)
                except NotNowError:  # what was known of it stays
                    log.debug("%s has to wait", path)
                except Exception as error:  # the trouble of one file is that file's alone
                    if isinstance(error, LibraryError) and not isinstance(error, RowError):
                        raise
                    log.debug("%s", path, exc_info=True)
                    failed.append((found[path].path, f"cannot be taken into the library ({error})."))
            if progress is not None:
                progress(len(found), len(found))
            for place in walk.closed:
                if self._retries.is_due(place, now):
                    self._retries.failed(place, now)
            self._waiting = {path: why for path, why in self._waiting.items() if path in opened}
            self._retries.keep({*self._waiting, *walk.closed})
            rows = self._db.rows(
                f"SELECT path, unreadable, ctime_ns FROM tracks WHERE {UNREADABLE} ORDER BY path"
            )
            marked = [(Path(row["path"]), row["unreadable"]) for row in rows]
            again = any(row["ctime_ns"] == LOOK_AGAIN for row in rows)
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

    def set_stations(self, stations: Sequence[Station]) -> list[tuple[str, str]]:
        """Make these the stations there are, playable like files; the others are gone.

        Returns the hosts of those that cannot be kept, each with why not.
        """
        with self._db.lock:
            failed = keep_stations(self._db, stations)
            self._by_path = None
        return failed

    def give_moods(self, given: Mapping[Path, Mood | None]) -> list[tuple[Path, str]]:
        """Let these files have these moods, whatever they sound like; all others have what was heard.

        Returns the files that cannot have theirs, each with why not.
        """
        rows = [
            (mood.valence, mood.energy, json.dumps(dict(mood.moods)), str(path))
            for path, mood in given.items()
            if mood is not None
        ]
        forget = "UPDATE tracks SET given_valence = NULL, given_energy = NULL, given_moods = NULL"
        give = "UPDATE tracks SET given_valence = ?, given_energy = ?, given_moods = ? WHERE path = ?"
        with self._db.lock:
            failed = self._db.write_each((f"{forget} WHERE given_valence IS NOT NULL", [()]), (give, rows))
            self._by_path = None
        return [(Path(values[-1]), why) for values, why in failed if values]

    def restrict(self, folders: Sequence[Path], extra: Iterable[Path] = ()) -> None:
        """Return no longer files outside the folders and `extra`: a scan's quick half, which opens none."""
        rows = self._db.rows("SELECT path FROM tracks WHERE missing_since IS NULL AND url = ''")
        named = {str(path) for path in extra}
        inside = tuple(f"{folder.absolute()}{os.sep}" for folder in folders)
        paths = {row["path"] for row in rows} - named
        self._set_present([path for path in paths if not path.startswith(inside)], False)

    def forget_missing(
        self, before: datetime, spared: Sequence[Path] = (), clock_since: datetime | None = None
    ) -> int:
        """Forget what no scan has found since `before`, but for what lay in `spared` folders; how many.

        An earlier time than `clock_since` was noted by a clock that was wrong: it counts as now.
        """
        inside = tuple(f"{folder.absolute()}{os.sep}" for folder in spared)
        if clock_since is not None:
            wrong = "UPDATE tracks SET missing_since = unixepoch() WHERE missing_since < ?"
            self._db.write(wrong, clock_since.timestamp())
        rows = self._db.rows("SELECT id, path FROM tracks WHERE missing_since < ?", before.timestamp())
        gone = [(row["id"],) for row in rows if not row["path"].startswith(inside)]
        columns = (("feedback", "track_id"), ("mood_tags", "track_id"), ("tracks", "id"))
        self._db.write_each(*((f"DELETE FROM {table} WHERE {column} = ?", gone) for table, column in columns))
        return len(gone)

    def tracks(self) -> list[Track]:
        """Every playable track, analysed or not, in no particular order.

        The same list until something changes: don't alter it. Loudness is the measured one where there is
        one, and otherwise what the file's own gain tags say.
        """
        with self._db.lock:
            # The second changes when another process writes.
            version = (self._db.opened, self._db.rows("PRAGMA data_version")[0][0])
            if self._by_path is None or version != self._version:
                self._version = version
                rows = self._db.rows(f"SELECT * FROM tracks WHERE {PLAYABLE} ORDER BY path")
                self._by_path = {row["path"]: track_of(row) for row in rows}
                self._snapshot = None
            if self._snapshot is None:
                self._snapshot = list(self._by_path.values())
            return self._snapshot

    def track(self, track_id: int) -> Track | None:
        """The track with a number; None if there is none, or it cannot be played."""
        rows = self._db.rows(f"SELECT * FROM tracks WHERE id = ? AND {PLAYABLE}", track_id)
        return track_of(rows[0]) if rows else None

    def track_at(self, path: Path) -> Track | None:
        """The track at a path; None if there is none, or it cannot be played."""
        rows = self._db.rows(f"SELECT * FROM tracks WHERE path = ? AND {PLAYABLE}", str(path))
        return track_of(rows[0]) if rows else None

    @property
    def database(self) -> Database:
        """The file itself, for the parts of the library that ask it their own questions."""
        return self._db

    def pending(self, unheard: bool = False) -> list[Path]:
        """Playable files that still have to be analysed, by name; with `unheard`, only those that never were.

        The others were, by an earlier version of this program.
        """
        which = "AND valence IS NULL" if unheard else ""
        rows = self._db.rows(
            f"SELECT path FROM tracks WHERE {PLAYABLE} AND analysis_version < ? {which} ORDER BY path",
            ANALYSIS_VERSION,
        )
        return [Path(row["path"]) for row in rows]

    def save(self, path: Path, analysis: Analysis) -> None:
        """Keep what the analysis of a file gave; a file that the library does not know is passed over."""
        values = (*sound_values(analysis), analysis.duration_s, str(path))
        self._write(SAVE, *values, changes=path)

    def still_holds(self, path: Path) -> bool:
        """Whether an earlier version heard of a file all that this one would; if so, it counts as analysed.

        Opens the file. So it is with stereo files: they need not be listened to again.
        """
        earlier = self._db.rows(
            "SELECT 1 FROM tracks WHERE path = ? AND analysis_version BETWEEN ? AND ?",
            str(path), SAME_IN_STEREO, ANALYSIS_VERSION - 1,
        )  # fmt: skip
        if not earlier or channels(path) != 2:
            return False
        self._write("UPDATE tracks SET analysis_version = ? WHERE path = ?", ANALYSIS_VERSION, str(path))
        return True

    def mark_unreadable(self, path: Path, why: str) -> None:
        """Leave a file out, with a sentence that says why, until it changes.

        One that has changed a moment ago may be on its way here: it is looked at again after YOUNG_S.
        """
        mark = (
            "UPDATE tracks SET unreadable = ?1, ctime_ns = iif(abs(?2 - ctime_ns) < ?3, ?4, ctime_ns)"
            " WHERE path = ?5"
        )
        young_ns = round(YOUNG_S * 1e9)
        self._write(mark, why, time_ns(), young_ns, LOOK_AGAIN, str(path), changes=path)

    def counts(self) -> Json:
        """How many tracks are playable, analysed, pending, unreadable; how many plays are recorded."""
        counts = dict(self._db.rows(_COUNTS)[0])
        return counts | {"pending": counts["tracks"] - counts["analysed"]}

    def record_play(self, choice: Choice, started_at: datetime, why: Json) -> int:
        """Begin an entry of the play history: a number for `finish_play`. Times are timezone-aware."""
        why = {
            "reason": choice.reason,
            "distance": choice.distance,
            "candidates": choice.candidates,
            "relaxed": choice.relaxed,
        } | why
        return self._write(
            "INSERT INTO plays (track_id, path, title, artist, started_at, why) VALUES (?, ?, ?, ?, ?, ?)",
            choice.track.id or None, str(choice.track.path), choice.track.title, choice.track.artist,
            started_at.timestamp(),
            json_text(why),
        )  # fmt: skip

    def finish_play(self, play_id: int, ended_at: datetime, audible: bool | None) -> None:
        """Complete an entry of the play history; `audible` is None if nobody listened."""
        self._write(
            "UPDATE plays SET ended_at = ?, audible = ? WHERE id = ?", ended_at.timestamp(), audible, play_id
        )

    def recent_plays(self, since: datetime) -> list[Play]:
        """What was started at or after `since`, oldest first."""
        rows = self._db.rows(
            "SELECT path, artist, started_at, track_id FROM plays"
            " WHERE started_at >= ? ORDER BY started_at, id",
            since.timestamp(),
        )
        return [
            Play(
                Path(row["path"]),
                row["artist"],
                datetime.fromtimestamp(row["started_at"], UTC),
                row["track_id"] or 0,
            )
            for row in rows
        ]

    def last_play(self, before: datetime) -> datetime | None:
        """When the last track was started before a moment; None if none was."""
        newest = self._db.rows("SELECT max(started_at) FROM plays WHERE started_at < ?", before.timestamp())
        return None if newest[0][0] is None else datetime.fromtimestamp(newest[0][0], UTC)

    def _read(self, file: FoundFile, changes: Differences, now: float) -> None:
        """Open one file of a scan; raises NotNowError if it cannot be read, or not yet again."""
        path = str(file.path)
        if path in self._waiting and self._waiting[path][0] == file and not self._retries.is_due(path, now):
            raise NotNowError(self._waiting[path][1])
        try:
            if path in changes.unnumbered:
                self._read_again(file.path)
            else:
                self._take_in(file, path in changes.known, path in changes.edited)
        except NotNowError as error:
            self._retries.failed(path, now)
            self._waiting[path] = file, str(error)
            raise
        self._waiting.pop(path, None)

    def _take_in(self, file: FoundFile, known: bool, edited: bool) -> None:
        """Read the tags of a new or changed file; what it sounds like is forgotten unless it still does."""
        why = None
        try:
            track = read_file(file.path)
        except AudioFileError as error:
            if (passing := not_now(file.path, error)) is not None:
                raise passing from error
            track, why = Track(file.path, title=file.path.stem), str(error)
            if is_young(file, time()):
                file = replace(file, ctime_ns=LOOK_AGAIN)
        twin = None if known else missing_twin(self._db, file.path, track.duration_s)
        same = twin is not None
        if known:
            same = sounds_as_before(self._db, file.path, track.duration_s, edited)
        with self._db.transaction() as connection:
            if twin is not None:
                connection.execute("UPDATE tracks SET path = ? WHERE id = ?", (str(file.path), twin))
            connection.execute(RETAG if same else TAKE_IN, file_values(file, track, why))
        self._renew(file.path)

    def _read_again(self, path: Path) -> None:
        """Read of a file that is known, and has not changed, what earlier versions did not look for."""
        try:
            track = read_file(path)
        except AudioFileError as error:
            if (passing := not_now(path, error)) is not None:
                raise passing from error
            self._write(READ_NO_MORE, str(path), changes=path)
            return
        self._write(READ_AGAIN, *tag_values(track), str(path), changes=path)

    def _set_present(self, paths: Iterable[str], present: bool) -> None:
        missing_since = "NULL" if present else "coalesce(missing_since, unixepoch())"
        # What could not be read of an unplugged disk may be readable now.
        statement = f"UPDATE tracks SET missing_since = {missing_since}, unreadable = NULL WHERE path = ?"
        if rows := [(path,) for path in paths]:
            with self._db.lock:
                self._db.write_each((statement, rows))
                self._by_path = None

    def _write(self, statement: str, *values: Any, changes: Path | None = None) -> int:
        """Execute one statement; the track at `changes`, if any, is read again into the snapshot."""
        row_id = self._db.write(statement, *values)
        if changes is not None:
            self._renew(changes)
        return row_id

    def _renew(self, path: Path) -> None:
        """Read the track at a path again into the snapshot."""
        with self._db.lock:
            if self._by_path is not None:
                rows = self._db.rows(f"SELECT * FROM tracks WHERE path = ? AND {PLAYABLE}", str(path))
                if rows:
                    self._by_path[str(path)] = track_of(rows[0])
                else:
                    self._by_path.pop(str(path), None)
                self._snapshot = None


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
