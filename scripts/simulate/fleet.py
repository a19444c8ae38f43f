"""A fleet at a real mosquitto, faster than life: what its hub shows, keeps and costs while things go wrong.

    python -m scripts.simulate.fleet                        # 500 rooms, an hour, twelve times as fast
    python -m scripts.simulate.fleet --rooms 20 --minutes 4 --times 12

The rooms are the code that runs in a player's front, each with a player that is made up; the hub is a process
of its own, page and all. Rooms go silent, lose their network (some connections break, some just swallow
everything), and lose power; hub and broker are killed and started again, and the broker forgets everything.
It ends with exit status 1 if a silent room was shown later than 30 s, or a play is missing or doubled.
The module is long because it is one experiment, from its rooms to its tables.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from player.config.settings.broker import BrokerSettings
from player.config.settings.hub import HubSettings, HubWebSettings
from player.hub.hub import Hub
from player.hub.run import make_hub, serve
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.pace import KEEPALIVE_S, PACE
from player.interfaces.front.fleet.report import Reporter
from player.interfaces.front.fleet.room import Room
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker
from player.interfaces.front.player_client import News, PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.tasks import end
from player.system.proc import Proc
from player.types import Json
from scripts.simulate.fleet_network import Mosquitto, Proxy

SHOWN_WITHIN_S = 30.0
MOST_MB = 300.0
LOOK_S = 0.05
"""Between two looks of the hub's process at its rooms, in real seconds."""
ROOMS_SAID = ("lively", "cosy", "quiet", "calm")
AWAY_PLAYS = 400
"""What a room has played that was away for days."""


class MadeUpPlayer(PlayerClient):
    """A player with tracks, a mood and a volume that change."""

    def __init__(self, chance: random.Random, times: float) -> None:
        self._chance, self._times = chance, times
        self.plays: list[Json] = []
        self.silent = False
        self._track = "Song 0"
        self._volume, self._mood = 60, 0.0
        self._number, self._news = 0, asyncio.Event()

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        if name == "ledger":
            after = arguments["after"]  # they are numbered from 1 on
            return {"plays": self.plays[after : after + arguments["limit"]]}
        return {"message": f"{name} done"}

    def lines(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[Json]:
        """See PlayerClient; nobody asks."""
        raise NotImplementedError

    async def watch(self) -> AsyncIterator[News]:
        """See PlayerClient."""
        while True:
            news = self._news
            yield News(str(self._number), self._status())
            await news.wait()

    def note_play(self) -> None:
        """A track has ended, and another one begins."""
        number = len(self.plays) + 1
        self.plays.append(
            {
                "id": number,
                "started_at": datetime.now(UTC).isoformat("T", "seconds"),
                **{name: f"{name} {number}" for name in ("title", "artist", "album", "composer", "label")},
                **{"isrc": "", "venue": "Café", "duration_s": 200.0, "audible_s": 199.0, "audible": True},
            }
        )
        self._track = f"Song {number + 1}"
        self.change()

    def change(self) -> None:
        """Something in the status is another."""
        self._number += 1
        self._news.set()
        self._news = asyncio.Event()

    async def live(self) -> None:
        """Play tracks of three to four minutes in a room whose mood changes every other minute."""
        await asyncio.gather(self._play(), self._feel())

    async def _play(self) -> None:
        await self._pass(self._chance.uniform(0, 200))
        while True:
            await self._pass(self._chance.uniform(180, 240))
            if not self.silent:
                self.note_play()

    async def _feel(self) -> None:
        while True:
            await self._pass(self._chance.uniform(60, 180))
            self._mood = self._chance.uniform(-0.8, 0.8)
            self.change()

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)

    def _status(self) -> Json:
        heard = {"audible": not self.silent, "problem": None, "silent_s": 0.0}
        track = {"artist": "Band", "title": self._track}
        return {
            "playback": {
                "state": "silent" if self.silent else "playing",
                "audible": heard,
                "silent_reason": "There is no sound card." if self.silent else None,
                "track": None if self.silent else track,
                "volume": self._volume,
            },
            "room": {"mood": {"valence": self._mood, "energy": self._mood}},
            "perception": {"camera": {"state": "live"}, "sees": True, "scene": None},
            "problems": [],
        }


@dataclass
class Simulated:
    """A room with its network."""

    id: str
    player: MadeUpPlayer
    proxy: Proxy | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@dataclass
class Fault:
    """Something went wrong with a room; instants on the steady clock."""

    room: str
    kind: str
    began_s: float
    ended_s: float = float("inf")
    shown_s: float | None = None


class Simulation:
    """All of it, in one event loop; the hub and the broker are processes."""

    def __init__(self, folder: Path, rooms: int, minutes: float, times: float, seed: int) -> None:
        self._folder, self._times, self._minutes = folder, times, minutes
        self._chance = random.Random(seed)
        self._mosquitto = Mosquitto(folder)
        self._pace = PACE.faster(times)
        self._keepalive_s = max(2, round(KEEPALIVE_S / times))
        self.rooms = [Simulated(f"room-{n:03}", MadeUpPlayer(random.Random(n), times)) for n in range(rooms)]
        self.faults: list[Fault] = []
        self.outages: list[tuple[float, float]] = []
        """When hub or broker were not there."""
        self._hub: asyncio.subprocess.Process | None = None
        self.peak_mb = 0.0
        self.counts: dict[str, dict[str, int]] = {}

    async def run(self) -> None:
        """The whole hour."""
        await self._mosquitto.start()
        await self._start_hub()
        for n, room in enumerate(self.rooms):
            if n % 10 in (0, 2):  # those whose network will swallow everything
                room.proxy = Proxy(self._mosquitto.port)
                await room.proxy.start()
            if n % 50 == 1:
                for _ in range(AWAY_PLAYS):
                    room.player.note_play()
            self._come(room)
        living = [asyncio.create_task(room.player.live()) for room in self.rooms]
        await self._pass_minutes(self._minutes * 0.1)
        trouble = [asyncio.create_task(self._room_faults()), asyncio.create_task(self._outages())]
        await asyncio.gather(*trouble)
        await self._pass_minutes(self._minutes * 0.05)
        for task in living:
            task.cancel()
        await self._until_delivered()
        await self._end()

    def _come(self, room: Simulated) -> None:
        folder = self._folder / room.id
        folder.mkdir(exist_ok=True)
        port = room.proxy.port if room.proxy else self._mosquitto.port
        settings = BrokerSettings(host="127.0.0.1", port=port)
        broker = AiomqttBroker(settings, f"ambient-room-{room.id}", "fleet", self._keepalive_s)
        board, notebook = StatusBoard(room.player), Notebook(folder, room.id)
        made = Room(
            room.id, room.player, board, broker, FleetTopics("ambient"), notebook,
            Reporter("Café", f"group-{int(room.id[-3:]) % 7}", False), self._pace,
        )  # fmt: skip
        room.tasks = [asyncio.create_task(board.follow()), asyncio.create_task(made.run())]

    async def _leave(self, room: Simulated) -> None:
        await end(room.tasks)

    async def _room_faults(self) -> None:
        """In three quarters of the time, every fourth room has a fault of one of three kinds."""
        troubled = self.rooms[::2]
        self._chance.shuffle(troubled)
        kinds = {"silent": self._silent, "no network": self._no_network, "no power": self._no_power}
        jobs = []
        for n, room in enumerate(troubled[: max(6, len(self.rooms) // 4)]):
            kind = ("no network", "no power", "silent")[n % 3] if room.proxy else "silent"
            begins_s = self._chance.uniform(0, 0.6 * self._minutes * 60)
            jobs.append(self._fault(room, kind, begins_s, kinds[kind]))
        await asyncio.gather(*jobs)

    async def _fault(self, room: Simulated, kind: str, begins_s: float, cause: Any) -> None:
        await self._pass(begins_s)
        fault = Fault(room.id, kind, time.monotonic())
        self.faults.append(fault)
        await cause(room, self._chance.uniform(60, 0.15 * self._minutes * 60 + 61))
        fault.ended_s = time.monotonic()

    async def _silent(self, room: Simulated, lasts_s: float) -> None:
        room.player.silent = True
        room.player.change()
        await self._pass(lasts_s)
        room.player.silent = False
        room.player.change()

    async def _no_network(self, room: Simulated, lasts_s: float) -> None:
        assert room.proxy is not None
        room.proxy.swallow(True)
        await self._pass(lasts_s)
        room.proxy.swallow(False)

    async def _no_power(self, room: Simulated, lasts_s: float) -> None:
        assert room.proxy is not None
        room.proxy.swallow(True)  # there is no time for a goodbye
        await self._leave(room)
        await self._pass(lasts_s)
        room.proxy.swallow(False)
        self._come(room)

    async def _outages(self) -> None:
        """The hub is killed twice, the broker once; each is back within a minute or so."""
        await self._pass_minutes(self._minutes * 0.25)
        for kill, lasts_s in ((self._kill_hub, 45), (self._kill_broker, 60), (self._kill_hub, 20)):
            began_s = time.monotonic()
            await kill(lasts_s)
            # Everybody has to find the way back before anything can be shown.
            self.outages.append((began_s, time.monotonic() + self._pace.retry_max_s * 2))
            await self._pass_minutes(self._minutes * 0.12)

    async def _kill_hub(self, lasts_s: float) -> None:
        assert self._hub is not None
        self._hub.kill()
        await self._hub.wait()
        await self._pass(lasts_s)
        await self._start_hub()

    async def _kill_broker(self, lasts_s: float) -> None:
        await self._mosquitto.kill()
        await self._pass(lasts_s)
        await self._mosquitto.start()

    async def _start_hub(self) -> None:
        self._hub = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.simulate.fleet", "--hub", str(self._mosquitto.port)),
            *("--times", str(self._times), "--folder", str(self._folder)),
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        assert self._hub.stdout is not None
        self._reading = asyncio.create_task(self._read_hub(self._hub.stdout))

    async def _read_hub(self, lines: asyncio.StreamReader) -> None:
        """What the hub shows, as it changes."""
        run_counts: dict[str, dict[str, int]] = {}
        async for line in lines:
            said = json.loads(line)
            if "room" in said:
                self._shown(said["room"], said["condition"])
            self.peak_mb = max(self.peak_mb, said.get("mb", 0.0))
            run_counts = said.get("counts", run_counts)
        for name, kinds in run_counts.items():
            total = self.counts.setdefault(name, {})
            for kind, number in kinds.items():
                total[kind] = total.get(kind, 0) + number

    def _shown(self, room: str, condition: str) -> None:
        if condition not in ("silent", "offline"):
            return
        now_s = time.monotonic()
        for fault in self.faults:
            if fault.room == room and fault.shown_s is None and now_s < fault.ended_s:
                fault.shown_s = now_s

    async def _until_delivered(self) -> None:
        async with asyncio.timeout(120):
            while len(kept_plays(self._folder)) < sum(len(room.player.plays) for room in self.rooms):
                await asyncio.sleep(0.5)

    async def _end(self) -> None:
        assert self._hub is not None
        with suppress(ProcessLookupError):
            self._hub.terminate()
        await self._hub.wait()
        await self._reading
        await asyncio.gather(*(self._leave(room) for room in self.rooms))
        for room in self.rooms:
            if room.proxy:
                await room.proxy.stop()
        await self._mosquitto.kill()

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)

    async def _pass_minutes(self, minutes: float) -> None:
        await self._pass(minutes * 60)

    def delays_s(self) -> dict[str, list[float]]:
        """After how many seconds of the simulated time each fault was shown, by kind.

        Without those that began or should have been shown while hub or broker were away.
        """
        found: dict[str, list[float]] = {}
        for fault in self.faults:
            due_s = fault.began_s + SHOWN_WITHIN_S / self._times
            away = any(begin <= due_s and fault.began_s <= end for begin, end in self.outages)
            if not away:
                late = fault.ended_s if fault.shown_s is None else fault.shown_s
                found.setdefault(fault.kind, []).append((late - fault.began_s) * self._times)
        return found


def kept_plays(folder: Path) -> list[tuple[str, int]]:
    """Room and number of each play that the hub has."""
    with suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{folder / 'hub.db'}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute("SELECT room, id FROM plays").fetchall()
        finally:
            connection.close()
    return []


def report(simulation: Simulation, folder: Path, hours: float) -> Iterator[str]:
    """The tables, and at last what is wrong, a line each that begins with WRONG."""
    wrong = []
    yield "| fault | how often | shown after, at most | in the mean |"
    yield "|---|---|---|---|"
    for kind, delays in sorted(simulation.delays_s().items()):
        yield f"| {kind} | {len(delays)} | {max(delays):.1f} s | {sum(delays) / len(delays):.1f} s |"
        wrong += [f"{kind} was shown after {max(delays):.1f} s"] if max(delays) > SHOWN_WITHIN_S else []
    rooms = len(simulation.rooms)
    yield ""
    yield "| messages to the hub | a room and hour | bytes each |"
    yield "|---|---|---|"
    received, sizes = simulation.counts.get("received", {}), simulation.counts.get("bytes", {})
    for kind, number in sorted(received.items(), key=lambda each: -each[1]):
        yield f"| {kind} | {number / rooms / hours:.1f} | {sizes[kind] / number:.0f} |"
    for kind, number in sorted(simulation.counts.get("sent", {}).items()):
        yield f"| {kind}, from the hub | {number / rooms / hours:.1f} | |"
    wanted = {(room.id, play["id"]) for room in simulation.rooms for play in room.player.plays}
    kept = kept_plays(folder)
    again = simulation.counts.get("plays", {}).get("again", 0)
    yield ""
    yield (
        f"{len(wanted)} plays, {len(wanted - set(kept))} missing, {len(kept) - len(set(kept))} doubled"
        f" ({again} came again and were known); the hub took {simulation.peak_mb:.0f} MB at most."
    )
    wrong += [f"{len(wanted - set(kept))} plays are missing"] if wanted - set(kept) else []
    wrong += ["plays are doubled"] if len(kept) != len(set(kept)) else []
    wrong += ["the hub is too large"] if simulation.peak_mb > MOST_MB else []
    yield from (f"WRONG: {each}" for each in wrong)


async def be_hub(port: int, folder: Path, times: float) -> None:
    """The hub's process: says on standard output how each room is whenever that changes."""
    web = HubWebSettings(port=0)
    settings = HubSettings(broker=BrokerSettings(host="127.0.0.1", port=port), web=web, state_dir=folder)
    hub = make_hub(settings, folder, PACE.faster(times), max(2, round(KEEPALIVE_S / times)))
    await asyncio.gather(serve(hub, settings, folder), tell(hub))


async def tell(hub: Hub) -> None:
    """A line for each change, and one a second with memory and counts."""
    shown: dict[str, str] = {}
    told_s = 0.0
    while True:
        for seen in hub.rooms.all():
            if shown.get(seen.room.id) != seen.condition:
                shown[seen.room.id] = seen.condition
                print(json.dumps({"room": seen.room.id, "condition": seen.condition}), flush=True)
        if time.monotonic() > told_s + 1:
            told_s, counts = time.monotonic(), hub.counts
            numbers = {
                "received": counts.received,
                "bytes": counts.received_bytes,
                "sent": counts.sent,
                "plays": {"new": counts.plays, "again": counts.plays_again},
            }
            print(json.dumps({"mb": peak_mb(), "counts": numbers}), flush=True)
        await asyncio.sleep(LOOK_S)


def peak_mb() -> float:
    """The most memory that this process has had."""
    return int(Proc().status(os.getpid(), "VmHWM").split()[0]) / 1024


def main() -> None:
    """Run it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rooms", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=60, help="of the simulated time")
    parser.add_argument("--times", type=float, default=12, help="how many times as fast as life")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hub", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # each room says that the broker is gone
    if given.hub is not None:
        asyncio.run(be_hub(given.hub, given.folder, given.times))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulation = Simulation(folder, given.rooms, given.minutes, given.times, given.seed)
        asyncio.run(simulation.run())
        lines = [*report(simulation, folder, given.minutes / 60)]
    print("\n".join(lines))
    raise SystemExit(any(line.startswith("WRONG") for line in lines))


if __name__ == "__main__":
    main()
