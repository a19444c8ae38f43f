"""True peak: known tones, and the same figure as without leaving anything out."""

import numpy as np
import pytest

from player.library.analysis.true_peak import FILTER, TruePeak


def db(samples: np.ndarray, chunk: int = 1000) -> float:
    """dBTP of (channels, n), given in chunks."""
    meter = TruePeak(len(samples))
    for start in range(0, samples.shape[1], chunk):
        meter.take(samples[:, start : start + chunk].astype(np.float32))
    meter.finish()
    return float(20 * np.log10(meter.peak))


def test_a_tone_that_peaks_between_its_samples() -> None:
    """At a quarter of the rate, 45 degrees off, every sample lies 3 dB below the crest."""
    tone = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4)[None] * 0.5

    assert 20 * np.log10(np.abs(tone).max()) == pytest.approx(-9.03, abs=0.01)
    # The filter's ripple and the abrupt start leave some tenths (BS.1770-4, Annex 2: +0.2, -0.4 dB).
    assert -6.4 < db(tone * np.hanning(4800)) < -5.8


@pytest.mark.parametrize("phase", [0, 1, 2, 3])
def test_each_phase_of_the_filter_is_looked_at(phase: int) -> None:
    """Samples that one phase weighs by their signs reach its whole gain."""
    worst = np.sign(FILTER[phase])[::-1]
    samples = np.concatenate([np.zeros(1003), 0.25 * worst, np.zeros(900)])[None]

    assert 10 ** (db(samples) / 20) == pytest.approx(0.25 * np.abs(FILTER).sum(axis=1).max(), rel=0.15)
    assert 10 ** (db(samples) / 20) >= 0.25 * np.abs(FILTER[phase]).sum() * 0.999


@pytest.mark.parametrize("chunk", [1, 7, 16, 500, 10000])
def test_leaving_out_changes_nothing(chunk: int) -> None:
    random = np.random.default_rng(3)
    samples = random.standard_normal((2, 3000)) * np.linspace(0.05, 0.3, 3000)
    padded = np.pad(samples, ((0, 0), (11, 11)))
    interpolated = [np.convolve(channel, phase) for channel in padded for phase in FILTER]
    expected = max(np.abs(interpolated).max(), np.abs(samples).max())

    assert db(samples, chunk) == pytest.approx(20 * np.log10(expected), abs=1e-4)


def test_the_louder_channel_counts() -> None:
    tone = np.sin(2 * np.pi * 0.02 * np.arange(4000))

    assert db(np.stack([0.1 * tone, 0.5 * tone])) == pytest.approx(-6.02, abs=0.1)
