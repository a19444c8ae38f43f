"""What music notices of a crowd at the HTTP API, and what the crowd costs.

    .venv/bin/python -m scripts.bench.front [--streams 200] [--slow 50] [--rate 500] [--seconds 60]

Everything is real but the sound card: a private PulseAudio with a null sink whose monitor is recorded, the
player with its web process, and those who ask in a process of their own on the same machine. First nobody
asks, for half as long; then all do; at last the web process is killed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from player.system.proc import Proc
from player.types import Json
from tests.support.front_load import Heard, heard, killed_and_back_s, load, memory_mb, playing
from tests.support.pulse import private_pulse, recording
from tests.support.quiet import Lateness

SETTLE_S = 10.0
BACK_S = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, default=200, help="event streams")
    parser.add_argument("--slow", type=int, default=50, help="event streams that are read slowly")
    parser.add_argument("--rate", type=float, default=500, help="requests of the status a second")
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    options = parser.parse_args()
    asked = {name: getattr(options, name) for name in ("streams", "slow", "rate", "seconds")}
    with (
        tempfile.TemporaryDirectory() as folder,
        private_pulse() as pulse,
        playing(Path(folder), pulse) as (daemon, port),
    ):
        with recording(pulse) as quiet, Lateness() as late_quiet:
            lasting(options.seconds / 2)
            before_mb = memory_mb(daemon)
        with recording(pulse) as crowded, Lateness() as late_crowded:
            loaded = load(daemon, port, **asked)
        lasting(SETTLE_S)
        after_mb = memory_mb(daemon)
        with recording(pulse) as killed:
            back_s = killed_and_back_s(daemon, port)
            lasting(BACK_S)
    status, commands = loaded.said["status"], loaded.said["commands"]
    rows = (
        ("requests of the status, a second", f"{status['per_s']:.0f}", f"{options.rate:.0f}"),
        ("... refused", status["refused"], "0"),
        ("... took, ms (p50, p99, worst)", of_three(status), ""),
        ("commands took, ms (p50, p99, worst)", of_three(commands), ""),
        ("events told to those who read, a second", f"{loaded.said['events_per_s']:.0f}", ""),
        (
            "streams that ended (slow ones)",
            f"{loaded.said['streams_lost']} ({loaded.said['slow_lost']})",
            "0",
        ),
        ("memory before, at most, after, MB", f"{before_mb:.0f}, {loaded.most_mb:.0f}, {after_mb:.0f}", ""),
        ("... more", f"{loaded.most_mb - before_mb:.0f} MB", "150 MB"),
        ("web process, of one core", f"{loaded.front_s / loaded.took_s:.0%}", ""),
        ("heard while nobody asks", said(heard(quiet.samples), late_quiet), ""),
        ("heard while all do", said(heard(crowded.samples), late_crowded), "no gap, none late"),
        ("heard as the web process is killed", said(heard(killed.samples)), "no gap, none late"),
        ("... which is back after", f"{back_s:.1f} s", "3 s"),
    )
    print(f"{options.streams} streams, {options.slow} slow ones, {options.seconds:.0f} s")
    print(f"\n| on {os.cpu_count()} cores ({Proc().processor_name()}) | measured | aim |\n|---|---|---|")
    for what, measured, aim in rows:
        print(f"| {what} | {measured} | {aim} |")


def lasting(seconds: float) -> None:
    """Let the music play."""
    time.sleep(seconds)


def of_three(asked: Json) -> str:
    """How long it took."""
    return f"{asked['p50_ms']}, {asked['p99_ms']}, {asked['worst_ms']}"


def said(what: Heard, late: Lateness | None = None) -> str:
    """In words; `late` is how late a thread was woken, for which the player can do nothing."""
    starts = ", ".join(f"{late:+.0f}" for late in what.late_ms)
    words = f"gap {what.gap_ms:.0f} ms; each crossfade after the one before it, ms off: {starts}"
    return f"{words} (a thread: {1000 * late.worst_s:.0f} ms)" if late is not None else words


if __name__ == "__main__":
    main()
