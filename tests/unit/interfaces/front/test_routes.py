"""Library, history, config, playlists and pictures over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import weakref
from typing import Any

import httpx
import pytest

from player.errors import ConfigChangedError
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.socket_client import GONE
from player.interfaces.front.web.page import reading
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.phrases import said
from player.interfaces.messages.library import HistoryAnswer
from player.types import Json
from tests.fakes.answers_of_player import JPEG, play
from tests.fakes.player import FakePlayer
from tests.support.front import web
from tests.unit.interfaces.front.test_web import NOBODY, STAFF, ask

KOREAN = {"Accept-Language": "ko"}
NO_WISH = {"minutes": 30, "genres": [], "without_genres": [], "follow": False}


@pytest.mark.parametrize(
    ("method", "path", "more", "told"),
    [
        ("GET", "/api/history?text=bach&limit=20", {}, ("history", {"text": "bach", "limit": 20})),
        ("GET", "/api/library", {}, ("library", {"limit": 50})),
        ("GET", "/api/library/12", {}, ("track", {"id": 12})),
        ("GET", "/api/day", {}, ("day", {"step_min": 5})),
        ("GET", "/api/day?date=2026-05-01&step_min=1", {}, ("day", {"date": "2026-05-01", "step_min": 1})),
        ("GET", "/api/library/map?text=bach", {}, ("map", {"text": "bach"})),
        ("GET", "/api/library/problems?limit=2", {}, ("problems", {"limit": 2})),
        ("POST", "/api/library/12/mood/undo", {}, ("set_mood", {"id": 12, "undo": True})),
        ("POST", "/api/commands/like", {"json": {"play": 812}}, ("like", {"play": 812})),
        ("POST", "/api/commands/wrong", {}, ("wrong", {})),
        ("GET", "/api/library/12/cover", {}, ("cover", {"id": 12})),
        ("PUT", "/api/library/12/mood", {"json": {"mood": "calm"}}, ("set_mood", {"id": 12, "mood": "calm"})),
        ("PUT", "/api/library/12/mood", {"json": {}}, ("set_mood", {"id": 12})),
        ("GET", "/api/config", {}, ("config", {})),
        (
            "POST",
            "/api/config/check",
            {"json": {"changes": {"playback.volume": None}}},
            ("config_check", {"changes": {"playback.volume": None}}),
        ),
        (
            "PATCH",
            "/api/config",
            {"json": {"changes": {"playback.volume": 40}}, "headers": {"If-Match": 'W/"e7a9"'}},
            ("config_write", {"changes": {"playback.volume": 40}, "base": "e7a9"}),
        ),
        ("GET", "/api/config/versions/3", {}, ("config_version", {"version": 3})),
        ("POST", "/api/config/revert", {"json": {"version": 3}}, ("config_revert", {"version": 3})),
        (
            "POST",
            "/api/playlist",
            {"json": {"mood": "calm"}},
            ("playlist", {**NO_WISH, "mood": "calm"}),
        ),
        (
            "POST",
            "/api/playlist",
            {"json": {"mood": "calm", "tracks": 12, "genres": ["jazz"], "without_genres": ["metal"]}},
            (
                "playlist",
                {**NO_WISH, "mood": "calm", "tracks": 12, "genres": ["jazz"], "without_genres": ["metal"]},
            ),
        ),
        ("POST", "/api/commands/play_list", {"json": {"tracks": [3, 1]}}, ("play_list", {"tracks": [3, 1]})),
        ("GET", "/api/camera/preview", {}, ("preview", {})),
        ("GET", "/api/log", {}, ("log", {"level": "info", "limit": 200})),
        (
            "GET",
            "/api/log?level=warning&text=camera&since=2026-05-01",
            {},
            ("log", {"level": "warning", "text": "camera", "since": "2026-05-01", "limit": 200}),
        ),
        ("GET", "/api/report", {}, ("report", {})),
        ("GET", "/api/setup", {}, ("setup", {})),
        ("GET", "/api/folders?path=/home/ann", {}, ("folders", {"path": "/home/ann"})),
        (
            "POST",
            "/api/commands/test_sound",
            {"json": {"output": "auto"}},
            ("test_sound", {"output": "auto"}),
        ),
    ],
)
def test_each_hands_on_its_command(method: str, path: str, more: Json, told: tuple[str, Json]) -> None:
    player = FakePlayer()
    answer = ask(method, path, player=player, **more)
    assert answer.status_code == 200
    assert player.told == [told]
    assert ask(method, path, who=NOBODY, **more).status_code == 401


def test_a_list_is_told_step_by_step_and_a_late_refusal_in_the_readers_language() -> None:
    player = FakePlayer()
    player.late_refusal = PlayerRefusal("away", GONE)
    answer = ask("POST", "/api/playlist/steps", player=player, json={"mood": "calm"}, headers=KOREAN)
    assert player.told == [("playlist_steps", {**NO_WISH, "mood": "calm"})]
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, second, last = map(json.loads, answer.text.splitlines())
    assert (first["playlist"], bool(second["playlist"])) == (None, True)
    assert last == {"detail": said(GONE, Language.KOREAN), "code": "away"}
    assert last["detail"] != GONE
    player = FakePlayer()
    player.refusal = PlayerRefusal("argument", "No mood.")
    assert ask("POST", "/api/playlist/steps", player=player, json={"mood": "x"}).status_code == 422
    assert ask("POST", "/api/playlist/steps", who=NOBODY, json={"mood": "x"}).status_code == 401
    assert ask("POST", "/api/playlist/steps", who=STAFF, json={"picture": "aGk="}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/api/history", {}),
        ("GET", "/api/history.csv", {}),
        ("PUT", "/api/library/12/mood", {"json": {}}),
        ("GET", "/api/config", {}),
        ("PATCH", "/api/config", {"json": {"changes": {"playback.volume": 40}}}),
        ("GET", "/api/camera/preview", {}),
        ("GET", "/api/log", {}),
        ("GET", "/api/report", {}),
        ("GET", "/api/setup", {}),
        ("GET", "/api/folders", {}),
        ("POST", "/api/commands/test_sound", {}),
    ],
)
def test_what_is_the_owners_is_not_for_staff(method: str, path: str, more: Json) -> None:
    player = FakePlayer()
    assert ask(method, path, who=STAFF, player=player, **more).status_code == 403
    assert player.told == []


@pytest.mark.parametrize(
    "path", ["/api/library/0", "/api/library/x", "/api/library?limit=9999", "/api/library?nonsense=1"]
)
def test_what_does_not_fit_is_refused_before_the_player_is_asked(path: str) -> None:
    player = FakePlayer()
    assert ask("GET", path, player=player).status_code == 422
    assert player.told == []


@pytest.mark.parametrize("path", ["/api/library/12/cover", "/api/history", "/api/library/12", "/api/config"])
def test_what_the_reader_has_is_not_sent_again(path: str) -> None:
    first = ask("GET", path)
    again = ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/config", {"changes": {"playback.volume": 40}}),
        ("POST", "/api/config/revert", {"version": 3}),
        ("POST", "/api/commands/config_write", {"changes": {"playback.volume": 40}, "base": "old"}),
    ],
)
def test_of_two_who_edit_at_once_the_later_is_told_so(method: str, path: str, body: Json) -> None:
    player = FakePlayer()
    changed = ConfigChangedError("config.yaml has changed since it was looked at.")
    player.refusal = PlayerRefusal(changed.code, str(changed))
    answer = ask(method, path, player=player, json=body, headers={"If-Match": '"old"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "changed")
    assert player.told[0][1]["base"] == "old"


def test_pictures_come_as_pictures() -> None:
    cover, preview = ask("GET", "/api/library/12/cover"), ask("GET", "/api/camera/preview")
    assert cover.content == preview.content == JPEG
    assert cover.headers["content-type"] == preview.headers["content-type"] == "image/jpeg"
    assert preview.headers["cache-control"] == "no-store"


def test_the_whole_history_comes_as_one_table() -> None:
    """Page by page from the player, with one heading."""

    class Pages(FakePlayer):
        async def command(self, name: str, arguments: dict[str, Any]) -> Json:
            await super().command(name, arguments)
            last = arguments.get("before") == "second"
            return HistoryAnswer((play(2 if last else 1),), None if last else "second").as_json()

    player = Pages()
    answer = ask("GET", "/api/history.csv?since=2026-05-01", player=player)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfstarted_at,title,")
    rows = [*csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))]
    assert [row["title"] for row in rows] == ["'=Song 1", "'=Song 2"], "no spreadsheet calculates a title"
    assert [told["since"] for _, told in player.told] == ["2026-05-01"] * 2


@pytest.mark.parametrize("path", ["/api/history.csv", "/api/report-of-use.txt"])
def test_a_history_that_is_read_by_others_too_is_read_to_its_end(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAUSES_S", (0.0,))

    class Crowded(FakePlayer):
        async def command(self, name: str, arguments: dict[str, Any]) -> Json:
            await super().command(name, arguments)
            if sum(told == (name, arguments) for told in self.told) == 1:
                raise PlayerRefusal("busy", "Others ask for the history now.")
            last = arguments.get("before") == "second"
            return HistoryAnswer((play(2 if last else 1),), None if last else "second").as_json()

    answer = ask("GET", path, player=Crowded())
    assert (answer.status_code, "=Song 2" in answer.text) == (200, True)


def test_a_report_of_use_keeps_no_play_in_memory() -> None:
    class Play(dict[str, Any]):
        """Which can be seen to be gone."""

    class Years(FakePlayer):
        def __init__(self) -> None:
            super().__init__()
            self.made: list[weakref.ref[Play]] = []
            self.most_kept = 0

        async def command(self, name: str, arguments: dict[str, Any]) -> Json:
            await super().command(name, arguments)
            self.most_kept = max(self.most_kept, sum(one() is not None for one in self.made))
            page = HistoryAnswer((play(1),), None if len(self.made) == 29 else "more").as_json()
            plays = [Play(one) for one in page["plays"]]
            self.made += map(weakref.ref, plays)
            return {**page, "plays": plays}

    player = Years()
    _, line = ask("GET", "/api/report-of-use.txt", player=player).text.splitlines()
    assert line.endswith("|30")
    assert player.most_kept <= 2


def test_many_ask_at_once() -> None:
    async def run() -> list[httpx.Response]:
        async with web(FakePlayer()) as client:
            return await asyncio.gather(*(client.get("/api/library") for _ in range(50)))

    assert {answer.status_code for answer in asyncio.run(run())} == {200}


def test_the_map_is_not_made_for_who_has_it() -> None:
    player = FakePlayer()
    answer = ask("GET", "/api/library/map")
    assert (answer.json()["ids"], answer.headers["etag"]) == ([12], 'W/"c0ffee"')
    again = ask("GET", "/api/library/map", player=player, headers={"If-None-Match": 'W/"c0ffee"'})
    assert (again.status_code, again.content) == (304, b"")
    assert player.told[-1] == ("map", {"known": "c0ffee"})


@pytest.mark.parametrize("tag", ["*", 'W/"a", W/"b"', '"' + "a" * 65 + '"', '""', '"a-b"'])
def test_another_tag_is_no_version_of_the_map(tag: str) -> None:
    player = FakePlayer()
    ask("GET", "/api/library/map", player=player, headers={"If-None-Match": tag})
    assert player.told == [("map", {})]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/day", 403),
        ("POST", "/api/library/12/mood/undo", 403),
        ("GET", "/api/library/map", 200),
        ("GET", "/api/library/problems", 200),
        ("POST", "/api/commands/like", 200),
    ],
)
def test_staff_judges_and_looks_and_the_owner_has_the_day(method: str, path: str, status: int) -> None:
    assert ask(method, path, who=STAFF).status_code == status


def test_a_playlist_is_an_m3u_for_whoever_asks_for_one() -> None:
    answer = ask("POST", "/api/playlist", json={"mood": "calm"}, headers={"Accept": "audio/x-mpegurl"})
    assert answer.headers["content-type"] == "audio/x-mpegurl; charset=utf-8"
    assert answer.text.startswith("#EXTM3U\n#PLAYLIST:calm")
