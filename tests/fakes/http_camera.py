"""A network camera that answers as a test says, on 127.0.0.1."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

Answer = tuple[int, dict[str, str], Iterable[bytes]]
"""Status, headers and body; the body may wait, and may never end."""


def mjpeg(parts: Iterable[bytes]) -> Answer:
    """A stream of these parts, whatever they are."""
    head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
    bodies = (head % len(part) + part + b"\r\n" for part in parts)
    return 200, {"Content-Type": "multipart/x-mixed-replace; boundary=frame"}, bodies


def snapshot(picture: bytes) -> Answer:
    """One picture."""
    return 200, {"Content-Type": "image/jpeg", "Content-Length": str(len(picture))}, [picture]


class HttpCamera:
    """Serves `answer(path, headers)` while it is entered, and counts how often it was asked."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Answer]) -> None:
        self.asked: list[str] = []
        camera = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.asked.append(self.path)
                status, headers, body = answer(self.path, dict(self.headers))
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    for piece in body:
                        self.wfile.write(piece)
                except OSError:
                    pass  # the player hung up

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: tests read their own output."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def url(self, path: str = "/", user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
