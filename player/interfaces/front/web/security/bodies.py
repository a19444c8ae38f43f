"""The body of a request, read to its end before anything else sees it: never too much, never slowly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.types import Message, Receive

from player.camera.picture_limits import SENT
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.refusal import busy
from player.interfaces.front.web.security.request_head import Head

JSON_BYTES = 65_536
"""As a line of the control socket."""
PICTURE_BYTES = SENT.most_bytes
"""With what base64 adds, a line of the control socket that holds one has 8 MB."""
SLOWEST_S, SLOWEST_PICTURE_S = 10.0, 60.0
MOST_PICTURES = 2
"""Large bodies in memory at once."""


class Bodies:
    """Reads bodies; large ones few at a time."""

    def __init__(self) -> None:
        self._large = 0

    @asynccontextmanager
    async def read(self, head: Head, receive: Receive, limit: int) -> AsyncIterator[Receive]:
        """The body, once it is here as a whole, to be received again; `limit` in bytes.

        Raises Problem if it is too long, too slow, or too many large ones are here.
        """
        is_large = limit > JSON_BYTES and self._length(head, limit) > JSON_BYTES
        if is_large and self._large >= MOST_PICTURES:
            raise busy("other pictures are being read; try again in a few seconds.", 5)
        self._large += is_large
        try:
            yield _again(await self._body(head, receive, limit), receive)
        finally:
            self._large -= is_large

    @staticmethod
    def _length(head: Head, limit: int) -> int:
        """How long it says that it is; as long as it may be if it does not say."""
        if "transfer-encoding" in head.headers:
            return limit
        return int(head.get("content-length") or 0)

    async def _body(self, head: Head, receive: Receive, limit: int) -> bytes:
        if int(head.get("content-length") or 0) > limit:
            raise _too_long(limit)
        body = bytearray()
        try:
            async with asyncio.timeout(SLOWEST_S if limit <= JSON_BYTES else SLOWEST_PICTURE_S):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Problem(HTTPStatus.BAD_REQUEST, "argument", "the request was broken off.")
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise _too_long(limit)
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Problem(
                HTTPStatus.REQUEST_TIMEOUT, "slow", "the request came too slowly.", {"connection": "close"}
            ) from None


def _again(body: bytes, receive: Receive) -> Receive:
    """`receive` from the beginning: first what was read, then whatever comes."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again


def _too_long(limit: int) -> Problem:
    # What is left of it is not read: the connection ends here.
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        f"that is too long: at most {limit} bytes are taken.",
        {"connection": "close"},
    )
