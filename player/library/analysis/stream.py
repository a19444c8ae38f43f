"""Sound as it streams by: one ffmpeg filter graph gives 16 kHz mono for the mood and meters loudness.

The stream, stereo as it is played (player/audio/stereo.py), is split in two: down to 16 kHz mono, of which
excerpts are kept, and through an EBU R128 meter at its own rate, behind which true peak and level are read.
Nothing else stays in memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext

from player.library.analysis.excerpts import Excerpts
from player.library.analysis.level_meter import LevelMeter
from player.library.analysis.mel_spectrogram import RATE_HZ

_LOUDEST = 8.0  # 18 dB over full scale; floating-point files may hold anything
_DRAIN_EVERY = 16  # frames; each pull costs a call into ffmpeg, each frame waiting costs memory


class AnalysisStream:
    """Stereo frames in; excerpts and figures out."""

    def __init__(self, rate_hz: int, sample_format: str, announced_s: float) -> None:
        self._rate_hz = rate_hz
        self.excerpts = Excerpts(announced_s)
        self.meter = LevelMeter(rate_hz, channels=2)
        self.loudness_lufs = -70.0
        self.finite = True
        """Whether every sample was a number."""
        self._graph = Graph()
        self._source = self._graph.add_abuffer(sample_rate=rate_hz, format=sample_format, layout="stereo")
        split = self._graph.add("asplit")
        mono = self._graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE_HZ}:channel_layouts=mono")
        seconds = self._graph.add("asetnsamples", f"n={RATE_HZ}:p=0")  # fewer frames to pull
        meter = self._graph.add("ebur128", "metadata=1")
        self._mono, self._metered = self._graph.add("abuffersink"), self._graph.add("abuffersink")
        self._source.link_to(split)
        split.link_to(mono, 0, 0)
        split.link_to(meter, 1, 0)
        mono.link_to(seconds)
        seconds.link_to(self._mono)
        meter.link_to(self._metered)
        self._graph.configure()

    def feed(self, frames: Iterator[av.AudioFrame], most_s: float) -> tuple[float, bool]:
        """Take frames until they end or there were `most_s`: (seconds taken, whether that was all)."""
        taken, whole = 0, True
        for count, frame in enumerate(frames, start=1):
            self._source.push(frame)
            taken += frame.samples
            if count % _DRAIN_EVERY == 0:
                self._drain()
            if taken >= most_s * self._rate_hz:
                whole = False
                break
        self._source.push(None)
        self._drain()
        self.meter.finish()
        self.finite = self.finite and self.meter.finite
        return taken / self._rate_hz, whole

    def _drain(self) -> None:
        for frame in _waiting(self._mono):
            chunk = frame.to_ndarray()[0]
            self.finite = self.finite and bool(np.isfinite(chunk).all())
            self.excerpts.take(np.clip(chunk, -_LOUDEST, _LOUDEST))
        for frame in _waiting(self._metered):
            # The last, partial block carries none.
            self.loudness_lufs = float(frame.metadata.get("lavfi.r128.I", self.loudness_lufs))
            self.meter.take(frame.to_ndarray()[0])


def _waiting(sink: FilterContext) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)
        yield frame
