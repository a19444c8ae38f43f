"""Who sends a request: the Protocol, and what each route says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection, Request

from player.interfaces.command_table import Role
from player.interfaces.front.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the role decides, the name is for the log."""

    role: Role
    name: str


class Authenticator(Protocol):
    """Knows those who may ask."""

    async def identify(self, request: HTTPConnection) -> Identity | None:
        """Who sends this; None for nobody we know."""
        ...


def require(role: Role) -> Callable[[Request], Awaitable[Identity]]:
    """A dependency of routes: who asks, who has at least this role.

    Raises Problem: 401 for nobody we know, 403 for staff where it is the owner's.
    """

    async def identified(request: Request) -> Identity:
        authenticator: Authenticator = request.app.state.authenticator
        identity = await authenticator.identify(request)
        if identity is None:
            raise Problem(
                401, "unauthorized", "Log in first, or send a token.", {"WWW-Authenticate": "Bearer"}
            )
        if not may(identity.role, role):
            raise Problem(403, "forbidden", "This is the owner's to do.")
        return identity

    return identified


def may(role: Role, least: Role) -> bool:
    """Whether somebody in this role may do what needs at least that one."""
    ascending = list(Role)
    return ascending.index(role) >= ascending.index(least)
