"""Many lines over a real socket: readers that are slow, silent, half closed or gone."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from player.errors import BusyError
from player.interfaces import command_table, streaming
from player.interfaces.messages.base import Answer, Done, Request, Stream
from player.interfaces.messages.watching import WatchRequest
from player.interfaces.socket import LocalSocket, send, watch
from tests.support.waiting import wait_for

LINE = b'{"ok": true, "text": "' + b"x" * 5000 + b'"}\n'


class Endless:
    """A stream that always has a line, or none at all."""

    def __init__(self, lines: bool) -> None:
        self._lines, self.asked, self.ended, self.closed = lines, 0, False, threading.Event()
        self._bell = os.eventfd(int(lines), os.EFD_NONBLOCK)

    def fileno(self) -> int:
        return self._bell

    def line(self) -> bytes | None:
        self.asked += 1
        return LINE if self._lines else None

    def wait_s(self) -> float:
        return 60.0

    def end(self) -> None:
        self.ended = True
        os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        self.closed.set()


class Desk:
    """A socket whose `watch` answers with such streams."""

    def __init__(self, path: Path) -> None:
        self.path, self.lines = path, True
        self.streams: list[Endless] = []
        self.listening = LocalSocket(path, self.execute)
        self.listening.start()

    def execute(self, request: Request) -> Answer | Stream:
        if not isinstance(request, WatchRequest):
            return Done("done")
        self.streams.append(Endless(self.lines))
        return self.streams[-1]

    def reader(self, stack: ExitStack) -> socket.socket:
        """A connection that has asked for the stream."""
        connection = stack.enter_context(socket.socket(socket.AF_UNIX))
        connection.settimeout(60)
        connection.connect(str(self.path))
        already = len(self.streams)
        connection.sendall(b'{"command": "watch"}\n')
        wait_for(lambda: len(self.streams) > already, 5, "the stream")
        return connection


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    there = Desk(tmp_path / "s")
    yield there
    for stream in there.streams:
        stream.end()
    there.listening.stop()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as open_ones:
        yield open_ones


def test_lines_come_one_after_the_other(desk: Desk, stack: ExitStack) -> None:
    lines = desk.reader(stack).makefile("rb")
    assert [lines.readline() for _ in range(20)] == 20 * [LINE]


def test_readers_that_never_read_hold_a_few_lines_and_nobody_up(desk: Desk, stack: ExitStack) -> None:
    for _ in range(20):
        desk.reader(stack)
    asked = [-1]

    def stands_still() -> bool:
        asked.append(sum(stream.asked for stream in desk.streams))
        return asked[-1] == asked[-2]

    wait_for(stands_still, 10, "all buffers to be full")
    assert sum(stream.asked for stream in desk.streams) <= 20 * 12, "5 kB each"
    assert send(desk.path, "next")["ok"]


@pytest.mark.parametrize("lines", [True, False], ids=["amid lines", "while there is none"])
def test_whoever_goes_is_forgotten_at_once(desk: Desk, stack: ExitStack, lines: bool) -> None:
    desk.lines = lines
    desk.reader(stack).close()
    assert desk.streams[0].closed.wait(30), "though it would have waited for a minute"


def test_who_only_stops_writing_reads_on(desk: Desk, stack: ExitStack) -> None:
    """As `echo ... | nc -N -U` does."""
    connection = desk.reader(stack)
    connection.sendall(b"more\n")
    connection.shutdown(socket.SHUT_WR)
    lines = connection.makefile("rb")
    assert [lines.readline() for _ in range(20)] == 20 * [LINE]


@pytest.mark.parametrize("lines", [True, False], ids=["a reader that is stuck", "a reader that waits"])
def test_the_end_of_the_stream_ends_the_connection(desk: Desk, stack: ExitStack, lines: bool) -> None:
    desk.lines = lines
    connection = desk.reader(stack)
    desk.streams[0].end()
    assert desk.streams[0].closed.wait(60)
    wait_for(lambda: not connection.recv(65536), 5, "the end of the connection")


def test_a_reader_that_takes_nothing_for_long_has_gone(
    desk: Desk, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STUCK_S", 0.2)
    monkeypatch.setattr(streaming, "LOOK_S", 0.05)
    desk.reader(stack)
    assert desk.streams[0].closed.wait(60)


def test_too_many_watchers_are_told_so_and_one_that_goes_makes_room(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = replace(command_table.COMMANDS["watch"], at_once=1)
    monkeypatch.setitem(command_table.COMMANDS, "watch", limited)
    monkeypatch.setitem(command_table.BY_REQUEST, WatchRequest, limited)
    desk = Desk(tmp_path / "few")
    first = desk.reader(stack)
    with pytest.raises(BusyError):
        next(watch(desk.path))
    first.close()
    assert desk.streams[0].closed.wait(60)
    wait_for(lambda: _answered(desk.path), 5, "room for another one")
    for stream in desk.streams:
        stream.end()
    desk.listening.stop()


def _answered(path: Path) -> bool:
    try:
        return json.loads(LINE) == next(watch(path))
    except BusyError:
        return False
