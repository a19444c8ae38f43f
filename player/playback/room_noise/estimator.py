"""How loud the room is without our music: what the microphone hears, less what the music is of that."""

from __future__ import annotations

import statistics
from collections import deque

import numpy as np

from player.playback.room_noise.bands import LOUDNESS, Floats, loudness_db
from player.playback.room_noise.coupling import SILENCE, Coupling
from player.playback.room_noise.reading import NoiseReading

PER_READING = 10
"""Frames in a reading: one a second."""
NOISE_READINGS = 15
"""The noise is what half of so many seconds exceed: a clap or a dropped cup is in the other half."""
MUSIC_READINGS = 10
ECHOES_ON = 3
"""Seconds after which a room holds no more of the music that played."""
FLOOR = 0.01
"""Noise of less than this share of what is heard cannot be told from an error."""


class NoiseEstimator:
    """Takes frames, FRAME_S apart; holds minutes of powers and no sound."""

    def __init__(self) -> None:
        self._coupling = Coupling()
        self._frames: list[tuple[Floats, Floats, float]] = []
        self._noise: deque[float] = deque(maxlen=NOISE_READINGS)
        self._music: deque[float] = deque(maxlen=MUSIC_READINGS)
        self._quiet_s = ECHOES_ON

    def update(self, heard: Floats, played: Floats) -> NoiseReading | None:
        """Take in the band powers at the microphone and at the output, each of shape (BANDS,).

        Every PER_READING frames there is a reading.
        """
        music = self._coupling.update(heard, played)
        self._frames.append((heard, music, float(played.sum())))
        if len(self._frames) < PER_READING:
            return None
        heards, musics, outputs = zip(*self._frames, strict=True)
        self._frames = []
        return self._reading(np.mean(heards, axis=0), np.mean(musics, axis=0), max(outputs) > SILENCE)

    def _reading(self, heard: Floats, music: Floats, plays: bool) -> NoiseReading:
        """What a second of powers adds to what is known."""
        self._quiet_s = 0 if plays else self._quiet_s + 1
        known = self._coupling.is_known
        if self._quiet_s >= ECHOES_ON:
            self._noise.append(float(heard @ LOUDNESS))
        elif known:
            self._noise.append(max(float((heard - music) @ LOUDNESS), FLOOR * float(heard @ LOUDNESS)))
        if plays and known:
            self._music.append(float(music @ LOUDNESS))
        elif not plays:
            self._music.clear()
        enough = len(self._noise) == NOISE_READINGS and (known or self._quiet_s >= ECHOES_ON)
        full = known and len(self._music) == MUSIC_READINGS
        return NoiseReading(
            loudness_db(statistics.median(self._noise)) if enough else None,
            loudness_db(statistics.fmean(self._music)) if full else None,
        )
