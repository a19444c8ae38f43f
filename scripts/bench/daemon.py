"""The README's table: start to first sound, scene change to crossfade, and what a quiet room costs.

    .venv/bin/python -m scripts.bench.daemon [--seconds 60] [--runs 3]

Everything is real but the sound card: a private PulseAudio with a null sink whose monitor is recorded, a
network camera on 127.0.0.1 that shows one photo and then another, the demo's music, the default settings but
for `mood.half_life_s` and a single part of the day.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import cv2

from player.camera.sources.demo import demo_photos
from player.errors import ControlError
from player.system.proc import Proc
from player.types import Json
from tests.fakes.camera import MjpegCamera
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse, Recording, levels_db, private_pulse, recording
from tests.support.waiting import wait_for

PROC = Proc()
CALM, LIVELY = "coffee.png", "rocket.jpg"
DEFAULTS: Json = {
    "gate": {"interval_s": 5},
    "mood": {"half_life_s": 6, "baseline_hours": 8, "shift": {"dwell_s": 10, "cooldown_s": 60}},
    "playback": {"shift_fade_s": 6, "crossfade_s": 6, "output": "auto"},
    "choice": {"seed": None, "variety": 0.15},
    "dayparts": [{"name": "always", "start": "00:00", "mood": "calm"}],
    "web": {"enabled": True, "port": 0},  # the page is on by default; on any port that is free
}
PARTS = {
    "player.playback.deck_child": "deck",
    "player.playback.monitor.child": "monitor",
    "player.interfaces.front.child": "front",
}
"""The modules that child processes run; whatever runs none of them, and is not the daemon, comes and goes."""
LASTING = ["daemon", "deck", "deck", "front", "monitor"]
LIKES = 10
"""More than the least feedback from which a taste is learnt (player/selection/taste.py)."""
SOUND_DB = -50.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long the quiet room is measured")
    parser.add_argument("--runs", type=int, default=3, help="starts that are timed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, private_pulse() as pulse:
        folder = Path(name)
        rows = first_sounds(pulse, folder, options.runs)
        rows += room(pulse, folder, options.seconds)
    print(f"\n| on {os.cpu_count()} cores ({PROC.processor_name()}) | measured | aim |\n|---|---|---|")
    for what, measured, aim in rows:
        print(f"| {what} | {measured} | {aim} |")


def first_sounds(pulse: PrivatePulse, folder: Path, runs: int) -> list[tuple[str, str, str]]:
    """Start of the process to the first recorded sound: the very first start, and later ones."""
    seconds = []
    for _ in range(runs + 1):
        with recording(pulse) as recorded:
            began = time.monotonic()
            with Daemon(folder / "player", DEFAULTS, pulse.env):
                seconds.append(wait_for_sound(recorded) + recorded.started_at - began)
    later = statistics.median(seconds[1:])
    print(f"first sound after {', '.join(f'{s:.2f}' for s in seconds)} s")
    return [
        ("start to first sound, first start ever", f"{seconds[0]:.1f} s", "3 s"),
        (f"start to first sound, later (median of {runs})", f"{later:.1f} s", "3 s"),
    ]


def wait_for_sound(recorded: Recording) -> float:
    """Seconds into the recording of the first 10 ms above SOUND_DB."""
    loud: list[int] = []

    def heard() -> list[int]:
        loud.extend((levels_db(recorded.samples, 0.01) > SOUND_DB).nonzero()[0][:1])
        return loud

    wait_for(heard, 60, "the first sound")
    return loud[0] * 0.01


def room(pulse: PrivatePulse, folder: Path, seconds: float) -> list[tuple[str, str, str]]:
    """A room that stays as it is for long, and then changes."""
    photos = {path.name: cv2.imread(str(path)) for path in demo_photos()}
    camera = MjpegCamera(fps=10)
    camera.start()
    camera.scene = photos[CALM]
    changes = {**DEFAULTS, "camera": {"source": camera.url}}
    with recording(pulse), Daemon(folder / "player", changes, pulse.env) as daemon:
        daemon.wait_for("scene")
        daemon.wait_until(lambda status: status["library"]["pending"] == 0, 300)
        teach(daemon)
        rows = cost_of_watching(daemon, seconds)
        camera.scene = photos[LIVELY]
        changed_at = time.monotonic()
        before = daemon.events[-1]
        daemon.wait_for("shift", 120, after=before)
        daemon.wait_for("track", 30, after=before)
        rows.insert(0, ("scene change to crossfade", f"{time.monotonic() - changed_at:.1f} s", "16 s"))
    camera.stop()
    return rows


def teach(daemon: Daemon) -> None:
    """Feedback enough to learn a taste from: liked, and then skipped all the same."""

    def is_liked() -> bool:
        """Between two tracks there is nothing to judge."""
        with suppress(ControlError):
            daemon.tell("like")
            return True
        return False

    for _ in range(LIKES):
        wait_for(is_liked, 30, "a track to judge")
        before = daemon.events[-1]
        daemon.tell("next")
        daemon.wait_for("track", 30, after=before)


def part_of(pid: int, daemon: int) -> str:
    """What a process of the player is."""
    if pid == daemon:
        return "daemon"
    return next((name for word in PROC.command_line(pid) if (name := PARTS.get(word))), "other")


def cost_of_watching(daemon: Daemon, seconds: float) -> list[tuple[str, str, str]]:
    """CPU and memory of all its processes over a while in which nothing changes."""
    player = daemon.process.pid

    def parts() -> list[str]:
        return sorted(part_of(pid, player) for pid in PROC.family(player))

    wait_for(lambda: parts() == LASTING, 60, "the analysing process to end")
    gate = daemon.tell("status")["perception"]["gate"]
    before, began = cpu_s(player), time.monotonic()
    end = began + seconds
    wait_for(lambda: time.monotonic() >= end, seconds + 10, "time to pass")
    used, took = cpu_s(player) - before, time.monotonic() - began
    after = daemon.tell("status")["perception"]["gate"]
    share = used / took / (os.cpu_count() or 1)
    processes = PROC.family(player)
    resident = sum(PROC.memory_kb(pid, "Rss") for pid in processes) / 1024
    proportional = sum(PROC.memory_kb(pid, "Pss") for pid in processes) / 1024
    saved, looked = after["saved"] - gate["saved"], after["looked"] - gate["looked"]
    print(f"{len(processes)} processes, {saved} looks saved and {looked} made in {took:.0f} s")
    for pid in processes:
        rss, pss = (PROC.memory_kb(pid, key) / 1024 for key in ("Rss", "Pss"))
        print(f"  {part_of(pid, player)}: Rss {rss:.0f} MB, Pss {pss:.0f} MB")
    return [
        (f"CPU while a static scene is watched ({took:.0f} s, music playing)", f"{share:.1%}", "5 %"),
        (
            "memory, a taste learnt: daemon, both decks, the monitor and the front,"
            " shared pages counted once (each time)",
            f"{proportional:.0f} MB ({resident:.0f} MB)",
            "220 MB",
        ),
    ]


def cpu_s(pid: int) -> float:
    """CPU seconds that a process and its descendants have used."""
    return sum(PROC.stat(each).cpu_s for each in PROC.family(pid))


if __name__ == "__main__":
    main()
