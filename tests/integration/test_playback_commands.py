"""Pause, seek, volume and night mode, as they sound."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.transitions import Style
from tests.support.pulse import PrivatePulse, Recording, Samples, level_db, levels_db, pulse_here, recording
from tests.support.quiet import judged_in_quiet
from tests.support.transitions import (
    NOISE_DB,
    click_db,
    lasting,
    place_in_sweep,
    stage,
    sweep,
    tone,
    written,
)
from tests.support.waiting import wait_for

SETTINGS = PlaybackSettings(volume=100, start_volume=100, output="pulse", first_fade_s=0.2, skip_fade_s=0.5)


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


def last(recorded: Recording, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return recorded.samples[-round(seconds * 48000) :]


@pytest.mark.alone
def test_pause_and_seek_do_not_click_and_go_where_they_should(pulse: PrivatePulse, tmp_path: Path) -> None:
    track = written(tmp_path / "sweep.wav", sweep(40))

    def paused_and_sought() -> tuple[float, float, float, Samples]:
        """How far it was held, the places heard a second after each command, and all that was heard."""
        with recording(pulse) as recorded, stage([track], SETTINGS, Style()) as playing:
            lasting(playing.playback, 1.5)
            since = time.monotonic()
            playing.playback.pause()
            wait_for(lambda: not recorded.sounds(), 5, "silence")
            held_s = playing.playback.status().position_s
            playing.playback.resume()
            lasting(playing.playback, held_s + 1)
            resumed_s = place_in_sweep(last(recorded, 0.04))
            playing.playback.seek(20.0)
            lasting(playing.playback, 21)
            return held_s, resumed_s, place_in_sweep(last(recorded, 0.04)), recorded.since(since)

    def smoothly(taken: tuple[float, float, float, Samples]) -> None:
        held_s, resumed_s, sought_s, samples = taken
        assert resumed_s == pytest.approx(held_s + 1, abs=0.3)
        assert sought_s == pytest.approx(21, abs=0.3)
        assert click_db(samples, 6000) < NOISE_DB - 38

    judged_in_quiet(paused_and_sought, smoothly)


def test_night_mode_takes_the_bass_back_and_leaves_the_rest(pulse: PrivatePulse, tmp_path: Path) -> None:
    both = np.asarray(tone(12, 60) + tone(12, 1000), np.float32) / 2
    track = written(tmp_path / "two tones.wav", both)
    settings = SETTINGS.model_copy(
        update={"night": SETTINGS.night.model_copy(update={"ceiling": 100, "bass_db": -9.0})}
    )

    def levels(recorded: Recording) -> tuple[float, float]:
        low, high = (levels_db(last(recorded, 1.0), 1.0, *band) for band in ((40, 80), (900, 1100)))
        return float(low[0]), float(high[0])

    def day_and_night() -> tuple[tuple[float, float], tuple[float, float]]:
        with recording(pulse) as recorded, stage([track], settings, Style()) as playing:
            lasting(playing.playback, 2)
            day = levels(recorded)
            playing.playback.set_night(True, 2.0)
            playing.playback.skip()
            wait_for(lambda: playing.started() == 2, 10, "the next track")
            lasting(playing.playback, 2)
            return day, levels(recorded)

    def less_bass(taken: tuple[tuple[float, float], tuple[float, float]]) -> None:
        day, night = taken
        assert day[0] == pytest.approx(day[1], abs=0.5)
        assert night[1] == pytest.approx(day[1], abs=1)
        assert day[0] - night[0] == pytest.approx(9, abs=2)

    judged_in_quiet(day_and_night, less_bass)


@pytest.mark.alone
def test_the_music_comes_up_slowly_from_the_safe_volume_of_a_start(
    pulse: PrivatePulse, tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(update={"start_volume": 40, "ramp_s": 3.0})
    track = written(tmp_path / "tone.wav", tone(12, 440))

    def from_the_start() -> Samples:
        with recording(pulse) as recorded, stage([track], settings, Style()) as playing:
            wait_for(lambda: playing.started() == 1, 20, "the music")
            lasting(playing.playback, 4.5)
            return recorded.samples

    def slowly(samples: Samples) -> None:
        levels = levels_db(samples[int(np.argmax(np.abs(samples) > 1e-4)) :], 0.25)
        assert levels[0] < NOISE_DB - 15
        assert level_db(samples[-24000:]) == pytest.approx(NOISE_DB, abs=0.5)
        assert np.diff(levels[: round(3 / 0.25)]).max() < 10

    judged_in_quiet(from_the_start, slowly)
