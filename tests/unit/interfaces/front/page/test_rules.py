"""The view Rules as the server makes it."""

from __future__ import annotations

import asyncio
import html
import json
import re

import httpx
import pytest

from player.config.editing.form import fields
from player.config.editing.setting_keys import defaults
from player.interfaces.command_table import Role
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.views import rules
from player.interfaces.front.web.security.authenticator import Identity
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.support.front import OWNER, Known, web

STAFF = Known(Identity(Role.STAFF, "Mia"))
VERSION = {"number": 3, "time": "2026-05-01T12:00:00+02:00", "changed": "playback.volume: 40"}


def config(**changes: object) -> Json:
    """What a player with the default settings answers."""
    values = json.loads(json.dumps(defaults(), default=str))
    said: Json = {"etag": "e7a9", "values": values, "given": [], "problems": [], "settings": fields()}
    return {**said, "versions": [VERSION], **changes}


class Player(FakePlayer):
    """One whose config is the test's."""

    def __init__(self, said: Json) -> None:
        super().__init__()
        self.said = said

    async def command(self, name: str, arguments: Json) -> Json:
        """See PlayerClient."""
        answer = await super().command(name, arguments)
        return self.said if name == "config" else answer


def get(path: str, player: FakePlayer, who: Known = OWNER, language: str = "en") -> httpx.Response:
    """A part of the view."""

    async def asked() -> httpx.Response:
        async with web(player, who) as client:
            return await client.get(path, headers={"Accept-Language": language})

    return asyncio.run(asked())


@pytest.mark.parametrize("path", ["/rules", "/rules/all", "/rules/versions"])
def test_only_the_owner_sees_it(path: str) -> None:
    assert get(path, Player(config())).status_code == 200
    assert get(path, Player(config()), STAFF).status_code == 403


@pytest.mark.parametrize(("language", "said"), [("en", "Opening hours"), ("ko", "영업시간")])
def test_it_shows_what_config_yaml_says(language: str, said: str) -> None:
    page = get("/rules", Player(config()), language=language).text
    assert said in page
    assert re.search(r'data-key="playback.volume"[^>]* value="70"', page)
    assert re.search(r'data-key="playback.night.bass_db"[^>]* min="-20" max="0" step="any" value="-6"', page)
    assert re.search(r'data-key="choice.learn"[^>]* checked', page)
    assert "style=" not in page
    held = re.search(r'id="rules-config" nonce="[^"]+">(.*?)</script>', page)
    assert held is not None
    assert json.loads(held[1])["etag"] == "e7a9"


def test_every_setting_is_explained_in_korean() -> None:
    page = html.unescape(get("/rules/all", Player(config()), language="ko").text)
    said = dict(re.findall(r'<small id="a-([^"]+)-help">(.*?)</small>', page))
    assert len(said) == len(fields())
    alike = {field["key"] for field in fields() if said[field["key"].replace(".", "-")] == field["help"]}
    assert not alike, "write their Korean in locale/ko/LC_MESSAGES/settings.po"
    assert re.search(r'data-row="playback.night.bass_db [^"]*저음', page), "it is found by its Korean, too"
    assert "-20~0 dB" in said["playback-night-bass_db"]


def test_explanations_are_english_for_others() -> None:
    page = html.unescape(get("/rules/all", Player(config())).text)
    for field in fields():
        assert f">{field['help']}</small>" in page


def test_the_table_has_every_setting_there_is() -> None:
    page = get("/rules/all", Player(config())).text
    shown = re.findall(r'<tr data-row="(\S+)', page)
    assert sorted(shown) == sorted(each["key"] for each in fields())
    for key in set(shown) - set(rules.ELSEWHERE):
        assert f'data-key="{key}"' in page or f'data-list="{key}"' in page, key


def test_the_default_of_each_setting_is_one_click_away() -> None:
    page = get("/rules/all", Player(config())).text
    assert 'data-default="[&#34;annoying&#34;, &#34;scary&#34;]" data-of="mood.never"' in page


def test_what_settings_say_runs_nothing() -> None:
    values = config()["values"]
    values["rules"]["exclude"]["artists"] = ["</script><script>alert(1)</script>"]
    page = get("/rules", Player(config(values=values))).text
    assert "<script>alert" not in page


def test_a_broken_file_says_what_is_wrong_and_offers_the_way_back() -> None:
    page = get("/rules", Player(config(values={}, problems=["playback.volume: found 300."]))).text
    assert "playback.volume: found 300." in page
    assert 'data-version="3"' in page
    assert 'id="week"' not in page


def test_a_player_that_is_away_is_said() -> None:
    player = Player(config())
    player.refusal = PlayerRefusal("away", "The player is away.")
    page = get("/rules", player)
    assert (page.status_code, "does not answer" in page.text) == (200, True)


@pytest.mark.parametrize("path", ["/rules/all", "/setup/steps", "/setup/folders"])
def test_a_part_that_says_so_asks_again(path: str) -> None:
    player = Player(config())
    player.refusal = PlayerRefusal("away", "The player is away.")
    assert re.search(rf'hx-get="{path}" hx-trigger="every 3s"', get(path, player).text)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("playback.volume", "whole"),
        ("playback.ramp_s", "number"),
        ("mood.policy", "choice"),
        ("rules.exclude.explicit", "switch"),
        ("rules.include.paths", "lines"),
        ("mood.valence", "pair"),
        ("hours.open", "map"),
        ("library.playlists", "sections"),
        ("state_dir", "text"),
    ],
)
def test_each_setting_has_an_input_of_its_kind(key: str, kind: str) -> None:
    field = next(each for each in fields() if each["key"] == key)
    assert rules.setting(field, {}).kind == kind


def test_a_version_is_of_the_time_that_its_house_had() -> None:
    version = {**VERSION, "time": "2026-05-01T18:00:00+05:45"}
    assert "1 May, 18:00</strong>" in get("/rules/versions", Player(config(versions=[version]))).text


def test_a_version_without_a_time_is_still_a_version() -> None:
    assert rules.versions([{"number": 2}]) == [rules.EarlierText(2, None, "")]
