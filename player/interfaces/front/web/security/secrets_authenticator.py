"""Who asks: a session (cookie), a bearer token, or, while there is no password, this machine's user."""

from __future__ import annotations

import asyncio
import hmac
import math
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus

from starlette.responses import Response

from player.interfaces.command_table import Role
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Authenticator, Identity, Means
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.refusal import forbidden, unauthorized
from player.interfaces.front.web.security.request_head import Head
from player.interfaces.front.web.security.secrets_file import (
    Credential,
    Secrets,
    SecretsError,
    SecretsFile,
    hash_of,
)

CSRF_HEADER = "x-csrf-token"
DAY_S = 86_400.0
WRITTEN_EVERY_S = 3600.0
"""How exactly the file knows when a session was used last: a memory card is not written at each request."""
RETRY_S = 60.0


class SecretsAuthenticator(Authenticator):
    """Tells who asks, by the file as it is at this moment. `steady` is a clock that nobody can set."""

    def __init__(
        self, file: SecretsFile, access: Access, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = file
        self._access = access
        self._steady = steady
        self._used: dict[str, float] = {}
        self._written_s = -math.inf

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies know no ports, and two players may share a machine."""
        return f"ambient_player_{self._access.port}"

    def secrets(self) -> Secrets:
        """The file. Raises Problem (503) if it cannot be read: nobody gets in."""
        try:
            return self._file.read()
        except SecretsError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "secrets", str(error)) from None

    def find(self, head: Head, asker: Asker, now_s: float) -> Identity | None:
        """Who asks; None if they have not said so. Raises Problem if what they say is not so."""
        known = self.secrets()
        if "authorization" in head.headers:
            if (token := head.bearer) is None or (
                found := _held(known.tokens, hash_of(token), now_s)
            ) is None:
                raise unauthorized("that token is not known; it may have been removed.")
            self._note_use(found, now_s)
            return Identity(found.role, found.name, Means.TOKEN, found.hash)
        session = self._session(head)
        if session and (found := _held(known.sessions, hash_of(session), now_s)):
            again = self.cookie_header(session, asker) if _is_due(found, now_s) else ""
            self._note_use(found, now_s)
            return Identity(found.role, found.name, Means.SESSION, found.hash, csrf_of(session), again)
        return self._open(known, head, asker)

    def still(self, identity: Identity, now_s: float) -> bool:
        """Whether somebody who was let in would be still."""
        try:
            known = self._file.read()
        except SecretsError:
            return False
        match identity.means:
            case Means.SESSION:
                return _held(known.sessions, identity.key, now_s) is not None
            case Means.TOKEN:
                return _held(known.tokens, identity.key, now_s) is not None
            case Means.OPEN:
                return not known.passwords

    def _note_use(self, one: Credential, now_s: float) -> None:
        """Write down now and then when a session was used last, beside the event loop."""
        self._used[one.hash] = now_s
        if _is_due(one, now_s) and self._steady() > self._written_s + RETRY_S:
            self._written_s = self._steady()
            used, self._used = self._used, {}
            asyncio.get_running_loop().run_in_executor(None, self._write_use, used)

    def _write_use(self, used: dict[str, float]) -> None:
        with suppress(SecretsError):  # it is tried again at the next use
            self._file.change(lambda found: found.used(used, self._access.session_days * DAY_S))

    def cookie_header(self, secret: str, asker: Asker) -> str:
        """What tells a browser its session: it forgets it when the session ends."""
        made = Response()
        made.set_cookie(
            self.cookie,
            secret,
            max_age=round(self._access.session_days * DAY_S),
            path=asker.prefix or "/",
            secure=asker.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return made.headers["set-cookie"]

    def _session(self, head: Head) -> str | None:
        """The session's cookie. Two of one name are none: a neighbour on this host may have added one."""
        pairs = (part.strip().partition("=") for part in head.get("cookie").split(";"))
        values = [value for name, _, value in pairs if name == self.cookie]
        return values[0] if len(values) == 1 else None

    def _open(self, known: Secrets, head: Head, asker: Asker) -> Identity | None:
        """Without a password, whoever is at this machine is its owner, but nobody behind a proxy."""
        if known.passwords:
            return None
        here = head.peer is not None and head.peer.is_loopback
        if not here or not self._access.is_local or self._access.proxies or asker.is_proxied:
            raise forbidden(
                "no password is set, so only this machine itself may use the player, and through no proxy:"
                f" set one with `{self._file.command}`."
            )
        return Identity(Role.OWNER, "this machine", Means.OPEN)


def csrf_of(session: str) -> str:
    """What a session's pages send along: only who can read the player's answers knows it."""
    return hmac.new(session.encode("utf-8", "replace"), b"csrf", sha256).hexdigest()


def check_csrf(head: Head, identity: Identity) -> None:
    """Raises Problem if a change that a cookie allows comes without its page's token."""
    if identity.means is Means.SESSION and head.changes:
        given = head.get(CSRF_HEADER).encode("utf-8", "replace")
        if not hmac.compare_digest(given, identity.csrf.encode()):
            raise forbidden("the page's token is missing or old: load the page again.")


def new_credential(role: Role, name: str, now_s: float, lasts_s: float | None) -> tuple[str, Credential]:
    """A secret that nobody can guess, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    expires_s = None if lasts_s is None else now_s + lasts_s
    return secret, Credential(
        hash=hash_of(secret), role=role, name=name, created_s=now_s, used_s=now_s, expires_s=expires_s
    )


def _is_due(one: Credential, now_s: float) -> bool:
    """Whether the file is to be told of a use."""
    return now_s > one.used_s + WRITTEN_EVERY_S


def _held(credentials: tuple[Credential, ...], hashed: str, now_s: float) -> Credential | None:
    """The one of this hash. The hash of what was sent tells nothing by how long it took to compare."""
    return next((one for one in credentials if one.hash == hashed and one.holds(now_s)), None)
