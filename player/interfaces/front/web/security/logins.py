"""Logging in and out; sessions and tokens as they are listed and ended."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from player.interfaces.command_table import Role
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.login_limits import LoginLimits
from player.interfaces.front.web.security.passwords import PasswordCheck
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.refusal import forbidden, unauthorized
from player.interfaces.front.web.security.secrets_authenticator import (
    DAY_S,
    SecretsAuthenticator,
    new_credential,
)
from player.interfaces.front.web.security.secrets_file import (
    COMMAND,
    NAME,
    Credential,
    Secrets,
    SecretsError,
    SecretsFile,
)
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.WEB)

SAID_EVERY_S = 60.0
WRONG = "that role and password do not fit."
"""The same for a wrong password, a role without one and a role that there is not."""


@dataclass(frozen=True)
class Opened:
    """A new session; `secret` is for its cookie alone."""

    secret: str
    session: Credential


class Logins:
    """Opens sessions for those who know a password.

    clock   seconds since 1970
    steady  seconds on a clock that nobody can set
    """

    def __init__(
        self,
        file: SecretsFile,
        authenticator: SecretsAuthenticator,
        access: Access,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self.authenticator = authenticator
        self._access = access
        self._clock, self._steady = clock, steady
        self._check = PasswordCheck()
        self._limits = LoginLimits(clock())
        self._said_s = -math.inf

    @classmethod
    def of(cls, access: Access, folder: Path, command: str = COMMAND) -> Logins:
        """Those that the state folder knows. `command` sets its passwords."""
        file = SecretsFile(folder / NAME, command)
        return cls(file, SecretsAuthenticator(file, access), access)

    @property
    def session_days(self) -> float:
        """How long a session lasts."""
        return self._access.session_days

    def now_s(self) -> float:
        """Seconds since 1970."""
        return self._clock()

    def trouble(self) -> str | None:
        """Why nobody gets in, in a sentence; None if that is not so."""
        try:
            self._file.read()
        except SecretsError as error:
            return str(error)
        return None

    async def log_in(self, role: str, password: str, asker: Asker, browser: str) -> Opened:
        """A session of its own for each login. `browser` is what the owner's list calls it.

        Raises Problem: 401, whatever is wrong; 429 after too many tries; 503 if too many wait.
        """
        now_s = self._clock()
        self._claim(asker, now_s)
        known = Role(role) if role in list(Role) else None
        hashed = self.authenticator.secrets().passwords.get(known) if known else None
        is_right = await self._check.matches(hashed, password)
        if known is None or not is_right:
            self._say_wrong(asker)
            raise unauthorized(WRONG)
        secret, session = new_credential(known, browser, now_s, self._access.session_days * DAY_S)

        def opened(found: Secrets) -> Secrets:
            # The password may have been changed while it was being checked.
            return found.with_session(session, now_s) if found.passwords.get(known) == hashed else found

        if session not in (await self.change(opened)).sessions:
            raise unauthorized(WRONG)
        self._limits.succeeded(asker.address)
        log.info("Somebody at %s has logged in as %s.", asker.address, known)
        return Opened(secret, session)

    async def set_password(
        self, role: Role, new: str, old: str, asker: Asker, session: Opened | None
    ) -> None:
        """A new password for a role; whoever is logged in as that is logged out.

        old      the owner's present password, once there is one
        session  of the owner who asks, which holds on

        Raises Problem: 403 for a wrong `old`, 409 for the staff's before the owner's and for a
        `new` that is not taken, 429 after too many tries.
        """
        known = self.authenticator.secrets().passwords
        if not known and role is not Role.OWNER:
            raise Problem(HTTPStatus.CONFLICT, "refused", "set the owner's password first.")
        if known:
            await self._check_owner(known.get(Role.OWNER), old, asker)
        try:
            hashed = await asyncio.to_thread(passwords.hashed, new)
        except passwords.PasswordError as error:
            raise Problem(HTTPStatus.CONFLICT, "refused", str(error)) from None
        now_s = self._clock()

        def edited(found: Secrets) -> Secrets:
            if found.passwords != known:  # somebody else was quicker, and may not be the one who asks
                return found
            made = found.with_password(role, hashed)
            return made.with_session(session.session, now_s) if session else made

        if (await self.change(edited)).passwords.get(role) != hashed:
            raise Problem(HTTPStatus.CONFLICT, "refused", "the passwords have just been changed elsewhere.")
        log.info("The password of the %s has been set from the page, by somebody at %s.", role, asker.address)

    async def _check_owner(self, hashed: str | None, password: str, asker: Asker) -> None:
        self._claim(asker, self._clock())
        if not await self._check.matches(hashed, password):
            self._say_wrong(asker)
            raise forbidden("that is not the owner's present password.")
        self._limits.succeeded(asker.address)

    def new_session(self, browser: str) -> Opened:
        """One of the owner's, which holds as soon as it is kept."""
        secret, session = new_credential(
            Role.OWNER, browser, self._clock(), self._access.session_days * DAY_S
        )
        return Opened(secret, session)

    def _claim(self, asker: Asker, now_s: float) -> None:
        """Count a try. Raises Problem (429) after too many."""
        if wait_s := self._limits.claim(asker.address, now_s):
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "busy",
                f"too many tries to log in; wait {round(wait_s + 0.5)} s.",
                {"retry-after": str(round(wait_s + 0.5))},
            )

    def _say_wrong(self, asker: Asker) -> None:
        """Not each one: a flood would fill the log."""
        now_s = self._steady()
        if now_s >= self._said_s + SAID_EVERY_S:
            self._said_s = now_s
            log.warning("Somebody at %s has tried to log in with a wrong password.", asker.address)

    async def change(self, edit: Callable[[Secrets], Secrets]) -> Secrets:
        """Change the file, beside the event loop. Raises Problem (503) if it cannot be written."""
        try:
            return await asyncio.to_thread(self._file.change, edit)
        except SecretsError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "secrets", str(error)) from None
