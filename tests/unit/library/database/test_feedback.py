from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from player.library.database.connection import Database
from player.library.database.feedback import Feedback, FeedbackStore, Outcome
from player.types import MoodPoint

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def store(tmp_path: Path) -> FeedbackStore:
    """A store beside two tracks: 1 is analysed, 2 is not."""
    database = Database(tmp_path / "library.db")
    for number, valence, embedding in ((1, 0.5, bytes([127] * 32)), (2, None, None)):
        database.write(
            "INSERT INTO tracks (id, path, size, mtime_ns, title, artist, album, genre, duration_s, valence,"
            " embedding) VALUES (?, ?, 1, 1, ?, 'Band', '', '', 9, ?, ?)",
            number, f"{number}.mp3", f"Song {number}", valence, embedding,
        )  # fmt: skip
    return FeedbackStore(database)


def judgement(track_id: int, hours: float, kind: Outcome = Outcome.FINISHED) -> Feedback:
    return Feedback(track_id, NOON + timedelta(hours=hours), kind, "day", MoodPoint(0.25, -0.5))


def test_what_was_said_is_read_back_oldest_first_with_the_sound_beside_it(tmp_path: Path) -> None:
    kept = store(tmp_path)
    late, early = judgement(1, 2, Outcome.WRONG_MOOD), judgement(2, 1, Outcome.LIKED)
    kept.add(late)
    kept.add(early)
    found = kept.training_data(10)
    assert list(found.feedback) == [early, late]
    assert found.titles == ["Band - Song 2", "Band - Song 1"]
    assert np.isnan(found.sounds.valence[0])
    assert found.sounds.valence[1] == 0.5
    assert found.sounds.embedding.tolist() == [[0] * 32, [127] * 32]


def test_only_the_newest_are_training_data_and_only_of_tracks_that_are_known(tmp_path: Path) -> None:
    kept = store(tmp_path)
    for hour in range(4):
        kept.add(judgement(1, hour))
    kept.add(judgement(99, 9))
    assert [one.at.hour for one in kept.training_data(2).feedback] == [14, 15]
    assert len(kept.training_data(100).feedback) == 4


def test_a_play_without_a_target_is_kept_too(tmp_path: Path) -> None:
    kept = store(tmp_path)
    said = Feedback(1, NOON, Outcome.SKIPPED, "night", None)
    kept.add(said)
    assert list(kept.training_data(1).feedback) == [said]


def test_forgotten_is_forgotten(tmp_path: Path) -> None:
    kept = store(tmp_path)
    kept.add(judgement(1, 0))
    kept.add(judgement(1, 1))
    assert kept.clear() == 2
    assert kept.count() == 0
    assert len(kept.training_data(9).sounds) == 0


def test_what_was_said_under_a_clock_years_ahead_is_left_out(tmp_path: Path) -> None:
    kept = store(tmp_path)
    kept.add(judgement(1, 24 * 3650))
    kept.add(judgement(2, 1))
    assert [one.track_id for one in kept.training_data(1, NOON + timedelta(days=7)).feedback] == [2]
