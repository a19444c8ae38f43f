"""Mono and surround: what the analysis meters is what the loudspeaker gets, whatever libVLC does."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.library.analysis.decoding import decode
from player.playback.transitions import Style
from player.types import Track, Transition
from tests.support.library_audio import encode_channels, sine
from tests.support.pulse import PrivatePulse, level_db, pulse_here
from tests.support.quiet import judged_in_quiet
from tests.support.transitions import Take, take

TONE = sine(1.0, -20.0)
SETTINGS = PlaybackSettings(volume=100, start_volume=100, output="pulse", first_fade_s=0.0)
AT_TARGET_DB = SETTINGS.target_lufs - 3.01
"""RMS level of a stereo tone near 1 kHz, the same in both channels, at the venue's loudness."""


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.opus"])
def test_one_channel_is_as_loud_as_two_that_are_alike(tmp_path: Path, name: str) -> None:
    (tmp_path / "mono").mkdir()
    stereo = decode(encode_channels(tmp_path / name, [TONE, TONE], "stereo"))
    mono = decode(encode_channels(tmp_path / "mono" / name, [TONE], "mono"))

    assert mono.loudness_lufs == pytest.approx(stereo.loudness_lufs, abs=0.3)
    assert mono.true_peak_dbtp == pytest.approx(stereo.true_peak_dbtp, abs=1.2 if name == "a.opus" else 0.1)


@pytest.mark.parametrize(
    ("name", "layout", "db"),
    [
        ("a.wav", "2.1", 20 * np.log10(1.5)),
        ("a.wav", "quad", 20 * np.log10(1.7071)),
        ("a.flac", "5.1", 20 * np.log10(1 + 2 * 0.7071 + 0.5)),
        ("a.m4a", "7.1", 20 * np.log10(1 + 3 * 0.7071)),  # whose encoder takes the high tone out of its LFE
        ("a.opus", "7.1", 20 * np.log10(1 + 3 * 0.7071 + 0.5)),
    ],
)
def test_the_mix_that_is_played_is_metered(tmp_path: Path, name: str, layout: str, db: float) -> None:
    """The same tone in all channels, and its true peak."""
    channels = [TONE] * av.AudioLayout(layout).nb_channels
    found = decode(encode_channels(tmp_path / name, channels, layout))

    assert found.loudness_lufs == pytest.approx(-20 + db, abs=0.4)
    if name in ("a.wav", "a.flac"):  # a codec rings where a tone begins
        assert found.true_peak_dbtp == pytest.approx(-20 + db, abs=0.5)


def test_music_that_is_only_in_the_bass_channel_is_heard(tmp_path: Path) -> None:
    silent = np.zeros_like(TONE)
    channels = [silent, silent, silent, TONE, silent, silent]
    assert decode(encode_channels(tmp_path / "a.wav", channels, "5.1")).loudness_lufs == pytest.approx(
        -26, abs=0.1
    )


@pytest.mark.parametrize(
    ("name", "layout", "rate_hz", "codec"),
    [
        ("a.wav", "mono", 8000, ""),
        ("a.flac", "2.1", 22050, ""),
        ("a.wav", "quad", 96000, ""),
        ("a.flac", "5.1", 44100, ""),
        ("a.wav", "7.1", 192000, "pcm_f32le"),
    ],
)
def test_every_layout_comes_to_the_house_s_loudness(
    pulse: PrivatePulse, tmp_path: Path, name: str, layout: str, rate_hz: int, codec: str
) -> None:
    t = np.arange(5 * rate_hz) / rate_hz
    tone = (0.1 * np.sin(2 * np.pi * 997 * t)).astype(np.float32)
    channels = [tone] * av.AudioLayout(layout).nb_channels
    path = encode_channels(tmp_path / name, channels, layout, rate_hz, codec)
    measured = decode(path)
    track = Track(
        path, "a", duration_s=5, loudness_lufs=measured.loudness_lufs, peak_dbfs=measured.true_peak_dbtp
    )

    def at_target(taken: Take) -> None:
        at = taken.begun[0][0]
        assert level_db(taken.between(at + 1, at + 2.4)) == pytest.approx(AT_TARGET_DB, abs=0.7)

    judged_in_quiet(lambda: take(pulse, [track], SETTINGS, Style(Transition.CUT, 0), 0, 2.5), at_target)
