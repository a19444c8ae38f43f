"""Logging in and out; sessions and tokens as they are listed and ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from player.interfaces.command_table import Role
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.login_limits import LoginLimits
from player.interfaces.front.web.security.passwords import PasswordCheck
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.refusal import Refused
from player.interfaces.front.web.security.secrets_file import Credential, Secrets, SecretsError, SecretsFile
from player.interfaces.front.web.security.visitors import Visitors, new_credential, unauthorized

DAY_S = 86_400.0
WRONG = "that role and password do not fit."
"""The same for a wrong password, a role without one and a role that there is not."""


@dataclass(frozen=True)
class Opened:
    """A new session; `secret` is for its cookie alone."""

    secret: str
    session: Credential


class Logins:
    """Opens sessions for those who know a password."""

    def __init__(
        self, file: SecretsFile, visitors: Visitors, access: Access, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self.visitors = visitors
        self._access = access
        self._clock = clock
        self._check = PasswordCheck()
        self._limits = LoginLimits(clock())

    @property
    def session_days(self) -> float:
        """How long a session lasts."""
        return self._access.session_days

    def now_s(self) -> float:
        """Seconds since 1970."""
        return self._clock()

    async def log_in(self, role: str, password: str, asker: Asker, browser: str) -> Opened:
        """A session of its own for each login. `browser` is what the owner's list calls it.

        Raises Refused: 401, whatever is wrong; 429 after too many tries; 503 if too many wait.
        """
        now_s = self._clock()
        if wait_s := self._limits.claim(asker.address, now_s):
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                "busy",
                f"too many tries to log in; wait {round(wait_s + 0.5)} s.",
                {"retry-after": str(round(wait_s + 0.5))},
            )
        known = Role(role) if role in list(Role) else None
        hashed = self.visitors.secrets().passwords.get(known) if known else None
        is_right = await self._check.matches(hashed, password)
        if known is None or not is_right:
            raise unauthorized(WRONG)
        secret, session = new_credential(known, browser, now_s, self._access.session_days * DAY_S)

        def opened(found: Secrets) -> Secrets:
            # The password may have been changed while it was being checked.
            return found.with_session(session, now_s) if found.passwords.get(known) == hashed else found

        if session not in (await self.change(opened)).sessions:
            raise unauthorized(WRONG)
        self._limits.succeeded(asker.address)
        return Opened(secret, session)

    async def change(self, edit: Callable[[Secrets], Secrets]) -> Secrets:
        """Change the file, beside the event loop. Raises Refused (503) if it cannot be written."""
        try:
            return await asyncio.to_thread(self._file.change, edit)
        except SecretsError as error:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "secrets", str(error)) from None
