"""Without a password: whoever sits at this machine is the owner."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection

from player.interfaces.command_table import Role
from player.interfaces.front.web.security.authenticator import Authenticator, Identity


class LoopbackOwner(Authenticator):
    """Takes everyone from this machine for the owner, and nobody else."""

    async def identify(self, request: HTTPConnection) -> Identity | None:
        """See Authenticator."""
        here = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
        return Identity(Role.OWNER, "owner") if here else None
