"""Music files and arrays into sound: decoded once, in chunks, and never whole in memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer

from player.audio.joined import links
from player.audio.stereo import ToStereo, announced_s, decoded, decoded_links, is_estimate, opened
from player.errors import AudioFileError
from player.library.analysis import boundaries, silences
from player.library.analysis.boundaries import Boundaries
from player.library.analysis.excerpts import Excerpts
from player.library.analysis.mel_spectrogram import Floats
from player.library.analysis.silences import Silences
from player.library.analysis.stream import AnalysisStream

MAX_S = 4 * 3600
"""A longer recording is judged by its first four hours."""
MIN_S = 0.1
_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_ARRAY_CHUNK = 16384


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """What decoding gives."""

    excerpts: Excerpts
    """16 kHz mono, nominally in [-1, 1]: passages spread over the first MAX_S, the middle minute."""
    duration_s: float
    loudness_lufs: float
    """Integrated loudness (EBU R128: ITU-R BS.1770-4, gated); -70, the gate, for silence."""
    true_peak_dbtp: float
    """Highest true peak of either channel as played; level_meter.SILENCE_DB for silence."""
    boundaries: Boundaries
    silences: Silences


def decode(path: Path) -> Audio:
    """Decode the first audio stream of a music file; some 20 MB, however long it is.

    Raises AudioFileError if the file cannot be opened, holds no audio, is silent throughout, is encrypted,
    is damaged in most of its packets, or ends before half of the length it announces.
    """
    try:
        with opened(path) as container:
            return _decode(path, container)
    except AudioFileError:
        raise
    except (av.FFmpegError, OSError, ValueError, LookupError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioFileError(f"{path} cannot be decoded ({reason}): replace or remove it.") from error


def _decode(path: Path, container: InputContainer) -> Audio:
    stream = container.streams.audio[0]
    if stream.codec_context is None or stream.format is None or not stream.rate:
        raise AudioFileError(f"{path} holds nothing that can be decoded: replace or remove it.")
    found = links(path)
    length_s = found[-1].end_s if found else announced_s(container, stream)
    frames = _frames(path, decoded_links(path, found) if found else decoded(container, stream))
    if (first := next(frames, None)) is None:
        raise AudioFileError(f"{path} holds no sound: replace or remove it.")
    sound, decoded_s, whole = _listen(first, frames, length_s)
    if decoded_s < MIN_S or (sound.finite and boundaries.is_silent(sound.meter.powers, sound.loudness_lufs)):
        raise AudioFileError(f"{path} holds no sound: replace or remove it.")
    if whole and decoded_s < length_s / 2 and not is_estimate(container):
        raise AudioFileError(
            f"{path} ends after {decoded_s:.0f} s of {length_s:.0f} s: copy it again from its source."
        )
    return _audio(sound, str(path), decoded_s, decoded_s if whole else max(length_s, decoded_s))


def from_array(samples: Floats, rate_hz: float) -> Audio:
    """The same from sound in memory: (n,) or (n, channels) floating point, nominally in [-1, 1].

    Raises ValueError for integers (whose full scale nobody knows) and other types, another shape, more than 8
    channels, a rate that is no whole number from 4000 to 384000, or less than MIN_S; AudioFileError if a
    sample is no number.
    """
    array = np.asarray(samples)
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(
            f"samples of type {array.dtype}: give floating point in [-1, 1], as int16 samples / 32768 are."
        )
    array = array.astype(np.float32, copy=False)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[1] not in _LAYOUTS:
        raise ValueError(
            f"sound of shape {np.shape(samples)}: give (n,) or (n, channels), 8 channels at most."
        )
    if not (4000 <= rate_hz <= 384000 and rate_hz == int(rate_hz)):
        raise ValueError(f"a rate of {rate_hz} Hz: give a whole number from 4000 to 384000.")
    hz = int(rate_hz)
    if len(array) < MIN_S * hz:
        raise ValueError(f"{len(array)} samples at {hz} Hz: give {MIN_S} s or more.")
    pieces = _pieces(array, hz, av.AudioLayout(_LAYOUTS[array.shape[1]]))
    sound, decoded_s, whole = _listen(next(pieces), pieces, len(array) / hz)
    return _audio(sound, "The array", decoded_s, decoded_s if whole else len(array) / hz)


def _pieces(array: Floats, rate_hz: int, layout: av.AudioLayout) -> Iterator[av.AudioFrame]:
    for start in range(0, len(array), _ARRAY_CHUNK):
        packed = np.ascontiguousarray(array[start : start + _ARRAY_CHUNK]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout.name)
        frame.sample_rate = rate_hz
        frame.pts, frame.time_base = start, Fraction(1, rate_hz)
        yield frame


def _listen(
    first: av.AudioFrame, others: Iterator[av.AudioFrame], announced_s: float
) -> tuple[AnalysisStream, float, bool]:
    """What was heard of the first MAX_S, as it is played; seconds taken, and whether that was all."""
    stereo = ToStereo(first)
    sound = AnalysisStream(stereo.rate_hz, stereo.sample_format, announced_s)
    return sound, *sound.feed(stereo.over(chain([first], others)), MAX_S)


def _audio(stream: AnalysisStream, name: str, decoded_s: float, duration_s: float) -> Audio:
    if not (stream.finite and math.isfinite(stream.loudness_lufs)):
        raise AudioFileError(f"{name} holds samples that are no numbers: replace or remove it.")
    powers = stream.meter.powers
    found = boundaries.find(powers, stream.loudness_lufs, decoded_s)
    if duration_s > decoded_s:  # nobody has heard the end
        found = Boundaries(found.music_start_s, duration_s, duration_s)
    return Audio(
        excerpts=stream.excerpts,
        duration_s=duration_s,
        loudness_lufs=stream.loudness_lufs,
        true_peak_dbtp=stream.meter.true_peak_dbtp,
        boundaries=found,
        silences=silences.find(powers, stream.loudness_lufs),
    )


def _frames(path: Path, frames: Iterable[av.AudioFrame | None]) -> Iterator[av.AudioFrame]:
    """Decoded frames; damaged packets are left out, as a player would, unless they are the most."""
    good = bad = 0
    for frame in frames:
        if frame is None:
            bad += 1
        else:
            good += 1
            yield frame
    if bad > good:
        raise AudioFileError(f"{path} is damaged in {bad} of {bad + good} places: replace or remove it.")
