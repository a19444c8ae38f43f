"""Keys of chords and scales whose key a musician would not doubt."""

import numpy as np
import pytest

from player.library.analysis.features import describe
from player.library.analysis.keys import KEYS, NAMES, name
from player.library.analysis.mel_spectrogram import RATE_HZ

MAJOR = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))  # I IV V I
MINOR = ((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7))  # i iv V i


def cadence(tonic: int, chords: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """(n,) float32: each chord for a second, every note with five overtones; tonic 0 is C4."""
    t = np.arange(RATE_HZ) / RATE_HZ
    played = []
    for chord in chords:
        hz = [440 * 2 ** ((tonic + step - 9) / 12) for step in (*chord, chord[0] - 12)]
        played.append(sum(np.sin(2 * np.pi * f * k * t) / k**2 for f in hz for k in range(1, 6)))
    return (0.05 * np.concatenate(played)).astype(np.float32)


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(("mode", "chords"), [("major", MAJOR), ("minor", MINOR)])
def test_a_cadence_tells_its_key(tonic: int, mode: str, chords: tuple[tuple[int, ...], ...]) -> None:
    assert describe(cadence(tonic, chords)).key == f"{NAMES[tonic]} {mode}"


def test_noise_and_silence_have_no_key() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(8 * RATE_HZ)

    assert describe(noise.astype(np.float32)).key == ""
    assert describe(np.zeros(4 * RATE_HZ, dtype=np.float32)).key == ""


def test_the_chromatic_scale_has_no_key() -> None:
    assert name(np.ones(12)) == ""


def test_there_are_24_keys() -> None:
    assert len(set(KEYS)) == 24
    assert (KEYS[0], KEYS[21]) == ("C major", "A minor")
