"""How each day went: a line a minute, and marks for what happened. Old ones are forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from player.library.database.connection import Database

_MINUTE_S = 60
_ADD = """
    INSERT OR REPLACE INTO day_minutes
        (minute, valence, energy, target_valence, target_energy, people, volume)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
# A player that was killed ended nothing; when it last noted a minute, it was still so.
_CLOSE = """
    UPDATE day_marks
    SET ended_at = max(
        began_at, coalesce((SELECT max(minute) * 60 FROM day_minutes WHERE minute * 60 <= ?), 0)
    )
    WHERE ended_at IS NULL AND kind IN ('fault', 'pin', 'camera_off')
"""


@dataclass(frozen=True, slots=True)
class Minute:
    """How the venue was; None where that is not known.

    valence, energy and the target's are in [-1, 1]; volume is in percent.
    """

    valence: float | None = None
    energy: float | None = None
    target_valence: float | None = None
    target_energy: float | None = None
    people: int | None = None
    volume: int | None = None


class DiaryStore:
    """The tables `day_minutes` and `day_marks`. From any thread; every method may raise LibraryError."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_minute(self, at: datetime, minute: Minute) -> None:
        """Keep how it was in the minute that this moment lies in."""
        self._db.write(
            _ADD, int(at.timestamp()) // _MINUTE_S, minute.valence, minute.energy, minute.target_valence,
            minute.target_energy, minute.people, minute.volume,
        )  # fmt: skip

    def add_mark(self, kind: str, began_at: datetime, text: str) -> int:
        """Keep that something happened, or began; its number, for `end_mark`."""
        insert = "INSERT INTO day_marks (kind, began_at, text) VALUES (?, ?, ?)"
        return self._db.write(insert, kind, began_at.timestamp(), text)

    def end_mark(self, number: int, ended_at: datetime | None) -> None:
        """It lasted until then; None: it lasts after all."""
        ended = None if ended_at is None else ended_at.timestamp()
        self._db.write("UPDATE day_marks SET ended_at = ? WHERE id = ?", ended, number)

    def end_left_open(self, now: datetime) -> None:
        """At a start: what lasted when the player was killed lasted at least until its last minute.

        Minutes later than `now` were noted by a wrong clock.
        """
        self._db.write(_CLOSE, now.timestamp())

    def forget(self, before: datetime, people_before: datetime) -> None:
        """Let go of what is older, and of counts of people that are."""
        minute, people_minute = (
            int(at.timestamp()) // _MINUTE_S for at in (before, max(before, people_before))
        )
        with self._db.transaction() as connection:
            connection.execute("DELETE FROM day_minutes WHERE minute < ?", (minute,))
            connection.execute("DELETE FROM day_marks WHERE began_at < ?", (before.timestamp(),))
            connection.execute(
                "UPDATE day_minutes SET people = NULL WHERE minute < ? AND people IS NOT NULL",
                (people_minute,),
            )
