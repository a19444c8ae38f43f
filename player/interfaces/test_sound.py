"""A sound of our own to try the loudspeaker with: three soft notes, one after the other."""

from __future__ import annotations

import math
import sys
import wave
from array import array
from pathlib import Path

RATE_HZ = 44_100
NOTES_HZ = (523.25, 659.26, 783.99)
"""C5, E5 and G5."""
APART_S, RINGS_S = 0.35, 1.6
PEAK = 0.25
"""Of full scale: the player brings it to the loudness of the music."""


def samples() -> array[int]:
    """Mono, 16 bits."""
    total = int(RATE_HZ * (APART_S * (len(NOTES_HZ) - 1) + RINGS_S))
    mixed = [0.0] * total
    for number, note_hz in enumerate(NOTES_HZ):
        begin = int(RATE_HZ * APART_S * number)
        for at in range(int(RATE_HZ * RINGS_S)):
            seconds = at / RATE_HZ
            swell = min(1.0, seconds / 0.02) * math.exp(-3.5 * seconds) * min(1.0, (RINGS_S - seconds) / 0.1)
            mixed[begin + at] += swell * math.sin(2 * math.pi * note_hz * seconds)
    loudest = max(map(abs, mixed))
    made = array("h", (round(32767 * PEAK * value / loudest) for value in mixed))
    if sys.byteorder == "big":
        made.byteswap()
    return made


def written(folder: Path) -> Path:
    """The file; it is made where it is not there yet. Raises OSError."""
    file = folder / "test-sound.wav"
    if not file.is_file():
        new = file.with_suffix(".new")
        with wave.open(str(new), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            sound.writeframes(samples().tobytes())
        new.replace(file)
    return file
