"""What a player that plays quietly writes to its card: bytes a day, by file and by cause.

    .venv/bin/python -m scripts.bench.writes [--minutes 10] [--settle 4] [--mqtt] [--on-ext4]

A real player: demo camera, models, decks on a private PulseAudio, tracks of a usual length, the page on and
with `--mqtt` a broker beside it. It plays for `--settle` minutes first: what it does once after a start does
not count. strace names the files; the pages of the database are read off its write-ahead log. With
`--on-ext4` (as root) the state folder is a file system of its own on a loop device, and what reaches that
counts, its journal included: this is what a card wears by, and much more than the files grow.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from player.types import Json
from scripts.bench.daemon import DEFAULTS
from scripts.bench.wal_frames import Frame, WalWatch, commits, pages_by_table
from tests.support.daemon import Daemon
from tests.support.mosquitto import Mosquitto
from tests.support.music import calm
from tests.support.ports import free_port
from tests.support.pulse import private_pulse
from tests.support.waiting import wait_for

AIM_MB = 50.0
"""A day, on the card."""
DAY_S = 86_400.0
DISK_MB = 400
SECTOR = 512
CALLS = "write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,ftruncate,unlink"
_CALL = re.compile(r"(?P<thread>\d+) +(?P<at>\d+\.\d+) (?P<name>\w+)\((?P<rest>.*)= (?P<result>-?\d+)")
_HALF = re.compile(r"(?P<thread>\d+) +(?P<head>\d+\.\d+ \w+\(.*)<unfinished \.\.\.>$")
_OTHER_HALF = re.compile(r"(?P<thread>\d+) +\d+\.\d+ <\.\.\. \w+ resumed>(?P<tail>.*)")
"""Where another thread has its say in between."""
_PATH = re.compile(r"\d+<(?P<path>/[^>]*)>")
NOT_STORED = ("/dev/", "/sys/", "/memfd:")


@dataclass
class Written:
    """What was written in the measured time."""

    seconds: float
    bytes: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    syncs: Counter[str] = field(default_factory=Counter)
    device_bytes: int | None = None

    def mb_a_day(self, count: float) -> float:
        """So many bytes in the measured time, as megabytes a day."""
        return count / self.seconds * DAY_S / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10, help="how long is measured")
    parser.add_argument("--settle", type=float, default=4, help="minutes before that")
    parser.add_argument("--track-s", type=float, default=210, help="length of each track in seconds")
    parser.add_argument("--mqtt", action="store_true", help="with a broker (mosquitto)")
    parser.add_argument("--on-ext4", action="store_true", help="on a file system of its own; needs root")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pulse = stack.enter_context(private_pulse())
        home = folder / "player"
        home.mkdir()
        device = stack.enter_context(own_file_system(folder, home / "state")) if options.on_ext4 else None
        changes = settings(folder, options.track_s)
        if options.mqtt:
            port = free_port()
            stack.enter_context(Mosquitto(folder, port))
            changes["mqtt"] = {"enabled": True, "host": "127.0.0.1", "port": port}
        traced = folder / "trace"
        trace = ("strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-y", "-s", "0", "-e", f"trace={CALLS}")
        player = Daemon(home, changes, pulse.env, behind=(*trace, "-e", "signal=none", "-o", str(traced)))
        player.listen()
        with player as daemon:
            daemon.wait_for("scene")
            daemon.wait_until(lambda status: status["library"]["pending"] == 0, 300)
            if options.mqtt:
                daemon.wait_until(lambda status: status["front"]["mqtt"]["state"] == "connected")
            pass_time(options.settle * 60)
            report(measure(daemon, home / "state", traced, device, options.minutes * 60))


def settings(folder: Path, track_s: float) -> Json:
    """A venue with half a dozen tracks, the page, and a room that stays as it is."""
    songs = folder / "songs"
    songs.mkdir()
    for number in range(6):
        calm(songs / f"{number}.wav", track_s, 180 + 20 * number)
    return {
        **DEFAULTS,
        "camera": {"source": "demo", "photo_s": 3600},
        "library": {"folders": [str(songs)], "busy_percent": 100},
    }


@contextmanager
def own_file_system(folder: Path, mount_point: Path) -> Iterator[str]:
    """An ext4 as a card has it, of which all that is written can be counted; the name of its device."""
    image = folder / "card.img"
    with image.open("wb") as file:
        file.truncate(DISK_MB * 1_000_000)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)
    mount_point.mkdir(mode=0o700)
    subprocess.run(["mount", "-o", "loop,noatime", image, mount_point], check=True)
    try:
        shown = subprocess.run(
            ["findmnt", "-n", "-o", "SOURCE", mount_point], check=True, capture_output=True, encoding="utf-8"
        )
        mount_point.chmod(0o700)
        yield shown.stdout.strip().removeprefix("/dev/")
    finally:
        subprocess.run(["umount", mount_point], check=True)


def pass_time(seconds: float) -> None:
    """Let the player play so long."""
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= end, seconds + 10, "time to pass")


def measure(daemon: Daemon, state: Path, traced: Path, device: str | None, seconds: float) -> Written:
    """Let it play, and add up what it wrote; prints the pages of the database."""
    database, log_before = state / "library.db", sum(map(len, daemon.transcript()))
    flush(device)
    sectors, began, watch = sectors_written(device), time.time(), WalWatch(database)
    watch.news()
    pages: list[Frame] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass_time(min(10.0, max(0.0, end - time.monotonic())))
        pages += watch.news()
    flush(device)
    written = Written(time.time() - began)
    if device is not None:
        written.device_bytes = (sectors_written(device) - sectors) * SECTOR
    add_calls(written, traced, began)
    by_table = pages_by_table(database, pages)
    log_bytes = sum(map(len, daemon.transcript())) - log_before
    print(f"\n{commits(pages)} commits of {len(pages)} pages in {written.seconds:.0f} s:")
    for name, count in by_table.most_common():
        print(f"  {name}: {count}")
    print(f"log lines: {written.mb_a_day(log_bytes):.2f} MB a day (as JSON, to whoever keeps it)")
    return written


def flush(device: str | None) -> None:
    """Have what waits for the device on it."""
    if device is not None:
        os.sync()


def sectors_written(device: str | None) -> int:
    """By the kernel's count (Documentation/block/stat.rst); 0 without a device of its own."""
    if device is None:
        return 0
    return int(Path(f"/sys/block/{device}/stat").read_text(encoding="ascii").split()[6])


def whole_calls(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a trace, each call on one."""
    begun: dict[str, str] = {}
    for line in lines:
        if half := _HALF.match(line):
            begun[half["thread"]] = half["head"]
        elif other := _OTHER_HALF.match(line):
            yield f"{other['thread']} {begun.pop(other['thread'], '')}{other['tail']}"
        else:
            yield line


def add_calls(written: Written, traced: Path, since: float) -> None:
    """Add up what strace saw from a moment on."""
    with traced.open(encoding="utf-8", errors="replace") as lines:
        for line in whole_calls(lines):
            found = _CALL.search(line)
            if found is None or float(found["at"]) < since:
                continue
            name, path = found["name"], _PATH.match(found["rest"])
            if path is None or path["path"].startswith(NOT_STORED):
                continue
            file = Path(path["path"].removesuffix(" (deleted)")).name
            if "sync" in name:
                written.syncs[file] += 1
            elif "write" in name and int(found["result"]) > 0:
                written.bytes[file] += int(found["result"])
                written.calls[file] += 1


def report(written: Written) -> None:
    """The table."""
    print("\n| file | MB a day | writes | fsyncs |\n|---|---|---|---|")
    for file in sorted({*written.bytes, *written.syncs}, key=lambda each: -written.bytes[each]):
        print(
            f"| {file} | {written.mb_a_day(written.bytes[file]):.1f} | {written.calls[file]} |"
            f" {written.syncs[file]} |"
        )
    print(f"| all files | {written.mb_a_day(written.bytes.total()):.1f} | | |")
    if written.device_bytes is not None:
        print(f"| the device, with its journal | {written.mb_a_day(written.device_bytes):.1f} | | |")
        raise SystemExit(written.mb_a_day(written.device_bytes) > AIM_MB)


if __name__ == "__main__":
    if shutil.which("strace") is None:
        raise SystemExit("strace is missing: sudo apt install strace")
    main()
