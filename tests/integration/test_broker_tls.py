"""A fleet's broker as docs/fleet.md sets it up: TLS, a user for each room, and what each may say.

Real mosquitto, an authority and certificates that openssl makes; all that can be wrong with them, and mended.
"""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from player.cli.doctor import _broker
from player.config.settings.broker import BrokerSettings
from player.config.settings.config import Config
from player.hub.hub import Hub
from player.hub.storage.store import Store
from player.interfaces.command_table import Role
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.pace import Pace
from player.interfaces.front.fleet.report import Reporter
from player.interfaces.front.fleet.room import REACHED, Room
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker
from player.interfaces.front.mqtt.bridge import Bridge
from player.interfaces.front.mqtt.components import Permission
from player.interfaces.front.mqtt.topics import Topics
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.tasks import end, run_loop
from player.status import MqttState
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.integration.test_daemon import simple
from tests.integration.test_fleet import until
from tests.support import music
from tests.support.certificates import Authority
from tests.support.daemon import Daemon, merged
from tests.support.fleet import FAST, TOPICS, RoomPlayer, play
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.pulse import PrivatePulse
from tests.support.slow_line import SlowLine

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).resolve().parents[2]
PASSWORDS = {"hub": "Latte-1", "seoul-1": "Mocha-2", "cafe": "Ristretto-3"}
FASTER = FAST.faster(0.1)


def documented(name: str) -> str:
    """A file of the broker's as docs/fleet.md shows it, by the words of its first line."""
    text = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    found = re.search(rf"```\n# (/etc/mosquitto/{name}[^\n]*\n.*?)```", text, re.S)
    assert found is not None
    return found[1].split("\n", 1)[1]


@dataclass
class Site:
    """The broker with its files."""

    folder: Path
    port: int
    authority: Authority
    broker: Mosquitto

    def certify(self, names: str = "IP:127.0.0.1,DNS:localhost", *, expired: bool = False) -> None:
        """Another certificate from now on."""
        for made, to in zip(self.authority.sign("broker", names, expired=expired), PAIR, strict=True):
            shutil.copy(made, self.folder / to)

    def restarted(self) -> None:
        """The broker anew, with the certificate that lies there."""
        self.broker.kill()
        self.broker.start()

    def settings(self, user: str, **but: object) -> dict[str, object]:
        """Those with which a user connects."""
        held = {"host": "127.0.0.1", "port": self.port, "user": user, "password": PASSWORDS[user]}
        return {**held, "tls": True, "ca_file": str(self.authority.certificate), **but}


PAIR = ("certs/broker.crt", "certs/broker.key")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("broker")
    (folder / "certs").mkdir()
    (folder / "acl").write_text(
        documented("acl")
        + "\nuser cafe\ntopic readwrite ambient-player/#\ntopic readwrite homeassistant/#\n",
        encoding="utf-8",
    )
    (folder / "passwords").touch(0o600)
    for user, password in PASSWORDS.items():
        subprocess.run(["mosquitto_passwd", "-b", "passwords", user, password], cwd=folder, check=True)
    port, authority = free_port(), Authority(folder / "authority")
    lines = [line for line in documented("conf.d").splitlines() if not line.startswith("listener")]
    more = tuple(line.replace("/etc/mosquitto", str(folder)) for line in lines)
    site = Site(
        folder, port, authority, Mosquitto(folder, port, more=(*more, f"persistence_location {folder}/"))
    )
    site.certify()
    with site.broker:
        yield site


@pytest.fixture
def site(made: Site) -> Iterator[Site]:
    yield made
    made.certify()
    made.restarted()


def doctor(section: str, **settings: object) -> str:
    """What `ambient-player doctor` says of it."""
    extra = {"room": "seoul-1"} if section == "fleet" else {}
    config = Config.model_validate({section: {"enabled": True, **extra, **settings}})
    (finding,) = _broker(config)
    return finding.text


@asynccontextmanager
async def at_home(
    settings: dict[str, object], player: FakePlayer | None = None
) -> AsyncIterator[list[tuple[MqttState, str | None]]]:
    """A player at its broker; yields what it says of it."""
    player, said = player or FakePlayer(), list[tuple[MqttState, str | None]]()
    board, topics = StatusBoard(player), Topics("ambient-player", "homeassistant")
    broker = AiomqttBroker(BrokerSettings.model_validate(settings), topics.client_id)
    bridge = Bridge(
        player, board, broker, topics, "Café", Permission(Role.STAFF), False,
        lambda state, problem: said.append((state, problem)), retry_s=(0.2, 0.5),
    )  # fmt: skip
    tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(bridge.run())]
    try:
        yield said
    finally:
        await end(tasks)


@asynccontextmanager
async def in_fleet(
    folder: Path, room: dict[str, object], hub: dict[str, object], plays: int = 3, pace: Pace = FASTER
) -> AsyncIterator[tuple[Room, Hub]]:
    """A room with some plays, and its hub."""
    player, store = RoomPlayer(), Store(folder)
    player.plays = [play(number) for number in range(1, plays + 1)]
    board = StatusBoard(player)

    def broker(settings: dict[str, object], section: str) -> AiomqttBroker:
        return AiomqttBroker(BrokerSettings.model_validate(settings), section, section, 15, 1000)

    one = Room(
        "seoul-1", player, board, broker(room, "fleet"), TOPICS, Notebook(folder, "seoul-1"),
        Reporter("Café", "Seoul", False), pace,
    )  # fmt: skip
    watch = Hub(broker(hub, "broker"), TOPICS, store, pace)
    tasks = [asyncio.ensure_future(each) for each in (board.follow(), one.run(), watch.run())]
    try:
        yield one, watch
    finally:
        await end(tasks)
        store.close()


def test_the_right_authority_and_users_connect_with_the_documented_broker(site: Site, tmp_path: Path) -> None:
    where = f"the broker at 127.0.0.1, port {site.port} takes the player"
    assert doctor("mqtt", **site.settings("cafe")) == where
    assert doctor("fleet", **site.settings("seoul-1")) == where

    async def scenario() -> None:
        async with (
            at_home(site.settings("cafe")) as said,
            in_fleet(tmp_path, site.settings("seoul-1"), site.settings("hub")) as (room, hub),
        ):
            await until(lambda: said and said[-1] == (MqttState.CONNECTED, None))
            await until(lambda: hub.counts.plays == 3 and room.trouble() is None)
            hub.command(["seoul-1"], "next", {}, "Jo", 60)
            await until(lambda: hub.store.commands("seoul-1")[0].done)

    run_loop(scenario())


def faults(site: Site, folder: Path) -> Iterator[tuple[str, dict[str, object], str]]:
    """What can be wrong on our side of it: a name, the settings, and what is said."""
    at = f"The certificate of the broker at 127.0.0.1, port {site.port}"
    other = Authority(folder / "other", "another")
    of = "is of an authority that this machine does not know; see {}.ca_file."
    yield "another authority", {"ca_file": str(other.certificate)}, f"{at} {of}"
    yield "no authority of our own", {"ca_file": None}, f"{at} {of}"
    refused = f"The broker at 127.0.0.1, port {site.port} refuses the player"
    yield "password", {"password": "wrong-and-secret"}, f"{refused}; see {{}}.user and {{}}.password."
    unencrypted = f"What answers at 127.0.0.1, port {site.port} is no broker; see {{}}.port and {{}}.tls."
    yield "no TLS here", {"tls": False}, unencrypted


@pytest.mark.long
def test_what_is_wrong_here_is_a_sentence(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.interfaces.front.mqtt.aiomqtt_broker.ANSWER_S", 3.0)
    for name, but, said in faults(site, tmp_path):
        for section, user in (("mqtt", "cafe"), ("fleet", "seoul-1")):
            assert doctor(section, **site.settings(user, **but)) == said.replace("{}", section), name

    async def scenario(but: dict[str, object], said: str) -> None:
        folder = Path(mkdtemp(dir=tmp_path))
        async with (
            at_home(site.settings("cafe", **but)) as states,
            in_fleet(folder, site.settings("seoul-1", **but), site.settings("hub", **but)) as (
                room,
                hub,
            ),
        ):
            wanted = said.replace("{}", "mqtt")
            await until(lambda: states.count((MqttState.CONNECTING, wanted)) > 1)
            await until(lambda: room.trouble() == said.replace("{}", "fleet"))
            await until(lambda: hub.problem == said.replace("{}", "broker"))
        assert caplog.messages.count(wanted) == 1, "said once, however often it is tried"

    for _, but, said in faults(site, tmp_path):
        caplog.clear()
        run_loop(scenario(but, said))
        assert not any(secret in caplog.text for secret in ("wrong-and-secret", *PASSWORDS.values()))
        assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    ("names", "expired", "said"),
    [
        ("DNS:broker.example", False, "is for another name; see mqtt.host, or make it for this one."),
        ("IP:127.0.0.1", True, "has expired: renew it there, or set this machine's clock if it is wrong."),
    ],
)
def test_what_is_wrong_there_is_a_sentence_until_it_is_mended(
    site: Site, names: str, expired: bool, said: str
) -> None:
    site.certify(names, expired=expired)
    site.restarted()
    why = f"The certificate of the broker at 127.0.0.1, port {site.port} {said}"
    assert doctor("mqtt", **site.settings("cafe")) == why

    async def scenario() -> None:
        async with at_home(site.settings("cafe")) as states:
            await until(lambda: (MqttState.CONNECTING, why) in states)
            site.certify()
            await asyncio.to_thread(site.restarted)
            await until(lambda: states[-1] == (MqttState.CONNECTED, None))

    run_loop(scenario())


def test_what_the_acl_forbids_is_a_sentence_until_it_is_allowed(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    as_another = site.settings("cafe")  # a user whom the list lets be no room, and no hub
    at = f"The broker at 127.0.0.1, port {site.port} does not let this user"
    why_fleet = f"{at} write to ambient/rooms/seoul-1/presence; see its access list and fleet.user."
    why_hub = f"{at} write to ambient/rooms/hub/desired; see its access list and broker.user."
    why_home = f"{at} write to homeassistant/device/ambient_player/config; see its access list and mqtt.user."
    assert doctor("fleet", **as_another) == why_fleet
    assert "write to ambient-player/state/doctor" in doctor("mqtt", **site.settings("hub"))
    acl = site.folder / "acl"
    before = acl.read_text(encoding="utf-8")
    acl.write_text(before.replace("topic readwrite homeassistant/#\n", ""), encoding="utf-8")
    site.broker.reload()

    async def scenario() -> None:
        async with (
            at_home(site.settings("cafe")) as states,
            in_fleet(tmp_path, as_another, as_another) as (room, hub),
        ):
            await until(lambda: states and states[-1] == (MqttState.CONNECTED, why_home))
            await until(lambda: room.trouble() == why_fleet and hub.problem == why_hub)
            more = "user cafe\ntopic readwrite ambient/rooms/#\ntopic readwrite homeassistant/#\n"
            acl.write_text(before + more, encoding="utf-8")
            await asyncio.to_thread(site.restarted)
            await until(lambda: hub.counts.plays == 3 and room.trouble() is None)
            await until(lambda: states[-1] == (MqttState.CONNECTED, None))

    try:
        run_loop(scenario())
    finally:
        acl.write_text(before, encoding="utf-8")
    assert [caplog.messages.count(why) for why in (why_home, why_fleet, why_hub)] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["presence", "plays", "answers", "status", "reported"])
def test_one_topic_that_is_forbidden_to_a_room_holds_up_no_other(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.INFO)
    at = f"The broker at 127.0.0.1, port {site.port} does not let this user"
    why = f"{at} write to ambient/rooms/seoul-1/{kind}; see its access list and fleet.user."
    acl = site.folder / "acl"
    before = acl.read_text(encoding="utf-8")
    acl.write_text(before.replace(f"pattern write ambient/rooms/%u/{kind}\n", ""), encoding="utf-8")
    site.broker.reload()

    def command(hub: Hub) -> Callable[[], bool]:
        hub.command(["seoul-1"], "next", {}, "Jo", 60)
        return lambda: bool(hub.store.commands("seoul-1")[0].done)

    async def scenario() -> None:
        async with in_fleet(tmp_path, site.settings("seoul-1"), site.settings("hub")) as (room, hub):
            if kind != "plays":
                await until(lambda: hub.counts.plays == 3)
            done = command(hub)
            if kind != "answers":
                await until(done)
            hub.push(["seoul-1"], {"playback": {"volume": 40}}, "Jo")
            await until(lambda: room.trouble() == why)
            acl.write_text(before, encoding="utf-8")
            site.broker.reload()
            if kind == "answers":
                command(hub)
            await until(lambda: room.trouble() is None and hub.counts.plays == 3)

    try:
        run_loop(scenario())
    finally:
        acl.write_text(before, encoding="utf-8")
    assert caplog.messages.count(why) == 1
    assert caplog.messages.count(REACHED) == 1, "the connection holds"


@pytest.mark.long
def test_the_music_plays_through_all_of_it(site: Site, pulse: PrivatePulse, tmp_path: Path) -> None:
    """A real player at the documented broker, over TLS and over a slow line."""
    songs = tmp_path / "songs"
    songs.mkdir()
    for name, hz in (("one", 220.0), ("two", 247.0)):
        music.calm(songs / f"{name}.wav", 120, hz)

    def all_is_well(now: Json) -> bool:
        problem = now["front"]["problem"] or ""
        return now["front"]["mqtt"]["state"] == "connected" and "broker" not in problem

    with SlowLine(site.port, 1024) as line:
        mqtt = {"enabled": True, **site.settings("cafe")}
        fleet = {"enabled": True, "room": "seoul-1", **site.settings("seoul-1", port=line.port)}
        with Daemon(
            tmp_path / "player", merged(simple(songs), {"mqtt": mqtt, "fleet": fleet}), pulse.env
        ) as daemon:

            def plays_on() -> None:
                daemon.wait_until(
                    lambda now: (
                        now["playback"]["state"] == "playing" and now["playback"]["audible"]["audible"]
                    )
                )

            daemon.wait_until(all_is_well)
            plays_on()
            site.certify("IP:127.0.0.1", expired=True)
            site.restarted()
            said = daemon.wait_until(lambda now: "has expired" in str(now["front"]["mqtt"]["problem"]))
            assert said["playback"]["state"] == "playing"
            daemon.wait_until(lambda now: "has expired" in str(now["problems"]))
            plays_on()
            site.certify()
            site.restarted()
            daemon.wait_until(all_is_well)
            plays_on()
            assert not any(secret in daemon.transcript() for secret in PASSWORDS.values())
            assert "Traceback" not in daemon.transcript()
