"""Music files into samples: decoded once, in chunks, for the mood features and for loudness together.

One ffmpeg filter graph per file splits the stream in two: down to 16 kHz mono, which is kept, and through
an EBU R128 meter at the file's own rate and channels, of which only the figures are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.filter import Graph
from av.filter.context import FilterContext

from player.errors import AudioFileError
from player.library.melspec import RATE_HZ, Floats

MAX_S = 900
"""A longer recording is judged by its first quarter of an hour."""
MIN_S = 0.1
SILENCE_DB = -120.0
_FORMATS = "mp3,flac,ogg,wav,mov,mp4,m4a,3gp,3g2,mj2"  # never a playlist or a script that ffmpeg would follow
_LOUDEST = 8.0  # 18 dB over full scale; floating-point files may hold anything
_DRAIN_EVERY = 16  # frames; each pull costs a call into ffmpeg, each frame waiting costs memory


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """What decoding a file gives."""

    samples: Floats
    """(n,) float32, 16 kHz mono, nominally in [-1, 1]; the first MAX_S at most."""
    duration_s: float
    loudness_lufs: float
    """Integrated loudness (EBU R128: ITU-R BS.1770-4, gated); -70, the gate, for silence."""
    peak_dbfs: float
    """Highest sample of any channel; SILENCE_DB for silence."""


def decode(path: Path) -> Audio:
    """Decode the first audio stream of a music file; holds at most 58 MB of samples.

    Raises AudioFileError where the file cannot be opened, holds no audio, is encrypted, is damaged in most
    of its packets, or ends before half of the length it announces.
    """
    try:
        # "file:" so that no name is taken for an address.
        with av.open(f"file:{path}", options={"format_whitelist": _FORMATS}) as container:
            return _decode(path, container)
    except AudioFileError:
        raise
    except (av.FFmpegError, OSError, ValueError, LookupError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioFileError(f"{path} cannot be decoded ({reason}): replace or remove it.") from error


def _decode(path: Path, container: InputContainer) -> Audio:
    if not container.streams.audio:
        raise AudioFileError(f"{path} holds no audio: remove it from the music folder.")
    stream = container.streams.audio[0]
    announced_s = _announced_s(container, stream)
    splitter = _Splitter(stream)
    decoded_s, whole = splitter.feed(_frames(path, container, stream))
    if decoded_s < MIN_S:
        raise AudioFileError(f"{path} holds no sound: replace or remove it.")
    # An MP3 without a header has its length guessed from the first frame's bit rate: no proof of anything.
    if whole and decoded_s < announced_s / 2 and container.format.name != "mp3":
        raise AudioFileError(
            f"{path} ends after {decoded_s:.0f} s of {announced_s:.0f} s: copy it again from its source."
        )
    samples = splitter.samples()
    if not (np.isfinite(samples).all() and math.isfinite(splitter.loudness_lufs)):
        raise AudioFileError(f"{path} holds samples that are no numbers: replace or remove it.")
    np.clip(samples, -_LOUDEST, _LOUDEST, out=samples)
    return Audio(samples, decoded_s if whole else announced_s, splitter.loudness_lufs, splitter.peak_dbfs)


def _announced_s(container: InputContainer, stream: AudioStream) -> float:
    """Length that the container states, 0 where it states none."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _frames(path: Path, container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """Decoded frames; damaged packets are left out, as a player would, unless they are the most."""
    good = bad = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            bad += 1
            continue
        good += 1
        yield from frames
    if bad > good:
        raise AudioFileError(f"{path} is damaged in {bad} of {bad + good} places: replace or remove it.")


class _Splitter:
    """Frames in; 16 kHz mono samples and the figures of the loudness meter out."""

    def __init__(self, stream: AudioStream) -> None:
        self._rate_hz = stream.rate
        self._buffer = np.empty(MAX_S * RATE_HZ, dtype=np.float32)  # the system gives memory only as it fills
        self._filled = 0
        self.loudness_lufs = -70.0
        self.peak_dbfs = SILENCE_DB
        self._graph = Graph()
        self._source = self._graph.add_abuffer(template=stream)
        split = self._graph.add("asplit")
        mono = self._graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE_HZ}:channel_layouts=mono")
        meter = self._graph.add("ebur128", "metadata=1:peak=sample")
        self._mono, self._metered = self._graph.add("abuffersink"), self._graph.add("abuffersink")
        self._source.link_to(split)
        for pad, (stage, sink) in enumerate(((mono, self._mono), (meter, self._metered))):
            split.link_to(stage, pad, 0)
            stage.link_to(sink)
        self._graph.configure()

    def feed(self, frames: Iterator[av.AudioFrame]) -> tuple[float, bool]:
        """Take frames until they end or MAX_S is full: (seconds taken, whether that was all)."""
        taken = 0
        for count, frame in enumerate(frames, start=1):
            self._source.push(frame)
            taken += frame.samples
            if count % _DRAIN_EVERY == 0:
                self._drain()
            if taken >= MAX_S * self._rate_hz:
                break
        else:
            self._source.push(None)
            self._drain()
            return taken / self._rate_hz, True
        self._drain()
        return taken / self._rate_hz, False

    def samples(self) -> Floats:
        return self._buffer[: self._filled]

    def _drain(self) -> None:
        for frame in _waiting(self._mono):
            chunk = frame.to_ndarray()[0][: len(self._buffer) - self._filled]
            self._buffer[self._filled : self._filled + len(chunk)] = chunk
            self._filled += len(chunk)
        for frame in _waiting(self._metered):
            figures = frame.metadata  # the last, partial block carries none
            self.loudness_lufs = float(figures.get("lavfi.r128.I", self.loudness_lufs))
            peak = float(figures.get("lavfi.r128.sample_peak", 0))
            if peak > 0:
                self.peak_dbfs = max(self.peak_dbfs, 20 * math.log10(peak))


def _waiting(sink: FilterContext) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)
        yield frame
