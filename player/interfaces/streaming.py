"""Sends an answer of many lines to one reader, as fast as that reads."""

from __future__ import annotations

import select
import socket
from time import monotonic

from player.interfaces.messages.base import Stream

STUCK_S = 60.0
"""A reader that takes nothing for so long, while a line waits for it, has gone."""
LOOK_S = 1.0
"""Between two looks whether all has ended, while a reader takes nothing."""
BUFFER_BYTES = 16384
"""What the system keeps for a reader: who comes back after a pause is not told of the past for long."""


def send_stream(connection: socket.socket, stream: Stream) -> None:
    """Send every line until the stream ends or the reader goes; what that says meanwhile is passed over.

    Nothing piles up for a slow reader: a line is asked for if the one before has been taken.
    Raises OSError if the connection breaks.
    """
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    poll, listens = select.poll(), select.POLLIN
    left, taken_at = memoryview(b""), monotonic()
    while left or not stream.ended:
        if not left:
            left, taken_at = memoryview(stream.line() or b""), monotonic()
        poll.register(connection, listens | (select.POLLOUT if left else 0))
        poll.register(stream.fileno(), 0 if left else select.POLLIN)
        ready = dict(poll.poll(1000 * (LOOK_S if left else stream.wait_s())))
        found = ready.get(connection.fileno(), 0)
        if found & (select.POLLHUP | select.POLLERR):
            return
        if found & select.POLLIN and not connection.recv(65536):
            listens = 0  # it says no more, but may go on reading
        if found & select.POLLOUT:
            left, taken_at = left[connection.send(left) :], monotonic()
        elif left and (stream.ended or monotonic() - taken_at > STUCK_S):
            return
