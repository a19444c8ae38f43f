import math
from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.fades import gain_from_db
from player.playback.loudness import expected_lufs, gain_db, volume_gain
from player.types import Track


@pytest.mark.parametrize(
    ("lufs", "peak", "expected"),
    [
        (-18.0, -6.0, 0.0),
        (-9.0, 0.0, -9.0),
        (-23.0, -10.0, 5.0),
        (-30.0, -20.0, 6.0),  # max_boost_db
        (-23.0, -4.0, 3.0),  # its peak ends at -1 dBFS
        (-23.0, 0.0, -1.0),
        (-23.0, None, -1.0),  # a peak nobody measured is taken as full scale
        (None, None, -8.0),  # a track nobody measured is taken as a loud one
        (None, -3.0, -8.0),
    ],
)
def test_gain(lufs: float | None, peak: float | None, expected: float) -> None:
    track = Track(Path("a"), "a", loudness_lufs=lufs, peak_dbfs=peak)
    assert gain_db(track, PlaybackSettings(target_lufs=-18, max_boost_db=6)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (100, 1.0),  # its peak ends at -1 dBFS
        (80, 6.0),  # -5.8 dB of volume leave room for more, up to max_boost_db
        (50, 6.0),
        (0, 6.0),
    ],
)
def test_a_lower_volume_leaves_room_for_quiet_tracks(percent: float, expected: float) -> None:
    track = Track(Path("a"), "a", loudness_lufs=-30.0, peak_dbfs=-2.0)
    assert gain_db(track, PlaybackSettings(), percent) == pytest.approx(expected)


@pytest.mark.parametrize(("percent", "db"), [(100, 0), (70, -9.29), (50, -18.06), (10, -60)])
def test_volume(percent: int, db: float) -> None:
    assert volume_gain(percent) == pytest.approx(gain_from_db(db), rel=0.01)


def test_volume_zero_is_silence() -> None:
    assert volume_gain(0) == 0


QUIET = Track(Path("a"), "a", loudness_lufs=-30.0, peak_dbfs=-20.0)


@pytest.mark.parametrize(
    ("track", "percent", "ducked", "expected"),
    [
        (None, 100, 1.0, -18),
        (Track(Path("a"), "a"), 100, 1.0, -18),  # nobody measured it: the target
        (QUIET, 100, 1.0, -24),  # it cannot be raised by more than max_boost_db
        (QUIET, 50, 1.0, -42.06),
        (QUIET, 100, 0.5, -30.02),
        (QUIET, 0, 1.0, -math.inf),
        (QUIET, 100, 0.0, -math.inf),
    ],
)
def test_what_comes_out(track: Track | None, percent: float, ducked: float, expected: float) -> None:
    settings = PlaybackSettings(target_lufs=-18, max_boost_db=6)
    assert expected_lufs(track, settings, percent, ducked) == pytest.approx(expected, abs=0.01)
