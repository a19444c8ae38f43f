"""The view Set-up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from player.config.settings.front import FrontSettings, MpdSettings, MprisSettings, SnapcastSettings
from player.config.settings.mqtt import MqttSettings
from player.interfaces.command_table import Role
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.page.connections import How, connections
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.rendering import PageReader, rendered
from player.interfaces.front.web.page.views.setup import SEEN, shown
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.logins import Logins
from player.status import MqttState, MqttStatus, PointStatus, SensorStatus, SnapcastStatus, as_json
from player.types import Json
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.unit.interfaces.front.test_web import STAFF, ask

FOUND: Json = {
    "given": ["output"],
    "output": "alsa:gone",
    "camera": "rtsp://cam/1",
    "camera_on": True,
    "folders": ["/music"],
    "outputs": [{"name": "pulse:a", "said": "Built-in", "default": True}],
    "cameras": [{"name": "/dev/video0", "said": "Webcam"}],
    "blip": False,
    "energy": [-1, 1],
    "valence": [-1, 1],
    "found_folders": [
        {"path": "/music", "files": 3, "more": False},
        {"path": "/x", "files": 2, "more": True},
    ],
}


def test_what_is_chosen_stays_a_choice_though_it_is_not_there_now() -> None:
    held = shown(FOUND)
    assert (held["other_output"], held["other_camera"]) == ("alsa:gone", "rtsp://cam/1")
    assert held["default_said"] == "Built-in"
    assert [each["path"] for each in held["new_folders"]] == ["/x"]
    assert shown({**FOUND, "output": "auto", "camera": "/dev/video0"})["other_output"] == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Play a test sound", "not set yet")), ("ko", ("시험음 재생", "아직 설정 안 함"))],
)
def test_the_steps_are_in_the_owners_language(language: str, words: tuple[str, ...]) -> None:
    page = ask("GET", "/setup", headers={"Accept-Language": language})
    steps = ask("GET", "/setup/steps", headers={"Accept-Language": language})
    assert page.status_code == steps.status_code == 200
    for word in (*words, "Built-in Audio", "HD Webcam", "/home/ann/Music"):
        assert word in steps.text


@pytest.mark.parametrize(
    ("language", "words"),
    [(Language.ENGLISH, "This machine has room for BLIP"), (Language.KOREAN, "BLIP을 쓸 자리가")],
)
def test_who_has_room_for_blip_and_chose_no_reader_is_told_how_to_get_it(
    language: Language, words: str
) -> None:
    reader = PageReader(language, None, "", "", "n")
    steps = rendered("setup_steps.html", reader, {"away": False, "held": shown({**FOUND, "blip": True})})
    assert words in steps
    assert "<code>./scripts/run --with-blip</code>" in steps
    assert "--with-blip" not in rendered("setup_steps.html", reader, {"away": False, "held": shown(FOUND)})


@pytest.mark.parametrize(
    ("files", "more", "counted"), [(1, False, "1 file<"), (1, True, "1+ files<"), (2, False, "2 files<")]
)
def test_one_file_is_one_file(files: int, more: bool, counted: str) -> None:
    found = [{"path": "/x", "files": files, "more": more}]
    reader = PageReader(Language.ENGLISH, None, "", "", "n")
    held = shown({**FOUND, "found_folders": found})
    assert counted in rendered("setup_folders.html", reader, {"held": held})


ON = FrontSettings(
    mqtt=MqttSettings(enabled=True),
    mpd=MpdSettings(enabled=True),
    mpris=MprisSettings(enabled=True),
    snapcast=SnapcastSettings(enabled=True),
)
REACHED, AWAY = MqttStatus(MqttState.CONNECTED, None), MqttStatus(MqttState.CONNECTING, "Nobody is there.")


def found(
    settings: FrontSettings, troubles: dict[str, str | None], mqtt: MqttStatus, snapcast: SnapcastStatus
) -> dict[str, str]:
    """How each connection is."""
    whole = status.whole()
    front = replace(whole.front, mqtt=mqtt, snapcast=snapcast)
    shown = connections(settings, troubles, as_json(replace(whole, front=front)))
    return {name: each.how for name, each in shown.items()}


def test_each_connection_is_off_or_says_whether_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1/bus")
    off = FrontSettings(mpris=MprisSettings(enabled=False))
    assert set(found(off, {}, MqttStatus(MqttState.OFF, None), SnapcastStatus(None, None)).values()) == {
        How.OFF
    }
    well = found(ON, {"mpd": None, "mpris": None}, REACHED, SnapcastStatus(2, None))
    assert well.pop("sensors") == How.OFF, "there are none"
    assert set(well.values()) == {How.WELL}
    ill = found(ON, {"mpd": "Its port is taken.", "mpris": None}, AWAY, SnapcastStatus(0, "Nobody plays it."))
    assert [ill[name] for name in ("mpd", "mqtt", "snapcast")] == [How.TROUBLE] * 3
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")
    assert found(ON, {"mpris": None}, REACHED, SnapcastStatus(None, None))["mpris"] == How.NOBODY
    assert found(ON, {}, REACHED, SnapcastStatus(None, None))["mpd"] == How.STARTING


@pytest.mark.parametrize(
    ("ages", "how"),
    [
        (((1.0, False), (2.0, False)), How.WELL),
        (((1.0, False), (None, False)), How.STARTING),
        (((1.0, False), (9e9, True)), How.TROUBLE),
    ],
)
def test_sensors_work_when_all_have_spoken_of_late(
    ages: tuple[tuple[float | None, bool], ...], how: How
) -> None:
    sensors = tuple(
        SensorStatus("a", "noise", age and "1", age and 1.0, None, "", age, stale, PointStatus(0, 0), None)
        for age, stale in ages
    )
    whole = status.whole()
    room = replace(whole.room, sensors=sensors)
    assert connections(ON, {}, as_json(replace(whole, room=room)))["sensors"].how is how


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Home Assistant and MQTT", "Sensors of the house", "Phones and programs (MPD)", "Turn on")),
        ("ko", ("Home Assistant와 MQTT", "매장 센서", "휴대전화와 프로그램(MPD)", "켜기")),
    ],
)
def test_the_connections_have_a_card_each(language: str, words: tuple[str, ...]) -> None:
    cards = ask("GET", "/setup/connections", headers={"Accept-Language": language})
    assert cards.status_code == 200
    for word in words:
        assert word in cards.text
    assert cards.text.count("<article") == 5


def test_it_is_the_owners() -> None:
    for path in ("/setup", "/setup/steps", "/setup/folders", "/setup/connections"):
        assert ask("GET", path, who=STAFF).status_code == 403


def test_the_first_page_shows_the_way_once_while_nothing_is_set(tmp_path: Path) -> None:
    async def run() -> tuple[bool, bool, bool]:
        access = Access(port=80)
        logins = Logins.of(access, tmp_path)
        app = make_app(FakePlayer(), access, logins)
        asgi = httpx.ASGITransport(served(app, access, logins.authenticator), client=("127.0.0.1", 5))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=asgi, base_url="http://127.0.0.1") as client,
        ):

            async def shows() -> bool:
                return "first-start" in (await client.get("/")).text

            before = await shows()
            assert (await client.get("/setup")).cookies[SEEN]
            after = await shows()
            client.cookies.clear()
            await logins.change(lambda found: found.with_password(Role.OWNER, HASH))
            return before, after, await shows()

    assert asyncio.run(run()) == (True, False, False)


HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43
