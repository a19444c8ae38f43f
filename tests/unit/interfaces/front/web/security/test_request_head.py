import pytest

from player.interfaces.front.web.security.request_head import LONGEST_HEADER, MOST_HEADERS, ONCE
from tests.support.asgi import asked
from tests.unit.interfaces.front.web.security.conftest import Shop

LENGTHS = [
    [("content-length", "5"), ("transfer-encoding", "chunked")],
    [("transfer-encoding", "chunked"), ("content-length", "5")],
    [("transfer-encoding", "gzip, chunked")],
    [("transfer-encoding", "xchunked")],
    [("transfer-encoding", "chunked"), ("transfer-encoding", "identity")],
    [("content-length", "5"), ("content-length", "6")],
    [("content-length", "+5")],
    [("content-length", "-1")],
    [("content-length", "5, 5")],
    [("content-length", "0x5")],
    [("content-length", "٥".encode().decode("latin-1"))],
]


@pytest.mark.parametrize("headers", LENGTHS)
def test_a_request_has_one_length(shop: Shop, headers: list[tuple[str, str]]) -> None:
    headers = [*headers, *shop.token().items()]
    reply = asked(shop.gate, "POST", "/api/commands/next", headers, body=b"hello")
    assert (reply.status, reply.json["code"]) == (400, "argument")
    assert reply.header("connection") == "close", "what follows on the connection may be another's"
    assert shop.changes == []


@pytest.mark.parametrize("name", ONCE)
def test_what_says_one_thing_is_said_once(shop: Shop, name: str) -> None:
    twice = [(name, "5"), (name, "5")]
    assert asked(shop.gate, "GET", "/healthz", twice).status == 400


@pytest.mark.parametrize(
    "target",
    [
        "/api/../etc/passwd",
        "/api/%2e%2e/etc/passwd",
        "/api/..%2fetc/passwd",
        "/api/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/api/..\\..\\etc",
        "/api/%5c..%5cetc",
        "/api/./status",
        "//evil.example/api/status",
        "/api//status",
        "/api/status%00.jpg",
        "/api/\x00",
        "/api/%0d%0aSet-Cookie:%20a=b",
        "/api/%ff",
        "/api/%c0%ae%c0%ae/",
        "/api/caf\xe9",
        "/api/%ed%a0%80",
        "http://127.0.0.1:8787/api/status",
        "*",
        "",
        "/api/status?text=%ff",
        "/api/status?text=%00",
        "/api/status?text=%0d%0a",
        "/api/status?text=\xff",
        "/api/status%2f",
    ],
)
def test_a_path_is_one(shop: Shop, target: str) -> None:
    reply = asked(shop.gate, "GET", target, shop.token())
    assert (reply.status, reply.json["code"]) == (400, "argument")
    assert reply.json["detail"].isprintable()


def test_what_is_only_odd_is_taken(shop: Shop) -> None:
    token = shop.token()
    for target in ("/api/status?text=caf%C3%A9&a=..%2F", "/api/status?text=%F0%9F%8E%B5&x=//"):
        assert asked(shop.gate, "GET", target, token).status == 200


def test_heads_are_small(shop: Shop) -> None:
    many = [(f"x-{number}", "1") for number in range(MOST_HEADERS + 1)]
    assert asked(shop.gate, "GET", "/healthz", many).status == 431
    assert asked(shop.gate, "GET", "/healthz", {"x-long": "x" * (LONGEST_HEADER + 1)}).status == 431
    assert asked(shop.gate, "GET", "/healthz?" + "x" * 5000).status == 414


@pytest.mark.parametrize("value", ["a\x00b", "a\rb", "a\nb", "a\r\nset-cookie: x=y", "\x7f"])
def test_headers_hold_no_control_characters(shop: Shop, value: str) -> None:
    assert asked(shop.gate, "GET", "/healthz", {"user-agent": value}).status == 400


def test_nothing_compressed_is_taken(shop: Shop) -> None:
    headers = shop.token() | {"content-encoding": "gzip"}
    assert asked(shop.gate, "POST", "/api/commands/next", headers, body=b"\x1f\x8b" + bytes(50)).status == 415


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PRI", "get", "PROPFIND"])
def test_methods_are_those_that_there_are(shop: Shop, method: str) -> None:
    assert asked(shop.gate, method, "/api/status", shop.token()).status == 501
