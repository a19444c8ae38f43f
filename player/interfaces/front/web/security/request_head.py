"""The head of a request, looked at before anything believes it: one host, one length, a path that is one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.access import Address, ip_address
from player.interfaces.front.web.security.refusal import malformed

ONCE = (
    *("host", "content-length", "content-type", "content-encoding", "transfer-encoding", "authorization"),
    *("cookie", "origin", "referer", "x-csrf-token", "if-match", "if-none-match", "expect"),
    *("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "last-event-id"),
    *("x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix"),
)
"""Headers that say one thing; said twice, two programs may each hear another."""
MOST_HEADERS = 64
LONGEST_HEADER = 4096
"""Bytes of one value."""
LONGEST_TARGET = 4096
"""Bytes of path and query."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Head:
    """What a request says of itself, checked for its form only. Names of headers are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    peer: Address | None
    """Who is at the other end of the connection."""
    server: tuple[str, int | None] | None
    """Where the connection arrived."""
    scheme: str

    def get(self, name: str) -> str:
        """A header; "" if it is not there."""
        return self.headers.get(name, "")

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method not in SAFE

    @property
    def bearer(self) -> str | None:
        """The token that it brings."""
        kind, _, token = self.get("authorization").partition(" ")
        return token.strip() if kind.lower() == "bearer" else None


def read_head(scope: Scope) -> Head:
    """The head of a request. Raises Problem (400) if it is ambiguous or no text."""
    if scope["method"] not in METHODS:
        raise Problem(
            HTTPStatus.NOT_IMPLEMENTED, "unknown", "there is no such method.", {"connection": "close"}
        )
    if scope["http_version"] not in ("1.0", "1.1"):
        raise malformed("this is HTTP/1.1.")
    headers = _headers(scope["headers"])
    if "transfer-encoding" in headers:
        if "content-length" in headers:
            raise malformed("the request has two lengths.")
        if headers["transfer-encoding"].lower() != "chunked":
            raise malformed("the request is sent in a way that is not known here.")
    if "content-length" in headers and not re.fullmatch(r"\d{1,12}", headers["content-length"]):
        raise malformed("the request's length is no number.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "a compressed request is not taken: send it plain.",
        )
    if scope["http_version"] != "1.0" and not headers.get("host"):
        raise malformed("the request names no host.")
    client = scope.get("client")
    return Head(
        method=scope["method"],
        path=_path(scope),
        headers=headers,
        peer=ip_address(client[0]) if client else None,
        server=scope.get("server"),
        scheme=scope.get("scheme", "http"),
    )


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for count, (raw_name, raw_value) in enumerate(pairs, 1):
        if count > MOST_HEADERS or len(raw_value) > LONGEST_HEADER:
            raise Problem(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too_large", "the request's headers are too long."
            )
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip(" \t")
        if _CONTROL.search(value.replace("\t", " ")):
            raise malformed("a header holds control characters.")
        if name in found:
            if name in ONCE:
                raise malformed(f"the header {name} is there twice.")
            value = f"{found[name]}, {value}"
        found[name] = value
    return found


def _path(scope: Scope) -> str:
    raw = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    if len(raw) + len(query) > LONGEST_TARGET:
        raise Problem(HTTPStatus.REQUEST_URI_TOO_LONG, "too_large", "the address is too long.")
    path = _text(raw)
    _text(query)
    if not path.startswith("/") or "//" in path or "\\" in path or b"%2f" in raw.lower():
        raise malformed("the path is none.")
    if any(part in (".", "..") for part in path.split("/")):
        raise malformed("the path leads upwards.")
    return path


def _text(raw: bytes) -> str:
    """An address's part as text. Raises Problem if it is not UTF-8 or holds control characters."""
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise malformed("the address is not UTF-8.") from None
    if _CONTROL.search(text):
        raise malformed("the address holds control characters.")
    return text
