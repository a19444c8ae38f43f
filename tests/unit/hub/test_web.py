"""The hub's page and API: who may do what, what is shown, and what is refused."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from player import clock
from player.config import document
from player.config import hub as hub_config
from player.config.document import Location, dotted
from player.config.editing.setting_keys import is_section, schema_at
from player.config.house_rules import ALLOWED, SECTIONS, Allowed
from player.config.loader import SHIPPED_PATH
from player.config.settings.hub import HubSettings, HubWebSettings
from player.errors import ConfigError
from player.hub.merging import differences, merged
from player.hub.web.app import make_app
from player.hub.web.server import serve_page
from player.hub.web.site import PLACES, SITE
from player.interfaces.command_table import Role
from player.interfaces.front.fleet.messages import Plays, RoomReport, encode
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.secrets_file import NAME
from player.interfaces.recent_log import RecentLog
from player.privacy.redaction import redacted
from tests.support.fleet import TOPICS, Fleet, fleet, play
from tests.support.front import until

REPORT = RoomReport(
    at=1.0, name="Café <b>", group="Seoul", version="1", state="silent", audible=False, since=1_764_370_000.0,
    silent="There is no music.", track=None, room="cosy", volume=30, problems=("No disk.",), revision=0,
)  # fmt: skip


@asynccontextmanager
async def page(folder: Path) -> AsyncIterator[tuple[Fleet, httpx.AsyncClient]]:
    async with fleet(folder) as house:
        access = Access(port=80)
        app = make_app(house.hub, folder, access, Logins.of(access, folder), RecentLog())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await until(lambda: house.hub.is_connected)
            await asyncio.sleep(0.01)
            house.exchange.say(TOPICS.of("seoul-1", "status"), encode(REPORT))
            await until(lambda: house.condition("seoul-1"))
            yield house, client


@pytest.mark.parametrize("path", sorted(SITE.templates[0].glob("*.html")), ids=lambda path: path.name)
def test_no_form_puts_what_is_typed_into_an_address(path: Path) -> None:
    """As of the player's: one that is sent before its script is there."""
    for form in re.findall(r"<form[^>]*>", path.read_text(encoding="utf-8")):
        assert re.search(r"\s(method=|hx-get=|action=)", form), form


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_is_there_in_both_languages(tmp_path: Path, language: str) -> None:
    async def scenario() -> None:
        async with page(tmp_path) as (house, client):
            house.hub.push(["seoul-1"], {"hours": {"fade_s": 3}}, "Jo")
            house.hub.command(["seoul-1"], "next", {}, "Jo", 60)
            paths = [place.path for place in PLACES]
            for path in (*paths, "/rooms/seoul-1", "/rooms/seoul-1/now", "/rooms/list", "/?group=Seoul"):
                answer = await client.get(path, headers={"Accept-Language": language})
                assert answer.status_code == 200, path
                assert "<b>" not in answer.text
            listed = (await client.get("/", headers={"Accept-Language": language})).text
            assert ("무음" if language == "ko" else "silent") in re.sub(r'class="[^"]*"', "", listed)
            assert (await client.get("/rooms/nobody")).status_code == 404

    asyncio.run(scenario())


def test_a_page_says_in_words_what_is_wrong_and_programs_hear_it_as_before(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with page(tmp_path) as (_, client):
            missing = await client.get("/rooms/nobody", headers={"Accept-Language": "ko"})
            assert (missing.status_code, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")
            assert "그런 공간은 없습니다." in missing.text
            part = await client.get("/rooms/nobody/now", headers={"HX-Request": "true"})
            assert (part.status_code, part.headers["hx-redirect"], part.text) == (204, "/", "")
            with sqlite3.connect(tmp_path / "hub.db") as other:
                other.executescript("DROP TABLE changes; DROP TABLE commands; DROP TABLE totals;")
            other.close()
            for path in ("/plays", "/changes", "/rooms/seoul-1"):
                answer = await client.get(path)
                assert (answer.status_code, answer.headers["content-type"]) == (
                    503,
                    "text/html; charset=utf-8",
                )
                assert "see its disk." in answer.text, path
            told = {"room": "seoul-1", "command": "next"}
            for asked in (
                client.post("/api/commands", json=told),
                client.get("/rooms/seoul-1/now", headers={"HX-Request": "true"}),
            ):
                answer = await asked
                assert (answer.status_code, answer.json()["code"]) == (503, "failed")

    asyncio.run(scenario())


def test_strangers_are_sent_to_the_login_and_staff_sets_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with page(tmp_path) as (house, client):
            logins = Logins.of(Access(port=80), tmp_path)
            for role in Role:
                hashed = passwords.hashed("Ristretto-Doppio-9")
                await logins.change(lambda found, role=role, hashed=hashed: found.with_password(role, hashed))
            assert (await client.get("/")).headers["location"] == "/login?then=/"
            assert (await client.get("/rooms/seoul-1")).status_code == 303
            part = await client.get("/rooms/list", headers={"HX-Request": "true"})
            assert (part.status_code, part.headers["hx-refresh"]) == (401, "true")
            assert (await client.get("/api/rooms")).status_code == 401
            assert (await client.get("/metrics")).status_code == 401
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            opened = await client.post("/api/login", json={"role": "staff", "password": "Ristretto-Doppio-9"})
            csrf = {"X-CSRF-Token": opened.json()["csrf"]}
            assert (await client.get("/")).status_code == 200
            assert (await client.get("/plays")).status_code == 403
            for path, said in (
                ("/api/settings", {"room": "seoul-1", "settings": "hours: {fade_s: 3}"}),
                ("/api/commands", {"room": "seoul-1", "command": "volume", "percent": 100}),
            ):
                assert (await client.post(path, json=said, headers=csrf)).status_code == 403
            told = {"room": "seoul-1", "command": "pause"}
            assert (await client.post("/api/commands", json=told)).status_code == 403, "without its token"
            assert (await client.post("/api/commands", json=told, headers=csrf)).status_code == 200
            (change,) = house.store.changes()
            assert (change.what, change.rooms) == ("pause", ("seoul-1",))
            assert change.who.startswith("staff, 127.0.0.1")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("path", "said", "status", "detail"),
    [
        ("/api/settings/check", {"group": "*", "settings": "hours: {fade_s: 400}"}, 422, "from 0 to 60"),
        ("/api/settings/check", {"group": "*", "settings": "web: {}"}, 422, "is not for the hub to set"),
        ("/api/settings/check", {"group": "*", "settings": "["}, 422, "settings:1"),
        ("/api/settings", {"room": "busan", "settings": "hours: {fade_s: 4}"}, 404, "no such room"),
        ("/api/settings", {"settings": "hours: {fade_s: 4}"}, 422, "name a room, or a group"),
        ("/api/commands", {"room": "seoul-1", "command": "volume"}, 422, "volume takes percent"),
        ("/api/commands", {"room": "seoul-1", "command": "next", "percent": 3}, 422, "takes nothing more"),
        ("/api/commands", {"room": "seoul-1", "command": "reload"}, 422, ""),
        ("/api/commands", {"room": "../x", "command": "next"}, 422, ""),
    ],
)
def test_what_does_not_fit_is_refused_before_a_room_hears_of_it(
    tmp_path: Path, path: str, said: dict[str, object], status: int, detail: str
) -> None:
    async def scenario() -> None:
        async with page(tmp_path) as (house, client):
            answer = await client.post(path, json=said)
            assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), answer.text
            assert house.store.changes() == []

    asyncio.run(scenario())


def test_a_difference_is_shown_before_settings_are_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with page(tmp_path) as (_, client):
            asked = {"group": "Seoul", "settings": "hours: {fade_s: 4}"}
            found = (await client.post("/api/settings/check", json=asked)).json()["differences"]
            assert found[0]["rooms"] == ["seoul-1"]
            assert "+  fade_s: 4" in found[0]["lines"]
            assert (await client.post("/api/settings", json=asked)).status_code == 200
            found = (await client.post("/api/settings/check", json=asked)).json()["differences"]
            assert found == [{"rooms": ["seoul-1"], "lines": []}]

    asyncio.run(scenario())


def test_plays_are_one_table_and_rooms_are_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with page(tmp_path) as (house, client):
            house.exchange.say(TOPICS.of("seoul-1", "plays"), encode(Plays((play(1), play(2, day=3)))))  # type: ignore[arg-type]
            await until(lambda: house.hub.counts.plays == 2)
            answer = await client.get("/api/plays.csv", params={"since": "2026-05-02"})
            rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
            assert [(row["room"], row["title"], row["audible_s"]) for row in rows] == [
                ("seoul-1", "Song 2", "198.5")
            ]
            assert (await client.get("/api/plays.csv", params={"since": "soon"})).status_code == 422
            await until(lambda: house.condition("seoul-1") == "offline")
            metrics = (await client.get("/metrics")).text
            assert 'ambient_hub_rooms{condition="offline",group="Seoul"} 1.0' in metrics
            assert "ambient_hub_plays_total 2.0" in metrics
            assert (await client.delete("/api/rooms/seoul-1")).status_code == 204
            assert house.hub.rooms.ids() == []
            assert house.store.count_plays() == 2

    asyncio.run(scenario())


def test_the_table_of_plays_goes_by_the_zone_and_not_by_todays_offset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "machine_zone", lambda: ZoneInfo("America/New_York"))

    async def scenario() -> None:
        async with page(tmp_path) as (house, client):
            summer = replace(play(1), started_at="2026-07-01T04:30:00+00:00")
            winter = replace(play(2), started_at="2026-01-15T04:30:00+00:00")
            house.exchange.say(TOPICS.of("seoul-1", "plays"), encode(Plays((summer, winter))))  # type: ignore[arg-type]
            await until(lambda: house.hub.counts.plays == 2)
            for day, titles in (("2026-07-01", ["Song 1"]), ("2026-01-15", []), ("2026-01-14", ["Song 2"])):
                answer = await client.get("/api/plays.csv", params={"since": day, "until": day})
                rows = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
                assert [row["title"] for row in rows] == titles, day

    asyncio.run(scenario())


def test_rules_over_rules() -> None:
    before = {"hours": {"fade_s": 4, "open": {"mon": "1"}}, "dayparts": [1, 2]}
    more = {"hours": {"open": None}, "dayparts": [3]}
    assert merged(before, more) == {"hours": {"fade_s": 4, "open": None}, "dayparts": [3]}
    found = differences([("a", before), ("b", {}), ("c", before)], more)
    assert [one.rooms for one in found] == [("a", "c"), ("b",)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write some settings"),
        ("hours: 5", "found no section of keys"),
        ("dayparts: {}", "found no section of keys"),
        ("dayparts: [{name: x, start: '25:00'}]", "dayparts[0]"),
        ("dayparts: [{name: x, start: '05:00', mood: joyfull}]", "no mood"),
        ("rules: {exclude: {explicit: perhaps}}", "true or false"),
        (
            "hours:\n  open: {}\nannouncements:\n  voice: {command: [sh, '{file}']}",
            "settings:4: announcements.voice: is",
        ),
        ("announcements: {items: [{command: id, at: ['09:00']}]}", "items[0].command: is not for the hub"),
        ("announcements: null", "found no section of keys"),
        ("hours: {fade_s: 3}\nhours: {fade_s: 4}", "a second time"),
        ("x" * 200_000, "at most"),
    ],
)
def test_rules_that_no_room_would_take(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        hub_config.house_rules(text)


def test_whoever_adds_a_setting_says_whether_the_hub_may_set_it() -> None:
    def keys(at: Location, allowed: Allowed) -> Iterator[tuple[str, str]]:
        schema = schema_at(at)
        if isinstance(allowed, tuple):
            yield from keys((*at, 0), allowed[0])
        elif allowed is not None:
            yield from (
                (dotted((*at, name)), "the room's") for name in schema["properties"] if name not in allowed
            )
            yield from (
                (dotted((*at, name)), "no setting") for name in allowed if name not in schema["properties"]
            )
            for name in allowed:
                yield from keys((*at, name), allowed[name])
        elif is_section(schema) or is_section(schema_at((*at, 0))):
            yield dotted(at), "has settings of its own"

    found = dict(each for name in SECTIONS for each in keys((name,), ALLOWED[name]))
    assert found == {"announcements.voice": "the room's", "announcements.items[0].command": "the room's"}


def test_rules_that_rooms_take() -> None:
    text = "hours: {fade_s: null, open: {mon-fri: '08:00-19:30'}}\nrules: {exclude: {genres: [metal]}}"
    found = hub_config.house_rules(text)
    assert found["hours"]["fade_s"] is None
    assert hub_config.house_rules(hub_config.as_yaml(found)) == found
    shipped = document.parse(Path("config.yaml"), SHIPPED_PATH.read_text(encoding="utf-8")).values
    del shipped["announcements"]["voice"]
    hub_config.house_rules(hub_config.as_yaml({name: shipped[name] for name in SECTIONS}))


def test_hub_yaml_and_its_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("broker: {port: 8883}\nstate_dir: here\n", encoding="utf-8")
    assert hub_config.load(file).state_dir == tmp_path / "here"
    for text in ("broker: {prot: 1}", "prefix: 'a/#'", "broker: {port: 0}", "web: {listen: cafe}"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"hub\.yaml:1: "):
            hub_config.load(file)
    file.write_text("broker: {password: [secret-Latte]}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        hub_config.load(file)
    assert "Latte" not in str(caught.value)
    assert HubSettings().web.port == 8788


def test_a_page_that_would_be_open_to_a_network_says_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            web = HubWebSettings(listen="0.0.0.0", port=0)
            serving = asyncio.ensure_future(serve_page(house.hub, web, tmp_path, RecentLog()))
            await until(lambda: caplog.messages)
            serving.cancel()
            await asyncio.wait([serving])

    asyncio.run(scenario())
    assert "`ambient-player hub password`" in redacted(caplog.text)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("kept", "headers"), [("{", {}), ("{}", {"X-Forwarded-For": "10.0.0.7"})])
def test_whoever_is_locked_out_of_the_hub_is_told_the_hubs_own_command(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: str, headers: dict[str, str], language: str
) -> None:
    """The player's would set the passwords of another file."""
    caplog.set_level(logging.INFO)
    (tmp_path / NAME).write_text(kept, encoding="utf-8")

    async def scenario() -> str:
        async with fleet(tmp_path) as house:
            serving = asyncio.ensure_future(
                serve_page(house.hub, HubWebSettings(port=0), tmp_path, RecentLog())
            )
            await until(lambda: "The hub can be reached at" in caplog.text)
            (address,) = re.findall(r"http://\S+/", caplog.text)
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(
                    f"{address}api/rooms", headers={**headers, "Accept-Language": language}
                )
            serving.cancel()
            await asyncio.wait([serving])
            return str(answer.json()["detail"])

    told = asyncio.run(scenario())
    assert "`ambient-player hub password`" in told
    assert bool(re.search("[가-힣]", told)) is (language == "ko"), "its pattern is known"
