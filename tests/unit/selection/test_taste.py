from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from player.library.database.feedback import Feedback, Outcome, TrainingData
from player.library.index.candidates import Candidates
from player.selection.taste import FEWEST, TasteModel, learn, nothing_learnt
from player.types import MoodPoint

START = datetime(2026, 5, 1, tzinfo=UTC)
TARGET = MoodPoint(0.0, 0.0)


def tracks(count: int, seed: int = 0) -> Candidates:
    """Tracks of two sounds: those with an even id have the first one."""
    random = np.random.default_rng(seed)
    embedding = np.zeros((count, 32), dtype=np.int8)
    embedding[::2, 0] = embedding[1::2, 1] = 127
    return Candidates(
        id=np.arange(count, dtype=np.int64),
        valence=random.uniform(-1, 1, count).astype(np.float32),
        energy=random.uniform(-1, 1, count).astype(np.float32),
        confidence=np.ones(count, dtype=np.float32),
        tempo_bpm=np.full(count, np.nan, dtype=np.float32),
        key=np.full(count, -1, dtype=np.int8),
        loudness_lufs=np.full(count, -18, dtype=np.float32),
        embedding=embedding,
    )


def rows(of: Candidates, ids: Sequence[int]) -> Candidates:
    return Candidates(**{name: getattr(of, name)[list(ids)] for name in Candidates.__slots__})


def training_data(
    of: Candidates, said: Sequence[tuple[int, Outcome, str]], days_apart: float = 0.01
) -> TrainingData:
    """Judgements (track, kind, daypart), one after the other."""
    feedback = [
        Feedback(track, START + timedelta(days=days_apart * i), kind, daypart, TARGET)
        for i, (track, kind, daypart) in enumerate(said)
    ]
    return TrainingData(feedback, rows(of, [track for track, _, _ in said]), [""] * len(said))


def liked_when(even: Outcome, odd: Outcome, daypart: str, count: int = 40) -> list[tuple[int, Outcome, str]]:
    return [(track, odd if track % 2 else even, daypart) for track in range(count)]


def gap(taste: TasteModel, daypart: str) -> float:
    """How much more the even tracks are liked than the odd ones, on tracks never judged."""
    fresh = tracks(400, seed=9)
    fresh = Candidates(
        **{name: getattr(fresh, name) for name in Candidates.__slots__ if name != "id"}, id=fresh.id + 1000
    )
    scores = taste.scores(fresh, daypart, TARGET)
    assert scores.dtype == np.float32
    assert scores.min() >= 0
    assert scores.max() <= 1
    return float(scores[::2].mean() - scores[1::2].mean())


def test_without_training_data_every_track_is_alike() -> None:
    scores = nothing_learnt().scores(tracks(10), "day", TARGET)
    assert set(scores.tolist()) == {0.5}
    few = training_data(tracks(40), liked_when(Outcome.FINISHED, Outcome.SKIPPED, "day")[: FEWEST - 1])
    assert learn(few, 60).learnt_from == 0


def test_a_house_that_likes_everything_teaches_nothing() -> None:
    everything = training_data(tracks(40), liked_when(Outcome.FINISHED, Outcome.LIKED, "day"))
    assert set(learn(everything, 60).scores(tracks(10), "day", TARGET).tolist()) == {0.5}


def test_a_sound_that_is_skipped_falls_behind_also_on_tracks_never_heard() -> None:
    taste = learn(training_data(tracks(40), liked_when(Outcome.FINISHED, Outcome.SKIPPED, "day")), 60)
    assert gap(taste, "day") > 0.4


def test_each_daypart_has_its_own_taste() -> None:
    said = liked_when(Outcome.LIKED, Outcome.SKIPPED, "morning") + liked_when(
        Outcome.SKIPPED, Outcome.LIKED, "evening"
    )
    taste = learn(training_data(tracks(40), said), 60)
    assert gap(taste, "morning") > 0.3
    assert gap(taste, "evening") < -0.3


def test_the_same_training_data_give_the_same_taste_and_another_seed_explores_otherwise() -> None:
    said = training_data(tracks(40), liked_when(Outcome.FINISHED, Outcome.WRONG_MOOD, "day", 12))
    first, again, other = learn(said, 60, 1), learn(said, 60, 1), learn(said, 60, 2)
    some = tracks(20, seed=3)
    assert np.array_equal(first.scores(some, "day", TARGET), again.scores(some, "day", TARGET))
    assert not np.array_equal(first.scores(some, "day", TARGET), other.scores(some, "day", TARGET))


def test_an_old_taste_gives_way_to_a_new_one() -> None:
    old, new = (Outcome.FINISHED, Outcome.SKIPPED), (Outcome.SKIPPED, Outcome.FINISHED)
    said = [(track, (new if track >= 40 else old)[track % 2], "day") for track in range(80)]
    fading, keeping = (learn(training_data(tracks(80), said, days_apart=2), days) for days in (30, 3650))
    assert gap(fading, "day") < -0.3
    assert abs(gap(keeping, "day")) < abs(gap(fading, "day"))


def test_noise_teaches_next_to_nothing() -> None:
    random = np.random.default_rng(5)
    said = [
        (int(t), Outcome.SKIPPED if random.random() < 0.5 else Outcome.FINISHED, "day") for t in range(200)
    ]
    assert abs(gap(learn(training_data(tracks(200), said), 60), "day")) < 0.1


def test_one_track_that_is_always_skipped_is_known_by_itself() -> None:
    said = [(track, Outcome.FINISHED, "day") for track in range(30)]
    for track in (n for n in range(30) if n != 7):
        said += [(7, Outcome.SKIPPED, "day"), (track, Outcome.FINISHED, "day")]
    scores = learn(training_data(tracks(30), said), 60).scores(tracks(30), "day", TARGET)
    assert scores[7] < np.median(scores) - 0.2
