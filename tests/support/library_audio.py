"""Sound made and encoded here, for the tests of the library."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from player.types import Json

CODECS = {
    ".wav": "pcm_s16le",
    ".flac": "flac",
    ".mp3": "libmp3lame",
    ".ogg": "vorbis",
    ".opus": "libopus",
    ".m4a": "aac",
}
RATE_HZ = 48000

FLAT: Json = {
    "valence": 0.5,
    "energy": -0.5,
    "quadrant": "Q4",
    "moods": {},
    "loudness_lufs": -14.0,
    "true_peak_dbtp": -1.0,
    "tempo_bpm": None,
    "duration_s": 1.0,
    "elapsed_ms": 1.0,
    "silences": [[0.25, 0.5]],
    "rests": [0.35, 0.75],
}
"""What an analysing process says of a file, if nobody listens."""

Samples = npt.NDArray[np.float32]


def sine(seconds: float, dbfs: float, hz: float = 997.0) -> Samples:
    """(n,) float32: a tone whose peaks reach `dbfs`."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def clicks(seconds: float, bpm: float) -> Samples:
    """(n,) float32: a short wooden knock on every beat, over faint noise."""
    n = int(seconds * RATE_HZ)
    sound = 1e-3 * np.random.default_rng(0).standard_normal(n)
    knock = np.exp(-np.arange(2400) / 300) * np.sin(2 * np.pi * 1200 * np.arange(2400) / RATE_HZ)
    for start in (np.arange(0.1, seconds - 0.1, 60 / bpm) * RATE_HZ).astype(int):
        sound[start : start + 2400] += 0.7 * knock[: n - start]
    return sound.astype(np.float32)


def encode(
    path: Path, left: Samples, right: Samples | None = None, tags: Mapping[str, str] | None = None
) -> Path:
    """Write stereo sound into the container that the file's ending names."""
    stereo = np.stack([left, left if right is None else right])
    with av.open(str(path), "w", options={"strict": "experimental"}) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(
            CODECS[path.suffix], rate=RATE_HZ, layout="stereo", options={"strict": "-2"}
        )
        frame = av.AudioFrame.from_ndarray(stereo, format="fltp", layout="stereo")
        frame.sample_rate = RATE_HZ
        resampler = av.AudioResampler(stream.format.name, "stereo", RATE_HZ, stream.frame_size or 4096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def encode_channels(
    path: Path, channels: Sequence[Samples], layout: str, rate_hz: int = RATE_HZ, codec: str = ""
) -> Path:
    """Write sound of any layout, sampled at `rate_hz`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec or CODECS[path.suffix], rate=rate_hz, layout=layout)
        # Packed: PyAV 18 counts one plane too many in a planar frame of 8 channels.
        packed = np.ascontiguousarray(np.stack(channels, axis=1)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(stream.format.name, layout, rate_hz, stream.frame_size or 4096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path
