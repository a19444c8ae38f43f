"""The front's process at a real mosquitto, with no player and no page."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.config.settings.front import FrontSettings, MprisSettings
from player.config.settings.mqtt import MqttSettings
from player.config.settings.web import WebSettings
from player.interfaces.command_table import Role
from player.interfaces.front.mqtt import aiomqtt_broker
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker
from player.interfaces.front.mqtt.bridge import Bridge
from player.interfaces.front.mqtt.components import Permission
from player.interfaces.front.mqtt.topics import Topics
from player.interfaces.front.process import FrontProcess
from player.interfaces.front.status_board import StatusBoard
from player.status import MqttState
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.waiting import wait_for

BASE = "ambient-player"
STAFF = Permission(Role.STAFF)
NO_PAGE, NO_DESKTOP = WebSettings(enabled=False), MprisSettings(enabled=False)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker"), free_port()) as running:
        yield running


@pytest.fixture
def settings(broker: Mosquitto) -> MqttSettings:
    return MqttSettings(enabled=True, host="127.0.0.1", port=broker.port, name="Café")


def test_the_process_is_at_the_broker_without_a_page(
    broker: Mosquitto, settings: MqttSettings, tmp_path: Path
) -> None:
    front = FrontProcess(FrontSettings(web=NO_PAGE, mpris=NO_DESKTOP, mqtt=settings), tmp_path)
    front.start(tmp_path / "nobody.sock")
    try:
        wait_for(lambda: front.status().mqtt.state is MqttState.CONNECTED, 30, "a connection")
        assert (front.status().running, front.status().problem) == (False, None)
        found = json.loads(broker.wait_kept("homeassistant/device/ambient_player/config"))
        assert found["dev"]["name"] == "Café"
        broker.wait_kept(f"{BASE}/availability", "offline")
        front.configure(FrontSettings(web=NO_PAGE, mpris=NO_DESKTOP))
        wait_for(lambda: front.pid is None, 20, "its end")
        assert front.status().mqtt.state is MqttState.OFF
    finally:
        front.stop()


def test_what_stands_under_a_former_name_is_taken_from_the_broker(
    broker: Mosquitto, settings: MqttSettings, tmp_path: Path
) -> None:
    def there(base: str) -> tuple[bool, bool]:
        device = base.replace("-", "_")
        topics = (f"homeassistant/device/{device}/config", f"{base}/availability")
        return broker.kept(topics[0]) is not None, broker.kept(topics[1]) is not None

    def named(base: str) -> FrontSettings:
        changed = settings.model_copy(update={"base_topic": base})
        return FrontSettings(web=NO_PAGE, mpris=NO_DESKTOP, mqtt=changed)

    front = FrontProcess(named("old-name"), tmp_path)
    front.start(tmp_path / "nobody.sock")
    try:
        wait_for(lambda: there("old-name") == (True, True), 30, "a device")
        front.configure(named("new-name"))
        wait_for(lambda: there("new-name") == (True, True), 30, "a device of another name")
        wait_for(lambda: there("old-name") == (False, False), 30, "that the old one is gone")
        broker.say("new-name/availability", "online", keep=True)
    finally:
        front.stop()
    assert broker.kept("new-name/availability") == "offline", "who goes says so"


def test_a_page_whose_port_is_taken_does_not_end_it(
    broker: Mosquitto, settings: MqttSettings, tmp_path: Path
) -> None:
    front = FrontProcess(
        FrontSettings(web=WebSettings(port=broker.port), mpris=NO_DESKTOP, mqtt=settings), tmp_path
    )
    front.start(tmp_path / "nobody.sock")
    try:
        wait_for(lambda: front.status().mqtt.state is MqttState.CONNECTED, 30, "a connection")
        wait_for(lambda: "web.port" in str(front.status().problem), 20, "what is wrong with the page")
        assert not front.status().running
    finally:
        front.stop()


def test_one_that_hangs_gets_the_newest_values_when_it_is_back(
    broker: Mosquitto, settings: MqttSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by its system, it takes nothing and says nothing; meanwhile much changes."""
    monkeypatch.setattr(aiomqtt_broker, "ANSWER_S", 1.0)
    player, said = FakePlayer(), []
    topics = Topics(BASE, "homeassistant")

    async def scenario() -> None:
        board = StatusBoard(player)
        made = Bridge(
            player, board, AiomqttBroker(settings, topics.client_id), topics, "", STAFF, False,
            lambda state, problem: said.append((state, problem)), pause_s=lambda: 0, retry_s=(1.0, 0.2),
        )  # fmt: skip
        tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(made.run())]
        try:
            await asyncio.to_thread(broker.wait_kept, f"{BASE}/state/volume", "70")
            os.kill(broker.process.pid, signal.SIGSTOP)
            for percent in range(100):
                player.change(playback=status.playback(volume_wanted=percent))
                await asyncio.sleep(0.01)
            async with asyncio.timeout(60):
                while not any(problem for _, problem in said):
                    await asyncio.sleep(0.05)
            os.kill(broker.process.pid, signal.SIGCONT)
            await asyncio.to_thread(broker.wait_kept, f"{BASE}/state/volume", "99")
            await asyncio.to_thread(broker.wait_kept, f"{BASE}/availability", "online")
            player.told.clear()
            await asyncio.to_thread(broker.say, f"{BASE}/set/next", "PRESS")
            async with asyncio.timeout(60):
                while ("next", {}) not in player.told:
                    await asyncio.sleep(0.01)
        finally:
            os.kill(broker.process.pid, signal.SIGCONT)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(scenario())
