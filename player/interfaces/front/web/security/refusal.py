"""Why a request goes no further, as problems that come again and again."""

from __future__ import annotations

from http import HTTPStatus

from player.interfaces.front.web.problems import Problem


def malformed(detail: str) -> Problem:
    """The request is not HTTP as we take it; whatever follows on its connection is not trusted either."""
    return Problem(HTTPStatus.BAD_REQUEST, "argument", detail, {"connection": "close"})


def unauthorized(detail: str) -> Problem:
    """Nobody knows who asks."""
    how = {"www-authenticate": 'Bearer realm="ambient-player"'}
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, how)


def forbidden(detail: str) -> Problem:
    """Not for whoever asks."""
    return Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)


def busy(detail: str, retry_after_s: float = 1) -> Problem:
    """Too many of that kind at once."""
    headers = {"retry-after": str(max(1, round(retry_after_s + 0.5)))}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, headers)
