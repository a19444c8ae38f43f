"""How long the analysis of a track takes, and its memory; beside the reference pipeline where there is one.

    .venv/bin/python -m scripts.bench.analysis TRACK... [--runs 3]
        [--reference-python PYTHON --wheel musicnn-0.1.0-py3-none-any.whl]

Throughput is measured with one process per core, each with the models open; the reference may use all
cores for each track, and runs between two rounds of ours.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from player.emotions import feelings_at
from player.library.analysis import features
from player.library.analysis.decoding import decode
from player.library.analysis.feature_extractor import Analyzer, FeatureExtractor
from scripts.bench.peak_memory import peak_mb

ROOT = Path(__file__).resolve().parents[2]

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the processes started here, as the player does with its own

_opened: list[Analyzer] = []


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tracks", type=Path, nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--reference-python")
    parser.add_argument("--wheel")
    options = parser.parse_args()
    print("| track | per track, all cores | one process alone | peak memory |\n|---|---|---|---|")
    for track in options.tracks:
        before = throughput(track, options.runs)
        reference = None
        if options.reference_python:
            reference = run_reference(options.reference_python, options.wheel, track, options.runs)
        ours = statistics.mean([before, throughput(track, options.runs)])
        alone, memory_mb = alone_in_a_process(track, options.runs)
        print(f"| {track.name} | {ours:.2f} s | {alone:.2f} s | {memory_mb:.0f} MB |")
        if reference is not None:
            per_track = statistics.median(reference["seconds"])
            print(f"| reference | {per_track:.2f} s | | {reference['memory_mb']:.0f} MB |")
            print(f"\n{per_track / ours:.1f} times as fast as the reference\n")
    print("\nstages: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in stages(options.tracks[0]).items()))


def throughput(track: Path, runs: int) -> float:
    """Seconds per track with one process per core."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), initializer=open_models) as pool:
        list(pool.map(listen, [track] * cores))  # every process is up
        began = time.perf_counter()
        list(pool.map(listen, [track] * cores * runs))
        return (time.perf_counter() - began) / (cores * runs)


def alone_in_a_process(track: Path, runs: int) -> tuple[float, float]:
    """Seconds per track of one process that has nothing beside it, and its peak memory in MB."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=open_models) as pool:
        found = list(pool.map(listen, [track] * runs))
    return min(seconds for seconds, _ in found), found[-1][1]


def open_models() -> None:
    """In a process of the pool."""
    _opened.append(Analyzer(feelings_at))


def listen(track: Path) -> tuple[float, float]:
    """In a process of the pool: seconds of one analysis, and the process's peak memory so far in MB."""
    began = time.perf_counter()
    _opened[0].analyze(track)
    seconds = time.perf_counter() - began
    return seconds, peak_mb()


def run_reference(python: str, wheel: str, track: Path, runs: int) -> dict[str, object]:
    """What scripts/bench/reference_musicnn.py prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [python, "-m", "scripts.bench.reference_musicnn", wheel, str(track), str(runs)],
        check=True, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def stages(track: Path) -> dict[str, float]:
    """Milliseconds of each stage, best of three."""
    audio, listener = decode(track), FeatureExtractor()
    middle = audio.excerpts.middle()
    whole = best_ms(lambda: listener.features(audio.excerpts))
    described = best_ms(lambda: features.describe(middle))
    return {
        "decode and meter": best_ms(lambda: decode(track)),
        "tagger": whole - described,
        "features": described,
    }


def best_ms(work: object, runs: int = 3) -> float:
    """Of a function without arguments."""
    assert callable(work)
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return min(taken)


if __name__ == "__main__":
    main()
