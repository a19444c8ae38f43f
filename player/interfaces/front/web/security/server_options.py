"""How uvicorn listens: small heads, nothing believed of proxies, and nobody who sends a head byte by byte."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from player.interfaces.front.web.security.access import Access, ip_address

HEAD_S = 10.0
"""For a request's head to be here, from the connection or from its first byte on."""
HEAD_BYTES = 16_384
MOST_CONNECTIONS = 600
"""Event streams of a full house, and then some; each costs some 30 kB."""
SPARE = 50
"""So many more are told that there are too many; those beyond are cut off."""
MOST_OF_ONE = 100
"""Connections of one address that is neither this machine nor a named proxy."""


class PatientH11Protocol(H11Protocol):
    """HTTP/1.1, for so long and no longer: uvicorn itself waits for a head for ever."""

    access = Access()
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
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
        of_one = (one for one in self.connections if isinstance(one, PatientH11Protocol) and one.client)
        return sum(one.client is not None and one.client[0] == host for one in of_one) > MOST_OF_ONE

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
