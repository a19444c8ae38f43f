"""What is kept of a stream: everything of a clip, evenly spread passages of what is longer."""

import numpy as np
import pytest

from player.library.analysis.excerpts import MOST_KEPT, PASSAGE_SAMPLES, PASSAGES, WHOLE_S, Excerpts
from player.library.analysis.mel_spectrogram import RATE_HZ

LONG_S = 300


def stream(seconds: float, announced_s: float, chunk: int = 1000) -> Excerpts:
    """A ramp whose samples are their own number (exact in float32 up to 2 ** 24)."""
    ramp = np.arange(int(seconds * RATE_HZ), dtype=np.float32)
    excerpts = Excerpts(announced_s)
    for start in range(0, len(ramp), chunk):
        excerpts.take(ramp[start : start + chunk])
    return excerpts


def starts(excerpts: Excerpts) -> list[float]:
    passages = excerpts.passages()
    assert all(len(p) == PASSAGE_SAMPLES and np.all(np.diff(p) == 1) for p in passages)
    return [float(p[0]) for p in passages]


@pytest.mark.parametrize("announced_s", [0, 10, 30, 500])
@pytest.mark.parametrize("seconds", [4, 30, 60])
def test_a_clip_is_kept_whole(seconds: float, announced_s: float) -> None:
    kept, at_once = stream(seconds, announced_s), Excerpts.of(np.arange(seconds * RATE_HZ, dtype=np.float32))

    assert np.array_equal(kept.middle(), np.arange(seconds * RATE_HZ))
    assert starts(kept) == starts(at_once)
    assert starts(kept)[0] == 0
    assert len(starts(kept)) == max(1, min(PASSAGES, int(seconds * RATE_HZ) // (187 * 256)))


def test_a_clip_that_is_too_short_for_a_passage_is_repeated() -> None:
    (passage,) = stream(1, 1).passages()

    assert np.array_equal(passage[RATE_HZ : 2 * RATE_HZ], passage[:RATE_HZ])


@pytest.mark.parametrize("chunk", [1000, 77777, LONG_S * RATE_HZ])
def test_passages_of_a_track_are_spread_over_it(chunk: int) -> None:
    found = np.array(starts(stream(LONG_S, 0, chunk))) / RATE_HZ

    wanted = np.linspace(0, LONG_S - PASSAGE_SAMPLES / RATE_HZ, PASSAGES)
    assert len(set(found)) == PASSAGES
    assert np.abs(found - wanted).max() < LONG_S / MOST_KEPT * 2


def test_the_middle_minute() -> None:
    middle = stream(LONG_S, LONG_S).middle()

    assert len(middle) == WHOLE_S * RATE_HZ
    assert middle[0] / RATE_HZ == pytest.approx((LONG_S - WHOLE_S) / 2, abs=0.01)


@pytest.mark.parametrize("announced_s", [0, 5, 2000])
def test_a_wrong_length_gives_the_first_minute(announced_s: float) -> None:
    assert stream(LONG_S, announced_s).middle()[0] == 0


def test_memory_does_not_grow() -> None:
    excerpts = Excerpts(36000)
    minute = np.zeros(60 * RATE_HZ, dtype=np.float32)
    for _ in range(200):
        excerpts.take(minute)

    assert PASSAGES <= len(excerpts._kept) <= MOST_KEPT
    assert len(excerpts.passages()) == PASSAGES
