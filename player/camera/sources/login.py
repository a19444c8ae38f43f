"""The login that a camera asks for over HTTP: Digest (RFC 7616) or Basic, the safest that it offers.

The one in urllib knows no SHA-256, no password beyond ASCII, and of several offers only the first.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import IO, Any

_HASHES: dict[str, Callable[[bytes], Any]] = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""By the name of the algorithm, the better one first."""
_SESSION = "-SESS"
_OFFER = re.compile(r"([\w-]+)(?:[ \t]+([^= \t].*))?", re.DOTALL)
"""Where an offer begins among the fields of others: with its scheme, which no = follows."""
MOST_STALE = 3
"""So often a camera may say that its nonce has run out meanwhile."""


class UnknownLoginError(ValueError):
    """A login is asked for that is none of ours."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """One way to log in, in the words of WWW-Authenticate."""

    scheme: str
    fields: dict[str, str]

    @property
    def rank(self) -> int | None:
        """0 for the safest; None for one that is not known here."""
        if self.scheme == "basic":
            return len(_HASHES)
        ways = [way.strip().lower() for way in (self.fields.get("qop") or "auth").split(",")]
        algorithm = self.fields.get("algorithm", "MD5").upper().removesuffix(_SESSION)
        if self.scheme != "digest" or "nonce" not in self.fields or "auth" not in ways:
            return None
        return list(_HASHES).index(algorithm) if algorithm in _HASHES else None


class Login(urllib.request.BaseHandler):
    """Answers a 401 with the user and password for the address, if there are some. For one request."""

    def __init__(self, passwords: urllib.request.HTTPPasswordMgrWithDefaultRealm) -> None:
        self._passwords = passwords
        self._stale = 0

    def http_error_401(
        self, request: urllib.request.Request, answer: IO[bytes], _code: int, _said: str, headers: HTTPMessage
    ) -> Any:
        """The answer to the same request with a login; None, and 401 stands, if there is none or it is wrong.

        Raises UnknownLoginError.
        """
        offers = list(_offers(headers.get_all("WWW-Authenticate") or ()))
        user, password = self._passwords.find_user_password(None, request.full_url)
        if user is None or password is None or not offers:
            return None
        if request.has_header("Authorization"):
            self._stale += 1
            is_stale = any(offer.fields.get("stale", "").lower() == "true" for offer in offers)
            if not is_stale or self._stale > MOST_STALE:
                return None
        known = [(rank, at) for at, offer in enumerate(offers) if (rank := offer.rank) is not None]
        if not known:
            raise UnknownLoginError
        best = offers[min(known)[1]]
        if best.scheme == "basic":
            login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        else:
            login = _digest(best.fields, _sent(user), _sent(password), request.get_method(), request.selector)
        answer.close()
        request.add_unredirected_header("Authorization", login)
        return self.parent.open(request, timeout=request.timeout)


def _offers(headers: Iterable[str]) -> Iterator[_Offer]:
    """The offers of all these headers; each may hold several."""
    for header in headers:
        scheme, fields = "", dict[str, str]()
        for item in urllib.request.parse_http_list(header):
            if begins := _OFFER.fullmatch(item):
                if scheme:
                    yield _Offer(scheme, fields)
                scheme, fields, item = begins[1].lower(), {}, begins[2] or ""  # noqa: PLW2901
            name, _, value = item.partition("=")
            value = value.strip()
            is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
            fields[name.strip().lower()] = value[1:-1] if is_quoted else value
        if scheme:
            yield _Offer(scheme, fields)


def _digest(fields: dict[str, str], user: str, password: str, method: str, uri: str) -> str:
    """What proves to know the password: all texts as they are sent, one character a byte."""
    algorithm = fields.get("algorithm", "MD5").upper()
    make = _HASHES[algorithm.removesuffix(_SESSION)]

    def hashed(*parts: str) -> str:
        return str(make(":".join(parts).encode("latin-1")).hexdigest())

    realm, nonce, own = fields.get("realm", ""), fields["nonce"], secrets.token_hex(8)
    secret = hashed(user, realm, password)
    if algorithm.endswith(_SESSION):
        secret = hashed(secret, nonce, own)
    asked = hashed(method, uri)
    said = {"username": _quoted(user), "realm": _quoted(realm), "nonce": _quoted(nonce), "uri": _quoted(uri)}
    if fields.get("qop"):
        said |= {"qop": "auth", "nc": "00000001", "cnonce": _quoted(own)}
        said["response"] = _quoted(hashed(secret, nonce, "00000001", own, "auth", asked))
    else:  # as it was before RFC 2617
        said["response"] = _quoted(hashed(secret, nonce, asked))
    said |= {"algorithm": fields["algorithm"]} if "algorithm" in fields else {}
    said |= {"opaque": _quoted(fields["opaque"])} if "opaque" in fields else {}
    return "Digest " + ", ".join(f"{name}={value}" for name, value in said.items())


def _sent(text: str) -> str:
    """UTF-8, each byte as the character that http.client sends for it."""
    return text.encode().decode("latin-1")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
