"""web_secrets.json: hashes of passwords, sessions and tokens, in a file that only its user can read.

Front and command line both write it, one after the other; the front reads it again if it has changed. A file
that cannot be read lets nobody in.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from player.errors import PlayerError
from player.interfaces.command_table import Role
from player.privacy import private_files

NAME = "web_secrets.json"
"""In the state folder."""
COMMAND = "ambient-player web password"
"""Sets the player's passwords."""
LARGEST = 1_000_000
"""Bytes; a hundred sessions are a tenth of that."""
MOST_SESSIONS = 200
"""With one more, the one that was not used for longest ends."""
MOST_TOKENS = 200

ARGON2 = r"\$argon2id\$v=19\$m=\d{1,7},t=\d{1,2},p=\d\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43,}"
Seconds = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


class SecretsError(PlayerError):
    """The file of passwords cannot be read or written."""


class Credential(BaseModel):
    """A session or a token; only its hash is kept. Instants are seconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    role: Role
    name: Annotated[str, Field(max_length=200)]
    created_s: Seconds
    used_s: Seconds
    expires_s: Seconds | None = None

    @property
    def id(self) -> str:
        """What it is called in lists; nobody gets in with it."""
        return self.hash[:12]

    def holds(self, now_s: float) -> bool:
        """Whether it has not expired."""
        return self.expires_s is None or now_s < self.expires_s


class Secrets(BaseModel):
    """All that the file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=1, le=1)] = 1
    passwords: Mapping[Role, Annotated[str, Field(pattern=f"^{ARGON2}$")]] = {}
    sessions: tuple[Credential, ...] = ()
    tokens: tuple[Credential, ...] = ()

    def with_password(self, role: Role, hashed: str) -> Secrets:
        """A new password ends the sessions that the old one has opened."""
        kept = tuple(session for session in self.sessions if session.role != role)
        return self.model_copy(update={"passwords": {**self.passwords, role: hashed}, "sessions": kept})

    def with_session(self, session: Credential, now_s: float) -> Secrets:
        """One more, without those that have expired."""
        kept = [*(one for one in self.sessions if one.holds(now_s)), session]
        kept = sorted(kept, key=lambda one: one.used_s)[-MOST_SESSIONS:]
        return self.model_copy(update={"sessions": tuple(kept)})

    def without_session(self, beginning: str) -> Secrets:
        """Without those whose hash begins like this; "" is all of them."""
        kept = tuple(one for one in self.sessions if not one.hash.startswith(beginning))
        return self.model_copy(update={"sessions": kept})

    def with_token(self, token: Credential) -> Secrets:
        """One more; none if there is one of that name, or there are too many."""
        if len(self.tokens) >= MOST_TOKENS or any(one.name == token.name for one in self.tokens):
            return self
        return self.model_copy(update={"tokens": (*self.tokens, token)})

    def without_token(self, named: str) -> Secrets:
        """Without the one of this name, or of this id."""
        kept = tuple(one for one in self.tokens if named not in (one.name, one.id))
        return self.model_copy(update={"tokens": kept})

    def used(self, hashes: Mapping[str, float], lasts_s: float) -> Secrets:
        """With the instants at which some were used; a session lasts so long from then on."""

        def marked(one: Credential) -> Credential:
            return one.model_copy(update={"used_s": max(one.used_s, hashes.get(one.hash, 0))})

        def renewed(one: Credential) -> Credential:
            expires_s = max(one.expires_s or 0, hashes.get(one.hash, 0) + lasts_s)
            return marked(one).model_copy(update={"expires_s": expires_s}) if one.hash in hashes else one

        return self.model_copy(
            update={
                "sessions": tuple(map(renewed, self.sessions)),
                "tokens": tuple(map(marked, self.tokens)),
            }
        )


def hash_of(secret: str) -> str:
    """Of a session or a token, which are random: no slow hash is needed to keep them unguessable."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class _Seen:
    mark: tuple[int, ...]
    secrets: Secrets | SecretsError


class SecretsFile:
    """Reads and replaces the file.

    command  what an owner is told to set the passwords with
    """

    def __init__(self, path: Path, command: str = COMMAND) -> None:
        self._path, self.command = path, command
        self._seen: _Seen | None = None

    def read(self) -> Secrets:
        """What it holds now; nothing if there is no file. Raises SecretsError if it cannot be read."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return Secrets()
        except OSError as error:
            raise self._unreadable(error) from error
        mark = (found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size)
        seen = self._seen
        if seen is None or seen.mark != mark:
            try:
                seen = self._seen = _Seen(mark, self._parsed())
            except OSError as error:  # which may pass: it is tried again
                raise self._unreadable(error) from error
        if isinstance(seen.secrets, SecretsError):
            raise seen.secrets
        return seen.secrets

    def change(self, edit: Callable[[Secrets], Secrets]) -> Secrets:
        """Replace it by what `edit` makes of it; returns that. Raises SecretsError."""
        try:
            with self._alone():
                before = self.read()
                after = edit(before)
                if after != before:
                    self._write(after)
                return after
        except OSError as error:
            raise SecretsError(f"{self._path} cannot be written ({error.strerror}).") from error

    def set_aside(self) -> Path:
        """Keep a damaged file under another name, so that a new one can be begun. Raises SecretsError."""
        aside = self._path.with_suffix(".damaged")
        try:
            self._path.replace(aside)
            private_files.make_private(aside)
        except OSError as error:
            raise SecretsError(f"{self._path} cannot be set aside ({error.strerror}).") from error
        return aside

    def _unreadable(self, error: OSError) -> SecretsError:
        return SecretsError(f"{self._path} cannot be read ({error.strerror}): nobody gets in.")

    def _parsed(self) -> Secrets | SecretsError:
        """What it holds, or that it is damaged. Raises OSError."""
        damaged = SecretsError(
            f"{self._path} is damaged: nobody gets in; set the passwords again with `{self.command}`."
        )
        try:
            private_files.make_private(self._path)
            with self._path.open("rb") as file:
                text = file.read(LARGEST + 1)
            # What pydantic says of it would repeat the hashes.
            return damaged if len(text) > LARGEST else Secrets.model_validate_json(text)
        except (ValidationError, ValueError, RecursionError):
            return damaged

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes it meanwhile."""
        private_files.make_folder(self._path.parent)
        with private_files.write(self._path.with_suffix(".lock"), "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, secrets: Secrets) -> None:
        private_files.replace(self._path, secrets.model_dump_json(indent=1))
