"""The HTTP API: what it answers, and that everything that goes wrong has one shape."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from player.errors import ErrorCode
from player.interfaces.command_table import COMMANDS, Role
from player.interfaces.front.player_client import AWAY, TIMEOUT, PlayerRefusal
from player.interfaces.front.web.app import make_app
from player.interfaces.front.web.problems import STATUS_OF_CODE
from player.interfaces.front.web.schema import Schema
from player.interfaces.front.web.security import gate
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Authenticator, Identity
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.fakes.status import playback
from tests.support.front import Known, until, web

PROBLEM = "application/problem+json"


NOBODY, STAFF, OWNER = Known(None), Known(Identity(Role.STAFF, "Mia")), Known(Identity(Role.OWNER, "Jo"))


def ask(
    method: str,
    path: str,
    *,
    player: FakePlayer | None = None,
    who: Authenticator = OWNER,
    base_path: str = "",
    **more: Any,
) -> httpx.Response:
    """One request to an application."""

    async def asked() -> httpx.Response:
        async with web(player or FakePlayer(), who, base_path) as client:
            return await client.request(method, path, **more)

    return asyncio.run(asked())


def test_the_status_is_sent_once_to_who_has_it() -> None:
    async def run() -> None:
        player = FakePlayer()
        async with web(player, OWNER) as client:
            first = await client.get("/api/status")
            assert first.json()["playback"]["track"]["title"] == "Song"
            asked = {"If-None-Match": f'"other", {first.headers["etag"]}'}
            again = await client.get("/api/status", headers=asked)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            player.change(playback=playback(volume=12))
            async with asyncio.timeout(5):
                while (await client.get("/api/status", headers=asked)).status_code == 304:
                    await asyncio.sleep(0)
            assert (await client.get("/api/status", headers=asked)).json()["playback"]["volume"] == 12
            assert player.told == [], "the status is never asked for"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nope", 404, "unknown"),
        ("GET", "/api/commands/next", 405, "method"),
        ("POST", "/api/commands/nope", 404, "unknown"),
        ("DELETE", "/api/status", 405, "method"),
        ("GET", "/api/status/", 404, "unknown"),
        ("POST", "/api/commands/volume", 422, "argument"),
        ("GET", "/docs", 404, "unknown"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(method: str, path: str, status: int, code: str) -> None:
    answer = ask(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail", "code"}
    assert (said["status"], said["code"]) == (status, code)
    assert said["detail"].endswith(".")
    assert answer.headers["api-version"] == "1"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"percent": 40}', 200),
        (b'{"percent": 101}', 422),
        (b'{"percent": 40, "more": 1}', 422),
        (b"{", 422),
        (b"[]", 422),
        (b"\xff", 422),
        (b'{"percent": ' + b"[" * 30000, 422),
        (b"x" * 70_000, 413),
    ],
    ids=["right", "too loud", "more", "half", "a list", "no text", "nested", "long"],
)
def test_a_body_is_taken_or_refused_in_one_shape(body: bytes, status: int) -> None:
    player = FakePlayer()
    sent = ask(
        "POST",
        "/api/commands/volume",
        player=player,
        content=body,
        headers={"content-type": "application/json"},
    )
    assert sent.status_code == status
    assert sent.headers["content-type"] == ("application/json" if status == 200 else PROBLEM)
    assert player.told == ([("volume", {"percent": 40})] if status == 200 else [])


def test_what_comes_in_pieces_is_measured_too() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    answer = ask(
        "POST", "/api/commands/volume", content=pieces(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("code", [*ErrorCode, AWAY, TIMEOUT])
def test_every_refusal_of_the_player_has_its_status(code: str) -> None:
    player = FakePlayer()
    player.refusal = PlayerRefusal(code, "It cannot be done.")
    answer = ask("POST", "/api/commands/next", player=player)
    assert (answer.status_code, answer.json()["code"]) == (STATUS_OF_CODE[code], code)
    assert answer.json()["detail"] == "It cannot be done."
    assert ("retry-after" in answer.headers) == (answer.status_code == 503)


def test_a_fault_of_our_own_tells_no_secrets() -> None:
    class Broken(FakePlayer):
        async def command(self, name: str, arguments: dict[str, Any]) -> Json:
            raise RuntimeError("secret")

    answer = ask("POST", "/api/commands/next", player=Broken())
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "spec", [spec for spec in COMMANDS.values() if not spec.streams], ids=lambda s: s.name
)
def test_every_command_asks_for_its_role_and_hands_its_fields_on(spec: Any) -> None:
    path = f"/api/commands/{spec.name}"
    given = spec.read(None, spec.example).as_json()
    body: dict[str, Any] = {"json": given} if spec.request.model_fields else {}
    assert ask("POST", path, who=NOBODY, **body).status_code == 401
    staff = 200 if spec.role is Role.STAFF else 403
    assert ask("POST", path, who=STAFF, **body).status_code == staff
    player = FakePlayer()
    assert ask("POST", path, player=player, **body).status_code == 200
    assert player.told == [(spec.name, given)]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/status", 401),
        ("/api/events", 401),
        ("/metrics", 401),
        ("/healthz", 200),
        ("/openapi.json", 200),
    ],
)
def test_nobody_sees_no_more_than_that_it_is_there(path: str, status: int) -> None:
    assert ask("GET", path, who=NOBODY).status_code == status


def test_a_player_that_is_away_is_said_to_be() -> None:
    async def run() -> None:
        player = FakePlayer()
        async with web(player, OWNER) as client:
            player.leave()
            async with asyncio.timeout(5):
                while (await client.get("/api/status")).status_code != 503:
                    await asyncio.sleep(0)
            assert (await client.get("/healthz")).status_code == 503
            assert "ambient_player_up 0.0" in (await client.get("/metrics")).text
            player.come_back()
            async with asyncio.timeout(5):
                while (await client.get("/api/status")).status_code != 200:
                    await asyncio.sleep(0.01)

    asyncio.run(run())


@pytest.mark.parametrize("path", ["/music/api/status", "/api/status"])
def test_behind_a_proxy_it_has_a_path_before_it_which_the_proxy_may_take_off(path: str) -> None:
    assert ask("GET", path, base_path="/music").status_code == 200
    assert ask("GET", "/musical/api/status", base_path="/music").status_code == 404


def test_openapi_has_schemas_examples_and_stable_names() -> None:
    made = ask("GET", "/openapi.json").json()
    names = [operation["operationId"] for path in made["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert {"status", "events", "health", "metrics", "command_volume"} <= set(names)
    volume = made["paths"]["/api/commands/volume"]["post"]["requestBody"]["content"]["application/json"]
    assert volume["schema"]["examples"] == [{"percent": 40}] or volume["example"] == {"percent": 40}
    known = set(made["components"]["schemas"])
    text = ask("GET", "/openapi.json").text
    assert {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]} <= known


def test_openapi_says_below_which_path_it_is() -> None:
    assert "servers" not in ask("GET", "/openapi.json").json()
    assert ask("GET", "/music/openapi.json", base_path="/music").json()["servers"] == [{"url": "/music"}]


def test_openapi_is_made_once() -> None:
    """It takes a tenth of a second and some megabytes, and anybody may ask for it."""
    schema = Schema(make_app(FakePlayer(), Access()))

    async def asked() -> bytes | memoryview:
        return (await schema.answer(Request({"type": "http"}))).body

    assert asyncio.run(asked()) is asyncio.run(asked())


Run = Callable[[], Coroutine[Any, Any, None]]


def test_nothing_is_left_running() -> None:
    async def run() -> None:
        async with web(FakePlayer(), OWNER):
            pass
        await until(lambda: len(asyncio.all_tasks()) == 1)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("pin", b"[]", "the body must be a JSON object."),
        ("pin", b"null", "the body must be a JSON object."),
        ("pin", b"", "the body is missing."),
        ("pin", b"{}", "mood is missing."),
        ("pin", b'{"mood": ""}', "mood is empty."),
        ("pin", b'{"mood": 5}', "mood must be a text."),
        ("pin", b'{"mood": "calm", "for": "1h"}', "for is not known here: leave it out."),
        ("pin", b"5 x", "the body is no JSON (extra data, at character 2)."),
        ("announce", b'{"path": "/x"}', "file is missing; path is not known here: leave it out."),
        ("volume", b'{"percent": "40"}', "percent must be a whole number."),
        ("volume", b'{"percent": 1e400}', "percent must be a whole number."),
        ("volume", b'{"percent": 300}', "percent: should be less than or equal to 100."),
        ("config_check", b'{"changes": {}}', "changes is empty."),
        (
            "config_write",
            b'{"changes": {"a": 1}, "base": "%b"}' % (b"x" * 101),
            "base is too long: at most 100 characters are taken.",
        ),
        ("config_check", b'{"changes": [1]}', "changes must be a JSON object."),
        ("playlist", b'{"mood": "calm", "follow": 1}', "follow must be true or false."),
    ],
)
def test_what_does_not_fit_is_said_in_plain_words(path: str, body: bytes, said: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = ask("POST", f"/api/commands/{path}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (422, said)


def test_a_stream_whose_session_has_ended_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class ThrownOut(Known):
        def still(self, identity: Identity, now_s: float) -> bool:
            return False

    monkeypatch.setattr(gate, "LOOKS_AGAIN_S", 0.0)
    answer = ask("GET", "/api/events", who=ThrownOut(Identity(Role.STAFF, "Mia")))
    assert b"data:" not in answer.content
    assert caplog.messages == []
