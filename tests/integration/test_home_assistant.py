"""The player in a real Home Assistant: by its MQTT integration, and by its own for MPD.

Skipped where there is none; scripts/system/try_home_assistant.sh makes one and runs this.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.mqtt.bridge import NO_COVER
from player.interfaces.front.mqtt.components import FOLLOW, Permission, components
from player.interfaces.front.mqtt.topics import Topics
from player.types import Json
from tests.integration.test_daemon import simple
from tests.integration.test_front import FRONT
from tests.integration.test_reload import edit
from tests.support import home_assistant, music
from tests.support.daemon import Daemon
from tests.support.home_assistant import HomeAssistant
from tests.support.mosquitto import Mosquitto
from tests.support.photos import photo
from tests.support.ports import free_port
from tests.support.processes import children
from tests.support.pulse import PrivatePulse, longest_silence_s, recording
from tests.support.quiet import gaps_judged_in_quiet, unbroken
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

BASE = "ambient-player"
USER = {"user": "cafe", "password": "Latte-Macchiato-7"}
ENTITIES = {
    f"{each['p']}.cafe_{each['name'].lower().replace(' ', '_')}"
    for each in components(Topics(BASE, "homeassistant"), Permission(Role.OWNER), scene=True).values()
}
PLAYER = "media_player.music_player_daemon"
ITS_OWN = re.compile(
    r"Skipping pip|[Cc]onnection (was )?lost|Disconnected from MQTT|Failed to connect to MQTT"
    r"|client is not currently connected|Error connecting to '127.0.0.1'|the music follows the room"
)
"""What Home Assistant says of its own ways to the broker and the player, and of what was refused."""


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
def mpd_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def daemon(
    pulse: PrivatePulse, broker: Mosquitto, mpd_port: int, tmp_path_factory: pytest.TempPathFactory
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
        mpd={"enabled": True, "port": mpd_port},
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
    """Home Assistant at the broker; with an integration of its own for the player once a test adds it."""
    with HomeAssistant(root, tmp_path_factory.mktemp("house") / "config", free_port()) as running:
        running.integrate(
            "mqtt", broker="127.0.0.1", port=broker.port, username=USER["user"], password=USER["password"]
        )
        wait_for(lambda: all_there(running), 30, "the device")
        yield running


@pytest.fixture(autouse=True)
def nothing_is_wrong_in_its_log(house: HomeAssistant) -> Iterator[None]:
    """What it warns of while a test runs is either its own affair or ours to mend."""
    known = len(house.complaints())
    yield
    assert [said for said in house.complaints()[known:] if not ITS_OWN.search(said)] == []


def all_there(house: HomeAssistant) -> bool:
    """Whether it has every entity of the device, and can use it."""
    states = house.states()
    return all(each in states and states[each]["state"] != "unavailable" for each in ENTITIES)


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
    assert set(house.template("{{ device_entities(device_id('switch.cafe_music')) | tojson }}")) == ENTITIES
    maker = house.template("{{ device_attr('switch.cafe_music', 'manufacturer') | tojson }}")
    assert maker == "ambient-player"
    # What has happened or was pressed never, has no state yet; nobody looks at the room.
    unknown = {"button.cafe_", "event.cafe_", "notify.cafe_", "sensor.cafe_", "binary_sensor.cafe_"}
    told = {entity for entity in ENTITIES if not entity.startswith(tuple(unknown))}
    wait_for(lambda: all(house.states()[each]["state"] != "unknown" for each in told), 30, "its values")
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


def test_an_ended_sentence_is_an_empty_field(house: HomeAssistant, daemon: Daemon) -> None:
    sentence, choice = "text.cafe_pin_a_sentence", "select.cafe_play"
    house.call("text.set_value", sentence, value="rainy sunday morning")
    daemon.wait_until(lambda now: now["room"]["pinned"] == "rainy sunday morning")
    house.wait_state(sentence, "rainy sunday morning")
    house.wait_state(choice, "unknown")
    house.call("text.set_value", sentence, value="")
    daemon.wait_until(lambda now: now["room"]["pinned"] is None)
    house.wait_state(sentence, "")
    house.wait_state(choice, FOLLOW)


def test_what_the_broker_keeps_is_enough_to_know_the_player_by(house: HomeAssistant, daemon: Daemon) -> None:
    """The player is silent while Home Assistant comes to the broker anew."""
    (pid,) = children(daemon.process.pid, FRONT)
    os.kill(pid, signal.SIGSTOP)
    try:
        house.reload("mqtt")
        wait_for(lambda: all_there(house), 20, "the device")
        house.wait_state("select.cafe_play", FOLLOW)
        house.wait_state("text.cafe_pin_a_sentence", "")
        wait_for(
            lambda: "entity_picture" in house.states()["image.cafe_cover"]["attributes"], 20, "a picture"
        )
        assert house.picture("image.cafe_cover").startswith(b"\xff\xd8\xff")
    finally:
        with suppress(ProcessLookupError):  # its player has ended one that was silent for too long
            os.kill(pid, signal.SIGCONT)


def test_a_player_that_comes_later_is_found_too(
    house: HomeAssistant, daemon: Daemon, broker: Mosquitto
) -> None:
    edit(daemon, mqtt={"enabled": False})
    daemon.tell("reload")
    daemon.wait_until(lambda now: now["front"]["mqtt"]["state"] == "off")
    for topic in broker.topics("homeassistant/#"):
        broker.forget(topic)
    wait_for(lambda: not ENTITIES & house.states().keys(), 30, "its end")
    for topic in broker.topics(f"{BASE}/#"):
        broker.forget(topic)
    edit(daemon, mqtt={"enabled": True})
    daemon.tell("reload")
    wait_for(lambda: all_there(house), 30, "the device")
    house.wait_state("select.cafe_play", FOLLOW)


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
        wait_for(lambda: all_there(house), 30, "all of it")
        house.call("number.set_value", "number.cafe_volume", value=98)
        daemon.wait_until(lambda now: now["playback"]["volume_wanted"] == 98)
        unbroken(longest_silence_s(heard.since(began)), 0.3)


def test_home_assistant_is_told_everything_when_it_has_come(
    house: HomeAssistant, daemon: Daemon, broker: Mosquitto
) -> None:
    """The broker has forgotten all, so that what it shows is our answer to its birth message."""
    house.stop()
    daemon.tell("volume", 77)
    broker.wait_kept(f"{BASE}/state/volume", "77")
    for topic in broker.topics(f"{BASE}/#", "homeassistant/#"):
        broker.forget(topic)
    house.start()
    house.wait_state("number.cafe_volume", "77")
    wait_for(lambda: all_there(house), 30, "all of it")


def test_its_integration_for_mpd_is_a_media_player(
    house: HomeAssistant, daemon: Daemon, mpd_port: int
) -> None:
    house.integrate("mpd", host="127.0.0.1", port=mpd_port)
    wait_for(lambda: house.state(PLAYER) == "playing", 30, PLAYER)
    moods = house.states()[PLAYER]["attributes"]["source_list"]
    assert (moods[0], "calm" in moods) == ("Follow the room", True)
    house.call("media_player.media_pause", PLAYER)
    daemon.wait_until(lambda now: now["playback"]["state"] == "paused")
    shown(house, lambda now: now["state"] == "paused")
    house.call("media_player.media_play", PLAYER)
    daemon.wait_until(lambda now: now["playback"]["state"] == "playing")
    before = daemon.tell("status")["playback"]["track"]["path"]
    house.call("media_player.media_next_track", PLAYER)
    now = daemon.wait_until(lambda now: now["playback"]["track"]["path"] != before)
    title = now["playback"]["track"]["title"]
    shown(house, lambda now: (now["state"], now["attributes"]["media_title"]) == ("playing", title))
    house.call("media_player.volume_set", PLAYER, volume_level=0.5)
    daemon.wait_until(lambda now: now["playback"]["volume"] == 50)
    shown(house, lambda now: now["attributes"]["volume_level"] == 0.5)
    house.call("media_player.select_source", PLAYER, source="calm")
    daemon.wait_until(lambda now: now["room"]["pinned"] == "calm")
    house.call("media_player.select_source", PLAYER, source="Follow the room")
    daemon.wait_until(lambda now: now["room"]["pinned"] is None)
    plays(daemon, cover=True)
    shown(house, lambda now: "entity_picture" in now["attributes"])
    assert house.picture(PLAYER).startswith(b"\xff\xd8\xff")
    # Its button sends what is below nothing and above all without asking.
    house.call("media_player.volume_set", PLAYER, volume_level=0.0)
    daemon.wait_until(lambda now: now["playback"]["volume"] == 10)
    house.call("media_player.volume_down", PLAYER)
    house.call("media_player.volume_set", PLAYER, volume_level=1.0)
    daemon.wait_until(lambda now: now["playback"]["volume"] == 80)
    house.call("media_player.volume_up", PLAYER)


@pytest.mark.parametrize(
    ("service", "data"),
    [
        ("media_previous_track", {}),
        ("shuffle_set", {"shuffle": False}),
        ("repeat_set", {"repeat": "all"}),
        ("play_media", {"media_content_type": "music", "media_content_id": "http://127.0.0.1/song.mp3"}),
    ],
)
def test_what_the_player_does_not_do_is_refused_in_a_sentence_and_the_entity_stays(
    house: HomeAssistant, service: str, data: Json
) -> None:
    known = len(house.complaints())
    assert house.tried(f"media_player.{service}", PLAYER, **data) == 500
    wait_for(lambda: "the music follows the room" in "".join(house.complaints()[known:]), 10, "the reason")
    shown(house, lambda now: now["state"] == "playing")
    house.call("media_player.shuffle_set", PLAYER, shuffle=True)
    house.call("media_player.repeat_set", PLAYER, repeat="off")


def test_when_the_front_is_killed_everything_comes_back(house: HomeAssistant, daemon: Daemon) -> None:
    """Its process holds the connection to the broker, and MPD's port."""
    (pid,) = children(daemon.process.pid, FRONT)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: children(daemon.process.pid, FRONT) not in ([], [pid]), 30, "another front")
    daemon.tell("volume", 66)
    house.wait_state("number.cafe_volume", "66")
    shown(house, lambda now: (now["state"], now["attributes"].get("volume_level")) == ("playing", 0.66))


def test_what_the_camera_sees_is_there_and_its_switch_lets_go_of_it(
    house: HomeAssistant, daemon: Daemon
) -> None:
    """It sees photos that follow each other quickly, and each of them is another room."""
    edit(
        daemon,
        camera={"enabled": True, "source": "demo", "photo_s": 8},
        gate={"interval_s": 1},
        mood={"half_life_s": 1, "baseline_hours": 0, "shift": {"dwell_s": 2, "cooldown_s": 4}},
    )
    daemon.tell("reload")
    house.wait_state("binary_sensor.cafe_camera_sees", "on")
    for entity in ("sensor.cafe_scene", "sensor.cafe_room", "sensor.cafe_valence", "sensor.cafe_people"):
        wait_for(lambda entity=entity: house.state(entity) != "unknown", 60, entity)
    wait_for(lambda: house.state("event.cafe_shift_of_the_room") != "unknown", 90, "a shift")
    told = house.states()["event.cafe_shift_of_the_room"]["attributes"]
    assert told["reason"]
    assert -1 <= told["valence"] <= 1
    assert -1 <= told["energy"] <= 1
    house.call("switch.turn_off", "switch.cafe_camera")
    house.wait_state("switch.cafe_camera", "off")
    house.wait_state("binary_sensor.cafe_camera_sees", "off")
    daemon.wait_until(lambda now: now["perception"]["camera"]["state"] == "off")
    assert daemon.tell("status")["playback"]["state"] == "playing"


def shown(house: HomeAssistant, what: Callable[[Json], bool]) -> None:
    """Wait until the media player is so; by itself it looks every ten seconds."""

    def is_so() -> bool:
        house.call("homeassistant.update_entity", PLAYER)
        return what(house.states()[PLAYER])

    wait_for(is_so, 30, PLAYER)
