"""The library: what is known of every track and what was played, in one SQLite file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from player.errors import AudioFileError
from player.library.database import Database
from player.library.feedback import FeedbackStore
from player.library.recognise import sounds_as_before, take_over_missing
from player.library.records import ANALYSIS_VERSION, Analysis, Play, ScanReport
from player.library.rows import (
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
from player.library.scan import FoundFile, Walk, look_up
from player.library.stations import Station, keep_stations
from player.library.tags import read_track
from player.types import Choice, Json, Mood, Track

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

    def __init__(self, db_path: Path, *, insist: bool = True) -> None:
        """Open the database or begin one; a damaged one is set aside (`schema.connect`).

        Where it cannot be opened now: raise LibraryError (`insist`), or try again until it can be.
        """
        self._db = Database(db_path, insist=insist)
        self.feedback = FeedbackStore(self._db)
        self._scan_lock = threading.Lock()
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
            walk = Walk(folders)
            found = {str(file.path): file for file in (*walk, *look_up(extra))}
            rows = self._db.rows(
                "SELECT path, size, mtime_ns, missing_since, artists FROM tracks WHERE url = ''"
            )
            known = {row["path"] for row in rows}
            present = {row["path"] for row in rows if row["missing_since"] is None}
            self._set_present(present - found.keys(), False)
            self._set_present((known - present) & found.keys(), True)
            as_before = {(row["path"], row["size"], row["mtime_ns"]) for row in rows}
            stale = {p for p, file in found.items() if (p, file.size, file.mtime_ns) not in as_before}
            unread = {row["path"] for row in rows if row["artists"] is None}
            opened = [path for path in found if path in stale or path in unread]
            for done, path in enumerate(opened, start=len(found) - len(opened)):
                if progress is not None:
                    progress(done, len(found))
                if path in stale:
                    self._take_in(found[path], path in known)
                else:
                    self._read_again(found[path].path)
            if progress is not None:
                progress(len(found), len(found))
            rows = self._db.rows(f"SELECT path, unreadable FROM tracks WHERE {UNREADABLE} ORDER BY path")
            return ScanReport(
                added=len(found.keys() - present),
                changed=len(present & stale),
                removed=len(present - found.keys()),
                unreadable=walk.problems + [(Path(row["path"]), row["unreadable"]) for row in rows],
            )

    def set_stations(self, stations: Sequence[Station]) -> None:
        """Make these the stations there are, playable like files; the others are gone."""
        with self._db.lock:
            keep_stations(self._db, stations)
            self._by_path = None

    def give_moods(self, given: Mapping[Path, Mood | None]) -> None:
        """Let these files have these moods, whatever they sound like; all others have what was heard."""
        rows = [
            (mood.valence, mood.energy, json.dumps(dict(mood.moods)), str(path))
            for path, mood in given.items()
            if mood is not None
        ]
        forget = "UPDATE tracks SET given_valence = NULL, given_energy = NULL, given_moods = NULL"
        with self._db.transaction() as connection:
            connection.execute(f"{forget} WHERE given_valence IS NOT NULL")
            connection.executemany(
                "UPDATE tracks SET given_valence = ?, given_energy = ?, given_moods = ? WHERE path = ?", rows
            )
            self._by_path = None

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
        with self._db.transaction() as connection:
            for table, column in (("feedback", "track_id"), ("mood_tags", "track_id"), ("tracks", "id")):
                connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", gone)
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
        """The track with a number; None where there is none, or it cannot be played."""
        rows = self._db.rows(f"SELECT * FROM tracks WHERE id = ? AND {PLAYABLE}", track_id)
        return track_of(rows[0]) if rows else None

    def track_at(self, path: Path) -> Track | None:
        """The track at a path; None where there is none, or it cannot be played."""
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

    def mark_unreadable(self, path: Path, why: str) -> None:
        """Leave a file out, with a sentence that says why, until it changes."""
        self._write("UPDATE tracks SET unreadable = ? WHERE path = ?", why, str(path), changes=path)

    def counts(self) -> Json:
        """How many tracks are playable, analysed, pending, unreadable; how many plays are recorded."""
        counts = dict(self._db.rows(_COUNTS)[0])
        return counts | {"pending": counts["tracks"] - counts["analysed"]}

    def record_play(self, choice: Choice, started_at: datetime, why: Json) -> int:
        """Begin a line of the ledger: a number for `finish_play`. Times are timezone-aware."""
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
            json.dumps(why, ensure_ascii=False),
        )  # fmt: skip

    def finish_play(self, play_id: int, ended_at: datetime, audible: bool | None) -> None:
        """Complete a line of the ledger; `audible` is None where nobody listened."""
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
        """When the last track was started before a moment; None where none was."""
        newest = self._db.rows("SELECT max(started_at) FROM plays WHERE started_at < ?", before.timestamp())
        return None if newest[0][0] is None else datetime.fromtimestamp(newest[0][0], UTC)

    def _take_in(self, file: FoundFile, known: bool) -> None:
        """Read the tags of a new or changed file; what it sounds like is forgotten unless it still does."""
        why = None
        try:
            track = read_track(file.path)
        except AudioFileError as error:
            track, why = Track(file.path, title=file.path.stem), str(error)
        recognise = sounds_as_before if known else take_over_missing
        same = recognise(self._db, file.path, track.duration_s)
        values = file_values(file, track, why)
        self._write(RETAG if same else TAKE_IN, *values, changes=file.path)

    def _read_again(self, path: Path) -> None:
        """Read of a file that is known, and has not changed, what earlier versions did not look for."""
        try:
            track = read_track(path)
        except AudioFileError:
            self._write(READ_NO_MORE, str(path), changes=path)
            return
        self._write(READ_AGAIN, *tag_values(track), str(path), changes=path)

    def _set_present(self, paths: Iterable[str], present: bool) -> None:
        missing_since = "NULL" if present else "coalesce(missing_since, unixepoch())"
        # What could not be read of an unplugged disk may be readable now.
        statement = f"UPDATE tracks SET missing_since = {missing_since}, unreadable = NULL WHERE path = ?"
        if rows := [(path,) for path in paths]:
            with self._db.transaction() as connection:
                connection.executemany(statement, rows)
                self._by_path = None

    def _write(self, statement: str, *values: Any, changes: Path | None = None) -> int:
        """Execute one statement; the track at `changes`, if any, is read anew into the snapshot."""
        row_id = self._db.write(statement, *values)
        if changes is None:
            return row_id
        with self._db.lock:
            if self._by_path is not None:
                rows = self._db.rows(f"SELECT * FROM tracks WHERE path = ? AND {PLAYABLE}", str(changes))
                if rows:
                    self._by_path[str(changes)] = track_of(rows[0])
                else:
                    self._by_path.pop(str(changes), None)
                self._snapshot = None
        return row_id
