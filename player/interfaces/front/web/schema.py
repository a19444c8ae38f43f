"""/openapi.json: what every route takes and answers, for programs."""

from __future__ import annotations

import gc

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.problems import ProblemDetails, documented
from player.types import Json, json_text

PATH = "/openapi.json"


class Schema:
    """Made when it is first asked for; its text alone is kept, which is a fifth of it in memory."""

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
            servers = {"servers": [{"url": root}]} if root else {}
            self._bodies[root] = json_text(self.document() | servers).encode()
            gc.collect()  # some megabytes that would stay for long in a process that has little to do
        return Response(self._bodies[root], media_type="application/json")
