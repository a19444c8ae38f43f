"""A local server that speaks Last.fm's API for track.getTopTags: XML, and its error codes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import httpx2
import pylast

KEY = "0123456789abcdef0123456789abcdef"


class LastFmServer(ThreadingHTTPServer):
    """Knows some tracks; `trouble` is a list of error codes that come before the next answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tracks: dict[tuple[str, str], dict[str, int]] = {}
        self.asked: list[tuple[str, str]] = []
        self.trouble: list[int] = []

    def network(self, key: str = KEY) -> pylast.LastFMNetwork:
        """Pylast, led to this server."""
        network = pylast.LastFMNetwork(api_key=key)
        network.proxy = {"all://": _Here(self.server_port)}
        return network


@contextmanager
def running() -> Iterator[LastFmServer]:
    with LastFmServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Here(httpx2.HTTPTransport):
    """What is meant for https://ws.audioscrobbler.com goes to a port of this machine, in the clear."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        assert request.url.host == "ws.audioscrobbler.com"
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return super().handle_request(request)


class _Handler(BaseHTTPRequestHandler):
    server: LastFmServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        assert asked["method"] == "track.getTopTags"
        wanted = (asked["artist"], asked["track"])
        self.server.asked.append(wanted)
        if self.server.trouble:
            self._fail(self.server.trouble.pop(0), "as the test wants it")
        elif asked["api_key"] != KEY:
            self._fail(10, "Invalid API key - You must be granted a valid key by last.fm")
        elif wanted not in self.server.tracks:
            self._fail(6, "Track not found")
        else:
            tags = "".join(
                f"<tag><name>{escape(name)}</name><count>{count}</count><url>x</url></tag>"
                for name, count in self.server.tracks[wanted].items()
            )
            self._say(200, f'<lfm status="ok"><toptags artist="a" track="t">{tags}</toptags></lfm>')

    def _fail(self, code: int, text: str) -> None:
        self._say(400, f'<lfm status="failed"><error code="{code}">{text}</error></lfm>')

    def _say(self, status: int, xml: str) -> None:
        data = f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
