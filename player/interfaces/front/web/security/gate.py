"""The gate in front of the whole app: what it lets through is whole, meant for this player, and from somebody
known.

The app finds who asks in `request.state.identity` (None on public paths, if nobody is logged in), and from
where in `request.state.asker`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from player.interfaces.command_table import COMMANDS
from player.interfaces.front.web.problems import (
    RELOAD,
    Problem,
    ThrownOut,
    asks_for_a_part,
    for_reader,
    problem,
)
from player.interfaces.front.web.security import bodies
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Authenticator, Identity, Means
from player.interfaces.front.web.security.hosts import check_host, check_origin
from player.interfaces.front.web.security.permission import ASKING
from player.interfaces.front.web.security.proxies import Asker, read_asker
from player.interfaces.front.web.security.refusal import unauthorized
from player.interfaces.front.web.security.request_head import Head, read_head
from player.interfaces.front.web.security.response_headers import guarded
from player.interfaces.front.web.security.secrets_authenticator import check_csrf

LOGIN = "/api/login"
PUBLIC = (LOGIN, "/healthz", "/openapi.json")
"""What nobody has to log in for."""
STREAMS = ("/api/events", "/live/")
LARGE = {
    f"/api/commands/{spec.name}": spec.max_bytes
    for spec in COMMANDS.values()
    if spec.max_bytes > bodies.JSON_BYTES
} | dict.fromkeys(("/api/playlist", "/api/playlist/steps", "/photo/steps"), COMMANDS["playlist"].max_bytes)
"""Where the owner may send a picture, and of how many bytes."""
TYPES = ("application/json", "application/octet-stream", "image/jpeg", "image/png", "image/webp")
"""Of bodies: no page of another site can send one of these without asking first, and it is told no."""
STREAM_LASTS_S = 6 * 3600.0
"""A session's stream ends then, and its page opens another: what has begun can renew no cookie."""
LOOKS_AGAIN_S = 5.0
"""A stream ends so soon after its session has, once something is to be sent."""


class Gate:
    """ASGI middleware; the outermost one.

    clock   seconds since 1970
    steady  seconds on a clock that nobody can set
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        authenticator: Authenticator,
        public: Collection[str] = PUBLIC,
        is_page: Callable[[str], bool] = lambda _: False,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._access = access
        self._authenticator = authenticator
        self._public = frozenset(public)
        self._is_page = is_page
        self._clock, self._steady = clock, steady
        self._bodies = bodies.Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        nonce = secrets.token_urlsafe(16)
        send = guarded(send, scope["path"], nonce)
        try:
            head = read_head(scope)
            asker = read_asker(head, self._access)
            check_host(head, asker, self._access)
            path = _below(asker.prefix, head.path)
            if _is_plain_form(head) and self._is_page(path):
                await RedirectResponse(f"{asker.prefix}{path}", HTTPStatus.SEE_OTHER)(scope, receive, send)
                return
            if head.bearer is None:
                check_origin(head, asker, path.startswith(STREAMS))
            identity = self._identity(head, asker, path)
            async with self._bodies.read(head, receive, self._limit(identity, path)) as again:
                _check_type(head)
                inner = {
                    **scope,
                    # A person leaves the last stroke of an address out.
                    "path": f"{asker.prefix}/" if path == "/" else scope["path"],
                    "root_path": asker.prefix,
                    "scheme": asker.scheme,
                    "state": {**scope.get("state", {}), "identity": identity, "asker": asker, "nonce": nonce},
                }
                await self._through(inner, again, send, identity)
        except Problem as error:
            request = Request(scope)
            detail = for_reader(request, error.detail)
            more = RELOAD if error.status == HTTPStatus.UNAUTHORIZED and asks_for_a_part(request) else {}
            answer = problem(error.status, error.code, detail, {**error.headers, **more})
            await answer(scope, receive, send)

    def _identity(self, head: Head, asker: Asker, path: str) -> Identity | None:
        is_public = path in self._public or self._is_page(path)
        try:
            identity = self._authenticator.find(head, asker, self._clock())
        except Problem:
            if is_public:
                return None
            raise
        if identity is None:
            if is_public:
                return None
            raise unauthorized("log in first.")
        if path != LOGIN:
            check_csrf(head, identity)
        return identity

    @staticmethod
    def _limit(identity: Identity | None, path: str) -> int:
        is_large = identity is not None and identity.is_owner
        return LARGE.get(path, bodies.JSON_BYTES) if is_large else bodies.JSON_BYTES

    async def _through(self, scope: Scope, receive: Receive, send: Send, identity: Identity | None) -> None:
        """Call the app; what it answers ends if its identity is thrown out meanwhile."""
        looked_s = began_s = self._steady()
        ended = False

        async def watched(message: Message) -> None:
            nonlocal looked_s, ended
            if ended:
                raise ThrownOut
            if identity is not None and identity.again and message["type"] == "http.response.start":
                message = _renewing(message, identity.again)
            now_s = self._steady()
            if identity is not None and message.get("more_body") and now_s >= looked_s + LOOKS_AGAIN_S:
                looked_s = now_s
                is_old = identity.means is Means.SESSION and now_s >= began_s + STREAM_LASTS_S
                if is_old or not self._authenticator.still(identity, self._clock()):
                    ended = True
                    await send({"type": "http.response.body", "body": b""})
                    raise ThrownOut
            await send(message)

        async def heard() -> Message:
            return {"type": "http.disconnect"} if ended else await receive()

        asking = ASKING.set(identity)
        try:
            await self._app(scope, heard, watched)
        except BaseException:
            if not ended:
                raise
        finally:
            ASKING.reset(asking)


def _renewing(message: Message, cookie: str) -> Message:
    """The begin of an answer, with the session's cookie, unless it has one already."""
    headers = list(message.get("headers", ()))
    if any(name.lower() == b"set-cookie" for name, _ in headers):  # a login or a logout
        return message
    return {**message, "headers": [*headers, (b"set-cookie", cookie.encode("latin-1"))]}


def _below(prefix: str, path: str) -> str:
    """The path as routes have it, whether or not the proxy has taken the prefix off."""
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        return path[len(prefix) :] or "/"
    return path


def _is_plain_form(head: Head) -> bool:
    """Whether a form was sent before its page's script was there: the page comes again, and no more."""
    return head.method == "POST" and _kind(head) == "application/x-www-form-urlencoded"


def _check_type(head: Head) -> None:
    """Raises Problem for a body of a kind that a form on any website could send."""
    has_body = head.get("content-length") not in ("", "0") or "transfer-encoding" in head.headers
    if head.changes and has_body and _kind(head) not in TYPES:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "send JSON, and say so: Content-Type: application/json.",
        )


def _kind(head: Head) -> str:
    return head.get("content-type").partition(";")[0].strip().lower()
