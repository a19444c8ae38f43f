"""How much of what is played arrives at the microphone: the room's gain in each band, its delay, its echo.

A microphone's power is the music's, delayed, smeared by the room and scaled, plus the noise's. The noise
does not know the music's beat, so that the slope of one over the other is the room's gain, whatever the noise
is at. Slow changes are taken out of both first: a volume that follows the noise must not count as a beat.
"""

from __future__ import annotations

import math

import numpy as np

from player.playback.room_noise.bands import BANDS, FRAME_S, Floats

LAGS = 16
"""Delays that are tried, in frames: up to 1.5 s, for what a sound server and Bluetooth hold back."""
ECHO_S = (0.03, 0.08, 0.16, 0.3)
"""Times within which the power of the room's echo falls to 1/e that are tried: 0.3 s is a hall."""
BLOCK = 200
"""Frames that are looked at together, 20 s; what changes more slowly is not the music's beat."""
STEP = 100
MEMORY_S = 300.0
"""What was learnt counts 1/e after so long."""
LEAST_BLOCKS = 6.0
"""After some 80 s of music: before that the slope is still off by several decibels."""
LEAST_FIT = 0.08
"""Share of the microphone's changes that the music must explain before its part is subtracted."""
OUTLIER = 4.0
"""Changes of so many times the usual size (a clap, a dropped cup) are left out."""
SILENCE = 1e-10


class Coupling:
    """Takes frames of band powers in; what it has learnt is `gains`, and `at_microphone` uses it."""

    def __init__(self) -> None:
        shape = (len(ECHO_S), LAGS, BANDS)
        self._echo = np.zeros((len(ECHO_S), BANDS))
        self._keep = np.exp(-FRAME_S / np.array(ECHO_S))[:, None]
        self._smeared = np.zeros((BLOCK + LAGS, len(ECHO_S), BANDS))
        self._heard = np.zeros((BLOCK, BANDS))
        self._frames = 0
        self._blocks = 0.0
        self._pick = [np.zeros(shape) for _ in range(2)]
        self._fit = [np.zeros(shape) for _ in range(2)]
        self._best = (0, 0)
        self.fit = 0.0
        """Share of the microphone's changes that the music explains, 0 to 1."""

    def update(self, heard: Floats, played: Floats) -> Floats:
        """Take in a frame of the microphone and one of the output, each of shape (BANDS,).

        Returns what of the microphone's powers was the music.
        """
        self._echo = self._keep * self._echo + (1 - self._keep) * played
        self._smeared[:-1] = self._smeared[1:]
        self._smeared[-1] = self._echo
        self._heard[:-1] = self._heard[1:]
        self._heard[-1] = heard
        self._frames += 1
        if self._frames >= BLOCK + LAGS and self._frames % STEP == 0:
            self._learn()
        return self.at_microphone()

    @property
    def is_known(self) -> bool:
        """Whether enough was heard to tell the music from the rest."""
        return self._blocks >= LEAST_BLOCKS and self.fit >= LEAST_FIT

    @property
    def gains(self) -> Floats:
        """What of the output's power arrives, in each band."""
        above, below = self._fit
        at = self._best
        return np.asarray(np.maximum(0.0, above[at]) / np.maximum(below[at], 1e-30))

    @property
    def delay_s(self) -> float:
        """How much later the microphone hears what is played."""
        return self._best[1] * FRAME_S

    def at_microphone(self) -> Floats:
        """What of the newest frame's powers at the microphone is the music, shape (BANDS,)."""
        echo, lag = self._best
        return np.asarray(self.gains * self._smeared[-1 - lag, echo])

    def _learn(self) -> None:
        """Compare the last block of both, for each delay and echo that may be the room's."""
        heard = self._heard - self._heard.mean(axis=0)
        heard = _without_outliers(heard)
        views = [self._smeared[LAGS - lag : LAGS - lag + BLOCK] for lag in range(LAGS)]
        played = np.stack(views, axis=2)  # (BLOCK, echoes, LAGS, BANDS)
        if played[..., :].mean() < SILENCE:
            return
        played = played - played.mean(axis=0)
        both = np.einsum("tb,telb->elb", heard, played)
        own = np.einsum("telb,telb->elb", played, played)
        changes = np.einsum("tb,tb->b", heard, heard) + SILENCE**2
        left = np.maximum(changes - both**2 / np.maximum(own, 1e-40), 0.02 * changes)
        forget = math.exp(-STEP * FRAME_S / MEMORY_S)
        self._blocks = forget * self._blocks + 1.0
        for sums, weight in ((self._pick, 1 / changes), (self._fit, 1 / left)):
            sums[0] = forget * sums[0] + weight * both
            sums[1] = forget * sums[1] + weight * own
        explained = np.maximum(0.0, self._pick[0]) ** 2 / np.maximum(self._pick[1], 1e-30)
        fits = explained.sum(axis=-1) / (BANDS * self._blocks)
        echo, lag = np.unravel_index(int(np.argmax(fits)), fits.shape)
        self._best, self.fit = (int(echo), int(lag)), float(fits.max())


def _without_outliers(changes: Floats) -> Floats:
    usual = 1.48 * np.median(np.abs(changes), axis=0)
    return np.asarray(np.clip(changes, -OUTLIER * usual, OUTLIER * usual))
