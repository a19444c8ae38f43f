"""The reference pipeline, timed: librosa loads a track, the original TensorFlow musicnn tags it.

    python -m scripts.bench.reference_musicnn musicnn-0.1.0-py3-none-any.whl TRACK RUNS

Whole track in patches of 3 s without overlap, as musicnn's own extractor does; needs librosa, onnx and
tensorflow-cpu. Prints JSON: seconds of each run, models being open, and peak memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import librosa
import numpy as np

from scripts.bench.peak_memory import peak_mb
from scripts.export.musicnn import Original

FRAMES = 187


def tag(original: Original, track: Path) -> np.ndarray:
    """(patches, 50) probabilities."""
    samples, rate_hz = librosa.load(track, sr=16000)
    mel = librosa.feature.melspectrogram(y=samples, sr=rate_hz, hop_length=256, n_fft=512, n_mels=96).T
    mel = np.log10(10000 * mel.astype(np.float16) + 1)
    patches = [mel[start : start + FRAMES] for start in range(0, len(mel) - FRAMES + 1, FRAMES)]
    return original.tags(np.stack(patches))


def main() -> None:
    wheel, track, runs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        original = Original(Path(folder, "musicnn", "MSD_musicnn"))
        tag(original, track)  # compiles
        seconds = []
        for _ in range(runs):
            began = time.perf_counter()
            tag(original, track)
            seconds.append(time.perf_counter() - began)
    memory_mb = peak_mb()
    print(json.dumps({"seconds": seconds, "memory_mb": memory_mb}))


if __name__ == "__main__":
    main()
