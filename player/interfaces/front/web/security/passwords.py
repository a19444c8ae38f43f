"""Passwords: argon2id, one at a time and beside the event loop."""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from player.errors import PlayerError
from player.interfaces.front.web.security.refusal import busy

if TYPE_CHECKING:  # a megabyte, until somebody logs in
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 8, 1000
"""Characters. What is longer than that is no password, and would only cost time."""
MOST_WAITING = 8
"""Logins that may wait for their turn: each is answered within a second or two, also by a Pi."""


@cache
def _hasher() -> PasswordHasher:
    """OWASP's recommendation (Password Storage Cheat Sheet, 2024): 19 MiB, two passes, one lane."""
    from argon2 import PasswordHasher, Type  # noqa: PLC0415

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


class PasswordError(PlayerError, ValueError):
    """A password that is not taken."""


def hashed(password: str) -> str:
    """Its hash. Raises PasswordError, in one sentence, if it is too short or too long."""
    text = _same_everywhere(password)
    if len(text) < SHORTEST:
        raise PasswordError(f"a password has at least {SHORTEST} characters: take a few words.")
    if len(text) > LONGEST:
        raise PasswordError(f"a password has at most {LONGEST} characters.")
    if not text.isprintable():
        raise PasswordError("a password has no line breaks and no control characters.")
    return _hasher().hash(text)


def matches(hash_text: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash it takes as long, and is not."""
    from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415

    text = _same_everywhere(password)[: LONGEST + 1]
    try:
        return _hasher().verify(hash_text or _nobodys(), text) and hash_text is not None
    except (Argon2Error, InvalidHashError):
        return False


class PasswordCheck:
    """Checks one password after the other on a thread of its own; few may wait."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._waiting = 0

    async def matches(self, hash_text: str | None, password: str) -> bool:
        """As `matches`. Raises Problem (busy) if too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise busy("too many logins at once; try again in a few seconds.", 3)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._worker, matches, hash_text, password)
        finally:
            self._waiting -= 1


@cache
def _nobodys() -> str:
    """A hash that is as slow to check as any."""
    return _hasher().hash("nobody's password")


def _same_everywhere(password: str) -> str:
    """Keyboards and systems write the same letters in different ways (한, é)."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())
