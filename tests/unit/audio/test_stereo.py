"""Sound of any layout as the two channels that are played."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from player.audio.stereo import ToStereo, opened, weights
from tests.unit.library import files


@pytest.mark.parametrize(
    ("layout", "gains"),
    [
        ("mono", [(1, 1)]),
        ("stereo", [(1, 0), (0, 1)]),
        ("2.1", [(1, 0), (0, 1), (0.5, 0.5)]),
        ("quad", [(1, 0), (0, 1), (0.7071, 0), (0, 0.7071)]),
        ("4 channels", [(1, 0), (0, 1), (0.7071, 0), (0, 0.7071)]),
        ("5.1", [(1, 0), (0, 1), (0.7071, 0.7071), (0.5, 0.5), (0.7071, 0), (0, 0.7071)]),
        ("6 channels", [(1, 0), (0, 1), (0.7071, 0.7071), (0.5, 0.5), (0.7071, 0), (0, 0.7071)]),
        ("4.0", [(1, 0), (0, 1), (0.7071, 0.7071), (0.5, 0.5)]),
        ("9 channels", [(0.7071, 0), (0, 0.7071)] * 4 + [(0.7071, 0)]),
    ],
)
def test_what_each_channel_gives_to_the_two(layout: str, gains: Sequence[tuple[float, float]]) -> None:
    assert weights([channel.name for channel in av.AudioLayout(layout).channels]) == gains


def test_no_channel_of_any_layout_is_lost() -> None:
    for layout in ("3.0", "6.1", "6.1(back)", "7.1", "7.1(wide)", "hexadecagonal", "22.2", "12 channels"):
        gains = np.array(weights([channel.name for channel in av.AudioLayout(layout).channels]))
        assert (gains.sum(axis=1) > 0).all(), layout
        left, right = gains.sum(axis=0)
        assert left == pytest.approx(right), layout


def frame(layout: str, rate_hz: int, sample_format: str = "flt") -> av.AudioFrame:
    count = av.AudioLayout(layout).nb_channels
    samples = np.full((1, rate_hz * count), 0.25, np.float32)
    made = av.AudioFrame.from_ndarray(samples, "flt", layout)
    made.sample_rate, made.time_base = rate_hz, Fraction(1, rate_hz)
    (made,) = av.AudioResampler(sample_format, layout).resample(made)
    return made


def test_a_change_of_layout_rate_or_format_goes_on_as_it_began() -> None:
    frames = [frame("mono", 44100), frame("stereo", 48000, "s16"), frame("5.1", 22050), frame("mono", 44100)]
    given = list((stereo := ToStereo(frames[0])).over(frames))

    assert {(f.layout.name, f.format.name, f.sample_rate) for f in given} == {("stereo", "flt", 44100)}
    assert sum(f.samples for f in given) / stereo.rate_hz == pytest.approx(4.0, abs=0.01)


def test_tags_in_an_old_encoding_do_not_keep_the_sound_from_being_read(tmp_path: Path) -> None:
    path = files.with_info(tmp_path / "a.wav", IART="Beyoncé".encode("latin-1"))
    with opened(path) as container:
        assert next(container.decode(audio=0)).samples
