"""The first second of a track on a sink that mixes 2 s ahead, as every one does that nobody records."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pulsectl
import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.deck import Cue, DeckEvent, Playing, Position, Prepared
from player.playback.deck_process import DeckProcess
from tests.support.pulse import (
    SINK,
    UNDISTURBED_MS,
    PrivatePulse,
    Recording,
    Samples,
    levels_db,
    pulse_here,
    recording,
)
from tests.support.quiet import judged_in_quiet
from tests.support.transitions import LOW, NOISE_DB, noise, written
from tests.support.waiting import wait_for

STARTS = 3
STEP_S = 0.02
FADE_MS = 400
HEARD_DB = -70.0
SOFT_DB = NOISE_DB - 8.0
"""A fade-in begins below this: its first 20 ms are at -38 dB."""
APART_S = 1.2
"""Longer than any gap that was heard within a track."""
PLAYED_S = 1.8


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "noise.wav"
    written(path, noise(20, LOW, 1))
    return path


class Starts:
    """A deck that begins a track again and again, and what is heard of each."""

    def __init__(self, track: Path, recorded: Recording, server: pulsectl.Pulse) -> None:
        self._track, self._recorded, self._server = track, recorded, server
        self._said: list[DeckEvent] = []
        self._ahead = 0
        self.deck = DeckProcess("A", PlaybackSettings(output="pulse"))

    def _poll(self) -> list[DeckEvent]:
        self._said += self.deck.poll(time.monotonic())
        return self._said

    def _says(self, kind: type[DeckEvent]) -> bool:
        return any(isinstance(said, kind) for said in self._poll())

    def _has_mixed(self) -> bool:
        """Whether the sink has more in hand than when last asked: it is then that starts went wrong."""
        before, self._ahead = self._ahead, self._server.get_sink_by_name(SINK).latency
        return self._ahead > before

    def take(self, other: bool) -> Samples:
        """Begin the track once; with `other`, somebody records with a short latency from then on."""
        wait_for(lambda: self._poll() == [] and self.deck.ready, 20, "the deck")
        self.deck.set_volume(1.0, 0)
        first = self._recorded.samples.size
        self.deck.load(Cue(self._track))
        wait_for(lambda: self._says(Prepared), 20, "the track to be opened")
        self._ahead = self._server.get_sink_by_name(SINK).latency
        wait_for(self._has_mixed, 10, "the sink to mix")
        at = time.monotonic()
        self.deck.begin(at)
        self.deck.fade(1.0, at, FADE_MS)
        wait_for(lambda: self._says(Playing), 20, "the track to play")
        with ExitStack() as recorders:
            if other:
                recorders.enter_context(short_recorder())
            wait_for(self._has_played, 20, "the track to play on")
            self.deck.stop()
            wait_for(lambda: is_over(self._recorded.samples[first:]), 20, "the end to be recorded")
        self._said.clear()
        return self._recorded.samples[first:]

    def _has_played(self) -> bool:
        return any(isinstance(said, Position) and said.position_s > PLAYED_S for said in self._poll())


@contextmanager
def short_recorder() -> Iterator[None]:
    """Another program that wants to hear the sink within 20 ms."""
    words = ["parec", f"--device={SINK}.monitor", "--raw", "--latency-msec=20"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as recorder:
        try:
            yield
        finally:
            recorder.kill()


def heard(samples: Samples) -> Samples:
    """Levels of each 20 ms, from the first sound to the last."""
    levels = levels_db(samples, STEP_S)
    (there,) = np.nonzero(levels > HEARD_DB)
    return levels[there[0] : there[-1] + 1] if there.size else levels[:0]


def is_over(samples: Samples) -> bool:
    levels = levels_db(samples, STEP_S)
    return bool((levels > HEARD_DB).any() and (levels[-round(APART_S / STEP_S) :] < HEARD_DB).all())


@pytest.mark.parametrize("other", [False, True], ids=["alone", "recorder-in-the-first-second"])
def test_a_track_fades_in_without_a_gap_on_a_sink_that_mixes_far_ahead(
    pulse: PrivatePulse, track: Path, other: bool
) -> None:
    def attempt() -> list[Samples]:
        with recording(pulse, latency_ms=UNDISTURBED_MS) as recorded, pulsectl.Pulse("test") as server:
            starts = Starts(track, recorded, server)
            try:
                return [starts.take(other) for _ in range(STARTS)]
            finally:
                starts.deck.close()

    def judge(takes: list[Samples]) -> None:
        for take in takes:
            levels = heard(take)
            assert levels[0] < SOFT_DB, f"it begins at {levels[0]:.0f} dB"
            assert levels.min() > HEARD_DB, f"a gap in {np.round(levels[:100])}"

    judged_in_quiet(attempt, judge)
