"""What proxies say is believed of named ones alone, and of them the nearest that is no proxy."""

import pytest

from player.interfaces.front.web.security.access import Access, network
from tests.support.asgi import asked, post
from tests.unit.interfaces.front.web.security.conftest import Shop

PROXIES = (network("10.0.0.2"), network("172.16.0.0/12"), network("fd00::/64"))


@pytest.fixture
def proxied(shop: Shop) -> Shop:
    return shop.open(proxies=PROXIES, hosts=("cafe.example",), base_path="/music")


def address(shop: Shop, forwarded: str | None, peer: str = "10.0.0.2") -> str:
    headers = shop.token(name=f"{forwarded} {peer}") | (
        {} if forwarded is None else {"x-forwarded-for": forwarded}
    )
    reply = post(shop.gate, "/api/commands/next", headers=headers, peer=peer)
    assert reply.status == 200, reply.body
    return str(reply.json["address"])


@pytest.mark.parametrize(
    ("forwarded", "peer", "expected"),
    [
        (None, "10.0.0.2", "10.0.0.2"),
        ("203.0.113.7", "10.0.0.2", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7", "10.0.0.2", "203.0.113.7"),
        ("127.0.0.1, 203.0.113.7, 172.20.0.3", "10.0.0.2", "203.0.113.7"),
        ("nonsense, 203.0.113.7", "10.0.0.2", "203.0.113.7"),
        ("172.20.0.3, 172.20.0.4", "10.0.0.2", "172.20.0.3"),
        ("203.0.113.7:4711", "10.0.0.2", "203.0.113.7"),
        ("[2001:db8::7]:4711", "10.0.0.2", "2001:db8::7"),
        ("2001:db8::7", "fd00::1", "2001:db8::7"),
        ("::ffff:203.0.113.7", "::ffff:10.0.0.2", "203.0.113.7"),
        ("203.0.113.7", "10.0.0.3", "10.0.0.3"),
        ("nonsense", "10.0.0.3", "10.0.0.3"),
        ("203.0.113.7", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_last_stranger_is_who_asks(
    proxied: Shop, forwarded: str | None, peer: str, expected: str
) -> None:
    assert address(proxied, forwarded, peer) == expected


def test_a_second_line_of_the_list_belongs_to_it(proxied: Shop) -> None:
    lines = [*proxied.token().items(), ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.7")]
    reply = asked(proxied.gate, "POST", "/api/commands/next", lines, peer="10.0.0.2")
    assert reply.json["address"] == "203.0.113.7"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": ""},
        {"x-forwarded-for": "unknown"},
        {"x-forwarded-for": "203.0.113.7,"},
        {"x-forwarded-for": "203.0.113.7 127.0.0.1"},
        {"x-forwarded-for": "203.0.113.7\x00"},
        {"x-forwarded-for": "2130706433"},
        {"x-forwarded-for": "0x7f.1"},
        {"x-forwarded-for": "<script>"},
        {"x-forwarded-for": ", ".join(["172.16.0.1"] * 21)},
        {"x-forwarded-proto": "javascript"},
        {"x-forwarded-proto": "https, http"},
        {"x-forwarded-host": "cafe.example, evil.example"},
        {"x-forwarded-host": "cafe.example/"},
        {"x-forwarded-host": "cafe.example\r\nx: y"},
        {"x-forwarded-host": "evil@cafe.example"},
        {"x-forwarded-prefix": "//evil.example"},
        {"x-forwarded-prefix": "/a/../b"},
        {"x-forwarded-prefix": "/a;path=/"},
        {"x-forwarded-prefix": '/"><script>'},
        {"x-forwarded-prefix": "https://evil.example"},
        {"x-forwarded-prefix": "/a\r\nset-cookie: a=b"},
        {"x-forwarded-prefix": "a"},
        {"x-forwarded-prefix": "/a" * 40},
        [("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")],
        [("x-forwarded-host", "cafe.example"), ("x-forwarded-host", "evil.example")],
        [("x-forwarded-prefix", "/a"), ("x-forwarded-prefix", "/b")],
    ],
)
def test_what_is_odd_is_refused(proxied: Shop, headers: dict[str, str] | list[tuple[str, str]]) -> None:
    assert asked(proxied.gate, "GET", "/healthz", headers, peer="10.0.0.2").status == 400


def test_a_strangers_word_of_host_and_scheme_counts_for_nothing(proxied: Shop) -> None:
    told = {"x-forwarded-host": "cafe.example", "x-forwarded-proto": "https", "x-forwarded-prefix": "/evil"}
    reply = asked(proxied.gate, "GET", "/healthz", told, peer="192.168.1.9", host="evil.example")
    assert reply.status == 421
    wanted = {"role": "owner", "password": "correct horse"}
    reply = post(proxied.gate, "/api/login", wanted, told, peer="192.168.1.9")
    assert "secure" not in (reply.header("set-cookie") or "").lower()
    assert "path=/music;" in (reply.header("set-cookie") or "").lower() + ";"


def test_behind_https_the_cookie_is_for_https_alone(proxied: Shop) -> None:
    wanted = {"role": "owner", "password": "correct horse"}
    told = {
        "x-forwarded-proto": "https",
        "x-forwarded-host": "cafe.example",
        "origin": "https://cafe.example",
    }
    reply = post(proxied.gate, "/music/api/login", wanted, told, peer="10.0.0.2")
    assert reply.status == 200
    parts = {part.strip().lower() for part in (reply.header("set-cookie") or "").split(";")}
    assert {"secure", "httponly", "samesite=strict", "path=/music"} <= parts


def test_the_prefix_may_be_there_or_not(proxied: Shop) -> None:
    for target in ("/api/status", "/music/api/status"):
        reply = asked(proxied.gate, "GET", target, proxied.token(name=target), peer="10.0.0.2")
        assert (reply.status, reply.json["root_path"]) == (200, "/music")
        assert reply.header("cache-control") == "no-store"
    assert asked(proxied.gate, "GET", "/musical/api/status", proxied.token(), peer="10.0.0.2").status == 404
    assert asked(proxied.gate, "GET", "/music/api/status").status == 401, "nothing is public for its prefix"
    assert asked(proxied.gate, "GET", "/music/healthz").status == 200


def test_the_limit_of_logins_counts_who_asks_not_the_proxy(proxied: Shop) -> None:
    wrong = {"role": "owner", "password": "wrong"}

    def tried(forwarded: str) -> int:
        told = {"x-forwarded-for": forwarded}
        return post(proxied.gate, "/api/login", wrong, told, peer="10.0.0.2").status

    spoofed = [tried(f"198.51.100.{number}, 203.0.113.7") for number in range(15)]
    assert spoofed.count(429) == 5
    assert tried("203.0.113.8") == 401


@pytest.mark.parametrize(
    "told",
    [
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-host": "127.0.0.1:8787"},
        {"x-forwarded-proto": "http"},
        {"x-forwarded-anything": ""},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 squid"},
        {"x-real-ip": "127.0.0.1"},
    ],
)
def test_without_a_password_no_proxy_lets_anybody_in(open_shop: Shop, told: dict[str, str]) -> None:
    assert asked(open_shop.gate, "GET", "/api/status", told).status == 403
    reply = post(open_shop.gate, "/api/commands/next", headers=told)
    assert (reply.status, open_shop.changes) == (403, [])
    assert "ambient-player web password" in reply.json["detail"]


@pytest.mark.parametrize(
    "access",
    [Access(proxies=(network("10.0.0.2"),)), Access(listen="0.0.0.0"), Access(listen="192.168.1.5")],
)
def test_without_a_password_only_this_machine_gets_in(open_shop: Shop, access: Access) -> None:
    """Also if the file of passwords vanishes while the front listens to all."""
    elsewhere = Shop(open_shop.file, access)
    for peer in ("127.0.0.1", "10.0.0.2"):
        assert asked(elsewhere.gate, "GET", "/api/status", peer=peer).status == 403
    assert asked(open_shop.gate, "GET", "/api/status", peer="192.168.1.9").status == 403
    assert asked(open_shop.gate, "GET", "/api/status").json["role"] == "owner"
