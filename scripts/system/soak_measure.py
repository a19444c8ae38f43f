"""What soak.py measures: processes, streams, silence, and whether a series of samples is flat."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from player.system.proc import Proc
from tests.support.pulse import RATE, SINK
from tests.support.waiting import wait_for

PROC = Proc()
ROLES = {"playback.deck_child": "deck", "monitor.child": "monitor", "analysis.child": "analysis"}
WINDOW_S = 0.02
SILENT_DB = -60.0
LEAST_GAP_S = 0.04


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment."""

    transitions: int
    role: str
    pid: int
    values: Mapping[str, float]
    """anon_kb and pss_kb (memory), threads, handles."""


def children(pid: int) -> dict[int, str]:
    """Process ids and roles of a player: the daemon itself and what it has started."""
    found = {pid: "daemon"}
    for child in PROC.children(pid):
        with suppress(OSError):  # it has just ended
            command = " ".join(PROC.command_line(child))
            role = next((role for word, role in ROLES.items() if word in command), None)
            if role:
                found[child] = role
    return found


def look(pid: int) -> dict[str, float] | None:
    """Memory, threads and file handles of a process; None if it has just ended."""
    try:
        return {
            "anon_kb": PROC.memory_kb(pid, "Pss_Anon"),
            "pss_kb": PROC.memory_kb(pid, "Pss"),
            "threads": len(PROC.threads(pid)),
            "handles": len(PROC.handles(pid)),
        }
    except OSError:
        return None


def streams(env: Mapping[str, str]) -> int:
    """How many streams play into PulseAudio."""
    command = ["pactl", "list", "short", "sink-inputs"]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    return len(done.stdout.splitlines())


@dataclass(frozen=True, slots=True)
class Trend:
    """How a value behaves in the second half of the run, warm-up of each process left out."""

    role: str
    metric: str
    level: float
    """Median."""
    per_1000: float
    """Slope of a straight line, per 1000 transitions; processes that replaced each other share it. If the
    highest values rise less, theirs: what goes up and down between two levels does not grow.
    """
    growth: float
    """That slope over all the transitions that were measured."""
    allowed: float

    @property
    def flat(self) -> bool:
        """Whether it grows by no more than the noise of such a measurement."""
        return self.growth <= self.allowed


ALLOWED = {"anon_kb": (1500.0, 250.0), "threads": (1.5, 0.25), "handles": (2.0, 0.25)}
"""How much a value may have grown: noise, and so much more per 1000 transitions."""


def trends(samples: Sequence[Sample], warm: int) -> list[Trend]:
    """One line for each role and metric with enough samples. `warm` transitions of a process do not count."""
    first: dict[int, int] = {}
    for sample in samples:
        first.setdefault(sample.pid, sample.transitions)
    half = max((sample.transitions for sample in samples), default=0) / 2
    late = [s for s in samples if s.transitions >= max(half, first[s.pid] + warm)]
    found = []
    for role in dict.fromkeys(sample.role for sample in late):
        for metric, (noise, rate) in ALLOWED.items():
            points = [(s.pid, s.transitions, s.values[metric]) for s in late if s.role == role]
            if len(points) < 6:
                continue
            slope, span = common_slope(points)
            slope = min(slope, slope_of_the_highest(points))
            found.append(
                Trend(
                    role,
                    metric,
                    level=float(np.median([value for _, _, value in points])),
                    per_1000=1000 * slope,
                    growth=slope * span,
                    allowed=noise + rate * span / 1000,
                )
            )
    return found


def common_slope(points: Sequence[tuple[int, float, float]]) -> tuple[float, float]:
    """Least squares through (process, x, y) with one slope, and a height of its own for each process.

    Returns slope and the range of x.
    """
    groups: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for pid, x, y in points:
        groups[pid].append((x, y))
    both = above = 0.0
    for group in groups.values():
        x, y = np.array(group).T
        both += float(((x - x.mean()) * (y - y.mean())).sum())
        above += float(((x - x.mean()) ** 2).sum())
    xs = [x for _, x, _ in points]
    return (both / above if above else 0.0), float(max(xs) - min(xs))


def slope_of_the_highest(points: Sequence[tuple[int, float, float]]) -> float:
    """From the highest value of each process's first half to that of its second; inf if none has both."""
    groups: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for pid, x, y in points:
        groups[pid].append((x, y))
    rises = halves = 0.0
    for group in groups.values():
        begin, end = min(group)[0], max(group)[0]
        early = [y for x, y in group if x <= (begin + end) / 2]
        late = [y for x, y in group if x > (begin + end) / 2]
        if early and late:
            rises += max(late) - max(early)
            halves += (end - begin) / 2
    return rises / halves if halves else float("inf")


class Listener:
    """Notes every silence at the sink's monitor; keeps no sound."""

    def __init__(self, env: Mapping[str, str]) -> None:
        command = ["parec", f"--device={SINK}.monitor", "--raw", "--format=s16le", "--channels=1"]
        self._recorder = subprocess.Popen(
            [*command, f"--rate={RATE}", "--latency-msec=20"],
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
        )
        self.gaps: list[tuple[float, float]] = []
        """Begin (monotonic) and length, in seconds."""
        self.sounds = False
        self.windows = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_for(lambda: self.windows, 10, "the first recorded samples")

    def _run(self) -> None:
        assert self._recorder.stdout is not None
        size, run, began = round(WINDOW_S * RATE), 0, 0.0
        while data := self._recorder.stdout.read(2 * size):
            samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768
            level = 10 * np.log10(max(float(np.mean(samples**2)), 1e-12))
            self.windows += 1
            self.sounds = level > SILENT_DB
            if not self.sounds:
                began = began if run else time.monotonic() - WINDOW_S
                run += 1
            elif run:
                if run * WINDOW_S >= LEAST_GAP_S:
                    self.gaps.append((began, run * WINDOW_S))
                run = 0

    def close(self) -> None:
        """Stop listening."""
        self._recorder.kill()
        self._recorder.wait()
        self._thread.join(5)
