"""What the venue made of the tracks it heard: kept in the library, read back as training data for `taste`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import numpy as np

from player.clock import LAST
from player.library.database.connection import Database
from player.library.index.candidates import Candidates, Floats
from player.library.models import EMBEDDING_SIZE
from player.types import MoodPoint

_TRAINING_DATA = """
    SELECT * FROM (
        SELECT feedback.id AS row_id, track_id, at, kind, daypart, target_valence, target_energy,
            title, artist, valence, energy, tempo_bpm, loudness_lufs, embedding
        FROM feedback JOIN tracks ON tracks.id = feedback.track_id
        WHERE at < ?
        ORDER BY at DESC, feedback.id DESC LIMIT ?
    ) ORDER BY at, row_id
"""


_JUDGED_PLAY = """
    SELECT plays.started_at, plays.utc_offset_s, plays.why, plays.title, tracks.id AS track_id,
        target_valence, target_energy
    FROM plays
        -- What played before the first scan was known by its path alone.
        LEFT JOIN tracks
            ON tracks.id = coalesce(plays.track_id, (SELECT id FROM tracks WHERE path = plays.path))
        LEFT JOIN day_minutes ON minute = cast(plays.started_at / 60 AS INTEGER)
    WHERE plays.id = ?
"""


class Outcome(StrEnum):
    """What happened to a track, or was said of it."""

    FINISHED = "finished"
    SKIPPED = "skipped"
    LIKED = "liked"
    WRONG_MOOD = "wrong mood"


SAID = (Outcome.LIKED, Outcome.WRONG_MOOD)
"""What somebody said, and not what was only seen to happen."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One judgement on one play."""

    track_id: int
    at: datetime
    """Timezone-aware."""
    kind: Outcome
    daypart: str
    """Name of the part of the day in which the track began."""
    target: MoodPoint | None
    """What the venue wanted when it began; None if that is not known."""
    play_id: int | None = None
    """Which play; None if that is not known."""


@dataclass(frozen=True, slots=True)
class PastPlay:
    """A play of the history, as far as a judgement on it needs it."""

    title: str
    track_id: int | None
    """None if the library does not know the track, or not any more."""
    started_at: datetime
    """By the house's clock of then, as far as that was kept."""
    daypart: str | None
    target: MoodPoint | None
    """What the venue wanted then."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Feedback from the oldest to the newest, and what the tracks in it sound like, row by row."""

    feedback: Sequence[Feedback]
    sounds: Candidates
    titles: Sequence[str]
    """"Artist - title", for people."""


class FeedbackStore:
    """The table `feedback`. Every method may be called from any thread and may raise LibraryError."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, feedback: Feedback) -> None:
        """Keep one judgement; what is said of a play takes the place of what was said of it before.

        A play in the wrong mood was not finished because it was liked.
        """
        target, play_id, kind = feedback.target, feedback.play_id, feedback.kind
        instead = (
            (*SAID, *((Outcome.FINISHED,) if kind is Outcome.WRONG_MOOD else ())) if kind in SAID else ()
        )
        with self._db.transaction() as connection:
            if play_id is not None:
                connection.executemany(
                    "DELETE FROM feedback WHERE play_id = ? AND kind = ?",
                    [(play_id, each.value) for each in instead],
                )
            connection.execute(
                "INSERT INTO feedback (track_id, at, kind, daypart, target_valence, target_energy, play_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    feedback.track_id, feedback.at.timestamp(), kind.value, feedback.daypart,
                    None if target is None else target.valence, None if target is None else target.energy,
                    play_id,
                ),
            )  # fmt: skip

    def past_play(self, play_id: int) -> PastPlay | None:
        """A play of the history; None if there is none of this number."""
        for row in self._db.rows(_JUDGED_PLAY, play_id):
            offset = row["utc_offset_s"]
            zone = UTC if offset is None else timezone(timedelta(seconds=offset))
            daypart, target = _aim(row["why"])
            if target is None and row["target_valence"] is not None:
                target = MoodPoint(row["target_valence"], row["target_energy"])
            started_at = datetime.fromtimestamp(row["started_at"], zone)
            return PastPlay(row["title"], row["track_id"], started_at, daypart, target)
        return None

    def last_play(self, track_id: int) -> int | None:
        """The newest play of a track; None if it was never played."""
        for row in self._db.rows("SELECT max(id) FROM plays WHERE track_id = ?", track_id):
            return None if row[0] is None else int(row[0])
        return None

    def training_data(self, newest: int, before: datetime = LAST) -> TrainingData:
        """The newest so many judgements before a moment, on tracks that are still known, oldest first."""
        rows = self._db.rows(_TRAINING_DATA, before.timestamp(), newest)
        silence = bytes(EMBEDDING_SIZE)

        def column(name: str) -> Floats:
            return np.array([row[name] for row in rows], dtype=np.float32)  # None becomes NaN

        sounds = Candidates(
            id=np.array([row["track_id"] for row in rows], dtype=np.int64),
            valence=column("valence"),
            energy=column("energy"),
            confidence=np.full(len(rows), np.nan, dtype=np.float32),
            tempo_bpm=column("tempo_bpm"),
            key=np.full(len(rows), -1, dtype=np.int8),  # nothing is learnt from it
            loudness_lufs=column("loudness_lufs"),
            embedding=np.frombuffer(
                b"".join(row["embedding"] or silence for row in rows), dtype=np.int8
            ).reshape(-1, EMBEDDING_SIZE),
        )
        feedback = [
            Feedback(
                row["track_id"],
                datetime.fromtimestamp(row["at"], UTC),
                Outcome(row["kind"]),
                row["daypart"],
                None
                if row["target_valence"] is None
                else MoodPoint(row["target_valence"], row["target_energy"]),
            )
            for row in rows
        ]
        return TrainingData(feedback, sounds, [f"{row['artist'] or '?'} - {row['title']}" for row in rows])

    def count(self) -> int:
        """How many judgements there are."""
        return int(self._db.rows("SELECT count(*) FROM feedback")[0][0])

    def clear(self) -> int:
        """Forget all of them; returns how many there were."""
        with self._db.lock:
            count = self.count()
            self._db.write("DELETE FROM feedback")
            return count


def _aim(why: str) -> tuple[str | None, MoodPoint | None]:
    """Part of the day and target as a play keeps them; an earlier version kept neither."""
    try:
        said = json.loads(why)
        daypart, aim = said.get("daypart"), said.get("aim")
        point = MoodPoint(float(aim[0]), float(aim[1])) if aim else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):  # rescued of a damaged library
        return None, None
    return daypart if isinstance(daypart, str) else None, point
