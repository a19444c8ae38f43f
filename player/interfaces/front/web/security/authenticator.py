"""Who sends a request: the Protocol, and what each route says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from starlette.requests import Request

from player.interfaces.command_table import Role
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.refusal import unauthorized
from player.interfaces.front.web.security.request_head import Head


class Means(StrEnum):
    """How somebody was let in."""

    SESSION = "session"
    TOKEN = "token"
    OPEN = "open"
    """No password is set, and the request comes from this machine itself."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the role decides, the name is for the log.

    key    the hash of their session or token, "" if they needed none
    csrf   what a page sends along with each change; "" if it need not
    again  the header that tells a browser its session anew, so that it lasts while it is used; "" if none
    """

    role: Role
    name: str
    means: Means = Means.TOKEN
    key: str = ""
    csrf: str = ""
    again: str = field(default="", repr=False)

    @property
    def is_owner(self) -> bool:
        """Whether all is theirs to do."""
        return self.role is Role.OWNER


class Authenticator(Protocol):
    """Knows those who may ask. Instants are seconds since 1970."""

    def find(self, head: Head, asker: Asker, now_s: float) -> Identity | None:
        """Who asks; None if they have not said so. Raises Problem if what they say is not so."""
        ...

    def still(self, identity: Identity, now_s: float) -> bool:
        """Whether somebody who was let in would be still."""
        ...


def require(role: Role) -> Callable[[Request], Awaitable[Identity]]:
    """A dependency of routes: who asks, who has at least this role. The gate has found out who it is.

    Raises Problem: 401 for nobody we know, 403 for staff where it is the owner's.
    """

    async def identified(request: Request) -> Identity:
        identity: Identity | None = request.state.identity
        if identity is None:
            raise unauthorized("Log in first, or send a token.")
        if not may(identity.role, role):
            raise Problem(403, "forbidden", "This is the owner's to do.")
        return identity

    return identified


def may(role: Role, least: Role) -> bool:
    """Whether somebody in this role may do what needs at least that one."""
    ascending = list(Role)
    return ascending.index(role) >= ascending.index(least)
