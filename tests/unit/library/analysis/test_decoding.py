"""What decoding takes and refuses, of files and of arrays."""

import math
from pathlib import Path

import numpy as np
import pytest

from player.errors import AudioFileError
from player.library.analysis.decoding import decode, from_array
from tests.support.library_audio import RATE_HZ, encode, sine


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.opus"])
def test_a_file_that_is_silent_throughout_is_no_music(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioFileError, match="holds no sound: replace or remove it"):
        decode(encode(tmp_path / name, np.zeros(3 * RATE_HZ, dtype=np.float32)))


@pytest.mark.parametrize("dbfs", [-60, -75])
def test_a_little_very_quiet_sound_is_enough(tmp_path: Path, dbfs: float) -> None:
    still = np.zeros(3 * RATE_HZ, dtype=np.float32)
    path = encode(tmp_path / "a.wav", np.concatenate([still, sine(0.5, dbfs), still]))
    assert decode(path).boundaries.music_start_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.int32, np.int64, np.bool_, np.complex64, object])
def test_samples_whose_full_scale_nobody_knows_are_refused(kind: type) -> None:
    with pytest.raises(ValueError, match=r"samples of type .*in \[-1, 1\], as int16 samples / 32768 are"):
        from_array(np.ones(RATE_HZ, dtype=kind), RATE_HZ)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_any_floating_point_is_heard_alike(kind: type) -> None:
    assert from_array(sine(1, -20).astype(kind), RATE_HZ).true_peak_dbtp == pytest.approx(-20, abs=0.3)


@pytest.mark.parametrize("rate_hz", [float(RATE_HZ), np.int64(RATE_HZ), np.float64(RATE_HZ)])
def test_a_rate_is_a_whole_number_of_any_type(rate_hz: float) -> None:
    assert from_array(sine(1, -20), rate_hz).duration_s == pytest.approx(1)


@pytest.mark.parametrize("rate_hz", [0, 3999, 384001, 44100.5, math.nan, math.inf])
def test_any_other_rate_is_refused(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="give a whole number from 4000 to 384000"):
        from_array(sine(1, -20), rate_hz)
