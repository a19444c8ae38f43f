"""A broker that is full, slow, or old: what the player says of it, and what arrives all the same."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from player.interfaces.front.fleet.pace import PACE
from player.types import Json
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.integration.test_broker_tls import at_home, doctor, in_fleet
from tests.integration.test_fleet import until
from tests.support import small_disk
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.slow_line import SlowLine
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)
BASE = "ambient-player"
CONFIG = "homeassistant/device/ambient_player/config"


class WithCover(FakePlayer):
    """A player whose cover is as long as a test wants."""

    cover = b""

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        answer = await super().command(name, arguments)
        return {**answer, "jpeg": base64.b64encode(self.cover).decode()} if name == "cover" else answer


def at(port: int) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": port}


def fill(port: int) -> Iterator[socket.socket]:
    """Connections that say nothing, until the broker takes no more of them.

    The first that it refuses may come while one that was closed still counts; the second cannot.
    """
    refused = 0
    while refused < 2:
        each = socket.create_connection(("127.0.0.1", port))
        yield each
        each.settimeout(1)
        with suppress(TimeoutError):  # it says nothing to who says nothing, and ends what is one too many
            each.recv(1)
            refused += 1


def test_one_that_takes_no_more_connections(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, free_port(), more=("max_connections 1",)) as broker:
        others: list[socket.socket] = []
        said = [""]

        def is_refused() -> bool:
            others.extend(fill(broker.port))
            said[0] = doctor("mqtt", **at(broker.port))
            return "takes the player" not in said[0]

        # mosquitto 2.0.11 miscounts who has just left: it may let the first one in all the same.
        wait_for(is_refused, 60, "a broker that is full")
        assert said[0] == (
            f"What answers at 127.0.0.1, port {broker.port} ends the connection at once: it is no broker,"
            " or it takes no more connections (max_connections of mosquitto)."
        )
        for other in others:
            other.close()
        wait_for(lambda: "takes the player" in doctor("mqtt", **at(broker.port)), 60, "that it is mended")


@pytest.mark.long
@pytest.mark.parametrize("limit", ["message_size_limit 2000", "max_packet_size 2000"])
def test_one_that_takes_no_long_messages_gets_all_others(tmp_path: Path, limit: str) -> None:
    """The discovery is too long for it, and 40 plays are."""
    player = FakePlayer()

    async def scenario(broker: Mosquitto) -> None:
        where = at(broker.port)
        async with at_home(where, player) as said, in_fleet(tmp_path, where, where, plays=40) as (_, hub):
            await until(lambda: hub.counts.plays == 40)
            await until(lambda: said and said[-1][1] is None)
            for percent in (31, 32):
                player.change(playback=status.playback(volume_wanted=percent))
                await asyncio.to_thread(broker.wait_kept, f"{BASE}/state/volume", str(percent))

    with Mosquitto(tmp_path, free_port(), more=(limit,)) as broker:
        asyncio.run(scenario(broker))
        assert broker.kept(CONFIG) is None


@pytest.mark.long
def test_over_a_line_of_1_kb_a_second_all_arrives_and_of_much_the_newest(tmp_path: Path) -> None:
    player = WithCover()
    player.cover = os.urandom(12_000)
    track = replace(status.SONG, id=12)

    async def scenario(broker: Mosquitto, line: SlowLine) -> None:
        where = at(line.port)
        async with at_home(where, player), in_fleet(tmp_path, where, at(broker.port), 60, PACE) as (_, hub):
            for percent in range(100):
                player.change(playback=status.playback(volume_wanted=percent, track=track))
                await asyncio.sleep(0)
            await asyncio.to_thread(broker.wait_kept, f"{BASE}/state/volume", "99")
            await until(lambda: hub.counts.plays == 60)
            held = f"{BASE}/state/cover", CONFIG
            while set(await asyncio.to_thread(broker.topics, *held)) != set(held):
                await asyncio.sleep(0)

    with Mosquitto(tmp_path, free_port()) as broker, SlowLine(broker.port, 1024) as line:
        asyncio.run(scenario(broker, line))


@pytest.mark.skipif(not small_disk.POSSIBLE, reason="needs the right to mount")
def test_one_whose_disk_is_full_is_told_on(tmp_path: Path) -> None:
    player = FakePlayer()

    async def scenario(broker: Mosquitto, disk: Path) -> None:
        async with at_home(at(broker.port), player) as said:
            await asyncio.to_thread(broker.wait_kept, f"{BASE}/state/volume", "70")
            small_disk.fill(disk)
            for percent in range(20, 40):
                player.change(playback=status.playback(volume_wanted=percent))
                await asyncio.to_thread(broker.wait_kept, f"{BASE}/state/volume", str(percent))
            assert said[-1][1] is None

    with small_disk.small_disk(tmp_path / "disk", 256) as disk:
        shutil.chown(disk, "root")
        more = (
            "persistence true",
            f"persistence_location {disk}/",
            "autosave_interval 1",
            "autosave_on_changes true",
        )
        with Mosquitto(tmp_path, free_port(), more=more) as broker:
            asyncio.run(scenario(broker, disk))


@contextmanager
def old_broker() -> Iterator[int]:
    """One that knows MQTT 3.1.1 alone, on a port: it takes the player, and one message of each."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client:
                    hello = client.recv(4096)
                    is_known = hello[hello.index(b"MQTT") + 4] == 4
                    client.sendall(bytes((0x20, 2, 0, 0 if is_known else 1)))
                    if is_known and (said := client.recv(4096)):
                        number = 4 + int.from_bytes(said[2:4], "big")
                        client.sendall(bytes((0x40, 2)) + said[number : number + 2])
                        client.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_one_that_knows_no_mqtt_5_is_spoken_to_in_3_1_1() -> None:
    with old_broker() as port:
        assert doctor("mqtt", **at(port)) == f"the broker at 127.0.0.1, port {port} takes the player"
