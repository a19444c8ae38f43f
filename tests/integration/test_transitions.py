"""Transitions at the recorded sink. `scripts/system/transitions.py` does the same many times over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.transitions import Style
from player.types import Transition
from tests.support.pulse import RATE, PrivatePulse, level_db, pulse_here
from tests.support.quiet import judged_in_quiet
from tests.support.transitions import (
    FIRST_FADE_S,
    HIGH,
    LOW,
    NOISE_DB,
    Take,
    click_db,
    crossfades,
    gap_ms,
    noise,
    place_in_sweep,
    silence,
    sweep,
    take,
    tone,
    written,
)

log = logging.getLogger(__name__)


SETTINGS = PlaybackSettings(volume=100, start_volume=100, output="pulse", first_fade_s=FIRST_FADE_S)
FADE_S = 2.0
CLICK_DB = NOISE_DB - 38
"""A tone that is cut off clicks louder than this; the steps of a fade stay 10 dB below it."""


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@pytest.mark.alone
def test_crossfades_keep_the_power_and_begin_when_they_should(pulse: PrivatePulse, tmp_path: Path) -> None:
    tracks = [written(tmp_path / f"{n}.wav", noise(6.5, band, n)) for n, band in enumerate((LOW, HIGH))]

    def even(taken: Take) -> None:
        for measured in crossfades(taken, FADE_S):
            assert abs(measured.late_ms) < 100
            assert measured.burst_db < -50
            assert -1.5 < measured.ripple_db[0] <= measured.ripple_db[1] < 1.5
            assert measured.gap_ms <= 20

    judged_in_quiet(
        lambda: take(pulse, tracks, SETTINGS, Style(Transition.CROSSFADE, FADE_S), 3, FADE_S + 1.5), even
    )


@pytest.mark.alone
@pytest.mark.long
def test_crossfades_of_tones_do_not_click(pulse: PrivatePulse, tmp_path: Path) -> None:
    tracks = [written(tmp_path / f"{hz}.wav", tone(6.5, hz)) for hz in (440.0, 660.0)]

    def smooth(taken: Take) -> None:
        for at, _ in taken.begun[1:]:
            assert click_db(taken.between(at - 0.5, at + FADE_S + 0.5), 3000) < CLICK_DB

    judged_in_quiet(
        lambda: take(pulse, tracks, SETTINGS, Style(Transition.CROSSFADE, FADE_S), 2, FADE_S + 0.5), smooth
    )


def test_a_cut_off_tone_would_be_seen_as_a_click() -> None:
    cut = np.concatenate([tone(0.3006, 440.0), silence(0.3)])
    assert click_db(cut, 3000) > CLICK_DB + 20


@pytest.mark.alone
def test_an_album_goes_on_without_a_gap(pulse: PrivatePulse, tmp_path: Path) -> None:
    """A sweep in two files: what is heard says to the millisecond where in it one is."""
    whole, half_s = sweep(10), 5.0
    cut = round(half_s * RATE)
    album = {"album": "live", "artist": "x"}
    tracks = [
        written(tmp_path / f"{n}.wav", part, track_no=n, **album)
        for n, part in enumerate((whole[:cut], whole[cut:]), 1)
    ]

    def goes_on(taken: Take) -> None:
        (_, _), (at, _) = taken.begun
        places = (place_in_sweep(taken.between(at + t - 0.02, at + t + 0.02)) - t for t in (-0.2, 0.3))
        before, after = places
        gap = gap_ms(taken.between(at - 1, at + 1), NOISE_DB - 25)
        log.warning("gap %.0f ms, heard twice or not at all: %.0f ms", gap, 1000 * abs(after - before))
        assert gap <= 20
        assert abs(after - before) < 0.06

    judged_in_quiet(lambda: take(pulse, tracks, SETTINGS, Style(Transition.CROSSFADE, 6), 1, 2.0), goes_on)


@pytest.mark.alone
def test_a_cut_leaves_out_the_silence_between_two_tracks(pulse: PrivatePulse, tmp_path: Path) -> None:
    sounds = [np.concatenate([silence(1), noise(4, band, 3), silence(2)]) for band in (LOW, HIGH)]
    tracks = [
        written(tmp_path / f"{n}.wav", sound, music_start_s=1.0, music_end_s=5.0, fade_out_s=5.0)
        for n, sound in enumerate(sounds)
    ]

    def close_together(taken: Take) -> None:
        for at, _ in taken.begun[1:]:
            assert gap_ms(taken.between(at - 1, at + 1), NOISE_DB - 45) <= 20
            assert level_db(taken.between(at + 0.1, at + 0.6)) == pytest.approx(NOISE_DB, abs=1)
            assert level_db(taken.between(at - 0.6, at - 0.1)) == pytest.approx(NOISE_DB, abs=1)

    judged_in_quiet(lambda: take(pulse, tracks, SETTINGS, Style(Transition.CUT, 6), 2, 1.5), close_together)


@pytest.mark.alone
def test_without_a_fade_in_a_track_begins_at_its_full_level(pulse: PrivatePulse, tmp_path: Path) -> None:
    tracks = [written(tmp_path / f"{n}.wav", noise(7, band, n)) for n, band in enumerate((LOW, HIGH))]

    def at_once(taken: Take) -> None:
        at = taken.begun[1][0]
        assert level_db(taken.between(at + 0.05, at + 0.15)) > NOISE_DB - 0.5
        assert gap_ms(taken.between(at - 2, at + 2), NOISE_DB - 45) == 0
        assert level_db(taken.between(at + 1.5, at + 2.4)) == pytest.approx(NOISE_DB, abs=0.5)

    judged_in_quiet(
        lambda: take(pulse, tracks, SETTINGS, Style(Transition.FADE_OUT, FADE_S), 1, 2.5), at_once
    )


@pytest.mark.parametrize(
    ("lufs", "peak", "volume"), [(-14.0, -3.0, 100), (-24.0, -13.0, 70), (-18.0, -7.0, 40)]
)
def test_every_track_comes_to_the_house_s_loudness(
    pulse: PrivatePulse, tmp_path: Path, lufs: float, peak: float, volume: int
) -> None:
    """The file is as loud as the library says: what is heard is the target, less what the volume takes."""
    samples = noise(4, LOW, 5) * 10 ** ((lufs + 18) / 20)
    track = written(tmp_path / "a.wav", np.asarray(samples, np.float32), loudness_lufs=lufs, peak_dbfs=peak)
    settings = SETTINGS.model_copy(update={"volume": volume})

    def loud(taken: Take) -> None:
        at = taken.begun[0][0]
        expected = NOISE_DB + 60 * np.log10(volume / 100)
        assert level_db(taken.between(at + 1, at + 2.4)) == pytest.approx(expected, abs=0.5)

    judged_in_quiet(lambda: take(pulse, [track], settings, Style(Transition.CUT, 0), 0, 2.5), loud)
