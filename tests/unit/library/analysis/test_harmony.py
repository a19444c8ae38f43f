"""Chords and steps of the scale."""

import numpy as np
import pytest

from player.library.analysis.harmony import WIDTH, describe

MAJOR_SHARE = 16
"""Where the share of major among the likely triads stands."""


def chords(*notes: tuple[int, ...], held: int = 20) -> np.ndarray:
    """Pitch classes over time, (frames, 12): each chord for some frames over a little noise."""
    sound = np.random.default_rng(1).uniform(0, 0.1, (len(notes) * held, 12))
    for i, chord in enumerate(notes):
        sound[i * held : (i + 1) * held, list(chord)] += 1
    return sound


CADENCE = ((0, 4, 7), (5, 9, 0), (7, 11, 2), (0, 4, 7))
MINOR_CADENCE = ((9, 0, 4), (2, 5, 9), (4, 7, 11), (9, 0, 4))


def test_it_is_the_same_in_every_key() -> None:
    sound = chords(*CADENCE)

    for up in (1, 5, 11):
        assert describe(np.roll(sound, up, axis=1)) == pytest.approx(describe(sound), abs=1e-6)


def test_major_and_minor_chords_are_told_apart() -> None:
    assert describe(chords(*CADENCE))[MAJOR_SHARE] > 0.8
    assert describe(chords(*MINOR_CADENCE))[MAJOR_SHARE] < 0.2


@pytest.mark.parametrize("frames", [1, 2, 40])
def test_silence_and_short_sounds_have_figures_too(frames: int) -> None:
    for sound in (np.zeros((frames, 12)), chords((0, 4, 7), held=frames)):
        found = describe(sound)
        assert found.shape == (WIDTH,)
        assert np.isfinite(found).all()
