"""What the page costs: its first paint and its bytes, an open idle page, and a hundred of them for an hour.

    .venv/bin/python -m scripts.bench.page [--pages 100] [--changes 300] [--seconds 60]

The real player plays one long track without a camera, and Chromium opens the page: nothing changes on it
until the volume does, a few times. Then `--pages` readers
hold the page's stream and fetch the part that changes whenever they are told to, as htmx does; the volume
changes five times a second, `--changes` times: in a quiet room that is what changes in an hour.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from player.system.proc import Proc
from player.types import Json
from tests.support.browser import DESK, chromium, opened
from tests.support.daemon import Daemon
from tests.support.front_load import front_of
from tests.support.music import calm
from tests.support.pulse import private_pulse

PROC = Proc()
TRACK_S = 600
TIMES = 10
"""Changes that one open page is told, to see what each costs."""
CHANGE_S = 0.2
"""As often as the status is told."""
FIRST = 50
"""Changes until all that Python keeps of a first crowd is there."""
PAINT = """
() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const sent = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {paint_ms: paint.startTime, bytes: sent.reduce((sum, each) => sum + each.transferSize, 0)};
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=100, help="open pages")
    parser.add_argument("--changes", type=int, default=300, help="changes that they are told")
    parser.add_argument("--seconds", type=float, default=60, help="how long an idle page is watched")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        private_pulse() as pulse,
        Daemon(Path(folder) / "player", settings(Path(folder)), pulse.env) as daemon,
    ):
        address = daemon.wait_until(lambda now: now["front"]["address"])["front"]["address"]
        daemon.wait_until(lambda now: now["playback"]["state"] == "playing")
        front = front_of(daemon)
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        daemon.wait_until(lambda now: now["library"]["pending"] == 0)  # whose progress is told
        nobody_ms = processor_ms(front, options.seconds)
        with chromium() as browser, opened(browser, address, width=DESK) as reader:
            page = reader.goto("/")
            page.wait_for_load_state("load")
            first = page.evaluate(PAINT)
            time.sleep(5)
            idle_ms = processor_ms(front, options.seconds)
            before_s = PROC.exact_cpu_s(front)
            with ThreadPoolExecutor() as beside:  # the browser's own event loop runs here
                beside.submit(asyncio.run, changed(port, TIMES)).result()
            told_ms = 1000 * (PROC.exact_cpu_s(front) - before_s) / TIMES
        mb = asyncio.run(
            hour(port, options.pages, options.changes, lambda: PROC.memory_kb(front, "Pss") / 1024)
        )
    minute = 60 / options.seconds
    rows = (
        ("first paint", f"{first['paint_ms']:.0f} ms", "1000 ms"),
        ("sent for it", f"{first['bytes'] / 1000:.0f} KB", "200 KB"),
        ("the web process in a minute, nobody there", f"{nobody_ms * minute:.0f} ms of a core", ""),
        ("... more for an open idle page", f"{(idle_ms - nobody_ms) * minute:.0f} ms", "20 ms"),
        ("for each change that it is told, with its request", f"{told_ms:.0f} ms", ""),
        (f"its memory after {FIRST} changes told to {options.pages} pages", f"{mb[0]:.1f} MB", ""),
        (f"... after {options.changes}", f"{mb[1]:.1f} MB", "the same"),
    )
    print(f"\n| on {os.cpu_count()} cores ({PROC.processor_name()}) | measured | aim |\n|---|---|---|")
    for what, measured, aim in rows:
        print(f"| {what} | {measured} | {aim} |")


def settings(folder: Path) -> Json:
    """Of a player that plays one track for as long as it is measured."""
    (folder / "music").mkdir()
    calm(folder / "music" / "Long.wav", TRACK_S, 220)
    return {
        "camera": {"enabled": False},
        "library": {"folders": [str(folder / "music")]},
        "web": {"enabled": True, "port": 0},
    }


def processor_ms(pid: int, seconds: float) -> float:
    """Processor time that a process takes in so long."""
    before_s = PROC.exact_cpu_s(pid)
    time.sleep(seconds)
    return 1000 * (PROC.exact_cpu_s(pid) - before_s)


async def hour(port: int, pages: int, changes: int, memory_mb: Callable[[], float]) -> tuple[float, float]:
    """Memory after the first changes and after all, of which each open page fetches what it shows."""
    readers = [asyncio.ensure_future(open_page(port)) for _ in range(pages)]
    _, early_mb = await changed(port, FIRST), memory_mb()
    _, late_mb = await changed(port, changes - FIRST), memory_mb()
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return early_mb, late_mb


async def changed(port: int, times: int) -> None:
    """Change the volume so often, and let all be told."""
    for number in range(times):
        body = b'{"percent": %d}' % (80 + number % 2 * 10)
        head = (
            b"POST /api/commands/volume HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d"
            % len(body)
        )
        await fetched(port, head, body)
        await asyncio.sleep(CHANGE_S)


async def open_page(port: int) -> None:
    """Hold the stream, and fetch the part whenever it has changed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /live/now HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
    try:
        while line := await reader.readline():
            if line.startswith(b"event: changed"):
                await fetched(port, b"GET /now/live HTTP/1.1")
    finally:
        writer.close()


async def fetched(port: int, head: bytes, body: bytes = b"") -> bytes:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % port + body)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
    return answer


if __name__ == "__main__":
    main()
