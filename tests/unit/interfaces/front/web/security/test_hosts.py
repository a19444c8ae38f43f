"""DNS rebinding and cross-site requests: the gate as a browser's victim would find it."""

import pytest

from player.interfaces.front.web.security.access import Access, network
from tests.support.asgi import asked, post
from tests.unit.interfaces.front.web.security.conftest import Shop


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "localhost.:8787", "[::1]:8787", "[0:0::1]:8787"],
)
def test_it_is_known_by_its_own_names(open_shop: Shop, host: str) -> None:
    assert asked(open_shop.gate, "GET", "/api/status", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8787",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:8788",
        "127.0.0.2:8787",
        "localhost.evil.example:8787",
        "127.0.0.1.nip.io:8787",
        "0.0.0.0:8787",
        "2130706433:8787",
        "[::ffff:127.0.0.1]:8788",
        "cafe.lan:8787",
    ],
)
@pytest.mark.parametrize("target", ["/api/status", "/healthz", "/openapi.json", "/anything"])
def test_a_name_that_leads_here_is_not_yet_ours(open_shop: Shop, host: str, target: str) -> None:
    """DNS rebinding: the attacker's page is of the same origin as the player, for the browser."""
    reply = asked(open_shop.gate, "GET", target, host=host)
    assert (reply.status, reply.json["code"]) == (421, "host")
    assert (
        post(open_shop.gate, "/api/commands/next", host=host, headers={"origin": f"http://{host}"}).status
        == 421
    )
    assert open_shop.changes == []


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", "127.0.0.1:8787, evil.example", "evil@127.0.0.1:8787", "127.0.0.1:8787/", "127.0.0.1:"),
        *("127.0.0.1:x", "[::1", "::1", "127.0.0.1:8787\x00", "127.0.0.1:8787 evil", "http://127.0.0.1:8787"),
        *("a" * 300, "127.0.0.1:999999"),
    ],
)
def test_what_is_no_host_is_refused(open_shop: Shop, host: str) -> None:
    assert asked(open_shop.gate, "GET", "/api/status", host=host).status == 400


def test_there_is_one_host(open_shop: Shop) -> None:
    assert asked(open_shop.gate, "GET", "/api/status", host=None).status == 400
    twice = [("host", "127.0.0.1:8787")]
    assert asked(open_shop.gate, "GET", "/api/status", twice).status == 400


def test_names_of_the_house_are_added(shop: Shop) -> None:
    named = shop.open(listen="0.0.0.0", hosts=("cafe.lan", "fd00::5"))
    for host in ("cafe.lan:8787", "CAFE.lan:8787", "[fd00::5]:8787"):
        assert asked(named.gate, "GET", "/api/status", shop.token(name=host), host=host).status == 200
    for host in ("cafe.lan", "cafe.lan:80", "x.cafe.lan:8787"):
        assert asked(named.gate, "GET", "/healthz", host=host).status == 421


def test_the_address_by_which_it_was_reached_is_its_own(shop: Shop) -> None:
    everywhere, server = shop.open(listen="0.0.0.0"), ("192.168.1.5", 8787)
    assert asked(everywhere.gate, "GET", "/healthz", host="192.168.1.5:8787", server=server).status == 200
    assert asked(everywhere.gate, "GET", "/healthz", host="192.168.1.6:8787", server=server).status == 421
    six = ("fd00::5", 8787)
    assert asked(everywhere.gate, "GET", "/healthz", host="[fd00::5]:8787", server=six).status == 200


def test_a_port_that_the_system_has_chosen_is_the_right_one(open_shop: Shop) -> None:
    any_port = open_shop.open(port=0)
    server = ("127.0.0.1", 40123)
    assert asked(any_port.gate, "GET", "/healthz", host="127.0.0.1:40123", server=server).status == 200
    assert asked(any_port.gate, "GET", "/healthz", host="127.0.0.1:40124", server=server).status == 421


def test_behind_a_proxy_the_names_are_the_houses_at_any_port(shop: Shop) -> None:
    access = {"hosts": ("cafe.example",), "proxies": (network("10.0.0.0/8"),)}
    proxied = shop.open(**access)
    for host in ("cafe.example", "cafe.example:8443"):
        assert asked(proxied.gate, "GET", "/healthz", host=host, peer="10.0.0.2").status == 200
    assert asked(proxied.gate, "GET", "/healthz", host="cafe.example", peer="192.168.1.9").status == 421
    assert asked(proxied.gate, "GET", "/healthz", host="evil.example", peer="10.0.0.2").status == 421


CROSS_SITE = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:8788"},
    {"origin": "https://127.0.0.1:8787"},
    {"origin": "http://localhost:8787"},
    {"origin": "http://127.0.0.1:8787.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "nonsense"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
    {"origin": "http://127.0.0.1:8787", "sec-fetch-site": "cross-site"},
    {"referer": "http://evil.example/127.0.0.1:8787"},
    {"referer": "http://127.0.0.1:8787@evil.example/"},
]


@pytest.mark.parametrize("told", CROSS_SITE)
def test_another_sites_page_changes_nothing(open_shop: Shop, told: dict[str, str]) -> None:
    for headers in (told, told | {"content-type": "text/plain"}):
        reply = post(open_shop.gate, "/api/commands/next", headers=headers)
        assert (reply.status, reply.json["code"]) == (403, "forbidden")
    assert open_shop.changes == []


@pytest.mark.parametrize("told", CROSS_SITE)
def test_another_sites_page_opens_no_event_stream(open_shop: Shop, told: dict[str, str]) -> None:
    assert asked(open_shop.gate, "GET", "/api/events", told).status == 403


@pytest.mark.parametrize("told", CROSS_SITE)
def test_another_sites_page_logs_nobody_in(shop: Shop, told: dict[str, str]) -> None:
    wanted = {"role": "owner", "password": "correct horse"}
    reply = post(shop.gate, "/api/login", wanted, told)
    assert reply.status == 403
    assert reply.header("set-cookie") is None


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    ],
)
def test_another_sites_page_reads_nothing(open_shop: Shop, told: dict[str, str]) -> None:
    assert asked(open_shop.gate, "GET", "/api/status", told).status == 403


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"origin": "http://127.0.0.1:8787"},
        {"origin": "HTTP://127.0.0.1:8787", "sec-fetch-site": "same-origin"},
        {"referer": "http://127.0.0.1:8787/page"},
    ],
)
def test_our_own_pages_and_programs_do(open_shop: Shop, told: dict[str, str]) -> None:
    assert post(open_shop.gate, "/api/commands/next", headers=told).status == 200


def test_a_link_from_anywhere_opens_the_page(open_shop: Shop) -> None:
    told = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert asked(open_shop.gate, "GET", "/healthz", told).status == 200
    assert asked(open_shop.gate, "GET", "/healthz", {"sec-fetch-site": "none"}).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_no_form_of_any_site_is_taken(open_shop: Shop, kind: str) -> None:
    """Also not by a browser that says nothing of where a form comes from."""
    reply = post(open_shop.gate, "/api/commands/next", {"a": 1}, {"content-type": kind})
    assert reply.status == 415
    assert open_shop.changes == []


def test_no_answer_is_for_another_site(shop: Shop) -> None:
    told = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    for method, target in (("OPTIONS", "/api/commands/next"), ("OPTIONS", "/api/login"), ("GET", "/healthz")):
        reply = asked(shop.gate, method, target, told)
        assert reply.status in (401, 403)
        assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


def test_only_this_machine_needs_no_password() -> None:
    assert Access().refusal(False) is None
    assert Access(listen="localhost").refusal(False) is None
    assert Access(listen="::1").refusal(False) is None
    for listen in ("0.0.0.0", "::", "192.168.1.5", "fd00::1"):
        refusal = Access(listen=listen).refusal(False)
        assert refusal is not None
        assert "ambient-player web password" in refusal
        assert Access(listen=listen).refusal(True) is None
    assert Access(proxies=(network("10.0.0.1"),)).refusal(False) is not None
