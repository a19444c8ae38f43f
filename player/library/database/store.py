"""The library: what is known of every track and what was played, in one SQLite file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import time_ns

from player.library.database.connection import Database
from player.library.database.diary import DiaryStore
from player.library.database.differences import LOOK_AGAIN, YOUNG_S
from player.library.database.feedback import FeedbackStore
from player.library.database.known_files import heirs
from player.library.database.scanner import Progress, Scanner
from player.library.database.snapshot import TrackSnapshot
from player.library.database.stations import Station, keep_stations
from player.library.database.track_sql import (
    FORGET,
    INHERIT,
    PLAYABLE,
    SAVE,
    UNREADABLE,
    sound_values,
    track_of,
)
from player.library.models import ANALYSIS_VERSION, Analysis, Play, ScanReport
from player.library.search_text import names_text
from player.status import LibraryCounts
from player.types import Choice, Json, Mood, Track, json_text

_COUNTS = f"""
    SELECT count(*) FILTER (WHERE {PLAYABLE}) AS tracks,
        count(*) FILTER (WHERE {PLAYABLE} AND valence IS NOT NULL) AS analysed,
        count(*) FILTER (WHERE {UNREADABLE}) AS unreadable,
        (SELECT count(*) FROM plays) AS plays
    FROM tracks
"""


UNDO_MOST = 20
"""So many changes of the owner's word on one track can be taken back."""
_OWN = "own_valence, own_energy, own_moods"
_KEEP_OWN = "INSERT INTO mood_undo (track_id, valence, energy, moods) VALUES (?, ?, ?, ?)"
_FORGET_OWN = """
    DELETE FROM mood_undo WHERE track_id = ?1 AND id NOT IN
        (SELECT id FROM mood_undo WHERE track_id = ?1 ORDER BY id DESC LIMIT ?2)
"""
_LAST_OWN = """
    SELECT mood_undo.id, path, mood_undo.valence, mood_undo.energy, mood_undo.moods
    FROM mood_undo JOIN tracks ON tracks.id = track_id WHERE track_id = ? ORDER BY mood_undo.id DESC LIMIT 1
"""
_CORRECT = "UPDATE tracks SET own_valence = ?, own_energy = ?, own_moods = ? WHERE id = ?"
_BEGIN = """
    INSERT INTO plays (track_id, path, title, artist, album, isrc, composer, label, duration_s, started_at,
        utc_offset_s, venue, why, names)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Library:
    """The owner's music. Every method may be called from any thread and may raise LibraryError."""

    def __init__(
        self,
        db_path: Path,
        *,
        must_open: bool = True,
        on_reopened: Callable[[], None] = lambda: None,
        read_only: bool = False,
    ) -> None:
        """Open the database or begin one; a damaged one is set aside (`schema.connect`).

        If it cannot be opened now: raise LibraryError (`must_open`), or try again until it can be, which
        `on_reopened` is told. `read_only`: as it is, beside whoever writes (`schema.connect_to_read`).
        """
        self._db = Database(db_path, must_open=must_open, on_reopened=on_reopened, read_only=read_only)
        self.feedback, self.diary = FeedbackStore(self._db), DiaryStore(self._db)
        self._snapshot = TrackSnapshot(self._db)
        self._scanner = Scanner(self._db, self._snapshot)

    def close(self) -> None:
        """Close the database; the object is of no use afterwards."""
        self._db.close()

    def scan(
        self, folders: Sequence[Path], progress: Progress | None = None, extra: Iterable[Path] = ()
    ) -> ScanReport:
        """Bring the library in line with folders and `extra` files (`Scanner.scan`)."""
        return self._scanner.scan(folders, progress, extra)

    def restrict(self, folders: Sequence[Path], extra: Iterable[Path] = ()) -> None:
        """Return no longer files outside the folders and `extra`: a scan's quick half, which opens none."""
        self._scanner.restrict(folders, extra)

    def set_stations(self, stations: Sequence[Station]) -> list[tuple[str, str]]:
        """Make these the stations there are, playable like files; the others are gone.

        Returns the hosts of those that cannot be kept, each with why not.
        """
        with self._db.lock:
            failed = keep_stations(self._db, stations)
            self._snapshot.forget()
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
            self._snapshot.forget()
        return [(Path(values[-1]), why) for values, why in failed if values]

    def correct_mood(self, track_id: int, mood: Mood | None) -> bool:
        """Let a track have the mood that its owner says, before all others; None takes it back.

        Scans, playlists and another analysis leave it alone. False if there is no such track.
        """
        values = (None,) * 3 if mood is None else (mood.valence, mood.energy, json.dumps(dict(mood.moods)))
        with self._db.lock:
            known = self._db.rows(f"SELECT path, {_OWN} FROM tracks WHERE id = ?", track_id)
            if known and tuple(known[0])[1:] != values:
                with self._db.transaction() as connection:
                    connection.execute(_KEEP_OWN, (track_id, *tuple(known[0])[1:]))
                    connection.execute(_FORGET_OWN, (track_id, UNDO_MOST))
                    connection.execute(_CORRECT, (*values, track_id))
                self._snapshot.renew(Path(known[0]["path"]))
        return bool(known)

    def undo_mood(self, track_id: int) -> int | None:
        """Let the owner's word on a track be what it was before the last change of it.

        How many more changes can be taken back; None if there was none.
        """
        with self._db.lock:
            last = self._db.rows(_LAST_OWN, track_id)
            if not last:
                return None
            with self._db.transaction() as connection:
                connection.execute(_CORRECT, (*tuple(last[0])[2:], track_id))
                connection.execute("DELETE FROM mood_undo WHERE id = ?", (last[0]["id"],))
            self._snapshot.renew(Path(last[0]["path"]))
            return self.mood_changes(track_id)

    def mood_changes(self, track_id: int) -> int:
        """How many changes of the owner's word on a track can be taken back."""
        return int(self._db.rows("SELECT count(*) FROM mood_undo WHERE track_id = ?", track_id)[0][0])

    def forget_missing(
        self,
        before: datetime,
        spared: Sequence[Path] = (),
        clock_since: datetime | None = None,
        is_away: Callable[[Path], bool] = lambda _: False,
    ) -> int:
        """Forget what no scan has found since `before`, but for what lay in `spared` folders or `is_away`.

        Returns how many. If its file is in another place by now, that track has its plays, judgements and
        mood. Otherwise its plays stay: they lose its number and go by their path again.
        An earlier time than `clock_since` was noted by a clock that was wrong: it counts as now.
        """
        inside = tuple(f"{folder.absolute()}{os.sep}" for folder in spared)
        if clock_since is not None:
            wrong = "UPDATE tracks SET missing_since = unixepoch() WHERE missing_since < ?"
            self._db.write(wrong, clock_since.timestamp())
        rows = self._db.rows("SELECT id, path FROM tracks WHERE missing_since < ?", before.timestamp())
        gone = [
            (row["id"],)
            for row in rows
            if not row["path"].startswith(inside) and not is_away(Path(row["path"]))
        ]
        with self._db.lock:
            inherited = heirs(self._db, (number for (number,) in gone))
            self._db.write_each(*((each, inherited) for each in INHERIT), *((each, gone) for each in FORGET))
            self._snapshot.forget()
        return len(gone)

    def tracks(self) -> list[Track]:
        """Every playable track, analysed or not, in no particular order.

        The same list until something changes: don't alter it. Loudness is the measured one if there is
        one, and otherwise what the file's own gain tags say.
        """
        return self._snapshot.tracks()

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
        self._db.write(SAVE, *values)
        self._snapshot.renew(path)

    def mark_unreadable(self, path: Path, why: str) -> None:
        """Leave a file out, with a sentence that says why, until it changes.

        One that has changed a moment ago may be on its way here: it is looked at again after YOUNG_S.
        """
        mark = (
            "UPDATE tracks SET unreadable = ?1, ctime_ns = iif(abs(?2 - ctime_ns) < ?3, ?4, ctime_ns)"
            " WHERE path = ?5"
        )
        young_ns = round(YOUNG_S * 1e9)
        self._db.write(mark, why, time_ns(), young_ns, LOOK_AGAIN, str(path))
        self._snapshot.renew(path)

    def counts(self) -> LibraryCounts:
        """How many tracks are playable, analysed, pending, unreadable; how many plays are recorded."""
        counts = dict(self._db.rows(_COUNTS)[0])
        return LibraryCounts(**counts, pending=counts["tracks"] - counts["analysed"])

    def record_play(self, choice: Choice, started_at: datetime, why: Json, venue: str = "") -> int:
        """Begin an entry of the play history: a number for `finish_play`. Times are timezone-aware.

        What the track says of itself is kept as it is now, whatever becomes of the file.
        """
        track, offset = choice.track, started_at.utcoffset()
        why = {
            "reason": choice.reason,
            "distance": choice.distance,
            "candidates": choice.candidates,
            "relaxed": choice.relaxed,
        } | why
        return self._db.write(
            _BEGIN,
            track.id or None, str(track.path), track.title, track.artist, track.album, track.recording_ids[1],
            track.composer, track.label, track.duration_s or None, started_at.timestamp(),
            None if offset is None else round(offset.total_seconds()), venue, json_text(why),
            names_text(track.artist, track.title, track.album, track.composer, track.label),
        )  # fmt: skip

    def note_heard(self, play_id: int, heard_s: float) -> None:
        """For how long the track of an entry of the play history was heard, as far as is known by now."""
        self._db.write("UPDATE plays SET heard_s = ? WHERE id = ?", round(heard_s, 1), play_id)

    def finish_play(self, play_id: int, ended_at: datetime, audible: bool | None) -> None:
        """Complete an entry of the play history; `audible` is None if nobody listened."""
        self._db.write(
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
        """When the track that was noted last was started, of those before a moment; None if there is none."""
        last = "SELECT started_at FROM plays WHERE started_at < ? ORDER BY id DESC LIMIT 1"
        for row in self._db.rows(last, before.timestamp()):
            return datetime.fromtimestamp(row[0], UTC)
        return None
