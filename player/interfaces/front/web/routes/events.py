"""Every change of the status as it happens: server-sent events.

A slow reader gets the newest status when it has taken the one before, and nothing piles up for it; the
server drops one that takes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from player.interfaces.command_table import Role
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.problems import Problem, documented
from player.interfaces.front.web.security.authenticator import Identity, require

router = APIRouter()

MOST = 400
"""Streams at a time: 200 and more were tried beside music; each costs some 30 KB."""
MOST_PER_ADDRESS = 32
"""Of them for one address; this machine itself may be a proxy for many."""
HEARTBEAT_S = 10.0
RETRY_MS = 1000
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
AWAY = b"event: away\ndata: {}\n\n"


class StreamPlaces:
    """How many streams there are, and whose."""

    def __init__(self, most: int = MOST, most_per_address: int = MOST_PER_ADDRESS) -> None:
        self._most, self._most_per_address = most, most_per_address
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many there are."""
        return self._taken.total()

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """A place, for as long as the stream lasts. Raises Problem if there is none."""
        if self.taken >= self._most:
            raise Problem(503, "busy", "Too many event streams are open; close some, or try again later.")
        if self._taken[address] >= self._most_per_address and not _is_here(address):
            raise Problem(429, "busy", "Too many event streams are open from your address; close some.")
        self._taken[address] += 1
        try:
            yield
        finally:
            self._taken[address] -= 1
            self._taken += Counter()  # forgets those with none

    def full(self, address: str) -> None:
        """Raises Problem if there is no place."""
        with self.take(address):
            pass


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class EventStream(Response):
    """The board's news to one reader."""

    media_type = "text/event-stream"

    def __init__(
        self,
        board: StatusBoard,
        places: StreamPlaces,
        address: str,
        seen: str | None,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        """`seen` is the id of the status that the reader has, if it has one."""
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._board, self._places, self._address = board, places, address
        self._seen, self._said_away = seen, False
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Until the reader goes, or is dropped."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            with self._places.take(self._address):
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._run(send, gone)
        finally:
            gone.cancel()

    async def _run(self, send: Send, gone: asyncio.Future[None]) -> None:
        chunk = f"retry: {RETRY_MS}\n\n".encode()
        while not gone.done():
            await send(_part(b""))  # returns when all has been taken: what is new is looked at then
            changed = self._board.changed()
            await send(_part(chunk + self._news()))
            waits: asyncio.Future[Any] = asyncio.ensure_future(changed.wait())
            await asyncio.wait({waits, gone}, timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
            chunk = b"" if changed.is_set() else self._heartbeat()

    def _heartbeat(self) -> bytes:
        """That the stream lives, and there is no news."""
        return b": heartbeat\n\n"

    def _news(self) -> bytes:
        """What this reader does not know yet; nothing if it knows all."""
        snapshot = self._board.current
        if snapshot is None:
            said, self._said_away, self._seen = self._said_away, True, None
            return b"" if said else AWAY
        self._said_away = False
        if snapshot.id == self._seen:
            return b""
        self._seen = snapshot.id
        return b"".join((b"id: ", snapshot.id.encode(), b"\nevent: status\ndata: ", snapshot.body, b"\n\n"))


def _part(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_STREAM: dict[str, Any] = {"text/event-stream": {"schema": {"type": "string"}}}


@router.get(
    "/api/events",
    operation_id="events",
    tags=["status"],
    summary="Every change of the status as it happens (server-sent events).",
    description=(
        "`event: status` has the status as `data` and its id as `id`; a reader that comes back with "
        "Last-Event-ID is told only what it does not know. `event: away`: the player does not answer; "
        "a `status` follows when it does. A comment comes every 10 s in between."
    ),
    response_model=None,
    responses={
        200: {"description": "The stream; it does not end", "content": _STREAM},
        **documented(401, 403, 429, 503),
    },
)
async def events(request: Request, _: Annotated[Identity, Depends(require(Role.STAFF))]) -> Response:
    """A stream for one reader."""
    state = request.app.state
    address = request.state.asker.address
    state.places.full(address)
    return EventStream(state.board, state.places, address, request.headers.get("last-event-id"))
