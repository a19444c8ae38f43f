"""The house's volume, and how a track is given to a deck."""

from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.fades import gain_from_db
from player.playback.loudness import volume_gain
from player.playback.volume import HouseVolume
from player.types import Track


@pytest.mark.parametrize(("peak_dbfs", "limit_db"), [(-6.0, 5.0), (0.0, -1.0), (None, -1.0), (1.5, -2.5)])
def test_no_track_passes_the_ceiling_by_its_own_peak(peak_dbfs: float | None, limit_db: float) -> None:
    track = Track(Path("a"), "a", loudness_lufs=-18.0, peak_dbfs=peak_dbfs)
    cue = HouseVolume(PlaybackSettings()).cue(track, 0.0)
    assert cue.limit == pytest.approx(gain_from_db(limit_db))


def test_a_stream_begins_where_it_is() -> None:
    station = Track(Path("a"), "a", url="http://radio.example/a")
    cue = HouseVolume(PlaybackSettings()).cue(station, 12.0)
    assert (cue.source, cue.start_s) == ("http://radio.example/a", 0.0)


def test_only_a_measured_length_is_told() -> None:
    volume = HouseVolume(PlaybackSettings())
    guessed, measured = (
        Track(Path("a"), "a", duration_s=60),
        Track(Path("a"), "a", duration_s=60, music_end_s=58),
    )
    assert [volume.cue(track, 0.0).length_s for track in (guessed, measured)] == [0.0, 60]


def test_what_the_noise_adds_ends_at_the_ceiling_and_lifts_no_silence() -> None:
    volume = HouseVolume(PlaybackSettings(volume=70, ceiling=80))
    volume.noise_db = -6.0
    assert volume.gain == pytest.approx(volume_gain(70) / 2, rel=0.01)
    assert volume.safe_gain <= volume.gain
    volume.noise_db = 9.0
    assert volume.gain == pytest.approx(volume_gain(80))
    assert volume.set_gain == pytest.approx(volume_gain(70))
    assert volume.percent == 70
    volume.night = True
    assert volume.gain == pytest.approx(volume_gain(40))
    volume.wanted = 0
    assert volume.gain == 0.0


def test_what_the_ceiling_leaves_for_the_noise() -> None:
    volume = HouseVolume(PlaybackSettings(volume=70, ceiling=80))
    assert volume.gain * gain_from_db(volume.headroom_db) == pytest.approx(volume_gain(80))
    assert volume.add_noise(2.0)
    assert volume.headroom_db == pytest.approx(3.5, abs=0.1), "of the volume that is set"
    volume.night = True
    assert volume.headroom_db == 0.0
    assert not volume.add_noise(0.0), "of that nothing was heard"
    volume.wanted = 0
    assert volume.headroom_db > 90
