"""Requests to an ASGI app as they come off the wire: headers, paths and bodies need not be well-behaved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

HOST = "127.0.0.1:8787"
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for found, value in self.headers if found == name.lower()), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def cookie(self) -> str:
        """The session's, as the browser sends it back."""
        return (self.header("set-cookie") or "").partition(";")[0]


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Headers = (),
    body: bytes | Iterable[bytes] | AsyncIterator[bytes] = b"",
    peer: str = "127.0.0.1",
    server: tuple[str, int] = ("127.0.0.1", 8787),
    host: str | None = HOST,
) -> Reply:
    """One request; `body` is sent in the pieces that it has."""
    path, _, query = target.partition("?")
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if host is not None:
        pairs.insert(0, ("host", host))
    incoming = _pieces(body)
    if isinstance(body, bytes) and body and not any(name.lower() == "content-length" for name, _ in pairs):
        pairs.append(("content-length", str(len(body))))
    sent: list[Message] = []
    ended: list[bool] = []

    async def receive() -> Message:
        async for piece in incoming:
            return {"type": "http.request", "body": piece, "more_body": True}
        if ended:
            await asyncio.Event().wait()  # it stays connected until it is answered
        ended.append(True)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        "client": (peer, 50000),
        "server": server,
    }
    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    answered = [(name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]]
    content = b"".join(
        message.get("body", b"") for message in sent if message["type"] == "http.response.body"
    )
    return Reply(start["status"], answered, content)


async def _pieces(body: bytes | Iterable[bytes] | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, AsyncIterator):
        async for piece in body:
            yield piece
    else:
        for piece in [body] if isinstance(body, bytes) else body:
            yield piece


def asked(app: ASGIApp, method: str, target: str, headers: Headers = (), **more: Any) -> Reply:
    """`ask`, for tests that wait for nothing else."""
    return asyncio.run(ask(app, method, target, headers, **more))


def post(
    app: ASGIApp, target: str, value: Any = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Reply:
    """JSON, as programs send it."""
    body = b"" if value is None else json.dumps(value).encode()
    kind = {"content-type": "application/json"} if body else {}
    return asked(app, "POST", target, kind | dict(headers or {}), body=body, **more)
