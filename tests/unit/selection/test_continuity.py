"""Tempo, key and the way to a far mood: what a musician would say."""

import numpy as np
import pytest

from player.config.settings.library import ChoiceSettings
from player.library.index.track_table import key_number
from player.selection.bridge import plan
from player.selection.continuity import SHARES, key_closeness, tempo_closeness
from player.types import MoodPoint, Target


@pytest.mark.parametrize(
    ("first", "second", "sixths"),
    [
        ("C major", "C major", 0),
        ("C major", "A minor", 0),
        ("C major", "G major", 1),
        ("C major", "F major", 1),
        ("A minor", "D minor", 1),
        ("C major", "C minor", 3),
        ("C major", "F# major", 6),
        ("Db major", "C# major", 0),
        ("B major", "G# minor", 0),
    ],
)
def test_keys_on_the_circle_of_fifths(first: str, second: str, sixths: int) -> None:
    there = key_closeness(np.array([key_number(second)], np.int8), key_number(first))
    back = key_closeness(np.array([key_number(first)], np.int8), key_number(second))
    assert there[0] == back[0] == pytest.approx(1 - sixths / 6)


@pytest.mark.parametrize("name", ["", "H major", "C", "C dorian", "minor"])
def test_what_is_no_key_is_unknown(name: str) -> None:
    assert key_number(name) == -1
    assert np.isnan(key_closeness(np.array([0], np.int8), key_number(name))[0])


@pytest.mark.parametrize(
    ("bpm", "closeness"), [(120, 1), (60, 1), (240, 1), (120 * 2**0.5, 0), (120 * 2**0.25, 0.5)]
)
def test_tempo_up_to_octaves(bpm: float, closeness: float) -> None:
    assert tempo_closeness(np.array([bpm], np.float32), 120.0)[0] == pytest.approx(closeness, abs=1e-5)


def test_shares_are_a_whole() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize(("energy", "steps"), [(0.1, 0), (0.5, 2), (0.9, 3)])
def test_the_farther_the_mood_the_longer_the_bridge(energy: float, steps: int) -> None:
    target = Target(MoodPoint(0.2, energy), "wild", "")
    bridge = plan(ChoiceSettings(), MoodPoint(0.2, -0.5), MoodPoint(0.4, -0.7), target)
    assert len(bridge.steps) == steps
    energies = [-0.5, *(step.point.energy for step in bridge.steps), energy]
    assert np.diff(energies) == pytest.approx((energy + 0.5) / (steps + 1))


def test_direct_is_direct() -> None:
    target = Target(MoodPoint(0.2, 0.9), "wild", "")
    assert not plan(ChoiceSettings(shift="direct"), MoodPoint(0.2, -0.9), MoodPoint(0.4, -0.7), target).steps
