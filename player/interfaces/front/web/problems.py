"""Every answer that is no success, as RFC 9457 has it: application/problem+json, one shape for all."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.languages import COOKIE, chosen
from player.interfaces.front.web.page.phrases import said
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.WEB)

CONTENT_TYPE = "application/problem+json"
STATUS_OF_CODE = {
    "unknown": 404,
    "argument": 422,
    "refused": 409,
    "missing": 404,
    "changed": 412,
    "busy": 503,
    "disk": 507,
    "failed": 500,
    "away": 503,
    "timeout": 503,
}
"""What the player's own codes are called in HTTP."""
RETRY_S = 2
NO_STATUS_FITS = 500
RELOAD = {"HX-Refresh": "true"}
"""Has htmx load the page anew, which sends whoever is logged out to the login; else it shows what it got."""
CODE_OF_STATUS = {
    401: "unauthorized",
    403: "forbidden",
    404: "unknown",
    405: "method",
    406: "not_acceptable",
    412: "changed",
    413: "too_large",
    415: "media_type",
    422: "argument",
    429: "busy",
    500: "failed",
    503: "busy",
}


PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not known here: leave it out",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "string_type": "must be a text",
    "string_too_short": "is empty",
    "string_too_long": "is too long: at most {max_length} characters are taken",
    "string_pattern_mismatch": "holds something that it must not hold, or nothing",
    "too_short": "is empty",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}
"""What pydantic's kinds of errors are for a person, with what it says of them."""


class ProblemDetails(BaseModel):
    """What is wrong, for programs (`code`) and people (`detail`)."""

    type: str = Field(description="always about:blank: `code` says more")
    title: str = Field(description="the status in words")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="one sentence: what happened, and what to do")
    code: str = Field(description="why, for programs")


class Problem(Exception):  # noqa: N818 - it is what it is called in the RFC
    """Ends a request with this."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.code, self.detail, self.headers = status, code, detail, dict(headers or {})
        super().__init__(detail)


class ThrownOut(OSError):  # noqa: N818 - it ends a stream
    """Whoever asked has been thrown out: the same as if they had gone."""


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that says it."""
    more = dict(headers or {})
    if status == 503:
        more.setdefault("Retry-After", str(RETRY_S))
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return JSONResponse(body, status, more, media_type=CONTENT_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These answers, for OpenAPI's `responses`."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {CONTENT_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Let the app say all that goes wrong in this way, the framework's own errors too."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(PlayerRefusal, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


def for_reader(request: Request, detail: str) -> str:
    """The sentence in the language that the page would have for whoever asks, as far as it is known there."""
    return said(detail, chosen(request.cookies.get(COOKIE), request.headers.get("accept-language", "")))


def asks_for_a_part(request: Request) -> bool:
    """Whether htmx wants something to put into its page."""
    return "hx-request" in request.headers


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem(error.status, error.code, for_reader(request, error.detail), error.headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, PlayerRefusal)
    status = STATUS_OF_CODE.get(error.code, NO_STATUS_FITS)
    return problem(status, error.code, for_reader(request, error.detail))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    if status < 400:  # a redirect of the framework's
        return Response(status_code=status, headers=error.headers)
    if status == 400:  # the framework's word for a body that is no JSON at all
        return problem(422, "argument", for_reader(request, "The body cannot be read as JSON."))
    known = {
        404: "There is nothing at this address; /openapi.json lists what there is.",
        405: "This cannot be done in that way; the header Allow says how.",
        413: "That is too large.",
    }
    code = CODE_OF_STATUS.get(status, "refused")
    return problem(status, code, for_reader(request, known.get(status, f"{error.detail}.")), error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    detail = "; ".join(_said(each) for each in error.errors()[:5]) + "."
    return problem(422, "argument", for_reader(request, detail))


def _said(detail: Mapping[str, Any]) -> str:
    """One of pydantic's errors; what was found is not repeated, it may be a password."""
    if detail["type"] == "json_invalid":
        return f"the body is no JSON ({detail['ctx']['error'].lower()}, at character {detail['loc'][-1]})"
    place = ".".join(str(part) for part in detail["loc"][1:]) or "the body"
    if plain := PLAIN.get(detail["type"]):
        return f"{place} {plain.format(**detail.get('ctx', {}))}"
    said = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return f"{place}: {said[:1].lower()}{said[1:]}"


async def _failed(request: Request, error: Exception) -> Response:
    if not isinstance(error, ThrownOut):
        log.error("%s %s failed in the web process (%r)", request.method, request.url.path, error)
    detail = "This failed inside the player's web process; its log says more."
    return problem(500, "failed", for_reader(request, detail))
