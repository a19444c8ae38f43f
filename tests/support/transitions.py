"""Transitions as they are at the loudspeaker: tracks made for the purpose, played for real, measured."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np

from player.config.settings.playback import PlaybackSettings
from player.events import PlaybackEvent, TrackStarted
from player.playback.deck import Cue
from player.playback.deck_process import DeckProcess
from player.playback.service import PlaybackService
from player.playback.transitions import Style
from player.types import Choice, Track
from tests.support.pulse import RATE, PrivatePulse, Samples, levels_db, recording
from tests.support.waiting import wait_for

LOW, HIGH = (300.0, 2000.0), (4000.0, 8000.0)
NOISE_DB = -20.0
STEP_S = 0.01
FIRST_FADE_S = 0.5
"""Of the first track, where `crossfades` judges a take: its `first_fade_s`."""
FLOOR_DB = -120.0


def noise(seconds: float, band: tuple[float, float], seed: int) -> Samples:
    """Noise of one band at NOISE_DB; two of these know nothing of each other."""
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size))
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(frequencies < band[0]) | (frequencies > band[1])] = 0
    samples = np.fft.irfft(spectrum, size)
    return np.asarray(samples * 10 ** (NOISE_DB / 20) / np.sqrt(np.mean(samples**2)), np.float32)


def tone(seconds: float, hz: float) -> Samples:
    """A sine at NOISE_DB: any step of its level is a click in the bands above it."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(10 ** (NOISE_DB / 20) * np.sqrt(2) * np.sin(2 * np.pi * hz * t), np.float32)


def silence(seconds: float) -> Samples:
    """Nothing."""
    return np.zeros(round(seconds * RATE), np.float32)


def sweep(seconds: float) -> Samples:
    """A sine whose frequency says where in it one is: 500 Hz and 200 more each second."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.14 * np.sin(2 * np.pi * (500 * t + 100 * t * t)), np.float32)


def place_in_sweep(samples: Samples) -> float:
    """Where in `sweep` a few hundredths of a second of it were taken from, in seconds, at their middle."""
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(samples.size), 1 << 16)) + 1e-9)
    peak = int(np.argmax(spectrum))
    before, top, after = spectrum[peak - 1 : peak + 2]
    hz = (peak + 0.5 * (before - after) / (before - 2 * top + after)) * RATE / (1 << 16)
    return float((hz - 500) / 200)


def written(path: Path, samples: Samples, **known: object) -> Track:
    """The samples as a stereo wav file, and what the library would know of it."""
    stereo = np.repeat((np.clip(samples, -1, 1) * 32767).astype("<i2")[:, None], 2, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, samples.size, "NONE", ""))
        file.writeframes(stereo.tobytes())
    about = {"duration_s": samples.size / RATE, "loudness_lufs": -18.0, "peak_dbfs": -7.0} | known
    return Track(path, path.stem, **about)  # type: ignore[arg-type]


def noise_track(path: Path, band: tuple[float, float], seconds: float, lufs: float = -18.0) -> Track:
    """A file of noise in one band; `lufs` is what the library claims to have measured."""
    return written(path, noise(seconds, band, len(path.name)), loudness_lufs=lufs)


def lasting(playback: PlaybackService, seconds: float) -> None:
    """Wait until the present track has come so far."""
    wait_for(lambda: (playback.status().position_s or 0) >= seconds, 20, f"the track to reach {seconds:g} s")


class NotedDeck(DeckProcess):
    """A deck that remembers for which moments it was told to begin."""

    def __init__(self, name: str, settings: PlaybackSettings, begun: list[tuple[float, Cue]]) -> None:
        super().__init__(name, settings)
        self._begun = begun
        self._cue = Cue("")

    def load(self, cue: Cue) -> None:
        self._cue = cue
        super().load(cue)

    def begin(self, at: float) -> None:
        self._begun.append((at, self._cue))
        super().begin(at)


@dataclass(frozen=True)
class Take:
    """What was recorded, and when each track was to begin: seconds from the recording's start."""

    samples: Samples
    begun: list[tuple[float, Cue]]

    def between(self, start_s: float, end_s: float) -> Samples:
        return self.samples[max(0, round(start_s * RATE)) : max(0, round(end_s * RATE))]


@dataclass
class Stage:
    """A playback service at work on the test's tracks."""

    playback: PlaybackService
    begun: list[tuple[float, Cue]]
    events: list[PlaybackEvent]

    def started(self) -> int:
        return sum(isinstance(event, TrackStarted) for event in self.events)


@contextmanager
def stage(tracks: list[Track], settings: PlaybackSettings, style: Style) -> Iterator[Stage]:
    """Play the tracks one after the other, round and round."""
    begun: list[tuple[float, Cue]] = []
    events: list[PlaybackEvent] = []
    order = cycle(tracks)
    decks = (NotedDeck("A", settings, begun), NotedDeck("B", settings, begun))
    playback = PlaybackService(settings, decks, lambda why: Choice(next(order), why), events.append)
    playback.set_style(style)
    playback.start()
    try:
        yield Stage(playback, begun, events)
    finally:
        playback.close()


def take(
    pulse: PrivatePulse,
    tracks: list[Track],
    settings: PlaybackSettings,
    style: Style,
    transitions: int,
    tail_s: float,
) -> Take:
    """Record so many transitions, and `tail_s` after the last has begun."""
    longest_s = sum(track.duration_s for track in tracks) / len(tracks) * (transitions + 1)
    with recording(pulse) as recorded, stage(tracks, settings, style) as playing:
        wait_for(lambda: len(playing.begun) > transitions, longest_s + 30, "the last transition")
        end_at = playing.begun[transitions][0] + tail_s
        wait_for(lambda: time.monotonic() > end_at, tail_s + 10, "its end")
        begun = [(at - recorded.started_at, cue) for at, cue in playing.begun[: transitions + 1]]
        return Take(recorded.samples, begun)


@dataclass(frozen=True)
class Measured:
    """One crossfade between two bands of noise."""

    late_ms: float
    """When the incoming one is first heard (45 dB under its level), against the plan."""
    burst_db: float
    """The loudest of it before its time, against its level."""
    ripple_db: tuple[float, float]
    """Total power through the transition, in half seconds, against that before and after."""
    gap_ms: float
    """Longest time that the total is 45 dB under its level."""


def crossfades(taken: Take, fade_s: float) -> list[Measured]:
    """Every crossfade of noise in LOW and HIGH by turns."""
    levels = {band: levels_db(taken.samples, STEP_S, *band) for band in (LOW, HIGH)}
    bands = cycle((LOW, HIGH))
    found, ended_s = [], taken.begun[0][0] + FIRST_FADE_S  # until then, the steps of that are in all bands
    for (before, _), (at, _) in pairwise(taken.begun):
        outgoing, incoming = next(bands), HIGH
        incoming = LOW if outgoing is HIGH else HIGH
        found.append(_crossfade(levels[outgoing], levels[incoming], ended_s, before, at, fade_s))
        ended_s = at + fade_s
    return found


def _crossfade(
    outgoing: Samples, incoming: Samples, quiet_from_s: float, began_s: float, at_s: float, fade_s: float
) -> Measured:
    def part(levels: Samples, start_s: float, end_s: float) -> Samples:
        return levels[round(start_s / STEP_S) : round(end_s / STEP_S)]

    full = _mean_db(part(incoming, at_s + fade_s + 0.1, at_s + fade_s + 1.1))
    was = _mean_db(part(outgoing, at_s - 1.1, at_s - 0.1))
    onset = int(np.argmax(part(incoming, at_s - 1, at_s + fade_s) > full - 45))
    heard_s = at_s - 1 + onset * STEP_S
    before = part(incoming, max(quiet_from_s, began_s) + 0.3, at_s - 2 * STEP_S)
    total = 10 ** (outgoing / 10) + 10 ** (incoming / 10)
    smooth = 10 * np.log10(np.convolve(total, np.full(50, 0.02), "same"))
    through = part(smooth, at_s + 0.25, at_s + fade_s - 0.25) - (full + was) / 2
    quiet = 10 * np.log10(part(total, at_s - 1, at_s + fade_s + 1)) < min(full, was) - 45
    return Measured(
        late_ms=1000 * (heard_s - at_s),
        burst_db=float(before.max(initial=FLOOR_DB)) - full,
        ripple_db=(float(through.min()), float(through.max())),
        gap_ms=1000 * STEP_S * longest_run(quiet),
    )


def longest_run(true: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Length of the longest row of true values."""
    longest = run = 0
    for value in true:
        run = run + 1 if value else 0
        longest = max(longest, run)
    return longest


def gap_ms(samples: Samples, below_db: float) -> float:
    """Longest time without sound, by windows of 2 ms."""
    size = RATE // 500
    windows = samples[: samples.size // size * size].reshape(-1, size).astype(np.float64)
    return 2.0 * longest_run(10 * np.log10(np.mean(windows**2, axis=1) + 1e-15) < below_db)


def click_db(samples: Samples, above_hz: float) -> float:
    """The loudest 5 ms above a frequency, dBFS, by windows that overlap by 4 ms.

    Of tones well below it, what is heard there is clicks.
    """
    assert samples.size >= RATE // 200, "next to nothing was recorded"
    windows = np.lib.stride_tricks.sliding_window_view(samples, RATE // 200)[:: RATE // 1000]
    hann = np.hanning(windows.shape[1])
    spectrum = np.abs(np.fft.rfft(windows * hann, axis=1)) ** 2
    high = np.fft.rfftfreq(windows.shape[1], 1 / RATE) >= above_hz
    power = 2 * spectrum[:, high].sum(axis=1) / (windows.shape[1] * np.sum(hann**2))
    return 10 * float(np.log10(power.max() + 1e-12))


def _mean_db(levels: Samples) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))
