"""A server that nobody holds up: the real one, with a shorter patience."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from player.interfaces.front.web.security import server_options
from player.interfaces.front.web.security.access import Access
from tests.support.waiting import wait_for

PATIENCE_S = 0.4
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once; /slow takes twice as long as a head may, /body reads one."""
    while scope["path"] == "/body" and (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(2 * PATIENCE_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(server_options, "HEAD_S", PATIENCE_S)
    bound = socket.create_server(("127.0.0.1", 0))
    options = server_options.server_options(Access())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", **options))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), daemon=True)
    thread.start()
    wait_for(lambda: server.started, 10, "the server")
    yield bound.getsockname()[1]
    server.should_exit = True
    thread.join(60)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other end closes."""
    found = b""
    while more := connection.recv(65536):
        found += more
    return found


def answer(connection: socket.socket) -> bytes:
    """The next one; the connection stays open."""
    found = b""
    while not found.endswith(b"ok") and (more := connection.recv(4096)):
        found += more
    return found


def ask(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(data)
        return rest(connection)


def test_nobody_holds_a_connection_by_saying_nothing(port: int) -> None:
    """Slow loris: nothing, half a head, a head byte by byte, half a head after a whole request."""
    begun = time.monotonic()
    connections = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(4)]
    connections[1].sendall(b"GET / HTTP/1.1\r\nHost:")
    connections[3].sendall(WHOLE)
    assert answer(connections[3]).endswith(b"ok")
    connections[3].sendall(WHOLE[:-4])

    def drip() -> None:
        try:
            for byte in WHOLE * 100:
                connections[2].sendall(bytes([byte]))
                time.sleep(PATIENCE_S / 20)
        except OSError:
            pass  # it has been closed

    threading.Thread(target=drip, daemon=True).start()
    closing = WHOLE.replace(b"Host: x", b"Host: x\r\nConnection: close")
    assert ask(port, closing).endswith(b"ok"), "others are served meanwhile"
    answered = [rest(connection) for connection in connections[:2]]
    assert answered == [b"", b""]
    assert rest(connections[3]) == b""
    assert (
        PATIENCE_S * 0.9
        < time.monotonic() - begun
        < server_options.server_options(Access())["timeout_keep_alive"]
    )
    for connection in connections:
        connection.close()


def test_an_answer_may_take_its_time(port: int) -> None:
    closing = b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert ask(port, closing).endswith(b"ok")


def test_a_connection_is_used_again(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for _ in range(3):
            connection.sendall(WHOLE)
            assert answer(connection).endswith(b"ok")
            time.sleep(1.5 * PATIENCE_S)


def test_there_is_an_end_of_connections(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_options, "MOST_CONNECTIONS", 5)
    monkeypatch.setattr(server_options, "SPARE", 2)
    held = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(12)]
    closed = 0
    for connection in held[7:]:
        try:
            closed += connection.recv(1) == b""
        except ConnectionResetError:
            closed += 1
    assert closed == 5
    for connection in held:
        connection.close()


@pytest.mark.parametrize(
    ("addresses", "taken"),
    [
        (["192.168.1.7"] * 5, 2),
        ([f"192.168.1.{number}" for number in range(5)], 5),
        ([f"fd00::{number}" for number in range(1, 6)], 3),
        ([f"fd00:0:0:{number}::1" for number in range(5)], 5),
        (["127.0.0.1"] * 5, 5),
    ],
)
def test_neither_an_address_nor_a_network_takes_all_connections(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], taken: int
) -> None:
    monkeypatch.setattr(server_options, "MOST_OF_ONE", 2)
    monkeypatch.setattr(server_options, "MOST_OF_HOUSEHOLD", 3)
    held: set[server_options.PatientH11Protocol] = set()
    for address in addresses:
        one = server_options.PatientH11Protocol.__new__(server_options.PatientH11Protocol)
        one.client, one.connections = (address, 50_000), held  # type: ignore[assignment]
        held.add(one)
        if one._is_one_too_many():
            held.remove(one)
    assert len(held) == taken


CHUNKED = b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\n",
        b"GET / HTTP/1.1\r\nHost: x\nContent-Length: 0\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        WHOLE + b"GET / HTTP/1.1\nHost: x\r\n\r\n",
        CHUNKED.replace(b"1\r\n", b"1\n", 1),
        CHUNKED + b"X-More: 1\n\r\n",
        CHUNKED + b"\n",
    ],
)
def test_a_line_ends_with_cr_and_lf(port: int, request_: bytes) -> None:
    """Also of a second request, and of what follows a body."""
    found = ask(port, request_)
    *_, head = found.split(b"HTTP/1.1 ")
    assert head.startswith(b"400 ")
    assert found.count(b"HTTP/1.1 200") == (request_.startswith(WHOLE))


def test_lines_that_come_in_pieces_are_lines(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for whole in (WHOLE, CHUNKED + b"X-More: 1\r\n\r\n", WHOLE):
            for byte in whole:
                connection.sendall(bytes([byte]))
            assert answer(connection).endswith(b"ok")
