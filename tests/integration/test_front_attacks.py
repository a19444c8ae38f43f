"""The front's own process against those who mean it ill: broken HTTP, floods, slowness, and doors left open.

No player runs: what the gate lets through is answered with 503 (away).
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.login_limits import ADDRESS_REFILL_S, PER_ADDRESS
from player.interfaces.front.web.security.secrets_authenticator import new_credential
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from player.interfaces.front.web.security.server_options import HEAD_BYTES
from player.system.proc import ROOT

PASSWORD = "correct horse battery"
HASHED = passwords.hashed(PASSWORD)


class Front:
    """The process, and what it said when it started."""

    def __init__(self, folder: Path, **web: Any) -> None:
        self.file = SecretsFile(folder / NAME)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "player.interfaces.front.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        orders = {
            "web": {"port": 0, **web},
            "mpris": {"enabled": False},
            "socket": str(folder / "nobody.sock"),
            "folder": str(folder),
            "passwords": str(folder),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(orders).encode() + b"\n")
        self._process.stdin.flush()
        lines = map(json.loads, self._process.stdout)
        self.said = next(line for line in lines if line["say"] in ("ready", "fatal"))
        self.port = int(self.said["address"].rsplit(":", 1)[1].strip("/")) if "address" in self.said else 0

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def resident_mb(self) -> float:
        pages = int((ROOT / str(self._process.pid) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def raw(self, data: bytes, wait_s: float = 60.0) -> bytes:
        """Everything that comes back until the other end closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait_s) as connection:
            connection.sendall(data)
            found = b""
            while more := connection.recv(65536):
                found += more
            return found

    def ask(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> int:
        """The status of the answer to a well-behaved request."""
        lines = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
        answer = self.raw(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body)
        return int(answer.split(b" ", 2)[1])


@contextmanager
def started(folder: Path, **web: Any) -> Iterator[Front]:
    front = Front(folder, **web)
    try:
        yield front
    finally:
        front.stop()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    SecretsFile(folder / NAME).change(lambda found: found.with_password(Role.OWNER, HASHED))
    with started(folder) as running:
        yield running


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 5\r\nContent-Length: 0\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5 \x00\r\n",
        b" Content-Length: 5\r\n",
    ],
)
def test_no_request_hides_behind_another(front: Front, headers: bytes) -> None:
    """Where two programs might disagree on its length, the connection ends with the answer."""
    host = b"Host: 127.0.0.1:%d\r\n" % front.port
    smuggled = SMUGGLED % front.port
    answer = front.raw(b"POST /api/login HTTP/1.1\r\n" + host + headers + b"\r\n0\r\n\r\n" + smuggled)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /%c0%ae%c0%ae/ HTTP/1.1",
        b"GET /%00 HTTP/1.1",
        b"GET /api/../../etc/passwd HTTP/1.1",
        b"GET http://evil.example/api/status HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"GET / HTTP/9.9",
        b"GET  /  HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0",
        b"\x00" * 100,
        b"HELO mail.example",
    ],
)
def test_what_is_no_request_is_answered_with_400_and_harms_nobody(front: Front, request_line: bytes) -> None:
    host = b"\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % front.port
    answer = front.raw(request_line + host)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), answer
    assert b"Traceback" not in answer
    assert front.ask("GET", "/healthz") in (200, 503)


def test_a_head_has_an_end(front: Front) -> None:
    flood = b"GET / HTTP/1.1\r\n" + b"X-More: %s\r\n" % (b"x" * 1000) * (HEAD_BYTES // 500)
    with socket.create_connection(("127.0.0.1", front.port), timeout=60) as connection:
        try:
            for _ in range(20):
                connection.sendall(flood)
            answer = connection.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return
        assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


@pytest.mark.long
def test_ten_thousand_logins(front: Front) -> None:
    """They cost little, whoever is in is served, and what they leave behind is little."""
    secret, token = new_credential(Role.STAFF, "display", time.time(), None)
    front.file.change(lambda found: found.with_token(token))
    body = b'{"role": "owner", "password": "wrong password"}'
    login = (
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (front.port, len(body))
    ) + body
    before_mb = front.resident_mb()
    statuses: list[bytes] = []

    async def try_often(count: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        for _ in range(count):
            writer.write(login)
            head = await reader.readuntil(b"\r\n\r\n")
            statuses.append(head.split(b" ", 2)[1])
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            await reader.readexactly(int(length.split(b":")[1]))
        writer.close()

    async def attack() -> list[int]:
        flood = [asyncio.create_task(try_often(500)) for _ in range(20)]
        served = []
        bearer = {"Authorization": f"Bearer {secret}"}
        while not all(task.done() for task in flood):
            served.append(await asyncio.to_thread(front.ask, "GET", "/api/session", bearer))
        await asyncio.gather(*flood)
        return served

    began_s = time.monotonic()
    served = asyncio.run(attack())
    assert len(statuses) == 10_000
    assert set(statuses) <= {b"401", b"429", b"503"}
    most = PER_ADDRESS + (time.monotonic() - began_s) / ADDRESS_REFILL_S + 1
    assert statuses.count(b"401") <= most
    assert served
    assert set(served) == {200}
    assert front.resident_mb() - before_mb < 60, "one hash of 19 MiB, and a little"


def test_a_token_that_is_removed_is_worth_nothing_at_once(front: Front) -> None:
    secret, token = new_credential(Role.STAFF, "gone soon", time.time(), None)
    front.file.change(lambda found: found.with_token(token))
    bearer = {"Authorization": f"Bearer {secret}"}
    assert front.ask("GET", "/api/session", bearer) == 200
    front.file.change(lambda found: found.without_token("gone soon"))
    assert front.ask("GET", "/api/session", bearer) == 401


def test_the_owner_logs_in(front: Front, tmp_path: Path) -> None:
    """With real argon2, a real cookie and the right host."""
    with started(tmp_path) as another:
        another.file.change(lambda found: found.with_password(Role.OWNER, HASHED))
        body = json.dumps({"role": "owner", "password": PASSWORD}).encode()
        kind = {"Content-Type": "application/json"}
        assert another.ask("GET", "/api/session") == 401
        assert another.ask("POST", "/api/login", kind, body) == 200
        assert another.ask("POST", "/api/login", kind | {"Origin": "http://evil.example"}, body) == 403
        assert another.ask("POST", "/api/login", kind | {"Host": "evil.example"}, body) == 421


@pytest.mark.parametrize("web", [{"listen": "0.0.0.0"}, {"listen": "::"}, {"proxies": ["10.0.0.2"]}])
def test_without_a_password_it_is_open_to_this_machine_alone(tmp_path: Path, web: dict[str, Any]) -> None:
    with started(tmp_path, **web) as refused:
        assert refused.said["say"] == "fatal"
        assert "ambient-player web password" in refused.said["reason"]
    SecretsFile(tmp_path / NAME).change(lambda found: found.with_password(Role.OWNER, HASHED))
    with started(tmp_path, **web) as served:
        assert served.said["say"] == "ready"
        assert served.ask("GET", "/api/session") == 401


def test_a_damaged_file_of_passwords_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    with started(tmp_path) as damaged:
        assert damaged.said["say"] == "ready"
        assert damaged.ask("GET", "/api/session") == 503
        assert damaged.ask("GET", "/healthz") in (200, 503)


def test_it_stays_small(tmp_path: Path) -> None:
    """After its greatest answer too, which is made of everything it knows."""
    with started(tmp_path) as front:
        assert front.ask("GET", "/openapi.json") == 200
        assert front.resident_mb() < 60
