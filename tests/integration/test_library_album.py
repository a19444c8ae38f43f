"""An album in one long file, without a CUE sheet: one track, listened to in bounded memory."""

import wave
from pathlib import Path

import numpy as np
import pytest

from player.library import analyze
from player.library.database.store import Library

MINUTES = 25
RATE_HZ = 8000


def album(path: Path) -> Path:
    """Two songs of a tone each, with two seconds of silence between them and none at the ends."""
    t = np.arange(RATE_HZ * 60) / RATE_HZ
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for minute in range(MINUTES):
            sound = 0.3 * np.sin(2 * np.pi * (220 if minute < 12 else 330) * t)
            if minute == 12:
                sound[: 2 * RATE_HZ] = 0
            file.writeframes((32767 * sound).astype("<i2").tobytes())
    return path


@pytest.mark.long
def test_it_is_one_track_of_its_whole_length(tmp_path: Path) -> None:
    path = album(tmp_path / "앨범.wav")
    library = Library(tmp_path / "library.db")
    library.scan([tmp_path])

    found = analyze(path)
    library.save(path, found)

    (track,) = library.tracks()
    assert track.mood is not None
    assert track.duration_s == MINUTES * 60
    assert found.music_start_s < 0.2
    assert found.music_end_s > MINUTES * 60 - 0.2, "the silence between the songs is not its end"
