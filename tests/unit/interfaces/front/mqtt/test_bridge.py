"""The player at a broker in memory: what is said there, and what comes from there."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.mqtt.bridge import NO_COVER, Bridge
from player.interfaces.front.mqtt.components import Permission
from player.interfaces.front.mqtt.kept_topics import KeptTopics
from player.interfaces.front.mqtt.topics import Topics
from player.interfaces.front.player_client import PASSING, PlayerRefusal
from player.interfaces.front.status_board import StatusBoard
from player.status import CameraState, CameraStatus, LensState, MqttState, SceneStatus, ShiftStatus
from player.types import Json
from tests.fakes import status
from tests.fakes.answers_of_player import JPEG
from tests.fakes.broker import FakeBroker
from tests.fakes.player import FakePlayer
from tests.support.front import until

TOPICS = Topics("ambient-player", "homeassistant")
STAFF = Permission(Role.STAFF, (10, 80))


@dataclass
class Stage:
    player: FakePlayer
    broker: FakeBroker
    said: list[tuple[MqttState, str | None]]

    def value(self, key: str) -> str | None:
        """What stands at a state's topic."""
        found = self.broker.kept.get(TOPICS.state(key))
        return None if found is None else found.decode()

    async def settled(self) -> None:
        """Return when nothing is under way any more."""
        for _ in range(50):
            await asyncio.sleep(0)


@asynccontextmanager
async def stage(
    permission: Permission = STAFF,
    scene: bool = False,
    refusal: str | None = None,
    kept: KeptTopics | None = None,
    broker: FakeBroker | None = None,
) -> AsyncIterator[Stage]:
    player, broker, said = FakePlayer(), broker or FakeBroker(), []
    broker.refusal = refusal
    board = StatusBoard(player)
    bridge = Bridge(
        player, board, broker, TOPICS, "Café", permission, scene,
        lambda state, problem: said.append((state, problem)), pause_s=lambda: 0,
        retry_s=(0.001, 0.001), kept=kept,
    )  # fmt: skip
    tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(bridge.run())]
    try:
        made = Stage(player, broker, said)
        if refusal is None:
            await until(lambda: made.value("night"))
            await made.settled()
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_it_is_there_and_says_how_it_is() -> None:
    async def scenario() -> None:
        async with stage() as now:
            assert now.broker.kept[TOPICS.availability] == b"online"
            assert now.broker.will is not None
            assert (now.broker.will.topic, now.broker.will.payload) == (TOPICS.availability, "offline")
            assert now.broker.subscribed == ("ambient-player/set/+", "homeassistant/status")
            assert now.value("track") == "Band – Song"
            assert now.value("volume") == "70"
            assert now.value("music") == "ON"
            assert now.value("pin") == "follow the room"
            assert json.loads(now.broker.kept["homeassistant/device/ambient_player/config"])["cmps"]
            assert now.said[-1] == (MqttState.CONNECTED, None)
            now.player.leave()
            await until(lambda: now.broker.kept[TOPICS.availability] == b"offline")

    asyncio.run(scenario())


def test_nothing_is_sent_that_did_not_change() -> None:
    async def scenario() -> None:
        async with stage() as now:
            before = len(now.broker.sent)
            for second in range(60):
                now.player.change(playback=status.playback(position_s=float(second)))
                await now.settled()
            assert now.broker.sent[before:] == []
            now.player.change(playback=status.playback(volume_wanted=40))
            await until(lambda: now.value("volume") == "40")
            await now.settled()
            assert [topic for topic, _, _ in now.broker.sent[before:]] == [TOPICS.state("volume")]

    asyncio.run(scenario())


def test_all_is_sent_again_to_a_broker_or_home_assistant_that_comes_back() -> None:
    async def scenario() -> None:
        async with stage() as now:
            all_of_it = dict(now.broker.kept)
            now.broker.kept.clear()
            now.broker.end()
            await until(lambda: now.broker.kept == all_of_it)
            assert now.broker.connections == 2
            now.broker.kept.clear()
            now.broker.say("homeassistant/status", "online", retained=True)
            await now.settled()
            assert now.broker.kept == {}, "said before: the connection itself has told everything"
            now.broker.say("homeassistant/status", "online")
            await until(lambda: now.broker.kept == all_of_it)

    asyncio.run(scenario())


def test_commands_come_with_the_rights_that_the_config_gives(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with stage() as now:
            now.player.told.clear()
            for key, payload in (
                *(("next", "PRESS"), ("volume", "40"), ("music", "OFF"), ("night", "ON"), ("pin", "calm")),
                *(("pin", "follow the room"), ("sentence", "비 오는 일요일"), ("wrong", "PRESS")),
                *(("camera", "OFF"), ("volume", "95"), ("volume", "loud"), ("volume", "nan"), ("x", "1")),
                ("announce", "/srv/gong.wav"),
                ("announce", "문을 닫습니다."),
            ):
                now.broker.say(TOPICS.command(key), payload)
            now.broker.say(TOPICS.command("next"), "PRESS", retained=True)
            now.broker.say(TOPICS.command("like"), "PRESS")
            await until(lambda: ("like", {}) in now.player.told)
            assert now.player.told == [
                ("next", {}),
                ("volume", {"percent": 40}),
                ("pause", {}),
                ("night", {"mode": "on"}),
                ("pin", {"mood": "calm"}),
                ("unpin", {}),
                ("pin", {"mood": "비 오는 일요일"}),
                ("wrong", {}),
                ("volume", {"percent": 80}),
                ("like", {}),
            ]

    asyncio.run(scenario())
    assert any("camera is for the owner" in said for said in caplog.messages)


def test_an_owner_may_release_the_camera_and_have_something_said() -> None:
    async def scenario() -> None:
        async with stage(Permission(Role.OWNER)) as now:
            now.broker.say(TOPICS.command("camera"), "OFF")
            await until(lambda: ("camera", {"state": "off"}) in now.player.told)
            now.broker.say(TOPICS.command("announce"), "문을 닫습니다.")
            now.broker.say(TOPICS.command("announce"), "/srv/gong.wav")
            await until(lambda: ("announce", {"file": "/srv/gong.wav"}) in now.player.told)
            assert ("say", {"text": "문을 닫습니다."}) in now.player.told

    asyncio.run(scenario())


def test_a_slow_broker_gets_the_newest_value_and_not_all_that_were() -> None:
    async def scenario() -> None:
        async with stage() as now:
            now.broker.flow.clear()
            before = len(now.broker.sent)
            for percent in range(100):
                now.player.change(playback=status.playback(volume_wanted=percent))
                await now.settled()
            now.broker.flow.set()
            await until(lambda: now.value("volume") == "99")
            assert len(now.broker.sent) - before <= 2

    asyncio.run(scenario())


def test_a_shift_and_a_cover_are_told() -> None:
    async def scenario() -> None:
        async with stage() as now:
            assert now.broker.kept[TOPICS.state("cover")] == NO_COVER
            track = replace(status.SONG, id=12)
            shift = ShiftStatus("2026-05-01T12:00:00+00:00", "it has become lively", 0.5, 0.7)
            room = replace(now.player.status.room, shifts=(shift,))
            now.player.change(playback=status.playback(track=track), room=room)
            await until(lambda: now.broker.kept[TOPICS.state("cover")] == JPEG)
            events = [one for one in now.broker.sent if one[0] == TOPICS.event("shift")]
            await until(lambda: [one for one in now.broker.sent if one[0] == TOPICS.event("shift")])
            events = [one for one in now.broker.sent if one[0] == TOPICS.event("shift")]
            assert [(json.loads(payload)["reason"], kept) for _, payload, kept in events] == [
                ("it has become lively", False)
            ]
            now.player.change(playback=status.playback(track=None))
            await until(lambda: now.broker.kept.get(TOPICS.state("cover")) == NO_COVER)
            assert NO_COVER.startswith(b"\xff\xd8\xff"), "a JPEG, as the device says"

    asyncio.run(scenario())


@pytest.mark.parametrize("code", PASSING)
def test_a_player_that_has_no_time_for_a_cover_is_asked_again(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile nobody sees the cover of before, and all else is told."""
    monkeypatch.setattr("player.interfaces.front.mqtt.bridge.PAUSES_S", repeat(0.0))

    async def scenario() -> None:
        async with stage() as now:
            topic = TOPICS.state("cover")
            before, track = replace(status.SONG, id=11), replace(status.SONG, id=12)
            now.player.change(playback=status.playback(track=before))
            await until(lambda: now.broker.kept[topic] == JPEG)
            now.player.refusal = PlayerRefusal(code, "Try again in a moment.")
            now.player.change(playback=status.playback(track=track))
            await until(lambda: now.broker.kept[topic] == NO_COVER)
            now.player.change(playback=status.playback(track=track, volume_wanted=40))
            await until(lambda: now.value("volume") == "40")
            now.player.refusal = None
            await until(lambda: now.broker.kept[topic] == JPEG)
            now.player.refusal = PlayerRefusal(code, "Try again in a moment.")
            now.player.change(playback=status.playback(track=before))
            await until(lambda: now.broker.kept[topic] == NO_COVER)
            now.player.change(playback=status.playback(track=None, volume_wanted=41))
            await until(lambda: now.value("volume") == "41")
            await now.settled()
            asked = len(now.player.told)
            await now.settled()
            assert len(now.player.told) == asked, "nobody wants that cover any more"

    asyncio.run(scenario())


def test_what_is_kept_is_there_for_who_comes_later_also_when_a_pin_ends() -> None:
    async def scenario() -> None:
        async with stage() as now:
            topics = set(now.broker.kept)
            for pinned in ("rainy sunday", None):
                now.player.change(room=replace(now.player.status.room, pinned=pinned))
                await until(lambda pinned=pinned: now.value("sentence") == str(pinned))
                await now.settled()
                assert set(now.broker.kept) == topics

    asyncio.run(scenario())


def test_what_is_wrong_is_said_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    why = "The broker at localhost, port 1883 refuses the player; see mqtt.user and mqtt.password."

    async def scenario() -> None:
        async with stage(refusal=why) as now:
            await until(lambda: now.said.count((MqttState.CONNECTING, why)) > 3)
            now.broker.refusal = None
            await until(lambda: now.said[-1] == (MqttState.CONNECTED, None))

    asyncio.run(scenario())
    assert caplog.messages.count(why) == 1
    assert caplog.messages.count("the MQTT broker has been reached") == 1


def test_what_the_broker_forbids_is_said_and_all_else_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    config, why = TOPICS.config or "", "The broker does not let this user write to it."
    broker = FakeBroker()
    broker.forbidden = {config: why}

    async def scenario() -> None:
        async with stage(broker=broker) as now:
            assert now.value("volume") == "70"
            assert now.said[-1] == (MqttState.CONNECTED, why)
            now.player.change(playback=status.playback(volume_wanted=40))
            await until(lambda: now.value("volume") == "40")
            broker.forbidden = {}
            broker.end()
            await until(lambda: config in broker.kept)
            assert now.said[-1] == (MqttState.CONNECTED, None)

    asyncio.run(scenario())
    assert caplog.messages.count(why) == 1


def test_what_is_too_long_for_the_broker_does_not_end_the_connection_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = FakeBroker()
    broker.longest = 4000  # the discovery has more

    async def scenario() -> None:
        async with stage(broker=broker) as now:
            await until(lambda: "is left out for an hour" in caplog.text)
            await until(lambda: now.said[-1] == (MqttState.CONNECTED, None))
            connections = broker.connections
            for percent in range(20):
                now.player.change(playback=status.playback(volume_wanted=percent))
                await until(lambda percent=percent: now.value("volume") == str(percent))  # type: ignore[misc]
            assert broker.connections == connections

    asyncio.run(scenario())
    assert TOPICS.config not in broker.kept


def test_topics_of_a_former_name_are_emptied_once(tmp_path: Path) -> None:
    """A power cut between does not lose them, and another broker's are left alone."""
    old, ours = {"old/state/track", "homeassistant/device/old/config"}, {"ambient-player/state/track"}
    KeptTopics(tmp_path, "here:1883", old).emptied()
    KeptTopics(tmp_path, "elsewhere:1883", {"other/state/track"}).emptied()
    assert KeptTopics(tmp_path, "here:1883", ours).former() == sorted(old)

    async def scenario() -> None:
        broker = FakeBroker()
        async with stage(kept=KeptTopics(tmp_path, "here:1883", ours), broker=broker):
            emptied = [topic for topic, payload, retain in broker.sent if retain and not payload]
            assert [topic for topic in emptied if topic in old] == sorted(old)

    asyncio.run(scenario())
    assert KeptTopics(tmp_path, "here:1883", ours).former() == []
    assert KeptTopics(tmp_path, "elsewhere:1883", ours).former() == ["other/state/track"]
    (tmp_path / "mqtt.json").write_text("[", encoding="utf-8")
    assert KeptTopics(tmp_path, "here:1883", ours).former() == []


def test_the_sentence_about_the_room_is_said_if_that_is_allowed() -> None:
    def seen(player: FakePlayer) -> Json:
        scene = SceneStatus("two people at a table", 2, 0.1)
        camera = CameraStatus(enabled=True, state=CameraState.LIVE)
        seen = replace(player.status.perception, camera=camera, lens=LensState.OK, scene=scene)
        return {"perception": seen}

    async def scenario(scene: bool) -> str | None:
        async with stage(scene=scene) as now:
            now.player.change(**seen(now.player))
            now.player.change(**seen(now.player), playback=status.playback(volume_wanted=1))
            await until(lambda: now.value("volume") == "1")
            await now.settled()
            assert scene or b"two people" not in b"".join(now.broker.kept.values())
            return now.value("scene")

    assert asyncio.run(scenario(True)) == "two people at a table"
    assert asyncio.run(scenario(False)) is None
