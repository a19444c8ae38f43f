"""How long a choice among a million tracks takes, and what memory the track table takes.

    python -m scripts.bench.library                    # a million synthetic tracks, some minutes
    python -m scripts.bench.library --tracks 100000

Makes a library of synthetic tracks in a temporary folder, reads it as the player does, and plays: each choice
follows the one before, after a room whose mood wanders. Prints times in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from os import getloadavg
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from player.config.settings.library import ChoiceSettings, RuleSettings
from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.index.track_table import artist_number
from player.library.rules import compile_rules
from player.selection.recommender import ChoiceContext, Recommender
from player.system.proc import Proc
from player.types import MoodPoint, Target
from scripts.bench.peak_memory import peak_mb

START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 20_000
NAMES = (
    "id", "path", "size", "mtime_ns", "title", "artist", "album", "genre", "explicit", "duration_s",
    "analysis_version", "valence", "energy", "confidence", "moods", "loudness_lufs", "tempo_bpm", "key",
    "embedding", "artists", "genres",
)  # fmt: skip
KEYS = [f"{tonic} {mode}" for tonic in "CDEFGAB" for mode in ("major", "minor")]
RULES = RuleSettings.model_validate({"exclude": {"explicit": True, "genres": ["genre 7"]}})


def tracks(count: int, random: np.random.Generator) -> Iterator[list[tuple[Any, ...]]]:
    """Synthetic rows in batches: moods gather in the middle, one track in fifty is not analysed."""
    for first in range(1, count + 1, BATCH):
        n = min(BATCH, count + 1 - first)
        moods = np.clip(random.normal(0, 0.4, (n, 2)), -1, 1)
        sounds = random.normal(0, 1, (n, 32))
        sounds = np.round(127 * sounds / np.linalg.norm(sounds, axis=1, keepdims=True)).astype(np.int8)
        artists = random.integers(0, max(1, count // 12), n)
        yield [
            (
                number, f"/music/artist {artist}/album/{number:07}.flac", 1, 1, f"title {number}",
                f"artist {artist}", "album", f"genre {number % 40}", int(number % 20 == 0), 200.0, 2,
                *((None, None) if number % 50 == 0 else map(float, mood)),
                float(sure), "{}", -14.0 + number % 5, 60.0 + number % 120, KEYS[number % 14],
                sound.tobytes(), f'["artist {artist}"]', f'["genre {number % 40}"]',
            )
            for number, artist, mood, sure, sound in zip(
                range(first, first + n), artists, moods, random.uniform(0.4, 1, n), sounds, strict=True
            )
        ]  # fmt: skip


def build(path: Path, count: int) -> None:
    """A library of so many synthetic tracks."""
    library = Library(path)
    statement = f"INSERT INTO tracks ({', '.join(NAMES)}) VALUES ({', '.join('?' * len(NAMES))})"
    for batch in tracks(count, np.random.default_rng(1)):
        with library.database.transaction() as connection:
            connection.executemany(statement, batch)
    library.close()


def resident_mb() -> float:
    """What memory this process has now."""
    return int(Proc().status(os.getpid(), "VmRSS").split()[0]) * 1024 / 1e6


def play(library: Library, index: TrackIndex, rounds: int) -> list[tuple[float, float]]:
    """Milliseconds of each choice, on the clock and of the processor, from keeping in step to a Track."""
    random = np.random.default_rng(2)
    recommender = Recommender(ChoiceSettings(seed=1), compile_rules(RULES, ()))
    now, at, times = START, np.zeros(2), list[tuple[float, float]]()
    moment = ChoiceContext(START)
    for _ in range(rounds):
        at = np.clip(at + random.normal(0, 0.2, 2), -1, 1)
        target = Target(MoodPoint(*map(float, at)), "target", "")
        began, worked = perf_counter(), thread_time()
        columns = index.now(now - timedelta(hours=2))
        pick = recommender.choose(columns, target, moment)
        track = library.track(pick.id)
        times.append((1000 * (perf_counter() - began), 1000 * (thread_time() - worked)))
        assert track is not None
        index.hear(pick.id, now)
        now += timedelta(minutes=3)
        moment = replace(
            moment, now=now, playing=track, avoid=frozenset({pick.id}),
            artists=frozenset({artist_number(track.artist)}),
        )  # fmt: skip
    return times


def main() -> None:
    """Build, read, play, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tracks", type=int, default=1_000_000)
    parser.add_argument("--choices", type=int, default=3000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "library.db")
        build(path, arguments.tracks)
        library = Library(path)
        before, began = resident_mb(), perf_counter()
        index = TrackIndex(library, compile_rules(RULES, ()), seed=1)
        first = index.now(START)
        print(f"first columns after {1000 * (perf_counter() - began):.0f} ms: {len(first.table)} tracks")
        index.wait(600)
        columns = index.now(START)
        print(f"all {len(columns.table)} tracks after {perf_counter() - began:.1f} s")
        times = play(library, index, arguments.choices)
        after = resident_mb()
        report(times, before, after)
        library.close()


def report(times: list[tuple[float, float]], before: float, after: float) -> None:
    """Print what was measured."""
    print(f"first choice {times[0][0]:.1f} ms (it sorts the tracks onto the mood plane)")
    for name, column in zip(("on the clock", "of the processor"), np.array(times[1:]).T, strict=True):
        p50, p99 = np.percentile(column, [50, 99])
        print(f"{len(column)} more, {name}: p50 {p50:.2f}, p99 {p99:.2f}, max {column.max():.2f} ms")
    print(f"load of the machine {getloadavg()[0]:.1f}")
    print(f"memory {after - before:.0f} MB more than before, at its peak {peak_mb() - before:.0f} MB more")


if __name__ == "__main__":
    main()
