"""Files of the page that are the same for everybody: each address names its content, and is kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.problems import Problem

FOLDER = Path(__file__).with_name("static")
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "no-cache"
SMALL = (".js", ".css", ".svg")
"""What gets smaller by packing."""

router = APIRouter()


@dataclass(frozen=True)
class StaticFile:
    """One of them, from memory.

    name  below the folder, as js/live.js
    """

    name: str
    data: bytes

    @cached_property
    def version(self) -> str:
        """Another one for another content."""
        return hashlib.sha256(self.data).hexdigest()[:10]

    @cached_property
    def packed(self) -> bytes | None:
        """For browsers that take gzip; None if it would not help."""
        return gzip.compress(self.data, mtime=0) if self.name.endswith(SMALL) else None

    @property
    def kind(self) -> str:
        """Media type."""
        suffix = Path(self.name).suffix
        return KINDS.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")


def _read() -> dict[str, StaticFile]:
    found = (path for path in sorted(FOLDER.rglob("*")) if path.suffix in KINDS)
    names = ((path.relative_to(FOLDER).as_posix(), path) for path in found)
    return {name: StaticFile(name, path.read_bytes()) for name, path in names}


FILES = _read()


def address(name: str) -> str:
    """Where a file is, below the page's own address. Raises KeyError for one that there is not."""
    return f"/static/{FILES[name].version}/{name}"


def modules() -> dict[str, str]:
    """What the scripts call each other, and where they are, for an import map."""
    return {name: address(f"js/{name}.js") for name in sorted(_module_names())}


def _module_names() -> set[str]:
    return {Path(name).stem for name in FILES if name.startswith("js/")}


@router.api_route("/static/{version}/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
async def static_file(request: Request, version: str, name: str) -> Response:
    """One file, packed if the browser takes that."""
    file = FILES.get(name)
    if file is None:
        raise Problem(404, "unknown", "There is nothing at this address.")
    headers = {"Cache-Control": FOR_EVER if version == file.version else FOR_NOW, "Vary": "Accept-Encoding"}
    body = file.data
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = file.packed
    return Response(body, 200, headers, file.kind)
