"""Which addresses the page has: whoever is not logged in is sent to log in, and not told off in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from player.interfaces.command_table import Role
from player.interfaces.front.web.security.authenticator import Identity, may


class LoginNeeded(Exception):  # noqa: N818 - it is no error
    """Somebody who is not logged in has opened a page."""


class NotTheirs(Exception):  # noqa: N818 - it is no error
    """Staff has opened a page of the owner's."""


def page_for(role: Role) -> Callable[[Request], Awaitable[Identity]]:
    """A dependency of pages, as `require` is of the API. Raises LoginNeeded and NotTheirs."""

    async def identified(request: Request) -> Identity:
        identity: Identity | None = request.state.identity
        if identity is None:
            raise LoginNeeded
        if not may(identity.role, role):
            raise NotTheirs
        return identity

    return identified


StaffPage = Annotated[Identity, Depends(page_for(Role.STAFF))]
OwnerPage = Annotated[Identity, Depends(page_for(Role.OWNER))]
