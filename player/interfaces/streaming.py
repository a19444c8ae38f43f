"""Sends an answer of many lines to one reader, as fast as that reads."""

from __future__ import annotations

import select
import socket

from player.interfaces.messages.base import Stream

STUCK_S = 60.0
"""A reader that takes nothing for so long, while a line waits for it, has gone."""


def send_stream(connection: socket.socket, stream: Stream) -> None:
    """Send every line until the stream ends or the reader goes; what it says meanwhile is passed over.

    Nothing piles up for a slow reader: a line is asked for if the one before has been taken.
    Raises OSError if the connection breaks.
    """
    connection.setblocking(False)
    poll = select.poll()
    poll.register(stream.fileno(), select.POLLIN)
    listens = select.POLLIN
    left = memoryview(b"")
    while left or not stream.ended:
        left = left or memoryview(stream.line() or b"")
        poll.register(connection, listens | (select.POLLOUT if left else 0))
        if left:  # a newer line waits until this one has gone
            poll.modify(stream.fileno(), 0)
        ready = dict(poll.poll(1000 * (STUCK_S if left else stream.wait_s())))
        if left:
            poll.modify(stream.fileno(), select.POLLIN)
        found = ready.get(connection.fileno(), 0)
        if found & (select.POLLHUP | select.POLLERR) or (left and not ready):
            return
        if found & select.POLLIN and not connection.recv(65536):
            listens = 0  # it says no more, and may read on
        if found & select.POLLOUT:
            left = left[connection.send(left) :]
