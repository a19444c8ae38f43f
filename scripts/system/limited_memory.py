"""The player with as little memory as a small machine has: `python -m scripts.system.limited_memory`.

As root, in a memory group of the kernel's: default settings, the demo's camera and music, the library
listened to while it plays, the page open. Says how much was used, what the kernel ended, and what was heard.
Pages that other programs of this machine have read already are not counted by the group, so all pages are
counted as well, each once (Pss).
"""

from __future__ import annotations

import argparse
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from player.system.proc import Proc
from player.types import Json
from tests.support.daemon import Daemon
from tests.support.pulse import longest_silence_s, private_pulse, recording
from tests.support.waiting import wait_for

PROC = Proc()
GROUPS = Path("/sys/fs/cgroup")
DEFAULTS: Json = {
    "camera": {"source": "demo", "photo_s": 20},
    "gate": {"interval_s": 5},
    "mood": {"half_life_s": 15, "baseline_hours": 8, "shift": {"dwell_s": 10, "cooldown_s": 60}},
    "playback": {"shift_fade_s": 6, "crossfade_s": 6, "output": "auto", "start_volume": 50},
    "web": {"enabled": True, "port": 0},
    "library": {"busy_percent": 100},  # it listens, however busy this machine is
}


class MemoryGroup:
    """A limit on what processes use together, with the kernel's first or second kind of control groups."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._is_old = folder.parent.name == "memory"
        self._write("memory.limit_in_bytes" if self._is_old else "memory.max", str(limit_bytes))

    def add(self, pid: int) -> None:
        """A process, and all that it starts from now on."""
        self._write("cgroup.procs", str(pid))

    @property
    def most_bytes(self) -> int:
        """The most that was used at any moment, files that were read included."""
        return int(self._read("memory.max_usage_in_bytes" if self._is_old else "memory.peak"))

    @property
    def ended(self) -> int:
        """How many processes the kernel has ended for want of memory."""
        text = self._read("memory.oom_control" if self._is_old else "memory.events")
        return int(dict(line.split() for line in text.splitlines())["oom_kill"])

    def _read(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="utf-8")


@contextmanager
def memory_group(limit_bytes: int) -> Iterator[MemoryGroup]:
    """A group of its own, gone at the end."""
    parent = GROUPS / "memory" if (GROUPS / "memory").is_dir() else GROUPS
    folder = Path(tempfile.mkdtemp(prefix="limited-memory-", dir=parent))
    try:
        yield MemoryGroup(folder, limit_bytes)
    finally:
        folder.rmdir()


def proportional_bytes(pid: int) -> int:
    """Memory of a process and its descendants, shared pages counted once."""
    total = 0
    for each in PROC.family(pid):
        with suppress(OSError):  # it has just ended
            total += PROC.memory_kb(each, "Pss") * 1024
    return total


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mb", type=int, default=512, help="the limit")
    parser.add_argument("--seconds", type=float, default=120, help="how long it plays")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        private_pulse() as pulse,
        memory_group(options.mb * 2**20) as group,
        recording(pulse) as recorded,
        Daemon(Path(name) / "player", DEFAULTS, pulse.env) as daemon,
    ):
        group.add(daemon.process.pid)
        daemon.wait_for("scene")
        address = daemon.wait_until(lambda status: status["front"]["running"])["front"]["address"]
        heard_from = time.monotonic()
        most, end = 0, heard_from + options.seconds

        def over() -> bool:
            nonlocal most
            most = max(most, proportional_bytes(daemon.process.pid))
            urllib.request.urlopen(address, timeout=10).read()
            return time.monotonic() >= end

        wait_for(over, options.seconds + 30, "time to pass")
        library = daemon.tell("status")["library"]
        print(f"{options.seconds:.0f} s within {options.mb} MB; {library['analysed']} tracks listened to")
        print(f"the group's most: {group.most_bytes / 2**20:.0f} MB; Pss, most: {most / 2**20:.0f} MB")
        print(f"ended by the kernel: {group.ended}")
        print(f"longest silence: {longest_silence_s(recorded.since(heard_from)):.2f} s")


if __name__ == "__main__":
    main()
