"""The venue's sensors at a real mosquitto, and a real player: values, nonsense, floods, silence."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.types import Json
from tests.integration.test_daemon import simple
from tests.integration.test_front import FRONT
from tests.support import music
from tests.support.daemon import Daemon, merged
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.processes import children
from tests.support.pulse import PrivatePulse

pytestmark = [pytest.mark.timeout(180), pytest.mark.long]

SENSORS = [
    {"name": "sky", "kind": "weather", "topic": "home/sky"},
    {"name": "door", "kind": "counter", "topic": "zigbee/door", "field": "count"},
    {"name": "terrace", "kind": "noise", "topic": "home/noise", "unit": "dB"},
    {"name": "window", "kind": "light", "topic": "home/light", "unit": "lx", "stale_min": 0.05},
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker"), free_port()) as running:
        running.say("home/sky", "rainy", keep=True)  # it began to rain before the player was there
        yield running


@pytest.fixture(scope="module")
def daemon(
    pulse: PrivatePulse, broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Daemon]:
    songs = tmp_path_factory.mktemp("songs")
    for name, hz in (("one", 220.0), ("two", 247.0)):
        music.calm(songs / f"{name}.wav", 120, hz)
    more = {"mqtt": {"enabled": True, "port": broker.port, "host": "127.0.0.1"}, "sensors": SENSORS}
    settings = merged(simple(songs), {**more, "mood": {"baseline_hours": 1}})
    with Daemon(tmp_path_factory.mktemp("sensors") / "player", settings, pulse.env) as running:
        running.wait_until(lambda now: now["front"]["mqtt"]["state"] == "connected")
        yield running


def peak_mb(pid: int) -> float:
    """The most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def sensor(status: Json, name: str) -> Json:
    """What the status has of one."""
    (found,) = [one for one in status["room"]["sensors"] if one["name"] == name]
    return dict(found)


def test_what_the_broker_kept_counts_at_once_and_is_explained(daemon: Daemon) -> None:
    status = daemon.wait_until(lambda now: sensor(now, "sky")["said"] == "rainy")
    assert sensor(status, "sky")["reason"] == "rain: -0.2 energy, -0.1 valence"
    daemon.wait_until(lambda now: "rain: -0.2 energy" in now["room"]["target"]["reason"])
    daemon.wait_for("mood", message="the sensor sky counts: rain: -0.2 energy, -0.1 valence")


def test_values_come_through_with_their_units_and_out_of_json(daemon: Daemon, broker: Mosquitto) -> None:
    broker.say("zigbee/door", '{"battery": 90, "count": 812}')
    broker.say("home/noise", "61.5 dB")
    daemon.wait_until(
        lambda now: (sensor(now, "door")["said"], sensor(now, "terrace")["value"]) == ("812", 61.5)
    )


def test_nonsense_is_said_once_changes_nothing_and_the_music_plays_on(
    daemon: Daemon, broker: Mosquitto
) -> None:
    broker.say("home/noise", "61.5 dB")
    daemon.wait_until(lambda now: sensor(now, "terrace")["value"] == 61.5)
    for nonsense in (b"\xff\xfe", b"9" * 100_000, b"nan", b"\0", b"loud", b"<b>60</b>", b"1e99"):
        broker.say("home/noise", nonsense)
    for nonsense in (b"[" * 100_000, b"{", b'{"count": {}}', b'{"count": "many"}', b'{"count": 1e400}'):
        broker.say("zigbee/door", nonsense)
    broker.say("home/sky", "purple elephants")
    refusal = (
        "the sensor sky takes a word for the weather such as sunny, rainy or snow, not 'purple elephants'."
    )
    daemon.wait_for("mqtt", message=f"what a sensor said over MQTT was refused: {refusal}")
    status = daemon.tell("status")
    said = {one["name"]: one["said"] for one in status["room"]["sensors"]}
    assert said == {"sky": "rainy", "door": "812", "terrace": "61.5 dB", "window": None}
    assert (status["playback"]["state"], status["front"]["mqtt"]["state"]) == ("playing", "connected")
    refused = [event for event in daemon.events if "was refused" in event["message"]]
    assert len(refused) == len(SENSORS) - 1
    assert {event["event"] for event in refused} == {"mqtt"}


def test_what_is_far_too_large_does_not_even_come_to_the_process(daemon: Daemon, broker: Mosquitto) -> None:
    (pid,) = children(daemon.process.pid, FRONT)
    before_mb = peak_mb(pid)
    broker.say("home/noise", b"9" * 100_000_000, keep=True)
    broker.say("home/noise", "57")
    daemon.wait_until(lambda now: sensor(now, "terrace")["value"] == 57)
    assert peak_mb(pid) < before_mb + 30
    assert children(daemon.process.pid, FRONT) == [pid]


def test_what_is_said_after_a_flood_is_heard_and_orders_are_in_the_middle_of_it(
    daemon: Daemon, broker: Mosquitto
) -> None:
    broker.flood("home/light", (str(lux) for lux in range(20_000)))
    broker.say("ambient-player/set/volume", "41")
    daemon.wait_until(lambda now: now["playback"]["volume_wanted"] == 41)

    def is_heard(now: Json) -> bool:
        broker.say(
            "home/light", "20001"
        )  # a broker keeps a thousand for who is slow, and drops what comes then
        return bool(sensor(now, "window")["said"] == "20001")

    daemon.wait_until(is_heard)


def test_one_that_falls_silent_is_said_so_once_and_comes_back(daemon: Daemon, broker: Mosquitto) -> None:
    broker.say("home/light", "400 lx")
    daemon.wait_until(lambda now: sensor(now, "window")["value"] == 400)
    speaking = daemon.events[-1]
    silent = "the sensor window has said nothing for 1 min: it counts no longer until it speaks again"
    found = daemon.wait_for("mood", after=speaking, level="warning", message=silent)
    assert sensor(daemon.tell("status"), "window")["stale"]
    broker.say("home/light", "410 lx")
    daemon.wait_for("mood", after=found, message="the sensor window is heard again")
    between = daemon.events[daemon.events.index(speaking) :]
    assert [event["message"] for event in between].count(silent) == 1


def test_what_the_broker_kept_is_no_sign_of_life_for_a_new_process(daemon: Daemon, broker: Mosquitto) -> None:
    broker.say("home/sky", "snow", keep=True)
    daemon.wait_until(lambda now: sensor(now, "sky")["said"] == "snow")
    daemon.wait_until(lambda now: sensor(now, "sky")["age_s"] > 3)
    (pid,) = children(daemon.process.pid, FRONT)
    os.kill(pid, signal.SIGKILL)
    daemon.wait_until(lambda now: now["front"]["mqtt"]["state"] != "connected")
    daemon.wait_until(lambda now: now["front"]["mqtt"]["state"] == "connected")
    broker.say("home/noise", "55")
    after = daemon.wait_until(lambda now: sensor(now, "terrace")["said"] == "55")
    assert sensor(after, "sky")["age_s"] > 3
