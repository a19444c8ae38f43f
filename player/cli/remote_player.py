"""A player on another machine, spoken to over HTTP with a token: `--url http://host:8787`."""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from player.cli.addressed_player import AddressedPlayer
from player.errors import ControlError
from player.types import Json, json_text

TOKEN_VARIABLE = "AMBIENT_PLAYER_TOKEN"
ANSWER_S = 35.0
"""The player's own limit is 30 s."""
LARGEST = 32 * 2**20
"""Bytes of an answer."""
LONGEST_TOKEN = 200
"""Characters; ours have 43."""


@dataclass(frozen=True)
class RemotePlayer(AddressedPlayer):
    """Where it is, and what we show it. The address is without user and password."""

    scheme: str
    host: str
    port: int
    path: str
    token: str | None

    @property
    def warning(self) -> str | None:
        """A sentence if the token goes over a network that others may listen to; None if it does not."""
        if self.token is None or self.scheme == "https" or _is_here(self.host):
            return None
        return (
            f"warning: the token goes to {self.host} unencrypted: whoever listens on the network can use it;"
            " https does not have that problem."
        )

    def command(self, name: str, fields: Json) -> Json:
        """See AddressedPlayer."""
        with self._asked(
            "POST", f"/api/commands/{quote(name, safe='')}", json_text(fields).encode()
        ) as answer:
            return _read(answer.status, answer.read(LARGEST + 1), self._where)

    def watch(self) -> Iterator[Json]:
        """See AddressedPlayer."""
        with self._asked("GET", "/api/events", b"") as answer:
            if answer.status != 200:
                _read(answer.status, answer.read(LARGEST + 1), self._where)
            while line := answer.readline(LARGEST):
                if line.startswith(b"data: ") and len(line) > len(b"data: {}\n"):
                    yield {"status": json.loads(line.removeprefix(b"data: "))}

    @property
    def _where(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @contextmanager
    def _asked(self, method: str, target: str, body: bytes) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request. Raises ControlError, also while it is read."""
        headers = {"Content-Type": "application/json"} if body else {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = self._connection()
        try:
            connection.request(method, self.path + target, body or None, headers)
            yield connection.getresponse()
        except TimeoutError as error:
            raise ControlError(
                f"the player at {self._where} did not answer within {ANSWER_S:g} s."
            ) from error
        except ssl.SSLCertVerificationError as error:
            said = f"the certificate of {self._where} is not valid ({error.verify_message})."
            raise ControlError(said) from error
        except ControlError:
            raise
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ControlError(f"the player at {self._where} cannot be reached ({why}).") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        # http.client follows no redirect, which would take the token elsewhere, and asks no proxy.
        if self.scheme == "https":
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=ANSWER_S, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_S)


def remote_player(url: str, token: str | None = None, token_file: Path | None = None) -> RemotePlayer:
    """The player at an address, with the token that is given, or the environment's. Raises ControlError."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ControlError("--url takes an address such as http://cafe.example:8787.")
    if "@" in parts.netloc:
        raise ControlError("--url takes no user and password: give a token with --token-file.")
    if any(not "!" <= c <= "~" for c in parts.path):
        raise ControlError("--url holds characters that no address has.")
    return RemotePlayer(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), _token(token, token_file))


def _token(token: str | None, file: Path | None) -> str | None:
    if file is not None:
        if token is not None:
            raise ControlError("give --token or --token-file, not both.")
        try:
            with file.open("rb") as opened:
                token = opened.read(LONGEST_TOKEN + 2).decode("ascii", "replace").strip()
        except OSError as error:
            raise ControlError(f"{file} cannot be read ({error.strerror}).") from error
    if token is None:
        token = os.environ.get(TOKEN_VARIABLE) or None
    if token is not None and (
        len(token) > LONGEST_TOKEN or not token or any(not "!" <= c <= "~" for c in token)
    ):
        raise ControlError("that is no token: `ambient-player web tokens add` prints one.")
    return token


def _read(status: int, body: bytes, where: str) -> Json:
    """The answer, or what the problem says. Raises ControlError."""
    try:
        said = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        said = None
    if 200 <= status < 300 and isinstance(said, dict):
        return said
    if isinstance(said, dict) and isinstance(detail := said.get("detail"), str):
        raise ControlError(" ".join("".join(c if c.isprintable() else " " for c in detail).split())[:500])
    raise ControlError(f"{where} is no ambient-player, or something stands between (it answered {status}).")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
