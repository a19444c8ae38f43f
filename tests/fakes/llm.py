"""Language models that say what a test tells them: one in the process, one behind HTTP on 127.0.0.1."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


def said(mood: str = "happy", valence: object = 9, energy: object = 7) -> str:
    """A model's answer as it should be, or nearly."""
    return json.dumps({"mood": mood, "valence": valence, "energy": energy})


class FakeChatClient:
    """A ChatClient: gives the next of `answers` (the last one for ever), raises it where it is an error."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers) or [said()]
        self.asked: list[list[dict[str, str]]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def complete(self, messages: Sequence[dict[str, str]], timeout_s: float) -> str:
        self.asked.append(list(messages))
        self.may_answer.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakeLlmServer:
    """Set what goes wrong; `asked` says what was asked for."""

    answer: str = field(default_factory=said)
    finish_reason: str = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    page: bytes | None = None
    """Instead of a chat completion."""
    cut_at: int | None = None
    """The connection is dropped after so many bytes of the body."""
    mute: bool = False
    """Nothing is said until this is over, or `speak` is called."""
    drips: bool = False
    """The body comes a byte at a time, and never ends."""
    hangs_up: bool = False
    refused: tuple[str, ...] = ()
    """Types of response_format, and names of parameters, that are answered with `refusal`."""
    refusal: tuple[int, bytes] = (400, b'{"error": {"message": "unknown parameter"}}')
    key: str | None = None
    """Without this key, every request is refused."""
    asked: list[Asked] = field(default_factory=list)

    def start(self) -> None:
        self._speak = threading.Event()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def stop(self) -> None:
        self.speak()
        self._server.shutdown()
        self._server.server_close()

    def speak(self) -> None:
        """Whoever waits gets an answer."""
        self._speak.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has been told to speak."""
        return self._speak.wait(seconds)

    def takes(self, body: dict[str, Any]) -> bool:
        """Whether this is a form of request it knows."""
        return not ({body.get("response_format", {}).get("type"), *body} & set(self.refused))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, model: FakeLlmServer) -> None:
        self.model = model
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        model = self.server.model
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model.asked.append(Asked(self.path, dict(self.headers), body))
        if model.mute:
            model.wait()
        if model.hangs_up:
            self.close_connection = True
        elif model.key is not None and self.headers["Authorization"] != f"Bearer {model.key}":
            self._say(401, f"no such key: {self.headers['Authorization']}".encode())
        elif not model.takes(body):
            self._say(*model.refusal)
        else:
            self._complete()

    def do_GET(self) -> None:
        """Where a redirect of a POST would arrive."""
        self.server.model.asked.append(Asked(self.path, dict(self.headers), {}))
        self._say(200, b"")

    def _complete(self) -> None:
        model = self.server.model
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": model.answer},
            "finish_reason": model.finish_reason,
        }
        content = json.dumps({"object": "chat.completion", "choices": [choice]}).encode()
        self._say(model.status, content if model.page is None else model.page)

    def _say(self, status: int, content: bytes) -> None:
        model = self.server.model
        self.send_response_only(status)  # without a Date of its own
        for name, value in model.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            if model.drips:
                while not model.wait(0.1):
                    self.wfile.write(b" ")
            self.wfile.write(content[: model.cut_at])
        except OSError:
            return  # whoever asked has gone

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests read their own output."""
