"""Accelerated days: the real player on short tracks, with commands and crashes; nothing may grow.

    .venv/bin/python -m scripts.system.soak [--seconds 3600] [--json FILE]

Everything is real but the sound card (a private PulseAudio with a null sink, whose monitor is listened to)
and the length of the tracks: daemon, decks, library and its analysis, play history, taste, camera, models.
Prints a table; the exit code is 1 if something grew in the second half of the run, or music was missing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from player.config import loader
from player.library.database.feedback import Feedback, Outcome
from player.library.database.store import Library
from player.state.state_file import database_path
from player.types import Json, MoodPoint
from scripts.system.soak_measure import Listener, Sample, Trend, children, look, streams, trends
from tests.support.daemon import ROOT, Daemon
from tests.support.library_audio import CODECS, RATE_HZ, encode
from tests.support.pulse import PrivatePulse, private_pulse
from tests.support.waiting import wait_for

TRACKS = 48
WARM = 60
"""So many transitions a process has to load what it loads late."""
AFTER_CRASH_S = 5.0
STREAMS_MAX = 4
"""Two that play, one that is held, one that is being closed."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=600, help="how long the player plays")
    parser.add_argument("--kill-s", type=float, default=240, help="a deck is killed this often; 0: never")
    parser.add_argument("--gap-s", type=float, default=0.3, help="the longest silence that may pass")
    parser.add_argument(
        "--warm", type=int, default=WARM, help="transitions that are the warm-up of a process"
    )
    parser.add_argument("--feedback", type=int, default=0, help="judgements there are from before")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the result there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, private_pulse() as pulse:
        soak = Soak(Path(name), pulse, options)
        result = soak.run()
    print(table(result, soak.trends))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    sys.exit(0 if result["passed"] else 1)


def songs(folder: Path) -> Path:
    """Chords of 1.5 to 2.7 s in every format."""
    folder.mkdir()
    for number in range(TRACKS):
        t = np.arange(round((1.5 + number % 4 * 0.4) * RATE_HZ)) / RATE_HZ
        root_hz = 180.0 * 2 ** (number % 13 / 12)
        sound = sum(
            np.sin(2 * np.pi * root_hz * ratio * t) / (n + 2) for n, ratio in enumerate((1, 1.25, 1.5))
        )
        ending = list(CODECS)[number % len(CODECS)]
        encode(folder / f"{number:02}{ending}", (0.25 * np.asarray(sound)).astype(np.float32))
    return folder


def settings(folder: Path) -> Json:
    """Everything as in a café, but in a hurry."""
    return {
        "camera": {"source": "demo", "photo_s": 60},
        "gate": {"interval_s": 5},
        "library": {"folders": [str(songs(folder))], "rescan_s": 60, "busy_percent": 100},
        "choice": {"track_window_s": 0, "artist_gap": 0, "variety": 1},
        "playback": {
            "crossfade_s": 0.3, "shift_fade_s": 0.3, "skip_fade_s": 0.2, "first_fade_s": 0.2, "ramp_s": 1,
            "output": "pulse",
        },
    }  # fmt: skip


class Soak:
    """One run."""

    def __init__(self, folder: Path, pulse: PrivatePulse, options: argparse.Namespace) -> None:
        self._options, self._pulse = options, pulse
        self._daemon = Daemon(folder / "player", settings(folder / "songs"), pulse.env)
        self._random = random.Random(options.seed)
        self._samples: list[Sample] = []
        self._streams: list[int] = []
        self._excused: list[tuple[float, float]] = []
        self._crashes: list[float] = []
        self._commands: Counter[str] = Counter()
        self.trends: list[Trend] = []

    def run(self) -> Json:
        """Play, disturb, measure; returns the result."""
        self._analyse()
        self._remember()
        with self._daemon:
            listener = Listener(self._pulse.env)
            self._daemon.wait_until(lambda status: status["perception"].get("scene"), 120)
            began = time.monotonic()
            self._drive(listener, began + self._options.seconds)
            listener.close()
            seconds = time.monotonic() - began
        return self._result(listener, seconds, began)

    def _analyse(self) -> None:
        """Before the music: the player analyses nothing during a crossfade, and here is one all the time."""
        command = ["-m", "player", "library", "analyze", "--json", "--config", str(self._daemon.config)]
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def _remember(self) -> None:
        """A taste as after days in a café: 2000 judgements are what it learns from at most."""
        library = Library(database_path(loader.load(self._daemon.config)))
        ids = [track.id for track in library.tracks()]
        began = datetime.now(UTC) - timedelta(days=7)
        kinds = (Outcome.FINISHED, Outcome.FINISHED, Outcome.SKIPPED)
        for number in range(self._options.feedback):
            at, kind = began + timedelta(minutes=4 * number), self._random.choice(kinds)
            library.feedback.add(Feedback(self._random.choice(ids), at, kind, "day", MoodPoint(0.2, 0.1)))
        library.close()

    @property
    def _transitions(self) -> int:
        return sum(event["event"] == "track" for event in list(self._daemon.events))

    def _drive(self, listener: Listener, until: float) -> None:
        options = self._options
        sample_s = max(1.0, min(10.0, options.seconds / 200))
        next_sample = next_command = time.monotonic()
        next_kill = time.monotonic() + options.kill_s if options.kill_s else float("inf")
        while (now := time.monotonic()) < until:
            if now >= next_sample:
                next_sample = now + sample_s
                self._sample()
            if now >= next_kill:
                next_kill = now + options.kill_s
                self._crash()
            elif now >= next_command:
                next_command = now + self._random.uniform(0.5, 5)
                self._command(listener)
            assert self._daemon.process.poll() is None, self._daemon.transcript()[-4000:]
            time.sleep(0.05)

    def _sample(self) -> None:
        transitions = self._transitions
        for pid, role in children(self._daemon.process.pid).items():
            values = look(pid)
            if values is not None and role != "analysis":
                self._samples.append(Sample(transitions, role, pid, values))
        self._streams.append(streams(self._pulse.env))

    def _command(self, listener: Listener) -> None:
        kinds = {"next": 10, "volume": 4, "pin": 3, "unpin": 3, "like": 1, "pause": 1}
        (what,) = self._random.choices(list(kinds), list(kinds.values()))
        value = {
            "volume": self._random.randint(50, 90),
            "pin": self._random.choice(["calm", "joyful", "sad"]),
        }
        self._commands[what] += 1
        if what == "pause":
            since = time.monotonic()
            self._daemon.tell("pause")
            wait_for(lambda: not listener.sounds, 5, "silence")
            self._daemon.tell("resume")
            wait_for(lambda: listener.sounds, 5, "sound")
            self._excused.append((since, time.monotonic()))
        elif what != "like" or self._daemon.tell("status")["playback"]["state"] == "playing":
            self._daemon.tell(what, value.get(what))

    def _crash(self) -> None:
        """A deck dies, one after the other."""
        decks = sorted(pid for pid, role in children(self._daemon.process.pid).items() if role == "deck")
        if len(decks) < 2:
            return
        self._crashes.append(time.monotonic())
        os.kill(decks[0], signal.SIGSEGV)

    def _result(self, listener: Listener, seconds: float, began: float) -> Json:
        self.trends = trends(self._samples, self._options.warm)
        quiet, crashed = [0.0], [0.0]
        for at, length in listener.gaps:
            if at < began or any(at < end and at + length > start for start, end in self._excused):
                continue
            after_crash = any(0 <= at - crash < AFTER_CRASH_S for crash in self._crashes)
            (crashed if after_crash else quiet).append(length)
        roles = {trend.role for trend in self.trends}
        complaints = [e["message"] for e in self._daemon.events if e["level"] in {"warning", "error"}]
        passed = (
            all(trend.flat for trend in self.trends)
            and {"daemon", "deck"} <= roles
            and max(quiet) <= self._options.gap_s
            and max(crashed) < AFTER_CRASH_S
            and max(self._streams) <= STREAMS_MAX
        )
        return {
            "passed": passed,
            "seconds": round(seconds),
            "transitions": self._transitions,
            "commands": dict(self._commands),
            "decks_killed": len(self._crashes),
            "longest_gap_s": round(max(quiet), 2),
            "gaps": len(quiet) - 1,
            "longest_gap_after_a_crash_s": round(max(crashed), 2),
            "streams_max": max(self._streams),
            "complaints": Counter(complaints).most_common(20),
            "trends": [asdict(trend) | {"flat": trend.flat} for trend in self.trends],
            "pss_mb": round(self._memory_mb(), 1),
        }

    def _memory_mb(self) -> float:
        """All processes together, at the end."""
        last: dict[int, float] = {}
        end = max((s.transitions for s in self._samples), default=0)
        for sample in self._samples:
            if sample.transitions == end:
                last[sample.pid] = sample.values["pss_kb"]
        return sum(last.values()) / 1024


def table(result: Json, found: list[Trend]) -> str:
    """The result for people, in Markdown."""
    lines = [
        f"{result['transitions']} transitions in {result['seconds']} s, {sum(result['commands'].values())} "
        f"commands, {result['decks_killed']} decks killed; longest silence {result['longest_gap_s']} s "
        f"({result['gaps']} over 0.04 s), after a crash {result['longest_gap_after_a_crash_s']} s; "
        f"at most {result['streams_max']} streams; {result['pss_mb']} MB in all",
        "",
        "| process | what | level | per 1000 transitions | growth in the second half | allowed | |",
        "|---|---|---|---|---|---|---|",
    ]
    for t in found:
        verdict = "flat" if t.flat else "GROWS"
        numbers = f"{t.level:.0f} | {t.per_1000:+.1f} | {t.growth:+.1f} | {t.allowed:.1f}"
        lines.append(f"| {t.role} | {t.metric} | {numbers} | {verdict} |")
    lines += [f"{count} x {message}" for message, count in result["complaints"]]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
