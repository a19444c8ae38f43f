"""What decoding refuses, whatever its container."""

from pathlib import Path

import numpy as np
import pytest

from player.errors import AudioFileError
from player.library.analysis.decoding import decode
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
