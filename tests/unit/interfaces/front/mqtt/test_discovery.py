"""The discovery message and the values, against what Home Assistant's documentation says of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from jinja2 import Environment

from player.errors import ArgumentError
from player.interfaces.command_table import Role
from player.interfaces.front.mqtt import orders
from player.interfaces.front.mqtt.components import FOLLOW, MOODS, Permission, discovery
from player.interfaces.front.mqtt.states import States, Steady
from player.interfaces.front.mqtt.topics import Topics
from player.status import CameraState, CameraStatus, LensState, PointStatus, SceneStatus, as_json
from player.types import Json
from tests.fakes import status

TOPICS = Topics("cafe/music", "homeassistant")
STAFF, OWNER = Permission(Role.STAFF, (10, 80)), Permission(Role.OWNER)

SHARED = {"p", "name", "unique_id", "icon", "entity_category", "json_attributes_topic", "qos"}
NEEDED: dict[str, set[str]] = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "number": {"command_topic"},
    "switch": {"command_topic"},
    "button": {"command_topic"},
    "select": {"command_topic", "options"},
    "text": {"command_topic"},
    "notify": {"command_topic"},
    "image": {"image_topic"},
    "event": {"state_topic", "event_types"},
}
"""By platform, the keys that its page at home-assistant.io/integrations calls required."""
ALLOWED: dict[str, set[str]] = {
    "sensor": {"state_class", "device_class", "suggested_display_precision", "unit_of_measurement"},
    "binary_sensor": {"device_class"},
    "number": {"state_topic", "min", "max", "step", "mode", "unit_of_measurement"},
    "switch": {"state_topic"},
    "button": set(),
    "select": {"state_topic"},
    "text": {"state_topic", "min", "max", "mode", "value_template"},
    "notify": set(),
    "image": {"content_type"},
    "event": {"device_class"},
}
"""... and those it may have beside, as far as they are used."""
CLASSES = {"sound", "running", "problem"}
ROOT = {"dev", "o", "cmps", "availability_topic", "payload_available", "payload_not_available"}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version"}


@pytest.mark.parametrize("permission", [STAFF, OWNER])
@pytest.mark.parametrize("scene", [False, True])
def test_the_message_is_as_home_assistant_takes_it(permission: Permission, scene: bool) -> None:
    said = json.loads(json.dumps(discovery(TOPICS, "Café", permission, scene)))
    assert set(said) == ROOT
    assert set(said["dev"]) == DEVICE
    assert set(said["o"]) == {"name", "sw_version"}
    assert said["dev"]["identifiers"] == ["cafe_music"]
    names = []
    for key, component in said["cmps"].items():
        platform = component["p"]
        assert re.fullmatch(r"[a-zA-Z0-9_-]+", key)
        if set(component) == {"p"}:  # taken away, if it was there
            continue
        assert component["unique_id"] == f"cafe_music_{key}"
        assert component["qos"] == 1
        names.append(component["name"])
        assert NEEDED[platform] <= set(component) <= SHARED | NEEDED[platform] | ALLOWED[platform], key
        assert component.get("device_class", "sound") in CLASSES
        topics = [value for name, value in component.items() if name.endswith("_topic")]
        assert all(topic.startswith("cafe/music/") for topic in topics)
    assert len(names) == len(set(names))
    assert len(json.dumps(said)) < 16_000


def test_what_somebody_may_not_do_is_not_offered() -> None:
    staff, owner = (discovery(TOPICS, "", who, False)["cmps"] for who in (STAFF, OWNER))
    assert (staff["camera"], staff["announce"]) == ({"p": "switch"}, {"p": "notify"})
    assert (staff["volume"]["min"], staff["volume"]["max"]) == (0, 100), "the owner may have set any"
    assert (owner["volume"]["min"], owner["volume"]["max"]) == (0, 100)
    assert owner["camera"]["command_topic"] == "cafe/music/set/camera"
    assert owner["announce"]["command_topic"] == "cafe/music/set/announce"


def test_every_component_that_can_be_told_is_understood_and_has_its_value() -> None:
    found = States(scene=True).of(as_json(status.whole()))
    payloads = {"number": "40", "switch": "ON", "button": "PRESS", "select": "calm", "text": "rain"}
    for key, component in discovery(TOPICS, "", OWNER, True)["cmps"].items():
        if "command_topic" in component:
            text = payloads.get(component["p"], "/srv/gong.wav")
            assert orders.read(key, text.encode(), OWNER).command
        if component["p"] not in ("button", "notify", "image", "event"):
            assert key in found


@pytest.mark.parametrize(
    ("key", "payload"),
    [("volume", b"\xff"), ("volume", b"1e9"), ("volume", b"inf"), ("music", b"TOGGLE"), ("pin", b"x" * 3000)],
)
def test_nonsense_is_refused_in_a_sentence(key: str, payload: bytes) -> None:
    with pytest.raises(ArgumentError, match=r"\.$"):
        orders.read(key, payload, OWNER)


def seen(**changes: object) -> Json:
    """A room that is looked at."""
    whole = status.whole()
    perception = replace(
        whole.perception,
        camera=CameraStatus(enabled=True, state=CameraState.LIVE),
        lens=LensState.OK,
        scene=SceneStatus("two people", 2, 0.1),
    )
    room = replace(whole.room, mood=PointStatus(0.2, -0.1))
    return as_json(replace(whole, room=room, perception=replace(perception, **changes)))  # type: ignore[arg-type]


def test_nothing_is_known_of_the_room_unless_it_is_seen_now() -> None:
    assert States(False).of(seen())["people"] == "2"
    assert "scene" not in States(False).of(seen())
    for blind in (
        seen(camera=CameraStatus(enabled=True, state=CameraState.LOST)),
        seen(lens=LensState.DARK),
        seen(suspended=True),
    ):
        found = States(True).of(blind)
        assert {found[key] for key in ("room", "valence", "energy", "people", "scene")} == {"None"}


def test_long_and_unknown_values_are_such_that_home_assistant_takes_them() -> None:
    track = replace(status.SONG, title="x" * 400, reason="")
    found = States(True).of(as_json(status.whole(playback=status.playback(track=track))))
    assert all(len(value) <= 255 for key, value in found.items() if key != "problems")
    assert (found["why"], found["valence"], found["audible"]) == ("None", "None", "None")


@pytest.mark.parametrize(
    ("pinned", "choice", "sentence"),
    [(None, FOLLOW, "None"), ("calm", "calm", "None"), ("rainy sunday", "None", "rainy sunday")],
)
def test_a_pin_is_a_mood_or_a_sentence(pinned: str | None, choice: str, sentence: str) -> None:
    whole = status.whole()
    found = States(False).of(as_json(replace(whole, room=replace(whole.room, pinned=pinned))))
    assert (found["pin"], found["sentence"]) == (choice, sentence)
    assert {FOLLOW, *MOODS} >= {choice} - {"None"}


def test_no_value_is_empty_as_a_broker_forgets_what_is() -> None:
    whole = status.whole(playback=status.playback(track=None, silent_reason=""))
    blank = replace(whole.perception, scene=SceneStatus("", 0, 0.1))
    for pinned in (None, "", "calm", " "):
        found = States(True).of(
            as_json(replace(whole, perception=blank, room=replace(whole.room, pinned=pinned)))
        )
        assert [key for key, value in found.items() if not value.strip()] == []


def test_a_text_that_is_not_known_is_an_empty_field() -> None:
    template = Environment().from_string(
        discovery(TOPICS, "", STAFF, False)["cmps"]["sentence"]["value_template"]
    )
    assert template.render(value="None") == ""
    assert template.render(value="rainy sunday") == "rainy sunday"


def test_a_number_at_the_edge_of_its_step_stays_where_it_is() -> None:
    steady = Steady(0.05)
    assert steady(0.124) == pytest.approx(0.1)
    assert {steady(0.125 + wobble) for wobble in (-0.01, 0.01, 0.0, 0.012)} == {steady(0.124)}
    assert steady(0.16) == pytest.approx(0.15)
    assert str(Steady()(-0.01)) == "0.0"
