"""Many who ask the player's HTTP API at once, in a process of their own that comes after all others.

    python -m tests.support.http_load PORT [--streams 200] [--slow 50] [--rate 500] [--seconds 60]

Plain sockets, so that the asking costs less than the answering. It says `open` as soon as all streams are,
and after `seconds` what came of it, as one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import sys
import time
from dataclasses import dataclass, field

NICENESS = 10
ASKERS = 8
"""Connections that ask for the status, one request at a time each."""
COMMAND_S = 0.5
"""Between two commands; each changes the status, which every stream is told."""
VOLUMES = (99, 100)
"""By turns: a quarter of a decibel apart."""
SLOW_S, SLOW_BYTES, SLOW_BUFFER = 0.5, 1024, 4096
"""So often a slow reader takes so much; what waits for it waits at the player's side."""
EVENTS = b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"
STATUS = b"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"
COMMAND = (
    b"POST /api/commands/volume HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
)


@dataclass
class Asked:
    """What became of one kind of request."""

    took_ms: list[float] = field(default_factory=list)
    refused: int = 0

    def said(self, seconds: float) -> dict[str, float]:
        """Answers a second, and how long they took."""
        took = sorted(self.took_ms) or [0.0]
        return {
            "per_s": round(len(self.took_ms) / seconds, 1),
            "refused": self.refused,
            **{f"p{share}_ms": round(took[len(took) * share // 100], 1) for share in (50, 99)},
            "worst_ms": round(took[-1], 1),
        }


class Stream(asyncio.Protocol):
    """Reads events as they come."""

    def __init__(self, port: int) -> None:
        self._ask = EVENTS % port
        self.opened = asyncio.Event()
        self.events, self.lost = 0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._ask)

    def data_received(self, data: bytes) -> None:
        """Count; one that is cut in two is counted once or not at all."""
        self.events += data.count(b"event: status")
        self.opened.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """It should not end."""
        self.lost = True
        self.opened.set()


class SlowReader:
    """Takes a few bytes now and then; what comes meanwhile waits."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(EVENTS % port)
        self._socket.setblocking(False)
        self.lost = False

    def take(self) -> None:
        """A few bytes."""
        try:
            self.lost = self.lost or not self._socket.recv(SLOW_BYTES)
        except BlockingIOError:
            pass
        except OSError:
            self.lost = True


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, into: Asked
) -> None:
    """One request and its whole answer."""
    began = time.monotonic()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    await reader.readexactly(int(length[1]) if length else 0)
    if head.split(b" ", 2)[1] == b"200":
        into.took_ms.append(1000 * (time.monotonic() - began))
    else:
        into.refused += 1


async def ask_often(port: int, rate: float, until: float, into: Asked) -> None:
    """`rate` times a second, or as often as there are answers if these come more slowly."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    due = time.monotonic()
    while (now := time.monotonic()) < until:
        if due > now:
            await asyncio.sleep(due - now)
        due = max(due, now - 1) + 1 / rate  # what was missed for longer is not caught up
        await ask(reader, writer, STATUS % port, into)
    writer.close()


async def command(port: int, until: float, into: Asked) -> None:
    """Change the volume a little, again and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.monotonic() < until:
        number += 1
        body = json.dumps({"percent": VOLUMES[number % 2]}).encode()
        await ask(reader, writer, COMMAND % (port, len(body), body), into)
        await asyncio.sleep(COMMAND_S)
    writer.close()


async def read_slowly(readers: list[SlowReader]) -> None:
    """For ever."""
    while True:
        for reader in readers:
            reader.take()
        await asyncio.sleep(SLOW_S)


async def load(port: int, streams: int, slow: int, rate: float, seconds: float) -> dict[str, object]:
    """Do it, and say what came of it."""
    loop = asyncio.get_running_loop()
    readers = []
    for _ in range(streams):
        _, stream = await loop.create_connection(lambda: Stream(port), "127.0.0.1", port)
        await stream.opened.wait()
        readers.append(stream)
    slow_readers = [SlowReader(port) for _ in range(slow)]
    slowly = asyncio.ensure_future(read_slowly(slow_readers))
    say("open")
    began = time.monotonic()
    until = began + seconds
    asked, commands = Asked(), Asked()
    askers = (ask_often(port, rate / ASKERS, until, asked) for _ in range(ASKERS))
    await asyncio.gather(*askers, command(port, until, commands))
    took_s = time.monotonic() - began
    slowly.cancel()
    return {
        "status": asked.said(took_s),
        "commands": commands.said(took_s),
        "events_per_s": round(sum(stream.events for stream in readers) / took_s, 1),
        "streams_lost": sum(stream.lost for stream in readers),
        "slow_lost": sum(reader.lost for reader in slow_readers),
    }


def say(line: str) -> None:
    """To whoever has started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the arguments and do it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--slow", type=int, default=50)
    parser.add_argument("--rate", type=float, default=500, help="requests of the status a second")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    os.nice(NICENESS)
    say(json.dumps(asyncio.run(load(**vars(options)))))


if __name__ == "__main__":
    main()
