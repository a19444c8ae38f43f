"""How uvicorn listens: small heads, nothing believed of proxies, and nobody who holds it up.

Neither who sends a head byte by byte, nor who asks and never reads the answer.
"""

from __future__ import annotations

import asyncio
import fcntl
import re
import socket
import struct
import termios
from contextlib import suppress
from functools import cached_property
from typing import Any

from h11 import LocalProtocolError
from h11._receivebuffer import ReceiveBuffer
from uvicorn.protocols.http.h11_impl import H11Protocol

from player.interfaces.front.web.security.access import Access, ip_address
from player.interfaces.front.web.security.login_limits import household

HEAD_S = 10.0
"""For a request's head to be here, from the connection or from its first byte on."""
HEAD_BYTES = 16_384
MOST_CONNECTIONS = 600
"""Event streams of a full house, and then some; each costs some 30 kB."""
SPARE = 50
"""So many more are told that there are too many; those beyond are cut off."""
MOST_OF_ONE = 100
"""Connections of one address that is neither this machine nor a named proxy."""
MOST_OF_HOUSEHOLD = 300
"""And of one IPv6 network: all phones of a house may be in it, and so may all addresses of one stranger."""
STUCK_S = 60.0
"""A reader whose system has taken nothing for so long, while something waits for it, has gone.

Between programs of one machine, Linux says that there is room again only when there are 64 KB of it, in the
usual receive buffer: who reads a kilobyte a second is still seen to read.
"""
UNSENT_BYTES = 4096
"""What the system keeps for a reader beyond what is under way: what is said next is not old when it comes."""
_BARE_LF = re.compile(rb"(?<!\r)\n")


class StrictLines(ReceiveBuffer):
    """h11 takes a line feed alone for the end of a line; a proxy may not, and see another request."""

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """A head, or what follows a body in chunks; None if it is not all here."""
        before = bytes(self)
        lines = super().maybe_extract_lines()
        if _BARE_LF.search(before, 0, len(before) - len(self)):
            raise LocalProtocolError("a line ends with LF alone")
        return lines


class PatientH11Protocol(H11Protocol):
    """HTTP/1.1, for so long and no longer: uvicorn itself waits for ever, for a head and for a reader."""

    access = Access()
    _head_timer: asyncio.TimerHandle | None = None
    _stuck_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        self.conn._receive_buffer = StrictLines()
        transport.set_write_buffer_limits(high=0)  # else `send` is done while 64 KB wait: some twenty events
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            with suppress(OSError):
                transport.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES
                )
        if self._is_one_too_many():
            transport.abort()
        else:
            self._await_head()

    def _is_one_too_many(self) -> bool:
        if len(self.connections) > MOST_CONNECTIONS + SPARE:
            return True
        host = self.client[0] if self.client else ""
        address = ip_address(host)
        if address is None or address.is_loopback or self.access.trusts(address):
            return False
        others = [one for one in self.connections if isinstance(one, PatientH11Protocol) and one.client]
        of_one = sum(one.client is not None and one.client[0] == host for one in others)
        of_household = sum(one._household == self._household for one in others)
        return of_one > MOST_OF_ONE or of_household > MOST_OF_HOUSEHOLD

    @cached_property
    def _household(self) -> str:
        return household(self.client[0]) if self.client else ""

    def data_received(self, data: bytes) -> None:
        """Some bytes are here: a whole head, a part of one, or of a body."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()
        elif self.cycle is None or self.cycle.response_complete:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._stop_waiting()
        self._stop_watching()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_S, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def pause_writing(self) -> None:
        """Something waits for the reader."""
        super().pause_writing()
        self._stop_watching()
        self._watch(self._left())

    def resume_writing(self) -> None:
        """It has all been handed on."""
        super().resume_writing()
        self._stop_watching()

    def _watch(self, left: int) -> None:
        self._stuck_timer = self.loop.call_later(STUCK_S, self._look_again, left)

    def _look_again(self, before: int) -> None:
        left = self._left()
        if left < before:
            self._watch(left)
        else:
            self.transport.abort()

    def _left(self) -> int:
        """Bytes that the reader's system has not taken yet, here and (on Linux) on their way."""
        left = self.transport.get_write_buffer_size()
        with suppress(OSError):
            connection = self.transport.get_extra_info("socket")
            left += struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
        return left

    def _stop_watching(self) -> None:
        if self._stuck_timer is not None:
            self._stuck_timer.cancel()
            self._stuck_timer = None


def server_options(access: Access) -> dict[str, Any]:
    """Arguments for uvicorn.Config."""
    return {
        "http": type("H11Protocol", (PatientH11Protocol,), {"access": access}),
        "ws": "none",
        "proxy_headers": False,
        "server_header": False,
        "h11_max_incomplete_event_size": HEAD_BYTES,
        "limit_concurrency": MOST_CONNECTIONS,
        "backlog": 256,
        "timeout_keep_alive": 15,
        "access_log": False,
    }
