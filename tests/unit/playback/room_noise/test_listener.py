"""Microphone and output side by side: two clocks, sound in lumps, sound that is lost, a sink at rest."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from player.config.settings.room_noise import RoomNoiseSettings
from player.playback.room_noise.bands import FRAME, FRAME_S, RATE_HZ
from player.playback.room_noise.follower import NoiseFollower
from player.playback.room_noise.listener import AHEAD, Alignment, Backlog, Listener
from tests.support.room_sound import Sound, babble, music, through_room

LOOK_S = 0.1


class Sources:
    """Two sound cards: each sample says when it was heard or played, and the output's clock may be off."""

    def __init__(self, ppm: float = 0.0, lump: int = 1) -> None:
        self.microphone, self.output = Backlog(), Backlog()
        self.alignment = Alignment(self.microphone, self.output)
        self._lump, self._waits = lump, list[Sound]()
        self._output_hz = RATE_HZ * (1 + ppm / 1e6)
        self._played = self._look = 0

    def go(self, seconds: float, without: str = "") -> list[float]:
        """By how much (s) what the output played is newer than what the microphone heard, frame by frame."""
        return [apart for _ in range(round(seconds / LOOK_S)) for apart in self._pass(without)]

    def _pass(self, without: str) -> Iterator[float]:
        self._look += 1
        if without != "microphone":
            self.microphone.put((self._look * FRAME + np.arange(-FRAME, 0)) / RATE_HZ)
        end = int(self._look * LOOK_S * self._output_hz)
        if without != "output":
            self._waits.append(np.arange(self._played, end) / self._output_hz)
        self._played = end
        if len(self._waits) >= self._lump:
            self.output.put(np.concatenate(self._waits))
            self._waits.clear()
        while (frame := self.alignment.frame()) is not None:
            yield float(frame[1][0] - frame[0][0])


@pytest.mark.parametrize(
    ("ppm", "seconds", "lump"),
    [(100, 3000, 1), (-100, 3000, 1), (500, 1000, 1), (-500, 1000, 1), (500, 1000, 3), (-500, 1000, 3)],
)
def test_two_clocks_do_not_come_apart(ppm: float, seconds: float, lump: int) -> None:
    """What the faster one gives too much in this time is several frames."""
    apart = np.abs(Sources(ppm, lump).go(seconds))
    assert apart.max() <= (AHEAD + FRAME * lump) / RATE_HZ
    assert apart.size == pytest.approx(seconds / FRAME_S, abs=10), "and hardly anything is lost"


def test_of_clocks_that_agree_nothing_is_dropped() -> None:
    assert np.abs(Sources(lump=4).go(300)).max() < 1 / RATE_HZ


@pytest.mark.parametrize("lost", ["microphone", "output"])
def test_sound_that_was_lost_leaves_no_delay(lost: str) -> None:
    sources = Sources()
    sources.go(30)
    sources.go(0.4, without=lost)
    assert abs(sources.go(30)[-1]) < FRAME_S


def test_a_sink_at_rest_is_silence_and_comes_back_beside_the_present() -> None:
    sources = Sources()
    sources.go(30)
    resting = sources.go(60, without="output")
    assert len(resting) == pytest.approx(600, abs=5), "silence has as many frames"
    assert abs(sources.go(10)[-1]) < FRAME_S


def test_two_clocks_do_not_let_the_music_chase_itself() -> None:
    """The whole loop, in a quiet room; the clock is so far off that minutes are like hours of others."""
    rng, seconds = np.random.default_rng(1), 120
    played = music(rng, seconds)
    arrives = through_room(rng, played, -20, 0.15, 0.4, 3)
    people = babble(rng, seconds) * arrives.std() * 10 ** (-12 / 20)
    microphone, output = Backlog(), Backlog()
    listener, follower = Listener(microphone, output), NoiseFollower(RoomNoiseSettings(enabled=True))
    offsets = [0.0]
    for look in range(7200):
        at = look * FRAME % played.size
        gain = 10 ** (offsets[-1] / 20)
        microphone.put(gain * arrives[at : at + FRAME] + people[at : at + FRAME])
        output.put(gain * np.append(played[at : at + FRAME], [0.0] * 2))
        for reading in listener.readings():
            offsets.append(follower.update(reading, 0.0, math.inf, look * FRAME_S))
    assert len(offsets) > 700
    assert max(offsets) == 0.0
