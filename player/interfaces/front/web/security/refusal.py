"""What the checks answer if they do not let a request through: problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that goes no further. `detail` is one sentence for a person, `code` a word for a program."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        super().__init__(detail)

    def body(self) -> bytes:
        """The problem as JSON."""
        problem = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            "code": self.code,
        }
        return json.dumps(problem).encode()

    def response(self) -> Response:
        """The answer that says it."""
        headers = {"cache-control": "no-store", **self.headers}
        return Response(self.body(), int(self.status), headers, "application/problem+json")


async def answer(_: Request, error: Exception) -> Response:
    """For `app.add_exception_handler(Refused, answer)`: routes may refuse, too."""
    assert isinstance(error, Refused)
    return error.response()


def malformed(detail: str) -> Refused:
    """The request is not HTTP as we take it; whatever follows on its connection is not trusted either."""
    return Refused(HTTPStatus.BAD_REQUEST, "argument", detail, {"connection": "close"})


def forbidden(detail: str) -> Refused:
    """Not for whoever asks."""
    return Refused(HTTPStatus.FORBIDDEN, "forbidden", detail)


def busy(detail: str, retry_after_s: float = 1) -> Refused:
    """Too many of that kind at once."""
    headers = {"retry-after": str(max(1, round(retry_after_s + 0.5)))}
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, headers)
