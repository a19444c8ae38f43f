"""Microphone and output side by side, in frames, although each of them has a clock of its own."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from player.playback.room_noise.bands import FRAME, RATE_HZ, BandPowers, Floats
from player.playback.room_noise.estimator import NoiseEstimator
from player.playback.room_noise.reading import NoiseReading

APART = RATE_HZ // 2
"""Samples that the output may lag behind the microphone: longer, and nothing is played, the sink rests."""
WATCHED = 100
"""Frames (10 s) for which one of both must have been ahead: sound comes in lumps, some of them late."""
AHEAD = FRAME // 2
"""Samples that one may be ahead of the other. An output that is further ahead stands beside a microphone that
has heard it already, and then it looks like noise."""


class Backlog:
    """Sound that has come, and was not looked at yet."""

    def __init__(self) -> None:
        self._chunks: deque[Floats] = deque()
        self.waiting = 0
        """How many samples wait to be taken."""

    def put(self, samples: Floats) -> None:
        """Samples that have come."""
        self._chunks.append(samples)
        self.waiting += samples.size

    def take(self, count: int) -> Floats:
        """The oldest `count` samples, of which so many wait."""
        joined = np.concatenate(list(self._chunks))
        self._chunks = deque([joined[count:]])
        self.waiting = joined.size - count
        return np.asarray(joined[:count])

    def drop(self, count: int) -> None:
        """Forget the oldest `count` samples; if no more wait, all of them."""
        if count > 0 and self.waiting:
            self.take(min(count, self.waiting))

    def keep(self, count: int) -> None:
        """Forget all but the newest `count` samples."""
        self.drop(self.waiting - count)


class Alignment:
    """Frames of microphone and output that belong together.

    The crystals of two sound cards are 20 to 100 millionths apart: a third of a second an hour. The faster
    one gets ahead, as does one whose neighbour has lost some sound: what it has too much is dropped.
    """

    def __init__(self, microphone: Backlog, output: Backlog) -> None:
        self._microphone, self._output = microphone, output
        self._output_rests = False
        self._watch()

    def frame(self) -> tuple[Floats, Floats] | None:
        """A frame of both, or None until more has come. A sink at rest gives no samples: that is silence."""
        microphone, output = self._microphone, self._output
        if self._output_rests and output.waiting:
            # The newest of both are of now; what the microphone heard before that stands beside silence.
            self._output_rests = False
            microphone.keep(output.waiting)
            self._watch()
        self._hold()
        if microphone.waiting < FRAME:
            output.keep(RATE_HZ)  # nobody asks for more of it, should the microphone be gone
            return None
        if output.waiting >= FRAME:
            self._frames += 1
            return microphone.take(FRAME), output.take(FRAME)
        if self._output_rests or microphone.waiting > APART:
            self._output_rests = True
            return microphone.take(FRAME), np.zeros(FRAME)
        return None

    def _watch(self) -> None:
        """Begin to see how far the output is ahead, at least and at most."""
        self._frames, self._least, self._most = 0, math.inf, -math.inf

    def _hold(self) -> None:
        """Drop what one of both has had too much all the time."""
        if self._output_rests:
            return
        ahead = self._output.waiting - self._microphone.waiting
        self._least, self._most = min(self._least, ahead), max(self._most, ahead)
        if self._frames >= WATCHED:
            if self._least > AHEAD:
                self._output.drop(int(self._least))
            elif self._most < -AHEAD:
                self._microphone.drop(int(-self._most))
            self._watch()


class Listener:
    """Makes readings of what both have heard."""

    def __init__(self, microphone: Backlog, output: Backlog) -> None:
        self._alignment = Alignment(microphone, output)
        self._heard, self._played = BandPowers(), BandPowers()
        self._estimator = NoiseEstimator()

    def readings(self) -> list[NoiseReading]:
        """What has become known since the last call."""
        found: list[NoiseReading] = []
        while (frame := self._alignment.frame()) is not None:
            reading = self._estimator.update(self._heard.frame(frame[0]), self._played.frame(frame[1]))
            if reading is not None:
                found.append(reading)
        return found
