"""Who is let in over MPD's protocol: whoever knows one of the page's passwords."""

from __future__ import annotations

import time

from player.interfaces.command_table import Role
from player.interfaces.front.mpd.lines import Ack, Refusal
from player.interfaces.front.web.security.login_limits import LoginLimits
from player.interfaces.front.web.security.passwords import PasswordCheck
from player.interfaces.front.web.security.secrets_file import SecretsFile


class Door:
    """The page's passwords; both of them give staff's rights here."""

    def __init__(self, file: SecretsFile) -> None:
        self._file = file
        self._check, self._limits = PasswordCheck(), LoginLimits(time.time())

    def has_password(self) -> bool:
        """Whether one is set. Raises SecretsError if nobody can tell."""
        return bool(self._file.read().passwords)

    def lets_in(self, key: str) -> bool:
        """Whether this key still opens, or none is needed. Raises SecretsError if nobody can tell."""
        passwords = self._file.read().passwords
        return not passwords or key in passwords.values()

    async def key(self, password: str, address: str) -> str:
        """What the staff's or the owner's password opens with until it is changed; "" if it is neither's.

        Raises Refusal after too many tries.
        """
        if wait_s := self._limits.claim(address, time.time()):
            raise Refusal(Ack.PASSWORD, f"too many tries; wait {round(wait_s + 0.5)} s")
        for role in (Role.STAFF, Role.OWNER):
            hashed = self._file.read().passwords.get(role)
            if hashed and await self._check.matches(hashed, password):
                self._limits.succeeded(address)
                return hashed
        return ""
