"""A model hub on 127.0.0.1: the real one's paths, redirects and error codes, and failures on demand."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")
"""Files that lie in large file storage, with another server."""


@dataclass
class Request:
    """What was asked for."""

    path: str
    start: int
    """First byte of the range; 0: all of it."""
    token: str | None


@dataclass
class FakeHub:
    """Set what is there and what goes wrong; `asked` says what was asked for."""

    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refusals: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Repository -> status and X-Error-Code of every answer."""
    break_after: list[int] = field(default_factory=list)
    """For each answer with a large file: how many bytes it gets before the connection is dropped."""
    silent_after: int | None = None
    """How many bytes of a large file come before nothing more does."""
    ranges: bool = True
    damage: bool = False
    """Every large file arrives with one bit flipped."""
    page: bytes | None = None
    """What a network's login page answers to everything."""
    busy: int = 0
    """How many of the next requests for a large file are answered with 503."""
    token: str | None = None
    """Without this token every repository is gated."""
    mute: bool = False
    """Connections are accepted, and nothing is ever said."""
    hangs_up: bool = False
    """Connections are accepted, and closed when something has been asked."""
    listing: object = None
    """Instead of the list of files."""
    asked: list[Request] = field(default_factory=list)

    def start(self) -> None:
        self.over = threading.Event()
        self._hub, self._storage = _Server(self), _Server(self)
        for server in (self._hub, self._storage):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._hub.server_port}"
        self.storage_url = f"http://127.0.0.1:{self._storage.server_port}"

    def stop(self) -> None:
        self.over.set()
        for server in (self._hub, self._storage):
            server.shutdown()
            server.server_close()

    def files_asked(self) -> list[str]:
        """Names of the files asked for, in order, not counting where a redirect leads to."""
        paths = [request.path for request in self.asked if "/resolve/" in request.path]
        return [path.rsplit("/", 1)[1] for path in paths if "/cached/" not in path]


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        hub = self.server.hub
        path = urlsplit(self.path).path
        start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        hub.asked.append(Request(self.path, start, self.headers["Authorization"]))
        if hub.mute:
            hub.over.wait()
        elif hub.hangs_up:
            self.close_connection = True
        elif hub.page is not None:
            self._say(200, hub.page)
        elif path.startswith("/storage/"):
            self._give(path, start)
        elif path.startswith("/api/models/"):
            self._list(path.removeprefix("/api/models/").removesuffix("/revision/main"))
        else:
            repository, _, place = path.removeprefix("/").partition("/resolve/")
            self._file(repository, place)

    def _refused(self, repository: str) -> bool:
        hub = self.server.hub
        refusal = hub.refusals.get(repository)
        if refusal is None and repository not in hub.repositories:
            refusal = (401, "RepoNotFound")
        if refusal is None and hub.token and self.headers["Authorization"] != f"Bearer {hub.token}":
            refusal = (401, "GatedRepo")
        if refusal is not None:
            self._say(refusal[0], headers={"X-Error-Code": refusal[1]})
        return refusal is not None

    def _list(self, repository: str) -> None:
        hub = self.server.hub
        if self._refused(repository):
            return
        files = []
        for name, content in hub.repositories[repository].items():
            git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": git}
            if name.endswith(LARGE):
                entry |= {"blobId": "0" * 40, "lfs": {"sha256": hashlib.sha256(content).hexdigest()}}
            files.append(entry)
        self._say(200, json.dumps(hub.listing or {"sha": REVISION, "siblings": files}).encode())

    def _file(self, repository: str, place: str) -> None:
        """Large files are handed to another server, small ones to another path of this one."""
        if place.startswith("cached/"):
            if not self._refused(repository):
                self._say(200, self.server.hub.repositories[repository][place.removeprefix("cached/")])
            return
        revision, _, name = place.partition("/")
        assert revision in ("main", REVISION), place
        if self._refused(repository):
            return
        content = self.server.hub.repositories[repository].get(name)
        if content is None:
            self._say(404, headers={"X-Error-Code": "EntryNotFound"})
        elif name.endswith(LARGE):
            self._say(302, headers={"Location": f"{self.server.hub.storage_url}/storage/{repository}/{name}"})
        else:
            self._say(307, headers={"Location": f"/{repository}/resolve/cached/{name}"})

    def _give(self, path: str, start: int) -> None:
        hub = self.server.hub
        if hub.busy:
            hub.busy -= 1
            self._say(503)
            return
        _, _, owner, repository, name = path.split("/")
        content = bytearray(hub.repositories[f"{owner}/{repository}"][name])
        if hub.damage:
            content[-1] ^= 1
        if not hub.ranges:
            start = 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if hub.silent_after is not None:
            self.wfile.write(content[start : start + hub.silent_after])
            self.wfile.flush()
            hub.over.wait()
        elif hub.break_after:
            self.wfile.write(content[start : start + hub.break_after.pop(0)])
        else:
            self.wfile.write(content[start:])

    def _say(self, status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests read their own output."""
