"""Music played by a real player while many ask its HTTP API: what is heard, and what it costs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np

from player.playback.transitions import TAIL_S
from player.system.proc import Proc
from player.types import Json
from tests.support.daemon import ROOT, Daemon
from tests.support.ports import free_port
from tests.support.processes import alive, children
from tests.support.pulse import PrivatePulse, Samples, levels_db, recording
from tests.support.transitions import HIGH, LOW, STEP_S, longest_run, noise, written
from tests.support.waiting import wait_for

PROC = Proc()
FRONT = "player.interfaces.front.child"
TRACK_S, FADE_S = 9.0, 2.0
PLANNED_S = TRACK_S - TAIL_S - FADE_S
"""From the start of one crossfade to the start of the next."""
HEARD_DB, GAP_DB = -45.0, -30.0
"""Against a track's own level: a track that begins is heard, and all music is away."""
APART_S = 1.0
"""A track is away for longer than this before it is heard again."""


@contextmanager
def playing(folder: Path, pulse: PrivatePulse) -> Iterator[tuple[Daemon, int]]:
    """A player that goes on from one band of noise to the other for ever, and the port of its API.

    Both are analysed, and its web process answers. All the while somebody records: the first who does makes
    PulseAudio's long buffers short, and that is heard.
    """
    songs = folder / "songs"
    songs.mkdir()
    for number, band in enumerate((LOW, HIGH), 1):
        written(songs / f"noise {number}.wav", noise(TRACK_S, band, number))
    changes: Json = {
        "camera": {"enabled": False},
        "library": {"folders": [str(songs)]},
        "playback": {"crossfade_s": FADE_S, "volume": 100},
        "web": {"enabled": True, "port": free_port()},
    }
    daemon = Daemon(folder / "player", changes, pulse.env)
    daemon.listen()
    with recording(pulse), daemon:
        status = daemon.wait_until(lambda now: now["front"]["address"] and now["library"]["analysed"] == 2)
        wait_for(lambda: len(PROC.family(daemon.process.pid)) == 5, 60, "the analysing process to end")
        yield daemon, urlsplit(status["front"]["address"]).port or 0


@dataclass(frozen=True)
class Loaded:
    """What came of a load.

    said     what those who asked say, see http_load.py
    most_mb  memory of the player and all its processes at its highest, shared pages counted by share
    front_s  processor time that the web process took
    took_s   how long it was, from its first stream to its end
    """

    said: Json
    most_mb: float
    front_s: float
    took_s: float


def load(daemon: Daemon, port: int, *, streams: int, slow: int, rate: float, seconds: float) -> Loaded:
    """Let many ask at once, and see what the player takes meanwhile."""
    numbers = {"streams": streams, "slow": slow, "rate": rate, "seconds": seconds}
    words = [word for name, number in numbers.items() for word in (f"--{name}", str(number))]
    began, front = time.monotonic(), front_of(daemon)
    before_s, most = PROC.stat(front).cpu_s, 0.0
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.http_load", str(port), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline() == "open\n"
        while asking.poll() is None:
            most = max(most, memory_mb(daemon))
            with suppress(subprocess.TimeoutExpired):
                asking.wait(1.0)
        said = json.loads(asking.stdout.read())
    return Loaded(said, most, PROC.stat(front).cpu_s - before_s, time.monotonic() - began)


def killed_and_back_s(daemon: Daemon, port: int) -> float:
    """Kill the web process, and wait for the next one to answer: how long that took."""
    before = front_of(daemon)
    os.kill(before, signal.SIGKILL)
    killed_at = time.monotonic()
    wait_for(lambda: not alive(before), 5, "its end")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:

        def well() -> bool:
            try:
                return client.get("/healthz").status_code == 200
            except httpx.TransportError:
                return False

        wait_for(well, 30, "the next one")
    return time.monotonic() - killed_at


def front_of(daemon: Daemon) -> int:
    """The web process; fails the test if there is none."""
    (found,) = children(daemon.process.pid, FRONT)
    return found


def memory_mb(daemon: Daemon) -> float:
    """Of the player and all its processes, shared pages counted by share."""
    return sum(PROC.memory_kb(pid, "Pss") for pid in PROC.family(daemon.process.pid)) / 1024


@dataclass(frozen=True)
class Heard:
    """What a recording of `playing` says.

    late_ms  how late each crossfade began, by when the track before it did and how long that is
    gap_ms   longest time without music
    """

    late_ms: list[float]
    gap_ms: float

    @property
    def latest_ms(self) -> float:
        """The one that was off most, either way."""
        return max(self.late_ms, key=abs, default=0.0)


def heard(samples: Samples) -> Heard:
    """Judge it; it begins and ends anywhere within the music."""
    whole = levels_db(samples, STEP_S)
    full_db = float(np.median(whole))
    bands = [levels_db(samples, STEP_S, *band) > full_db + HEARD_DB for band in (LOW, HIGH)]
    starts = sorted(start for is_heard in bands for start in _starts_s(is_heard))
    late_ms = [1000 * (after - before - PLANNED_S) for before, after in pairwise(starts)]
    return Heard(late_ms, 1000 * STEP_S * longest_run(whole < full_db + GAP_DB))


def _starts_s(is_heard: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[float]:
    """When a band is heard again after it was away."""
    (there,) = np.nonzero(is_heard)
    apart = np.diff(there, prepend=0) > APART_S / STEP_S
    return [float(step) * STEP_S for step in there[apart]]
