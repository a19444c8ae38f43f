"""/openapi.json: what every route takes and answers, for programs."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.problems import ProblemDetails, documented
from player.types import Json, json_text

PATH = "/openapi.json"
MAKE_S = 20.0
"""A fifth of a second, on a machine that is not busy."""


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
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._make_and_end(root, writer)
        os.close(writer)
        timer = threading.Timer(MAKE_S, os.kill, (pid, signal.SIGKILL))
        timer.start()
        with open(reader, "rb") as said:
            text = said.read()
        _, status = os.waitpid(pid, 0)
        timer.cancel()
        return text if status == 0 else self._text(root)

    def _make_and_end(self, root: str, writer: int) -> None:
        status = 1
        try:
            gc.disable()  # it would write to, and so copy, all memory that both still share
            with open(writer, "wb") as out:
                out.write(self._text(root))
            status = 0
        finally:
            os._exit(status)

    def _text(self, root: str) -> bytes:
        servers = {"servers": [{"url": root}]} if root else {}
        return json_text(self.document() | servers).encode()
