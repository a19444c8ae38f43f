"""What sensors say at the broker, on its way to the player."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiomqtt
import pytest

from player.config.settings.sensors import SensorTopic
from player.interfaces.front.mqtt.aiomqtt_broker import WaitingMessages
from player.interfaces.front.mqtt.broker import Message
from player.interfaces.front.mqtt.sensors import SensorTopics
from player.interfaces.front.player_client import AWAY, TIMEOUT, PlayerRefusal
from player.interfaces.front.status_board import StatusBoard
from player.status import PointStatus, SensorStatus
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.support.front import until

PLAIN = SensorTopic(name="noise", topic="a/noise")
NOWHERE = PointStatus(0.0, 0.0)
FIELD = SensorTopic(name="weather", topic="a/sky", field="weather.0.main")


def told(player: FakePlayer) -> list[str]:
    return [str(arguments["says"]) for name, arguments in player.told if name == "sensor"]


@asynccontextmanager
async def sensors_of(player: FakePlayer) -> AsyncIterator[SensorTopics]:
    """Those of a player whose status is known; each look at the clock is 10 s later."""
    times, board = iter(range(0, 10_000, 10)), StatusBoard(player)
    topics = SensorTopics([PLAIN, FIELD], player, board, clock=lambda: float(next(times)))
    tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(topics.run())]
    try:
        await until(lambda: board.current is not None)
        yield topics
    finally:
        for task in tasks:
            task.cancel()


def run(messages: list[Message], wanted: list[str], player: FakePlayer | None = None) -> None:
    """These are said at once; the player hears of those."""

    async def scenario() -> None:
        hears = player or FakePlayer()
        async with sensors_of(hears) as topics:
            for message in messages:
                assert topics.take(message)
            # The last is one that is told in any case: when it has been, the others are through.
            topics.take(Message("a/noise", b"1"))
            await until(lambda: told(hears)[-1:] == ["1"])
            assert told(hears)[:-1] == wanted

    asyncio.run(scenario())


def knows(*sensors: SensorStatus) -> FakePlayer:
    """A player that has heard of these."""
    return FakePlayer(status.whole(room=replace(status.whole().room, sensors=sensors)))


def test_of_a_flood_the_newest_is_told() -> None:
    run([Message("a/sky", b'{"weather": [{"main": "Sky %d"}]}' % n) for n in range(500)], ["Sky 499"])


def test_what_the_broker_kept_is_no_sign_of_life_if_the_player_has_heard_it() -> None:
    heard = SensorStatus("weather", "weather", "Rain", None, None, "", 90_000.0, True, NOWHERE, None)
    rain, snow = (b'{"weather": [{"main": "%s"}]}' % word for word in (b"Rain", b"Snow"))
    run([Message("a/sky", rain, retained=True)], [], knows(heard))
    run([Message("a/sky", rain)], ["Rain"], knows(heard))
    run([Message("a/sky", snow, retained=True)], ["Snow"], knows(heard))


@pytest.mark.parametrize("code", [AWAY, TIMEOUT, "busy"])
def test_a_player_that_does_not_answer_is_told_when_it_does(code: str) -> None:
    """A weather word that comes while the player starts may be the day's only one."""

    async def scenario() -> None:
        player = FakePlayer()
        async with sensors_of(player) as topics:
            player.refusal = PlayerRefusal(code, "The player does not answer in time.")
            topics.take(Message("a/noise", b"61"))
            await until(lambda: told(player) == ["61", "61"])
            player.refusal = None
            await until(lambda: told(player) == ["61"] * 3)
            topics.take(Message("a/noise", b"62"))
            await until(lambda: told(player) == ["61"] * 3 + ["62"])

    asyncio.run(scenario())


def test_what_waits_is_the_newest_of_a_topic_that_is_flooded_and_all_of_the_others() -> None:
    waiting = WaitingMessages(maxsize=4)
    for topic, payload in [("order", 0), *(("noise", number) for number in range(100)), ("order", 1)]:
        waiting.put_nowait(aiomqtt.Message(topic, payload, 1, False, 0, None))
    assert [waiting.get_nowait().payload for _ in range(4)] == [97, 98, 99, 1]


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
        async with sensors_of(FakePlayer()) as topics:
            assert not topics.take(Message("a/other", b"1"))

    asyncio.run(scenario())
