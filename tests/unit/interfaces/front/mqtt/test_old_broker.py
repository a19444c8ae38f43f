"""A broker of long ago, which knows MQTT 3.1.1 alone."""

from __future__ import annotations

import asyncio

from player.config.settings.mqtt import MqttSettings
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker

LEVEL_AT = 8
"""Where in what a client says first its version stands."""
ACCEPTED, UNKNOWN_VERSION = b"\x20\x02\x00\x00", b"\x20\x02\x00\x01"


def test_it_is_spoken_to_in_its_own_version_and_from_then_on_at_once() -> None:
    levels: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        level = (await reader.read(1000))[LEVEL_AT]
        levels.append(level)
        writer.write(ACCEPTED if level == 4 else UNKNOWN_VERSION)
        await writer.drain()
        await reader.read()
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        broker = AiomqttBroker(MqttSettings(enabled=True, host="127.0.0.1", port=port), "test")
        for _ in range(2):
            async with broker.connect():
                pass
        server.close()

    asyncio.run(scenario())
    assert levels == [5, 4, 4]
