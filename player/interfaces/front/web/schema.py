"""/openapi.json: what every route takes and answers, for programs."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.problems import ProblemDetails, documented
from player.system.process_copy import done_apart
from player.types import Json, json_text

PATH = "/openapi.json"
MAKE_S = 20.0
"""A fifth of a second, on a machine that is not busy."""
MOST_BYTES = 10**7
"""Fifty times what it has."""


class Schema:
    """Made when it is first asked for; its text alone is kept."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._bodies: dict[str, bytes] = {}

    def document(self) -> Json:
        """All routes, with what they have in common."""
        made = get_openapi(title=self._app.title, version=self._app.version, routes=self._app.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for operation in (each for path in made["paths"].values() for each in path.values()):
            gate = (400, 403, 414, 421, 431, *((413, 415) if "requestBody" in operation else ()))
            said = {str(status): about for status, about in documented(*gate).items()}
            operation["responses"] = said | operation["responses"]
        return made

    async def answer(self, request: Request) -> Response:
        """Its text; under a path of a proxy's it says so."""
        root = str(request.scope.get("root_path", "")).rstrip("/")
        if root not in self._bodies:
            self._bodies[root] = await asyncio.to_thread(self._made_apart, root)
        return Response(self._bodies[root], media_type="application/json")

    def _made_apart(self, root: str) -> bytes:
        """Its text, made by a copy of this process, which then ends.

        What it takes to make it, six megabytes, would stay for long in a process that has little to do.
        """
        text = done_apart(lambda: self._text(root), MOST_BYTES, MAKE_S)
        return self._text(root) if text is None else text

    def _text(self, root: str) -> bytes:
        servers = {"servers": [{"url": root}]} if root else {}
        return json_text(self.document() | servers).encode()
