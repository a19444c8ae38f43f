"""The player in a real Home Assistant: by its MQTT integration, and by its own for MPD.

Skipped where there is none; scripts/system/try_home_assistant.sh makes one and runs this.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.mqtt.bridge import NO_COVER
from player.interfaces.front.mqtt.components import FOLLOW, Permission, components
from player.interfaces.front.mqtt.topics import Topics
from player.types import Json
from tests.integration.test_daemon import simple
from tests.integration.test_front import free_port
from tests.support import home_assistant, music
from tests.support.daemon import Daemon
from tests.support.home_assistant import HomeAssistant
from tests.support.mosquitto import Mosquitto
from tests.support.photos import photo
from tests.support.pulse import PrivatePulse, longest_silence_s, recording
from tests.support.quiet import gaps_judged_in_quiet, unbroken
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

BASE = "ambient-player"
USER = {"user": "cafe", "password": "Latte-Macchiato-7"}
PLAYER = "media_player.music_player_daemon"
ITS_OWN = re.compile(
    r"Skipping pip|[Cc]onnection (was )?lost|Disconnected from MQTT|Failed to connect to MQTT"
)
"""What Home Assistant says of its own way to the broker."""


@pytest.fixture(scope="module")
def root() -> Path:
    return home_assistant.root()


@pytest.fixture(scope="module")
def broker(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker"), free_port(), *USER.values()) as running:
        yield running


@pytest.fixture(scope="module")
def gong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return music.calm(tmp_path_factory.mktemp("gong") / "gong.wav", 3, 880)


@pytest.fixture(scope="module")
def daemon(
    pulse: PrivatePulse, broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Daemon]:
    """It plays two tracks, one of which has a cover."""
    songs = tmp_path_factory.mktemp("songs")
    for name, hz in (("with", 220.0), ("without", 247.0)):
        (songs / name).mkdir()
        music.calm(songs / name / f"{name} a cover.wav", 300, hz)
    cv2.imwrite(str(songs / "with" / "cover.jpg"), photo("coffee.png"))
    settings = simple(
        songs,
        venue={"name": "Café"},
        mqtt={
            "enabled": True,
            "host": "127.0.0.1",
            "port": broker.port,
            "role": "owner",
            "scene": True,
            **USER,
        },
        mpd={"enabled": True, "port": free_port()},
    )
    with Daemon(tmp_path_factory.mktemp("player") / "player", settings, pulse.env) as running:
        running.wait_until(
            lambda now: now["library"]["tracks"] == 2 and now["playback"]["state"] == "playing"
        )
        yield running


@pytest.fixture(scope="module")
def house(
    root: Path, broker: Mosquitto, daemon: Daemon, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HomeAssistant]:
    """Home Assistant with both of its integrations, which tells no more of the player than it must."""
    with HomeAssistant(root, tmp_path_factory.mktemp("house") / "config", free_port()) as running:
        running.integrate(
            "mqtt", broker="127.0.0.1", port=broker.port, username=USER["user"], password=USER["password"]
        )
        wait_for(lambda: running.state("switch.cafe_music"), 30, "the device")
        yield running


@pytest.fixture(autouse=True)
def nothing_is_wrong_in_its_log(house: HomeAssistant) -> Iterator[None]:
    """What it warns of while a test runs is either its own affair or ours to mend."""
    yield
    said = [line for line in house.log().splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert [line for line in said if not ITS_OWN.search(line)] == []


def plays(daemon: Daemon, cover: bool) -> Json:
    """Go on until the track with the cover plays, or the one without."""
    name = "with a cover" if cover else "without a cover"

    def is_there(now: Json) -> bool:
        track = now["playback"]["track"]
        return track is not None and track["title"] == name

    if not is_there(daemon.tell("status")):
        daemon.tell("next")
    return daemon.wait_until(is_there)


def test_it_finds_the_player_with_all_that_it_has(house: HomeAssistant, daemon: Daemon) -> None:
    told = components(Topics(BASE, "homeassistant"), Permission(Role.OWNER), scene=True)
    ids = {f"{each['p']}.cafe_{each['name'].lower().replace(' ', '_')}" for each in told.values()}
    template = "{{ device_entities(device_id('switch.cafe_music')) | tojson }}"
    wait_for(lambda: set(house.template(template)) == ids, 30, f"{ids}")
    assert (
        house.template("{{ device_attr('switch.cafe_music', 'manufacturer') | tojson }}") == "ambient-player"
    )
    # What has happened or was pressed never, has no state yet; nobody looks at the room.
    unknown = {"button.cafe_", "event.cafe_", "notify.cafe_", "sensor.cafe_", "binary_sensor.cafe_"}
    for entity in ids:
        wait_for(lambda entity=entity: house.state(entity) != "unavailable", 30, entity)
        assert house.state(entity) != "unknown" or entity.startswith(tuple(unknown)), entity
    house.wait_state("switch.cafe_music", "on")
    house.wait_state("binary_sensor.cafe_audible", "on")
    house.wait_state("select.cafe_play", FOLLOW)
    title = daemon.tell("status")["playback"]["track"]["title"]
    house.wait_state("sensor.cafe_track", title)


def test_what_is_pressed_there_is_done_and_what_is_done_here_is_seen(
    house: HomeAssistant, daemon: Daemon, gong: Path
) -> None:
    before = daemon.tell("status")["playback"]["track"]["path"]
    house.call("button.press", "button.cafe_next_track")
    now = daemon.wait_until(lambda now: now["playback"]["track"]["path"] != before)
    house.call("button.press", "button.cafe_like")
    daemon.wait_for("command", message=f"liked: {now['playback']['track']['title']}")
    house.call("switch.turn_off", "switch.cafe_music")
    daemon.wait_until(lambda now: now["playback"]["state"] == "paused")
    house.wait_state("switch.cafe_music", "off")
    house.call("switch.turn_on", "switch.cafe_music")
    daemon.wait_until(lambda now: now["playback"]["state"] == "playing")
    house.wait_state("switch.cafe_music", "on")
    house.call("number.set_value", "number.cafe_volume", value=44)
    daemon.wait_until(lambda now: now["playback"]["volume_wanted"] == 44)
    house.wait_state("number.cafe_volume", "44")
    daemon.tell("volume", 55)
    house.wait_state("number.cafe_volume", "55")
    house.call("switch.turn_on", "switch.cafe_night_mode")
    daemon.wait_until(lambda now: now["playback"]["night"])
    house.wait_state("switch.cafe_night_mode", "on")
    house.call("switch.turn_off", "switch.cafe_night_mode")
    house.wait_state("switch.cafe_night_mode", "off")
    house.call("select.select_option", "select.cafe_play", option="calm")
    daemon.wait_until(lambda now: now["room"]["pinned"] == "calm")
    house.wait_state("select.cafe_play", "calm")
    house.call("select.select_option", "select.cafe_play", option=FOLLOW)
    daemon.wait_until(lambda now: now["room"]["pinned"] is None)
    house.call("notify.send_message", "notify.cafe_announcement", message=str(gong))
    daemon.wait_for("announcement", message="announced: gong.wav")
    house.call("button.press", "button.cafe_wrong_mood")
    daemon.wait_until(lambda now: now["playback"]["state"] == "playing")


def test_an_ended_sentence_is_an_empty_field_also_after_a_restart(
    house: HomeAssistant, daemon: Daemon
) -> None:
    sentence, choice = "text.cafe_pin_a_sentence", "select.cafe_play"
    house.call("text.set_value", sentence, value="rainy sunday morning")
    daemon.wait_until(lambda now: now["room"]["pinned"] == "rainy sunday morning")
    house.wait_state(sentence, "rainy sunday morning")
    house.wait_state(choice, "unknown")
    house.call("text.set_value", sentence, value="")
    daemon.wait_until(lambda now: now["room"]["pinned"] is None)
    house.wait_state(sentence, "")
    house.wait_state(choice, FOLLOW)
    house.stop()
    house.start()
    house.wait_state(sentence, "")


def test_a_cover_is_shown_and_a_note_where_there_is_none(house: HomeAssistant, daemon: Daemon) -> None:
    plays(daemon, cover=True)
    wait_for(lambda: len(house.picture("image.cafe_cover")) > 2 * len(NO_COVER), 30, "the cover")
    plays(daemon, cover=False)
    wait_for(lambda: house.picture("image.cafe_cover") == NO_COVER, 30, "the note")


@gaps_judged_in_quiet
def test_a_broker_that_is_killed_takes_nothing_with_it(
    house: HomeAssistant, daemon: Daemon, broker: Mosquitto, pulse: PrivatePulse, tmp_path: Path
) -> None:
    daemon.tell("volume", 100)
    daemon.wait_until(lambda now: now["playback"]["volume"] == 100)
    with recording(pulse) as heard:
        wait_for(heard.sounds, 20, "sound")
        began = time.monotonic()
        broker.kill()  # it keeps nothing
        house.wait_state("switch.cafe_music", "unavailable")
        daemon.wait_until(lambda now: now["front"]["mqtt"]["problem"])
        daemon.tell("volume", 99)
        broker.start()
        house.wait_state("number.cafe_volume", "99")
        wait_for(lambda: all(state != "unavailable" for state in ours(house).values()), 30, "all of it")
        house.call("number.set_value", "number.cafe_volume", value=98)
        daemon.wait_until(lambda now: now["playback"]["volume_wanted"] == 98)
        unbroken(longest_silence_s(heard.since(began)), 0.3)


def test_home_assistant_is_told_everything_when_it_has_come(
    house: HomeAssistant, daemon: Daemon, broker: Mosquitto
) -> None:
    """The broker has forgotten all, so that what it shows is our answer to its birth message."""
    before = set(ours(house))
    house.stop()
    daemon.tell("volume", 77)
    broker.wait_kept(f"{BASE}/state/volume", "77")
    for topic in broker.topics(f"{BASE}/#", "homeassistant/#"):
        broker.forget(topic)
    house.start()
    house.wait_state("number.cafe_volume", "77")
    wait_for(lambda: set(ours(house)) == before, 30, "all of it")
    wait_for(lambda: all(state != "unavailable" for state in ours(house).values()), 30, "all of it")


def ours(house: HomeAssistant) -> dict[str, str]:
    """The device's entities with their states."""
    return {name: one["state"] for name, one in house.states().items() if ".cafe_" in name}
