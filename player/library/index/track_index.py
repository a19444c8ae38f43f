"""All that choosing needs to know of the library, in memory and in step with the database."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np

from player.errors import LibraryError
from player.library.database.store import Library
from player.library.database.track_sql import PLAYABLE
from player.library.index.recordings import share_newest
from player.library.index.track_table import GONE, ROW, Rows, Table, TrackTable, table_of
from player.library.rules import NOT_INCLUDED, HouseRules
from player.log import EventLog, LogEvent
from player.types import Track

log = EventLog(__name__, LogEvent.LIBRARY)

SMALL = 5000
"""A library of so many tracks is read at once; a larger one in the background."""
_CHUNK = 4096
"""Rows read in one go, so that nobody else waits long for the database."""
_SAMPLES = 8
# Triggers of this connection alone: whoever writes through it, the ids of what changed are noted.
_WATCH = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (id INTEGER PRIMARY KEY)",
    *(
        f"CREATE TEMP TRIGGER IF NOT EXISTS touched_{table}_{event} AFTER {event} ON main.{table}"
        # Not "OR IGNORE": in a trigger the conflict policy of what fired it holds (SQLite, CREATE TRIGGER).
        f" BEGIN INSERT INTO touched SELECT {row}.{key}"
        f" WHERE NOT EXISTS (SELECT 1 FROM touched WHERE id = {row}.{key}); END"
        for table, key in (("tracks", "id"), ("mood_tags", "track_id"))
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
)
_HEARD = """
    SELECT coalesce(plays.track_id, tracks.id) AS track_id, max(plays.started_at) AS at
    FROM plays LEFT JOIN tracks ON plays.track_id IS NULL AND tracks.path = plays.path
    WHERE plays.started_at >= ? GROUP BY 1
"""


class TrackIndex:
    """Gives the track table for a choice. `now` for one thread at a time."""

    def __init__(self, library: Library, rules: HouseRules, seed: int | None = None) -> None:
        self._db, self._rules = library.database, rules
        self._select = f"""
            SELECT id, coalesce(own_valence, given_valence, valence) AS valence,
                coalesce(own_energy, given_energy, energy) AS energy,
                CASE WHEN own_valence IS NULL AND given_valence IS NULL THEN confidence ELSE 1 END
                    AS confidence,
                tempo_bpm, key, artist, title, content, duration_s, musicbrainz_id, isrc, embedding,
                coalesce(loudness_lufs, tag_lufs) AS loudness_lufs, ({rules.bits}) AS bits
            FROM tracks WHERE {PLAYABLE}
        """
        self._random = np.random.default_rng(seed)
        self._columns: TrackTable | None = None
        self._coming: TrackTable | None = None
        self._version: int | None = None
        self._reading: threading.Thread | None = None
        self._watched = 0
        self._supposing = False

    def now(self, since: datetime) -> TrackTable:
        """What there is to choose from.

        A large library is read in the background: until it has been, this is a sample of it, or what it
        was before. In a sample, only plays from `since` on are known. Raises LibraryError.
        """
        if self._supposing and self._columns is not None:
            return self._columns
        if self._reading is not None and not self._reading.is_alive():
            self._reading = None
            self._columns = self._coming or self._columns
            self._coming = None
        if self._reading is None:
            self._keep_in_step(since)
        return self._columns or self._sample(since)

    def wait(self, timeout_s: float) -> bool:
        """Wait for a reading in the background; False if it takes longer."""
        if self._reading is not None:
            self._reading.join(timeout_s)
            return not self._reading.is_alive()
        return True

    def hear(self, track_id: int, at: datetime) -> None:
        """Note that a track is played, whether or not the database can."""
        if self._columns is not None:
            self._columns.hear(track_id, at.timestamp(), newest=True)

    @contextmanager
    def supposing(self) -> Iterator[Callable[[int, datetime], None]]:
        """Gives what notes that a track is played (its id and when), which is taken back at the end.

        Meanwhile `now` gives what is known, and changes nothing.
        """
        before: list[tuple[Table, Rows, np.ndarray[Any, Any]]] = []

        def hear(track_id: int, at: datetime) -> None:
            if self._columns is not None and (places := self._columns.places(track_id)) is not None:
                table = self._columns.table
                before.append((table, places, table["heard_at"][places]))
                table["heard_at"][places] = at.timestamp()

        self._supposing = True
        try:
            yield hear
        finally:
            self._supposing = False
            for table, places, heard_at in reversed(before):
                table["heard_at"][places] = heard_at

    def permits(self, track: Track, barred: int) -> bool:
        """Whether a track, in the library or not, carries none of these bits. Raises LibraryError."""
        query = f"""
            SELECT ({self._rules.bits}) AS bits
            FROM (SELECT ? AS id, ? AS path, ? AS title, ? AS artist, ? AS genre, ? AS explicit,
                ? AS artists, ? AS genres)
        """
        names = (json.dumps(all_of) if all_of else None for all_of in (track.artists, track.genres))
        values = (track.id, str(track.path), track.title, track.artist, track.genre, track.explicit, *names)
        return not self._db.rows(query, *self._rules.values, *values)[0]["bits"] & barred

    def _keep_in_step(self, since: datetime) -> None:
        if self._watched != self._db.opened:
            self._version, self._watched = None, self._db.opened
            with self._db.transaction(temporary=True) as connection:
                for statement in _WATCH:
                    connection.execute(statement)
        version = self._db.rows("PRAGMA data_version")[0][0]  # changes when another process writes
        touched = self._take_touched()
        if self._columns is not None and version == self._version and len(touched) <= SMALL:
            if touched:
                self._columns.put(self._changed(touched, since))
            return
        self._version = version
        if (self._db.rows("SELECT max(id) FROM tracks")[0][0] or 0) <= SMALL:
            self._columns = self._read()
        else:
            self._reading = threading.Thread(target=self._read_aside, name="track index", daemon=True)
            self._reading.start()

    def _take_touched(self) -> list[int]:
        with self._db.transaction(temporary=True) as connection:
            touched = [row[0] for row in connection.execute("SELECT id FROM temp.touched")]
            if touched:
                connection.execute("DELETE FROM temp.touched")
            return touched

    def _changed(self, ids: Sequence[int], since: datetime) -> Table:
        """The rows of some tracks as they are now; those that cannot be played any more are GONE."""
        query = f"{self._select} AND id IN (SELECT value FROM json_each(?))"
        table = table_of(self._db.rows(query, *self._rules.values, json.dumps(ids)))
        lost = np.zeros(len(set(ids) - set(table["id"].tolist())), ROW)
        lost["id"] = sorted(set(ids) - set(table["id"].tolist()))
        lost["bits"], lost["heard_at"] = GONE, np.nan
        columns = TrackTable(np.concatenate([table, lost]))
        self._note_plays(columns, since.timestamp())
        return columns.table

    def _read_aside(self) -> None:
        try:
            self._coming = self._read()
        except LibraryError as error:
            self._version = None  # so that it is tried again
            log.warning("the library could not be read for choosing (%s): trying again", error)

    def _read(self) -> TrackTable:
        """Every playable track, a chunk at a time."""
        size = self._db.rows("SELECT count(*) FROM tracks")[0][0]
        table, filled, last = np.zeros(size, ROW), 0, -1
        query = f"{self._select} AND id > ? ORDER BY id LIMIT {_CHUNK}"
        while rows := self._db.rows(query, *self._rules.values, last):
            chunk, last = table_of(rows), int(rows[-1]["id"])
            if filled + len(chunk) > len(table):  # more came while this was reading
                table = np.concatenate([table[:filled], np.zeros(len(chunk) + _CHUNK, ROW)])
            table[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
        columns = TrackTable(table[:filled])
        self._note_plays(columns, 0.0)
        columns.plane(self._rules.never("") | NOT_INCLUDED)  # sorted here, the first choice need not wait
        return columns

    def _sample(self, since: datetime) -> TrackTable:
        """Runs of neighbours from a few random places: what an index gives within milliseconds."""
        top = self._db.rows("SELECT max(id) FROM tracks")[0][0] or 0
        query = f"{self._select} AND id >= ? ORDER BY id LIMIT {_CHUNK // _SAMPLES}"
        rows = {
            row["id"]: row
            for start in self._random.integers(0, top + 1, _SAMPLES)
            for row in self._db.rows(query, *self._rules.values, int(start))
        }
        columns = TrackTable(table_of(list(rows.values())))
        self._note_plays(columns, since.timestamp())
        return columns

    def _note_plays(self, columns: TrackTable, since: float) -> None:
        for row in self._db.rows(_HEARD, since):
            columns.hear(row["track_id"] or 0, row["at"])
        share_newest(columns.table)
