"""The player at a real mosquitto: what stands there, what it obeys, and what happens when the broker goes."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest

from tests.integration.test_daemon import simple
from tests.integration.test_front import FRONT
from tests.integration.test_reload import edit
from tests.support import music
from tests.support.daemon import Daemon, merged
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.processes import children
from tests.support.pulse import PrivatePulse
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(180)

BASE = "ambient-player"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker"), free_port(), "cafe", "Latte-Macchiato-7") as running:
        yield running


@pytest.fixture(scope="module")
def daemon(
    pulse: PrivatePulse, broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Daemon]:
    """A player without a page."""
    songs = tmp_path_factory.mktemp("songs")
    for name, hz in (("one", 220.0), ("two", 247.0)):
        music.calm(songs / f"{name}.wav", 120, hz)
    mqtt = {"enabled": True, "port": broker.port, "host": "127.0.0.1", "user": "cafe"}
    mqtt["password"] = "Latte-Macchiato-7"
    settings = merged(simple(songs), {"mqtt": mqtt, "venue": {"name": "Café"}})
    with Daemon(tmp_path_factory.mktemp("mqtt") / "player", settings, pulse.env) as running:
        running.wait_until(lambda now: now["front"]["mqtt"]["state"] == "connected")
        yield running


def test_home_assistant_finds_it_and_its_states_follow_the_player(daemon: Daemon, broker: Mosquitto) -> None:
    found = json.loads(broker.wait_kept("homeassistant/device/ambient_player/config"))
    assert found["dev"]["name"] == "Café"
    assert found["cmps"]["volume"]["state_topic"] == f"{BASE}/state/volume"
    broker.wait_kept(f"{BASE}/availability", "online")
    title = daemon.wait_until(lambda now: now["playback"]["track"])["playback"]["track"]["title"]
    wait_for(lambda: title in (broker.kept(f"{BASE}/state/track") or ""), 20, title)
    daemon.tell("volume", 33)
    broker.wait_kept(f"{BASE}/state/volume", "33")


def test_what_is_said_there_is_done(daemon: Daemon, broker: Mosquitto) -> None:
    before = daemon.wait_until(lambda now: now["playback"]["state"] == "playing")["playback"]["track"]["path"]
    broker.say(f"{BASE}/set/next", "PRESS")
    daemon.wait_until(lambda now: (now["playback"]["track"] or {}).get("path") not in (None, before))
    broker.say(f"{BASE}/set/volume", "44")
    broker.wait_kept(f"{BASE}/state/volume", "44")
    broker.say(f"{BASE}/set/pin", "calm")
    broker.wait_kept(f"{BASE}/state/pin", "calm")
    broker.say(f"{BASE}/set/pin", "follow the room")
    broker.wait_kept(f"{BASE}/state/pin", "follow the room")


def test_the_broker_says_if_the_process_is_killed(daemon: Daemon, broker: Mosquitto) -> None:
    broker.wait_kept(f"{BASE}/availability", "online")
    (pid,) = children(daemon.process.pid, FRONT)
    os.kill(pid, signal.SIGSTOP)  # killed while it is stopped, it cannot be back before we look
    os.kill(daemon.process.pid, signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        broker.wait_kept(f"{BASE}/availability", "offline")
    finally:
        os.kill(daemon.process.pid, signal.SIGCONT)
    broker.wait_kept(f"{BASE}/availability", "online")


def test_a_broker_that_is_killed_and_comes_back_is_told_everything(daemon: Daemon, broker: Mosquitto) -> None:
    daemon.wait_until(lambda now: now["front"]["mqtt"]["state"] == "connected")
    broker.kill()
    gone = daemon.wait_until(lambda now: now["front"]["mqtt"]["problem"])
    assert gone["playback"]["state"] == "playing"
    daemon.wait_until(lambda now: "No broker can be reached" in str(now["problems"]))
    broker.start()
    assert json.loads(broker.wait_kept("homeassistant/device/ambient_player/config"))["cmps"]
    broker.wait_kept(f"{BASE}/availability", "online")
    broker.wait_kept(f"{BASE}/state/track")


def test_a_wrong_password_is_said_and_the_music_plays_on(daemon: Daemon, broker: Mosquitto) -> None:
    edit(daemon, mqtt={"password": "Ristretto-Doppio-9"})
    daemon.tell("reload")
    said = daemon.wait_until(lambda now: "mqtt.password" in str(now["front"]["mqtt"]["problem"]))
    where = f"127.0.0.1, port {broker.port}"
    assert said["front"]["mqtt"]["problem"] == (
        f"The broker at {where} refuses the player; see mqtt.user and mqtt.password."
    )
    assert said["playback"]["state"] == "playing"
    edit(daemon, mqtt={"password": "Latte-Macchiato-7"})
    daemon.tell("reload")
    daemon.wait_until(lambda now: now["front"]["mqtt"]["state"] == "connected")
    broker.wait_kept(f"{BASE}/availability", "online")
    wait_for(lambda: daemon.tell("status")["playback"]["audible"]["audible"], 20, "music")
    assert not any(secret in daemon.transcript() for secret in ("Ristretto", "Macchiato"))
