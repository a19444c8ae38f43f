"""A late crossfade and a gap would be seen in the recording."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.front_load import FADE_S, PLANNED_S, TRACK_S, heard
from tests.support.pulse import RATE, Samples
from tests.support.transitions import HIGH, LOW, noise


@pytest.fixture(scope="module")
def bands() -> list[Samples]:
    """Both tracks, each with its fades."""
    fade = np.sin(np.linspace(0, np.pi / 2, round(FADE_S * RATE), dtype=np.float32))
    shape = np.ones(round(TRACK_S * RATE), np.float32)
    shape[: fade.size], shape[-fade.size :] = fade, fade[::-1]
    return [noise(TRACK_S, band, number) * shape for number, band in enumerate((LOW, HIGH))]


def played(bands: list[Samples], starts_s: list[float]) -> Samples:
    """One after the other, from the middle of the first to the middle of the last."""
    whole = np.zeros(round((starts_s[-1] + TRACK_S) * RATE), np.float32)
    for number, start_s in enumerate(starts_s):
        at, band = round(start_s * RATE), bands[number % 2]
        whole[at : at + band.size] += band
    return whole[round(PLANNED_S / 2 * RATE) : -round(PLANNED_S / 2 * RATE)]


@pytest.mark.parametrize("off_s", [0.0, 0.15, -0.15])
def test_a_late_crossfade_is_seen(bands: list[Samples], off_s: float) -> None:
    found = heard(played(bands, [0, PLANNED_S, 2 * PLANNED_S, 3 * PLANNED_S + off_s]))
    assert found.late_ms == pytest.approx([0, 1000 * off_s], abs=20)
    assert found.gap_ms == 0


def test_a_gap_is_seen(bands: list[Samples]) -> None:
    whole = played(bands, [0, PLANNED_S])
    whole[RATE : RATE + RATE // 20] = 0
    assert heard(whole).gap_ms == pytest.approx(50, abs=10)
