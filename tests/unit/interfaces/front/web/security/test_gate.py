"""Sessions, tokens, roles and bodies, as they come through the gate."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.web.security import bodies, gate
from player.interfaces.front.web.security.response_headers import page_policy
from player.interfaces.front.web.security.secrets_authenticator import SecretsAuthenticator
from player.interfaces.front.web.security.secrets_file import NAME
from tests.support.asgi import Reply, ask, asked, post
from tests.unit.interfaces.front.web.security.conftest import HASHES, PASSWORDS, Shop

DAY_S = 86_400


def try_login(shop: Shop, role: str, password: str, peer: str = "127.0.0.1") -> Reply:
    return post(shop.gate, "/api/login", {"role": role, "password": password}, peer=peer)


def test_nobody_sees_anything(shop: Shop) -> None:
    for target in (
        "/api/status",
        "/api/events",
        "/metrics",
        "/api/sessions",
        "/docs",
        "/anything",
        "/api/session",
    ):
        reply = asked(shop.gate, "GET", target)
        assert (reply.status, reply.json["code"]) == (401, "unauthorized")
    assert post(shop.gate, "/api/commands/next").status == 401
    assert shop.changes == []
    assert asked(shop.gate, "GET", "/healthz").status == 200
    assert asked(shop.gate, "GET", "/openapi.json").status == 200


@pytest.mark.parametrize("role", list(Role))
def test_who_knows_the_password_is_let_in(shop: Shop, role: Role) -> None:
    ours = shop.log_in(role)
    assert post(shop.gate, "/api/commands/next", headers=ours).json["role"] == role
    assert asked(shop.gate, "GET", "/api/session", ours).json["means"] == "session"


def test_wrong_and_unknown_are_answered_alike(shop: Shop) -> None:
    """Also in time: each takes one hash."""
    others = PASSWORDS[Role.STAFF]
    tries = [("owner", "wrong"), ("staff", others), ("viewer", "wrong"), ("", ""), ("owner", others)]
    only_owner = {Role.OWNER: shop.file.read().passwords[Role.OWNER]}
    shop.file.change(lambda found: found.model_copy(update={"passwords": only_owner}))
    taken_s = []
    for role, password in tries:
        begun = time.perf_counter()
        reply = try_login(shop, role, password)
        taken_s.append(time.perf_counter() - begun)
        assert (reply.status, reply.json["detail"]) == (401, "that role and password do not fit.")
        assert reply.header("set-cookie") is None
    assert min(taken_s) > 0.005, "an argon2 hash takes longer, on any machine"


def test_each_login_is_a_session_of_its_own(shop: Shop) -> None:
    """Session fixation: what somebody has put into the browser before is not what it has afterwards."""
    planted = "ambient_player_8787=" + "A" * 43
    wanted = {"role": "owner", "password": PASSWORDS[Role.OWNER]}
    reply = post(shop.gate, "/api/login", wanted, {"cookie": planted})
    assert reply.status == 200
    assert reply.cookie != planted
    assert asked(shop.gate, "GET", "/api/status", {"cookie": planted}).status == 401
    staff = shop.log_in(Role.STAFF)
    assert post(shop.gate, "/api/login", wanted, {"cookie": staff["cookie"]}).cookie != staff["cookie"]
    assert asked(shop.gate, "GET", "/api/status", {"cookie": staff["cookie"]}).json["role"] == "staff"


def test_the_cookie_is_the_browsers_alone(shop: Shop) -> None:
    reply = try_login(shop, "owner", PASSWORDS[Role.OWNER])
    parts = {part.strip().lower() for part in (reply.header("set-cookie") or "").split(";")}
    assert {"httponly", "samesite=strict", "path=/", f"max-age={30 * DAY_S}"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert reply.cookie.partition("=")[2] not in reply.body.decode()


def test_a_cookie_alone_changes_nothing(shop: Shop) -> None:
    ours, others = shop.log_in(), shop.log_in(Role.STAFF)
    for token in ("", "x", ours["x-csrf-token"][:-1], others["x-csrf-token"], "é"):
        headers = {"cookie": ours["cookie"], "x-csrf-token": token}
        assert post(shop.gate, "/api/commands/next", headers=headers).status == 403
        assert post(shop.gate, "/api/logout", headers=headers).status == 403
    assert shop.changes == []
    assert asked(shop.gate, "GET", "/api/status", {"cookie": ours["cookie"]}).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_change_needs_the_pages_token(shop: Shop, method: str) -> None:
    assert asked(shop.gate, method, "/api/anything", {"cookie": shop.log_in()["cookie"]}).status == 403


def test_a_neighbours_cookie_of_the_same_name_makes_neither_count(shop: Shop) -> None:
    ours, evil = shop.log_in()["cookie"], shop.log_in(Role.STAFF)["cookie"]
    for cookie in (f"{evil}; {ours}", f"{ours}; {evil}", f"{ours}; {ours}"):
        assert asked(shop.gate, "GET", "/api/status", {"cookie": cookie}).status == 401
    assert asked(shop.gate, "GET", "/api/status", {"cookie": f"theme=dark; {ours}; a"}).status == 200


@pytest.mark.parametrize(
    "cookie", ["", "=", ";;;", "ambient_player_8787", "ambient_player_8787=", "\xff=\xfe"]
)
def test_odd_cookies_are_none(shop: Shop, cookie: str) -> None:
    assert asked(shop.gate, "GET", "/api/status", {"cookie": cookie}).status == 401


def test_a_new_password_ends_the_sessions_of_its_role_alone(shop: Shop) -> None:
    owner, staff = shop.log_in(), shop.log_in(Role.STAFF)
    shop.file.change(lambda found: found.with_password(Role.STAFF, HASHES[Role.OWNER]))
    assert asked(shop.gate, "GET", "/api/status", staff).status == 401
    assert asked(shop.gate, "GET", "/api/status", owner).status == 200


def test_logging_out_ends_the_session(shop: Shop) -> None:
    ours, others = shop.log_in(), shop.log_in()
    reply = post(shop.gate, "/api/logout", headers=ours)
    assert reply.status == 204
    assert "max-age=0" in (reply.header("set-cookie") or "").lower()
    assert asked(shop.gate, "GET", "/api/status", ours).status == 401
    assert asked(shop.gate, "GET", "/api/status", others).status == 200


def test_a_session_is_over_after_its_days(shop: Shop) -> None:
    """Its days without use, that is: one that is used goes on (the test below)."""
    ours, others = shop.log_in(), shop.log_in()
    shop.now_s += 30 * DAY_S - 1
    assert asked(shop.gate, "GET", "/api/status", ours).status == 200
    shop.now_s += 1
    assert asked(shop.gate, "GET", "/api/status", others).status == 401


def test_the_owner_sees_who_is_in_and_throws_them_out(shop: Shop) -> None:
    owner, staff = shop.log_in(), shop.log_in(Role.STAFF, peer="192.168.1.9")
    listed = asked(shop.gate, "GET", "/api/sessions", owner).json
    assert [(one["role"], one["yours"]) for one in listed] == [("owner", True), ("staff", False)]
    assert listed[1]["name"] == "192.168.1.9"
    assert staff["cookie"].partition("=")[2] not in json.dumps(listed)
    path = f"/api/sessions/{listed[1]['id']}"
    assert asked(shop.gate, "DELETE", path, staff).status == 403
    assert asked(shop.gate, "DELETE", path, owner).status == 204
    assert asked(shop.gate, "GET", "/api/status", staff).status == 401
    assert asked(shop.gate, "DELETE", path, owner).status == 404
    assert asked(shop.gate, "DELETE", "/api/sessions/*", owner).status == 422


def test_tokens_are_the_owners_to_give(shop: Shop) -> None:
    owner, staff = shop.log_in(), shop.log_in(Role.STAFF)
    wanted = {"name": "door display", "role": "staff"}
    assert post(shop.gate, "/api/tokens", wanted, staff).status == 403
    made = post(shop.gate, "/api/tokens", wanted, owner)
    assert made.status == 201
    bearer = {"authorization": f"Bearer {made.json['token']}"}
    assert post(shop.gate, "/api/commands/next", headers=bearer).json["name"] == "door display"
    assert post(shop.gate, "/api/tokens", wanted, owner).status == 409
    assert post(shop.gate, "/api/tokens", {"name": "a\nb", "role": "staff"}, owner).status == 422
    assert made.json["token"] not in asked(shop.gate, "GET", "/api/tokens", owner).body.decode()
    assert asked(shop.gate, "GET", "/api/tokens", staff).status == 403
    assert asked(shop.gate, "DELETE", f"/api/tokens/{made.json['id']}", owner).status == 204
    assert asked(shop.gate, "GET", "/api/status", bearer).status == 401


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic b3duZXI6Y29ycmVjdCBob3JzZQ==",
        "x",
        "Bearer \xff",
        "Bearer " + "x" * 4000,
    ],
)
def test_what_is_no_token_is_refused_also_beside_a_cookie(shop: Shop, authorization: str) -> None:
    headers = shop.log_in() | {"authorization": authorization}
    reply = asked(shop.gate, "GET", "/api/status", headers)
    assert reply.status == 401
    assert (reply.header("www-authenticate") or "").startswith("Bearer")


def test_a_hash_from_the_file_lets_nobody_in(shop: Shop, tmp_path: Path) -> None:
    shop.log_in()
    hashed = json.loads((tmp_path / "state" / NAME).read_text())["sessions"][0]["hash"]
    for headers in ({"authorization": f"Bearer {hashed}"}, {"cookie": f"ambient_player_8787={hashed}"}):
        assert asked(shop.gate, "GET", "/api/status", headers).status == 401


def test_a_session_is_no_token_and_a_token_no_session(shop: Shop) -> None:
    session = shop.log_in()["cookie"].partition("=")[2]
    token = shop.token()["authorization"].removeprefix("Bearer ")
    assert asked(shop.gate, "GET", "/api/status", {"authorization": f"Bearer {session}"}).status == 401
    assert asked(shop.gate, "GET", "/api/status", {"cookie": f"ambient_player_8787={token}"}).status == 401


def test_a_damaged_file_lets_nobody_in_and_says_so(shop: Shop, tmp_path: Path) -> None:
    ours, token = shop.log_in(), shop.token()
    (tmp_path / "state" / NAME).write_text("{")
    for headers in ({}, ours, token):
        reply = asked(shop.gate, "GET", "/api/status", headers)
        assert (reply.status, reply.json["code"]) == (503, "secrets")
        assert "set the passwords again" in reply.json["detail"]
    assert try_login(shop, "owner", PASSWORDS[Role.OWNER]).status == 503
    assert asked(shop.gate, "GET", "/healthz").status == 200


@pytest.mark.parametrize("set_by_s", [0.0, -DAY_S])
def test_a_stream_ends_soon_after_its_session(shop: Shop, set_by_s: float) -> None:
    ours = shop.log_in()
    assert asked(shop.gate, "GET", "/api/events", ours).body.count(b"data:") == 20
    shop.changes.clear()
    waiting = SecretsAuthenticator.still
    looked = []

    def still(self: SecretsAuthenticator, *args: object) -> bool:
        looked.append(shop.now_s)
        shop.set_by_s = set_by_s
        if len(looked) == 2:
            shop.file.change(lambda found: found.without_session(""))
        return waiting(self, *args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SecretsAuthenticator, "still", still)
        reply = asked(shop.gate, "GET", "/api/events", ours)
    assert reply.body.count(b"data:") < 12
    assert len(shop.changes) < 12, "and nothing goes on behind it"


def test_a_session_that_is_used_goes_on_and_one_that_lies_idle_ends(shop: Shop) -> None:
    used, idle = shop.log_in(), shop.log_in()

    async def look() -> str | None:
        reply = await ask(shop.gate, "GET", "/api/status", used)
        await asyncio.get_running_loop().shutdown_default_executor()  # what is written is written then
        assert reply.status == 200
        return reply.header("set-cookie")

    assert asyncio.run(look()) is None, "it has just been told"
    for _ in range(12):
        shop.now_s += 10 * DAY_S
        told = asyncio.run(look()) or ""
        assert told.startswith(used["cookie"])
        assert f"Max-Age={30 * DAY_S}" in told, "the browser keeps it, too"
    assert asked(shop.gate, "GET", "/api/status", idle).status == 401
    shop.now_s += 30 * DAY_S + 1
    assert asked(shop.gate, "GET", "/api/status", used).status == 401


def test_a_logout_is_not_undone_by_the_renewal(shop: Shop) -> None:
    ours = shop.log_in()
    shop.now_s += 10 * DAY_S

    async def out() -> list[str]:
        reply = await ask(shop.gate, "POST", "/api/logout", ours)
        await asyncio.get_running_loop().shutdown_default_executor()
        return [value for name, value in reply.headers if name == "set-cookie"]

    told = asyncio.run(out())
    assert len(told) == 1
    assert "max-age=0" in told[0].lower()
    assert asked(shop.gate, "GET", "/api/status", ours).status == 401


def test_a_stream_that_is_open_for_long_is_opened_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has begun can tell its browser no new cookie."""
    monkeypatch.setattr(gate, "STREAM_LASTS_S", 10.0)
    assert asked(shop.gate, "GET", "/api/events", shop.log_in()).body.count(b"data:") < 12
    assert asked(shop.gate, "GET", "/api/events", shop.token()).body.count(b"data:") == 20


def test_use_is_written_down_now_and_then(shop: Shop) -> None:
    token, begun_s = shop.token(), shop.now_s

    async def look(token: dict[str, str]) -> None:
        assert (await ask(shop.gate, "GET", "/api/status", token)).status == 200
        await asyncio.get_running_loop().shutdown_default_executor()

    shop.now_s += 3000
    asyncio.run(look(token))
    assert shop.file.read().tokens[0].used_s == begun_s, "a memory card is not written for that"
    shop.now_s += 3000
    asyncio.run(look(token))
    assert shop.file.read().tokens[0].used_s == begun_s + 6000
    shop.set_by_s = -DAY_S
    later = shop.token(name="gate")
    shop.now_s += 6000
    asyncio.run(look(later))
    assert shop.file.read().tokens[1].used_s == shop.clock(), "also by a clock that was set back"


@pytest.mark.parametrize("set_by_s", [0.0, -DAY_S, DAY_S])
def test_a_wrong_password_is_logged_once_a_minute_by_any_clock(
    shop: Shop, caplog: pytest.LogCaptureFixture, set_by_s: float
) -> None:
    for wait_s in (0, 30, 31):
        shop.now_s += wait_s
        assert try_login(shop, "owner", "wrong password").status == 401
        shop.set_by_s = set_by_s
    assert [record.levelname for record in caplog.records if "wrong password" in record.message] == [
        "WARNING",
        "WARNING",
    ]


def flood(count: int, address: str) -> Iterator[str]:
    for number in range(count):
        yield address.format(number >> 8, number & 255)


def test_ten_thousand_logins(shop: Shop) -> None:
    """Little work, whoever tries; who is logged in is served meanwhile, and who has been may log in again."""
    ours = shop.log_in(peer="192.168.1.5")
    wrong = {"content-type": "application/json"}
    body = b'{"role": "owner", "password": "wrong password"}'

    async def attack() -> tuple[list[Reply], list[Reply]]:
        tries = [
            asyncio.create_task(ask(shop.gate, "POST", "/api/login", wrong, body, peer=address))
            for address in (*flood(1000, "10.{}.{}.1"), *flood(1000, "10.9.9.9"))
        ]
        asks = [asyncio.create_task(ask(shop.gate, "GET", "/api/status", ours)) for _ in range(20)]
        return await asyncio.gather(*tries), await asyncio.gather(*asks)

    begun = time.process_time()
    tried, served = asyncio.run(attack())
    assert time.process_time() - begun < 20
    assert {reply.status for reply in served} == {200}
    statuses = [reply.status for reply in tried]
    assert set(statuses) <= {401, 429, 503}
    assert statuses.count(401) <= 12, "few hashes are made, and few wait"
    assert all(int(reply.header("retry-after") or 0) >= 1 for reply in tried if reply.status in (429, 503))
    assert post(
        shop.gate, "/api/login", {"role": "owner", "password": PASSWORDS[Role.OWNER]}, peer="192.168.1.5"
    ).status == 200  # fmt: skip


JSON_OF = bodies.JSON_BYTES


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("size", [JSON_OF, JSON_OF + 1, 50 * JSON_OF])
def test_bodies_have_an_end(shop: Shop, size: int, declared: bool) -> None:
    pieces = [b"x" * 10_000] * (size // 10_000) + [b"x" * (size % 10_000)]
    length = {"content-length": str(size)} if declared else {"transfer-encoding": "chunked"}
    headers = shop.token() | {"content-type": "application/json"} | length
    reply = asked(shop.gate, "POST", "/api/commands/next", headers, body=pieces)
    if size == JSON_OF:
        assert reply.json["bytes"] == size
    else:
        assert (reply.status, reply.json["code"], reply.header("connection")) == (413, "too_large", "close")
        assert shop.changes == []


def test_only_the_owner_may_send_a_large_one_and_only_where_pictures_go(shop: Shop) -> None:
    large = {"body": b"x" * 200_000}
    kind = {"content-type": "image/jpeg"}
    path = "/api/playlist"
    assert asked(shop.gate, "POST", path, shop.token() | kind, **large).json["bytes"] == 200_000
    assert asked(shop.gate, "POST", path, shop.token(Role.STAFF, "s") | kind, **large).status == 413
    assert asked(shop.gate, "POST", path, kind, **large).status == 401
    assert asked(shop.gate, "POST", "/api/login", kind, **large).status == 413


def test_a_slow_body_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SLOWEST_S", 0.05)

    async def trickle() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b"x"

    headers = {"content-type": "application/json", "content-length": "100"}
    assert asked(shop.gate, "POST", "/api/login", headers, body=trickle()).status == 408


def test_few_pictures_are_in_memory_at_once(shop: Shop) -> None:
    headers = shop.token() | {"content-type": "image/jpeg", "content-length": "100000"}

    async def several() -> list[int]:
        release = asyncio.Event()

        async def held_up() -> AsyncIterator[bytes]:
            await release.wait()
            yield b"x" * 100_000

        async def one() -> int:
            path = "/api/playlist"
            return (await ask(shop.gate, "POST", path, headers, body=held_up())).status

        tasks = [asyncio.create_task(one()) for _ in range(5)]
        while sum(task.done() for task in tasks) < 5 - bodies.MOST_PICTURES:
            await asyncio.sleep(0)
        release.set()
        return await asyncio.gather(*tasks)

    statuses = asyncio.run(several())
    assert statuses.count(503) == 5 - bodies.MOST_PICTURES


def test_every_answer_says_what_a_browser_may_do_with_it(shop: Shop) -> None:
    for reply in (
        asked(shop.gate, "GET", "/healthz"),
        asked(shop.gate, "GET", "/api/status"),
        asked(shop.gate, "GET", "/api/status", shop.token()),
        asked(shop.gate, "GET", "/api/nothing", shop.token(name="b")),
        asked(shop.gate, "GET", "/api/status", host="evil.example"),
        try_login(shop, "owner", PASSWORDS[Role.OWNER]),
    ):
        assert reply.header("x-content-type-options") == "nosniff"
        assert reply.header("referrer-policy") == "no-referrer"
        assert "frame-ancestors 'none'" in (reply.header("content-security-policy") or "")
        assert "script-src" not in (reply.header("content-security-policy") or ""), "data runs nothing"
        assert "camera=()" in (reply.header("permissions-policy") or "")
        assert reply.header("cache-control") == "no-store"
        assert reply.header("cross-origin-resource-policy") == "same-origin"
        assert reply.header("server") is None
    assert "unsafe" not in page_policy("a-nonce")
    assert "*" not in page_policy("a-nonce")


def test_a_password_that_is_set_shuts_the_door_at_once(open_shop: Shop) -> None:
    assert asked(open_shop.gate, "GET", "/api/status").json["role"] == "owner"
    from tests.unit.interfaces.front.web.security.conftest import HASHES  # noqa: PLC0415

    open_shop.file.change(lambda found: found.with_password(Role.STAFF, HASHES[Role.STAFF]))
    assert asked(open_shop.gate, "GET", "/api/status").status == 401


def test_nothing_but_http_is_spoken(shop: Shop) -> None:
    sent = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(shop.gate({"type": "websocket"}, None, send))  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["websocket.close"]
