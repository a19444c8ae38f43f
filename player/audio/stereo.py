"""Music files decoded into the two channels that are played: what the analysis meters, and what a deck plays.

Neither libVLC's downmix nor the sound server's is relied on: they differ from format to format, leave out or
swap channels, and change with the server.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from player.audio.joined import ChainLink, Part, from_place
from player.audio.noise_check import MEND, noise
from player.errors import AudioFileError

# Never a playlist or a script that ffmpeg would follow.
_FORMATS = (
    "mp3,aac,flac,ogg,wav,w64,aiff,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf,caf,ape,wv,tta,"
    "ac3,eac3,dts,au,mpegts,mpeg,flv,avi"
)
_ANY_BYTES = "latin-1"
"""Old tags are in any encoding, and must not keep the sound from being read (`library/scan/reading.py`)."""
_ESTIMATED = ("mp3", "aac", "ac3", "eac3", "dts", "mpeg", "flv")
_INDEXED = ("mov", "matroska", "flac", "wav", "ogg")
"""Containers in which a seek finds its place; in others (MP3, AAC) a place is an estimate."""
_SIDE = 0.7071
"""-3 dB for whatever is not in front at the left or right, as ITU-R BS.775-3, table 2, has it."""
_CENTRE_BACK = 0.5
_BASS = 0.5
"""BS.775 leaves the LFE channel out; at -6 dB a track that has its bass, or all it has, there keeps it."""
_WAVE = ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")
_NAMELESS = {
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: _WAVE[:6],
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: _WAVE,
}
"""What channels are that a file does not name, by their number: the order of WAVE and FLAC."""


def opened(path: Path) -> InputContainer:
    """A file with music in it.

    Raises AudioFileError if it holds none, or would be heard as noise; av.FFmpegError or OSError if it cannot
    be read.
    """
    if reason := noise(path):
        raise AudioFileError(f"{path} {reason}: {MEND}.")
    # "file:" so that no name is taken for an address.
    container = av.open(f"file:{path}", options={"format_whitelist": _FORMATS}, metadata_encoding=_ANY_BYTES)
    if not container.streams.audio:
        container.close()
        raise AudioFileError(f"{path} holds no audio: remove it from the music folder.")
    return container


def announced_s(container: InputContainer, stream: AudioStream) -> float:
    """Length that the container states, in seconds; 0 if it states none."""
    if stream.duration is not None and stream.time_base is not None:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0, container.duration or 0) / av.time_base


def is_estimate(container: InputContainer) -> bool:
    """Whether the length may be guessed from the first bit rate: no proof of anything."""
    return container.format.name in _ESTIMATED


def decoded(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame | None]:
    """Its frames; None for a damaged packet."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.InvalidDataError, av.PatchWelcomeError):  # nobody knows how it goes on
            yield None
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            yield None


def decoded_from(
    container: InputContainer, stream: AudioStream, start_s: float
) -> Generator[av.AudioFrame | None]:
    """The same from a place on, in seconds; also frames of which the file does not say where they belong."""
    began_s = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
    if start_s > 1 and container.format.name.startswith(_INDEXED):
        container.seek(round((began_s + start_s - 1) * av.time_base))
    for frame in decoded(container, stream):
        if frame is None or frame.time is None or frame.time - began_s >= start_s:
            yield frame


def decoded_links(
    path: Path, links: list[ChainLink], start_s: float = 0.0
) -> Generator[av.AudioFrame | None]:
    """The frames of a file's links, from a place on, in seconds; None for a damaged packet or link."""
    for link, left_out_s in from_place(path, links, start_s):
        with Part(path, link) as part:
            try:
                with av.open(
                    part, "r", options={"format_whitelist": _FORMATS}, metadata_encoding=_ANY_BYTES
                ) as container:
                    yield from decoded_from(container, container.streams.audio[0], left_out_s)
            except (av.FFmpegError, ValueError, LookupError, RuntimeError):
                yield None


def weights(channels: Sequence[str]) -> list[tuple[float, float]]:
    """Linear gain of each channel in the left and the right one, from their names as ffmpeg has them."""
    if len(channels) == 1:
        return [(1.0, 1.0)]
    if len(channels) == 2:
        return [(1.0, 0.0), (0.0, 1.0)]
    if all(name == "NONE" for name in channels):
        channels = _NAMELESS.get(len(channels), channels)
    return [_weight(name, place) for place, name in enumerate(channels)]


def _weight(name: str, place: int) -> tuple[float, float]:
    match name:
        case "FL" | "DL":
            return 1.0, 0.0
        case "FR" | "DR":
            return 0.0, 1.0
        case "FC":
            return _SIDE, _SIDE
        case "LFE" | "LFE2":
            return _BASS, _BASS
        case "BC" | "TC" | "TFC" | "TBC" | "BFC":
            return _CENTRE_BACK, _CENTRE_BACK
    side = {"FLC": "L", "FRC": "R"}.get(name, name[-1:])
    left = side == "L" or (side != "R" and place % 2 == 0)
    return (_SIDE, 0.0) if left else (0.0, _SIDE)


class ToStereo:
    """Frames of any layout, rate and format, which may change in mid-file, into stereo of one kind."""

    def __init__(self, first: av.AudioFrame, sample_format: str = "") -> None:
        """The rate is that of the first frame; so is the format of a stereo one, if none is asked for."""
        self.rate_hz = first.sample_rate
        self.sample_format = sample_format or (first.format.name if first.layout.name == "stereo" else "flt")
        self._kind: tuple[str, str, int] | None = None
        self._packer: av.AudioResampler | None = None
        self._resampler: av.AudioResampler | None = None

    def over(self, frames: Iterable[av.AudioFrame]) -> Iterator[av.AudioFrame]:
        """What all frames give."""
        for frame in frames:
            yield from self.take(frame)
        yield from self.finish()

    def take(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """What the next frame gives."""
        kind = (frame.layout.name, frame.format.name, frame.sample_rate)
        if kind != self._kind:
            yield from self.finish()
            self._kind = kind
            if kind != ("stereo", self.sample_format, self.rate_hz):
                self._resampler = av.AudioResampler(self.sample_format, "stereo", self.rate_hz)
            # To be read as an array: PyAV 18 counts one plane too many in a planar frame of 8 channels.
            self._packer = av.AudioResampler("flt", frame.layout) if frame.layout.name != "stereo" else None
        frame.pts = None  # sound follows sound, whatever a damaged or joined file says of its times
        packed = [frame] if self._packer is None else map(_mixed, self._packer.resample(frame))
        for each in packed:
            yield from [each] if self._resampler is None else self._resampler.resample(each)

    def finish(self) -> Iterator[av.AudioFrame]:
        """What is still in the conversion."""
        if self._resampler is not None:
            yield from self._resampler.resample(None)
            self._resampler = None


def _mixed(frame: av.AudioFrame) -> av.AudioFrame:
    """A stereo frame of a packed floating-point one: sums beyond full scale stay whole."""
    channels = frame.layout.channels
    gains = np.array(weights([channel.name for channel in channels]), dtype=np.float32)
    mixed = frame.to_ndarray().reshape(-1, len(channels)) @ gains
    stereo = av.AudioFrame.from_ndarray(mixed.reshape(1, -1), "flt", "stereo")
    stereo.sample_rate = frame.sample_rate
    return stereo
