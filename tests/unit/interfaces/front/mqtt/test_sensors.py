"""What sensors say at the broker, on its way to the player."""

from __future__ import annotations

import asyncio
import logging

import pytest

from player.config.settings.sensors import SensorTopic
from player.interfaces.front.mqtt.broker import Message
from player.interfaces.front.mqtt.sensors import SensorTopics
from tests.fakes.player import FakePlayer
from tests.support.front import until

PLAIN = SensorTopic(name="noise", topic="a/noise")
FIELD = SensorTopic(name="weather", topic="a/sky", field="weather.0.main")


def told(player: FakePlayer) -> list[str]:
    return [str(arguments["says"]) for name, arguments in player.told if name == "sensor"]


def run(messages: list[Message], wanted: list[str]) -> None:
    """These are said at once; the player hears of those."""

    async def scenario() -> None:
        player, times = FakePlayer(), iter(range(0, 10_000, 10))
        topics = SensorTopics([PLAIN, FIELD], player, clock=lambda: float(next(times)))
        for message in messages:
            assert topics.take(message)
        task = asyncio.ensure_future(topics.run())
        if wanted:
            await until(lambda: told(player) == wanted)
        task.cancel()
        assert told(player) == wanted

    asyncio.run(scenario())


def test_of_a_flood_the_newest_is_told() -> None:
    run([Message("a/noise", str(n).encode()) for n in range(500)], ["499"])


def test_a_field_of_json_is_found() -> None:
    run([Message("a/sky", b'{"weather": [{"main": "Rain"}]}')], ["Rain"])


@pytest.mark.parametrize(
    "payload",
    [b"{", b"\xff", b"[" * 9000, b"x" * 20_000, b'{"weather": [{"main": {}}]}', b'{"other": 1}', b"7"],
)
def test_nonsense_is_told_nobody_and_mentioned_once(payload: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    run([Message("a/sky", payload)], [])
    assert len(caplog.records) == 1


def test_other_topics_are_not_theirs() -> None:
    async def scenario() -> None:
        assert not SensorTopics([PLAIN], FakePlayer()).take(Message("a/other", b"1"))

    asyncio.run(scenario())
