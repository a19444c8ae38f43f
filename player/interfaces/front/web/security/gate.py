"""The gate in front of the whole app: what it lets through is whole, meant for this player, and from somebody
known.

The app finds who asks in `request.state.visitor` (None on public paths, if nobody is logged in), and from
where in `request.state.asker`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from player.interfaces.front.web.security import bodies
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.hosts import check_host, check_origin
from player.interfaces.front.web.security.proxies import Asker, read_asker
from player.interfaces.front.web.security.refusal import Refused
from player.interfaces.front.web.security.request_head import Head, read_head
from player.interfaces.front.web.security.response_headers import guarded
from player.interfaces.front.web.security.visitors import Visitor, Visitors, check_csrf, unauthorized

LOGIN = "/api/login"
PUBLIC = (LOGIN, "/healthz", "/openapi.json")
"""What nobody has to log in for."""
STREAMS = ("/api/events",)
LARGE = {
    "/api/playlist": bodies.PICTURE_JSON_BYTES,
    "/api/commands/playlist": bodies.PICTURE_JSON_BYTES,
}
"""Where the owner may send a picture."""
TYPES = ("application/json", "application/octet-stream", "image/jpeg", "image/png", "image/webp")
"""Of bodies: no page of another site can send one of these without asking first, and it is told no."""
LOOKS_AGAIN_S = 5.0
"""A stream ends so soon after its session has, once something is to be sent."""


class Gate:
    """ASGI middleware; the outermost one."""

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        visitors: Visitors,
        public: Collection[str] = PUBLIC,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._access = access
        self._visitors = visitors
        self._public = frozenset(public)
        self._clock = clock
        self._bodies = bodies.Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        send = guarded(send, scope["path"])
        try:
            head = read_head(scope)
            asker = read_asker(head, self._access)
            check_host(head, asker, self._access)
            path = _below(asker.prefix, head.path)
            if head.bearer is None:
                check_origin(head, asker, path in STREAMS)
            visitor = self._visitor(head, asker, path)
            async with self._bodies.read(head, receive, self._limit(visitor, path)) as again:
                _check_type(head)
                inner = {
                    **scope,
                    "root_path": asker.prefix,
                    "scheme": asker.scheme,
                    "state": {**scope.get("state", {}), "visitor": visitor, "asker": asker},
                }
                await self._through(inner, again, send, visitor)
        except Refused as refused:
            await refused.response()(scope, receive, send)

    def _visitor(self, head: Head, asker: Asker, path: str) -> Visitor | None:
        is_public = path in self._public
        try:
            visitor = self._visitors.find(head, asker, self._clock())
        except Refused:
            if is_public:
                return None
            raise
        if visitor is None:
            if is_public:
                return None
            raise unauthorized("log in first.")
        if path != LOGIN:
            check_csrf(head, visitor)
        return visitor

    @staticmethod
    def _limit(visitor: Visitor | None, path: str) -> int:
        is_large = visitor is not None and visitor.is_owner
        return LARGE.get(path, bodies.JSON_BYTES) if is_large else bodies.JSON_BYTES

    async def _through(self, scope: Scope, receive: Receive, send: Send, visitor: Visitor | None) -> None:
        """Call the app; what it answers ends if its visitor is thrown out meanwhile."""
        looked_s = self._clock()
        ended = False

        async def watched(message: Message) -> None:
            nonlocal looked_s, ended
            if ended:
                raise _Ended
            now_s = self._clock()
            if visitor is not None and message.get("more_body") and now_s >= looked_s + LOOKS_AGAIN_S:
                looked_s = now_s
                if not self._visitors.still(visitor, now_s):
                    ended = True
                    await send({"type": "http.response.body", "body": b""})
                    raise _Ended
            await send(message)

        async def heard() -> Message:
            return {"type": "http.disconnect"} if ended else await receive()

        try:
            await self._app(scope, heard, watched)
        except BaseException:
            if not ended:
                raise


class _Ended(OSError):  # noqa: N818 - it ends a stream
    """The visitor has been thrown out: the same as if they had gone."""


def _below(prefix: str, path: str) -> str:
    """The path as routes have it, whether or not the proxy has taken the prefix off."""
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        return path[len(prefix) :] or "/"
    return path


def _check_type(head: Head) -> None:
    """Raises Refused for a body of a kind that a form on any website could send."""
    has_body = head.get("content-length") not in ("", "0") or "transfer-encoding" in head.headers
    kind = head.get("content-type").partition(";")[0].strip().lower()
    if head.changes and has_body and kind not in TYPES:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "send JSON, and say so: Content-Type: application/json.",
        )
