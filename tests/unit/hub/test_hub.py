"""Rooms and their hub at a broker in memory: what is shown, what is kept, and what faults leave whole."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from player.errors import StateError
from player.hub import rooms
from player.hub.hub import ROOM_AGAIN, TAKEN_AGAIN, TOO_MANY
from player.hub.outgoing import Outgoing
from player.hub.rooms import Rooms
from player.hub.storage import store as storage
from player.hub.storage.schema import MIGRATIONS, connect
from player.hub.storage.store import Change, Store, all_plays
from player.interfaces.front.fleet import orders
from player.interfaces.front.fleet.messages import (
    MOST_BYTES,
    MOST_PROBLEMS,
    Desired,
    MessageError,
    PlayLine,
    Plays,
    RoomAnswer,
    RoomCommand,
    RoomReport,
    Taken,
    decode,
    encode,
)
from player.interfaces.front.fleet.notebook import BEGUN
from player.interfaces.front.player_client import AWAY, TIMEOUT
from player.library.queries.records import PlayRecord
from player.log import MOST_COMPLAINTS
from player.status import PlayerState
from tests.fakes import status
from tests.support import small_disk
from tests.support.fleet import TOPICS, Fleet, InRoom, fleet, play
from tests.support.front import until

NO_PLAYS = "CREATE TRIGGER full BEFORE INSERT ON plays BEGIN SELECT RAISE(FAIL, 'disk full'); END"


def kept(house: Fleet) -> list[tuple[str, int]]:
    """Room and number of each play that the hub has."""
    return [(one["room"], one["id"]) for one in all_plays(house.folder, None, None, None)]


async def settled(room: InRoom, command: str = "ledger", times: int = 3) -> None:
    """Return when the room has asked for news so often once more."""
    before = sum(name == command for name, _ in room.player.told)
    await until(lambda: sum(name == command for name, _ in room.player.told) >= before + times)


def test_those_that_need_somebody_come_first(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            well, silent, gone = (house.room(id) for id in ("a-well", "b-silent", "c-gone"))
            for room in (well, silent, gone):
                room.start()
            await until(lambda: [house.condition(one.id) for one in house.rooms] == ["playing"] * 3)
            silent.player.change(
                playback=status.playback(state=PlayerState.SILENT, silent_reason="There is no sound card.")
            )
            await until(lambda: house.condition("b-silent") == "silent")
            await gone.stop()
            await until(lambda: house.condition("c-gone") == "offline")
            found = house.hub.rooms.all()
            assert [one.room.id for one in found] == ["c-gone", "b-silent", "a-well"]
            report = found[1].room.report
            assert report is not None
            assert (report.silent, report.track, report.group) == (
                "There is no sound card.",
                "Band – Song",
                "Seoul",
            )
            assert report.scene is None

    asyncio.run(scenario())


def test_a_room_whose_network_swallows_everything_is_offline(tmp_path: Path) -> None:
    """Its connection stays open, and the broker says nothing: signs of life are missed."""

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            await house.joined("seoul-1")
            house.exchange.lost = {"status"}
            await until(lambda: house.condition("seoul-1") == "offline")
            house.exchange.lost = set()
            await until(lambda: house.condition("seoul-1") == "playing")

    asyncio.run(scenario())


def test_a_player_that_hangs_behind_its_front_is_silent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            room.player.leave()
            await until(lambda: house.condition("seoul-1") == "silent")

    asyncio.run(scenario())


def test_a_hub_that_starts_again_knows_its_rooms_and_does_not_cry_wolf(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room, gone = house.room("seoul-1"), house.room("seoul-2")
            room.start()
            gone.start()
            await until(lambda: house.condition("seoul-1") == house.condition("seoul-2") == "playing")
            house.hub.flush()
            await house.stop_hub()
            await gone.stop()
            house.start_hub()
            assert house.condition("seoul-1") == "playing", "it has the time to say something first"
            await until(lambda: house.condition("seoul-2") == "offline")
            assert house.condition("seoul-1") == "playing"
            await until(lambda: house.hub.counts.received.total() > 4)
            house.exchange.go_down()
            await room.stop(is_cut=False)
            await until(lambda: house.condition("seoul-1") == "offline")

    asyncio.run(scenario())


def test_each_play_arrives_once_whatever_is_lost(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = house.room("seoul-1")
            room.player.plays = [play(number) for number in range(1, 121)]
            house.exchange.lost = {"taken"}
            room.start()
            await until(lambda: house.hub.counts.plays_again > 0)  # the hub has them, they come again
            await house.stop_hub()
            house.exchange.lost = set()
            house.start_hub()
            await until(lambda: len(kept(house)) == 120)
            await room.stop()
            room.player.plays.append(play(121))
            room.start()
            await until(lambda: len(kept(house)) == 121)
            (room.folder / "fleet.json").unlink()  # the disk has forgotten: all of it comes once more
            await room.stop()
            (room.folder / "fleet.json").unlink(missing_ok=True)
            before = house.hub.counts.plays_again
            room.start()
            await until(lambda: house.hub.counts.plays_again >= before + 121)
            assert sorted(kept(house)) == [("seoul-1", number) for number in range(1, 122)]

    asyncio.run(scenario())


@pytest.mark.parametrize(("restarts", "plays"), [(True, 5), (False, 5), (False, 2)])
def test_a_history_that_begins_anew_is_no_repetition(tmp_path: Path, restarts: bool, plays: int) -> None:
    """Its numbers begin with 1 again: other plays, which must not be taken for the old ones."""

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = house.room("seoul-1")
            room.player.plays = [play(1), play(2), play(3)]
            room.start()
            await until(lambda: len(kept(house)) == 3)
            await settled(room)
            if restarts:
                await room.stop()
            room.player.plays = [play(number, day=9) for number in range(1, plays + 1)]
            if restarts:
                room.start()
            await until(lambda: len(kept(house)) == 3 + plays)

    asyncio.run(scenario())


def test_plays_are_not_acknowledged_before_they_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
            other.execute(NO_PLAYS)
            room = house.room("seoul-1")
            room.player.plays = [play(1)]
            room.start()
            await until(lambda: "disk full" in caplog.text)
            assert not [1 for topic, _ in house.exchange.said if topic.endswith("/taken")]
            other.execute("DROP TRIGGER full")
            other.close()
            await until(lambda: kept(house) == [("seoul-1", 1)])

    asyncio.run(scenario())


def test_a_trouble_of_the_hubs_disk_is_said_once_each_time_and_so_is_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room, other = await house.joined("seoul-1"), sqlite3.connect(tmp_path / "hub.db", timeout=10)
            for number in (1, 2):
                other.executescript(NO_PLAYS)
                room.player.plays.append(play(number))
                before = house.hub.counts.received["plays"]
                await until(lambda before=before: house.hub.counts.received["plays"] >= before + 3)
                assert "disk full" in (house.hub.disk_problem or ""), "of plays alone, too"
                other.execute("DROP TRIGGER full")
                await until(lambda number=number: len(kept(house)) == number)
                assert house.hub.disk_problem is None
            other.close()

    asyncio.run(scenario())
    said = [record.levelname for record in caplog.records if "the hub's database" in record.message]
    assert said == ["WARNING", "INFO"] * 2


def test_what_the_broker_forbids_the_hub_is_said_once_each_time_and_so_is_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            rooms = [await house.joined(id) for id in ("seoul-1", "seoul-2")]
            for fade_s in (4, 5):
                house.exchange.forbidden = {"desired"}
                revision = house.hub.push([room.id for room in rooms], {"hours": {"fade_s": fade_s}}, "Jo")
                before = house.exchange.refused
                await until(lambda before=before: house.exchange.refused > before + 6)
                house.exchange.forbidden = set()
                await until(lambda wanted=revision: all(_applied(house, one.id) == wanted for one in rooms))

    asyncio.run(scenario())
    said = [record.message for record in caplog.records if "the broker" in record.message]
    warned = [f"the broker forbids {TOPICS.of(id, 'desired')}" for id in ("seoul-1", "seoul-2")]
    assert said == [*warned, TAKEN_AGAIN] * 2


def test_a_hub_that_has_all_the_rooms_it_takes_says_so_until_it_has_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(rooms, "MOST_ROOMS", 2)

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            for number in (1, 2):
                await house.joined(f"seoul-{number}")
            third = house.room("seoul-3")
            third.start()
            await until(lambda: TOO_MANY in caplog.messages)
            await house.rooms[1].stop()
            await until(lambda: house.condition("seoul-2") == "offline")
            house.hub.forget("seoul-2", "Jo")
            await until(lambda: house.condition("seoul-3") == "playing")
            house.rooms[1].start()
            await until(lambda: caplog.messages.count(TOO_MANY) == 2)

    asyncio.run(scenario())
    assert [each for each in caplog.messages if "rooms" in each] == [TOO_MANY, ROOM_AGAIN, TOO_MANY]


def test_what_is_no_length_of_a_piece_holds_up_no_play(tmp_path: Path) -> None:
    """As a library says it that was rescued from a bad disk."""

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = house.room("seoul-1")
            odd = [replace(play(2), duration_s=-1.0), replace(play(3), audible_s=math.inf)]
            room.player.plays = [play(1), *odd, replace(play(4), duration_s=math.nan), play(5)]
            room.start()
            await until(lambda: len(kept(house)) == 5)
            found = [(one["duration_s"], one["audible_s"]) for one in all_plays(tmp_path, None, None, None)]
            assert found == [(200, 198.5), (None, 198.5), (200, None), (None, 198.5), (200, 198.5)]

    asyncio.run(scenario())


def test_a_play_that_can_never_be_kept_holds_up_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = house.room("seoul-1")
            room.player.plays = [replace(play(1), started_at="soon"), play(2), play(3)]
            room.start()
            await until(lambda: len(kept(house)) == 2)
            room.player.plays += [replace(play(4), started_at="0000"), play(5)]
            await until(lambda: len(kept(house)) == 3)
            older = Plays(
                (PlayLine(**{**_fields(play(1)), "duration_s": -1.0}), PlayLine(**_fields(play(2))))
            )
            house.exchange.say(TOPICS.of("seoul-2", "plays"), encode(older))
            taken = (TOPICS.of("seoul-2", "taken"), encode(Taken((2,), (1,))))
            await until(lambda: taken in house.exchange.said)
            assert ("seoul-2", 2) in kept(house)

    asyncio.run(scenario())
    assert "play 1 of seoul-1 cannot be kept and is left out" in caplog.text
    assert "the hub cannot keep play 1 of this room's history" in caplog.text


def test_many_plays_arrive_where_a_broker_drops_what_is_long(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            house.exchange.longest = 2 * len(encode(Plays((PlayLine(**_fields(play(100))),))))
            room = house.room("seoul-1")
            room.player.plays = [play(number) for number in range(1, 31)]
            room.start()
            await until(lambda: sorted(kept(house)) == [("seoul-1", number) for number in range(1, 31)])
            assert _said(house, "plays") < 60, "most of them at the first try"

    asyncio.run(scenario())


def _fields(record: PlayRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in PlayLine.__dataclass_fields__}


@pytest.mark.skipif(not small_disk.POSSIBLE, reason="needs the right to mount")
def test_a_hub_whose_disk_was_full_knows_later_what_it_heard_meanwhile(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(disk: Path) -> None:
        async with fleet(disk) as house:
            room, other = await house.joined("seoul-1"), house.room("seoul-2")
            house.exchange.lost = {"answers"}
            house.hub.command(["seoul-1"], "next", {}, "Jo", 60)
            await until(lambda: room.player.given() == [("next", {})])
            small_disk.fill(disk)
            house.exchange.lost = set()
            other.folder = tmp_path / "other"  # its own disk is well
            other.start()
            await until(lambda: house.condition("seoul-2") == "playing" and _said(house, "answers"))
            await until(lambda: "see its disk" in caplog.text)
            await room.stop()
            await other.stop()
            assert "seoul-2" not in [one.id for one in house.store.rooms()]
            assert house.store.commands("seoul-1")[0].done is None
            small_disk.make_room(disk)
            await until(lambda: house.store.commands("seoul-1")[0].done)
            await until(lambda: [one.id for one in house.store.rooms()] == ["seoul-1", "seoul-2"])

    with small_disk.small_disk(tmp_path / "disk", 2048) as disk:
        asyncio.run(scenario(disk))


def test_a_room_that_changes_while_it_is_written_down_is_written_down_again() -> None:
    rooms = Rooms(28.0, lambda: 0.0, lambda: 0.0)
    rooms.present("seoul-1", True, retained=False)
    written = rooms.unkept()
    rooms.present("seoul-1", False, retained=False)
    rooms.kept(written)
    assert [room.gone for room in rooms.unkept()] == [True]
    rooms.kept(rooms.unkept())
    assert rooms.unkept() == []


def test_what_is_repeated_at_a_broker_that_hangs_waits_once() -> None:
    async def scenario() -> None:
        outgoing = Outgoing()
        for number in range(1000):
            outgoing.put("a/commands", b"the same", retain=False)
            outgoing.put("a/desired", str(number).encode(), retain=True)
        assert len(outgoing) == 2
        first = await outgoing.first()
        outgoing.put("a/commands", b"another", retain=False)
        outgoing.done(first)
        wanted = await outgoing.first()
        outgoing.put("a/desired", b"newer", retain=True)
        outgoing.done(wanted)
        assert (await outgoing.first()).payload == b"newer", "it came while the older was under way"
        assert len(outgoing) == 2

    asyncio.run(scenario())


def test_settings_are_applied_all_or_none_and_answered_with_their_revision(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            first = house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            await until(lambda: _applied(house, "seoul-1") == first)
            assert room.player.given() == [("config_write", {"changes": {"hours": {"fade_s": 4}}})]
            room.player.refused_settings = "hours.open: found monday; allowed is a day."
            second = house.hub.push(["seoul-1"], {"hours": {"open": {"mon": "?"}}}, "Jo")
            assert second > first
            await until(lambda: house.condition("seoul-1") == "troubled")
            state = house.hub.rooms.get("seoul-1")
            assert state is not None
            assert state.refusal == "hours.open: found monday; allowed is a day."
            assert _applied(house, "seoul-1") == first
            wanted = room.player.given()[-1][1]["changes"]
            assert wanted == {"hours": {"fade_s": 4, "open": {"mon": "?"}}}, "what was wanted before holds on"
            told = len(room.player.given())
            await room.stop()
            room.start()
            await settled(room)
            assert len(room.player.given()) == told, "a revision is tried once"
            room.player.refused_settings = None
            third = house.hub.push(["seoul-1"], {"hours": {"open": None}}, "Jo")
            await until(lambda: _applied(house, "seoul-1") == third)
            changes = house.store.changes(room="seoul-1")
            assert [one.who for one in changes] == ["Jo", "Jo", "Jo"]

    asyncio.run(scenario())


@pytest.mark.parametrize("code", [AWAY, TIMEOUT, "busy"])
def test_settings_that_come_while_the_player_is_busy_are_taken_over_later(tmp_path: Path, code: str) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            room.player.refused_settings, room.player.refusal_code = "Try again in a moment.", code
            revision = house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            await until(lambda: len(_fades(room)) >= 2)
            state = house.hub.rooms.get("seoul-1")
            assert state is not None
            assert state.reported is None, "nothing is wrong with them"
            room.player.refused_settings = None
            await until(lambda: _applied(house, "seoul-1") == revision)

    asyncio.run(scenario())


def test_settings_that_a_full_disk_keeps_out_are_taken_over_once_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            room.player.refused_settings, room.player.refusal_code = "Make room on its disk.", "disk"
            house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            await until(lambda: len(_fades(room)) >= 3)
            await until(lambda: _refusal(house, "seoul-1") == "Make room on its disk.")
            revision = house.hub.push(["seoul-1"], {"hours": {"fade_s": 5}}, "Jo")
            await until(lambda: house.hub.rooms.waited_for() == [])  # it says so of the newer ones, too
            room.player.refused_settings = None
            await until(lambda: _applied(house, "seoul-1") == revision)
            await until(lambda: _refusal(house, "seoul-1") is None)

    asyncio.run(scenario())
    assert caplog.text.count("cannot be taken over yet") == 1


def test_a_mistake_in_a_rooms_own_config_is_no_word_about_the_hubs_settings(tmp_path: Path) -> None:
    mistake = "line 3: playback.volume: a whole number is needed."

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            room.player.refused_settings, room.player.own_mistakes = mistake, [mistake]
            revision = house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            said = f"The room's own config.yaml has a mistake: {mistake}"
            await until(lambda: _refusal(house, "seoul-1") == said)
            await until(lambda: len(_fades(room)) >= 2)
            room.player.refused_settings, room.player.own_mistakes = None, []
            await until(lambda: _applied(house, "seoul-1") == revision)
            await until(lambda: _refusal(house, "seoul-1") is None)

    asyncio.run(scenario())


def _refusal(house: Fleet, id: str) -> str | None:
    room = house.hub.rooms.get(id)
    return room.refusal if room else ""


def _applied(house: Fleet, id: str) -> int:
    room = house.hub.rooms.get(id)
    return room.report.revision if room and room.report else 0


def test_a_room_that_was_away_gets_its_settings_and_a_broker_that_forgot_too(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = house.room("seoul-1")
            revision = house.hub.push(["seoul-1"], {"rules": {"exclude": {"explicit": True}}}, "Jo")
            await until(lambda: TOPICS.of("seoul-1", "desired") in house.exchange.kept)
            house.exchange.go_down()
            house.exchange.is_up = True
            await until(lambda: TOPICS.of("seoul-1", "desired") in house.exchange.kept)
            room.start()
            await until(lambda: _applied(house, "seoul-1") == revision)

    asyncio.run(scenario())


def test_a_broker_that_comes_back_with_older_settings_is_told_the_newer_ones(tmp_path: Path) -> None:
    """As mosquitto after a power cut: it writes down what it keeps every half hour."""

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            first = house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            await until(lambda: _applied(house, "seoul-1") == first)
            on_its_disk = dict(house.exchange.kept)
            second = house.hub.push(["seoul-1"], {"hours": {"fade_s": 5}}, "Jo")
            await until(lambda: _applied(house, "seoul-1") == second)
            house.exchange.go_down()
            house.exchange.kept.update(on_its_disk)
            house.exchange.is_up = True
            await until(lambda: _fades(room) == [4, 5, 4, 5])
            await until(lambda: house.hub.rooms.waited_for() == [])

    asyncio.run(scenario())


def test_a_room_on_a_new_disk_gets_its_settings_also_where_the_broker_forgot_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            revision = house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            await until(lambda: _applied(house, "seoul-1") == revision)
            await room.stop()
            (room.folder / "fleet.json").unlink()
            del house.exchange.kept[TOPICS.of("seoul-1", "desired")]
            room.start()
            await until(lambda: _fades(room) == [4, 4])

    asyncio.run(scenario())


def _fades(room: InRoom) -> list[int]:
    """hours.fade_s, as the room was given it."""
    return [arguments["changes"]["hours"]["fade_s"] for _, arguments in room.player.given()]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"camera": {"source": "http://evil"}}, "camera: is not for the hub to set"),
        ({"hours": {}, "web": {"listen": "0.0.0.0"}}, "web: is not for the hub to set"),
        (
            {"announcements": {"items": [{"file": "/a"}, {"command": "rm -rf /"}]}},
            "announcements.items[1].command: is not for the hub to set; these are: file, at, every_min.",
        ),
        (
            {"announcements": {"voice": {"command": ["/bin/sh", "-c", "rm -rf /; # {file}"]}}},
            "announcements.voice: is not for the hub to set",
        ),
        ({"announcements.items[0].command": "rm"}, "is not for the hub to set"),
        ({"announcements": {"items": {"0": {"command": "rm"}}}}, "announcements.items: found no section"),
        ({"announcements": None}, "announcements: found no section"),
        ({"dayparts": [{"name": "x", "source": "http://evil"}]}, "dayparts[0].source: is not for the hub"),
    ],
)
def test_what_is_the_rooms_own_is_not_the_hubs_to_set(
    tmp_path: Path, settings: dict[str, object], said: str
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            house.exchange.say(
                TOPICS.of("seoul-1", "desired"), encode(Desired(7, dict(settings), "x", 1.0)), retain=True
            )
            await until(lambda: (found := house.hub.rooms.get("seoul-1")) and found.reported)
            state = house.hub.rooms.get("seoul-1")
            assert state is not None
            assert state.reported is not None
            assert said in (state.reported.problem or "")
            assert room.player.given() == []

    asyncio.run(scenario())


def test_a_command_is_carried_out_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            house.exchange.lost = {"answers"}
            house.hub.command(["seoul-1"], "volume", {"percent": 30}, "Jo", 60)
            await until(lambda: _said(house, "commands") >= 3)  # it is not answered: it is said again
            await room.stop()
            room.start()
            house.exchange.lost = set()
            await until(lambda: house.store.commands("seoul-1")[0].done)
            assert room.player.given() == [("volume", {"percent": 30})]
            assert house.store.commands("seoul-1")[0].said == "volume done"

    asyncio.run(scenario())


def _said(house: Fleet, kind: str) -> int:
    return sum(topic.endswith(f"/{kind}") for topic, _ in house.exchange.said)


def test_a_command_that_cannot_be_carried_out_is_answered_so(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            assert room.room is not None
            carry_out = room.room._orders
            answer = await carry_out.obey(RoomCommand("a1", "next", {}, "Jo", 50.0), now=51.0)
            assert (answer.done, answer.said) == (False, orders.TOO_LATE)
            answer = await carry_out.obey(RoomCommand("a2", "reload", {}, "Jo", 50.0), now=1.0)
            assert not answer.done
            answer = await carry_out.obey(RoomCommand("a4", "volume", {"percent": 300}, "Jo", 50.0), now=1.0)
            assert answer.said == "volume takes a whole number from 0 to 100, not 300."
            carry_out._notebook.begin(RoomCommand("a3", "next", {}, "Jo", 50.0), 1.0)
            answer = await carry_out.obey(RoomCommand("a3", "next", {}, "Jo", 50.0), now=1.0)
            assert (answer.done, answer.said) == (False, BEGUN)
            assert room.player.given() == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "arguments",
    [
        {"command": "camera", "state": "on"},
        {"command": "config_write", "changes": {"camera": {"source": "rtsp://elsewhere/"}}},
        {"value": "on"},
        {"percent": 40},
    ],
)
def test_a_command_from_the_hub_brings_no_other_one_with_it(
    tmp_path: Path, arguments: dict[str, object]
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            house.hub.command(["seoul-1"], "pause", dict(arguments), "Jo", 60)
            await until(lambda: house.store.commands("seoul-1")[0].done is not None)
            assert not house.store.commands("seoul-1")[0].done
            assert (house.store.commands("seoul-1")[0].said or "").startswith("pause takes no")
            assert room.player.given() == []

    asyncio.run(scenario())


def test_a_command_waits_for_a_room_that_is_away_until_it_is_too_old(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = house.room("seoul-1")
            house.hub.command(["seoul-1"], "next", {}, "Jo", 60)
            house.hub.command(["seoul-1"], "pause", {}, "Jo", -1)
            await until(lambda: _said(house, "commands") >= 1)
            room.start()
            await until(lambda: any(one.done for one in house.store.commands("seoul-1")))
            assert room.player.given() == [("next", {})]

    asyncio.run(scenario())


def test_nonsense_at_the_broker_harms_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            for payload in (
                b'{"v":2,"online":true}',
                b"",
                b"{",
                b"[]",
                b"\xff",
                b"null",
                b"[" * 100_000,
                b"9" * 300_000,
                b'{"plays":[{"id":' + b"9" * 5000 + b'},{"id":true},{"id":-1},7,"\\ud800",[[]]]}',
            ):
                for kind in (
                    "presence",
                    "status",
                    "reported",
                    "answers",
                    "plays",
                    "desired",
                    "commands",
                    "taken",
                    "x",
                ):
                    house.exchange.say(TOPICS.of("seoul-1", kind), payload)
                    house.exchange.say(TOPICS.of("seoul-9", kind), payload)
            house.exchange.say(f"{TOPICS.prefix}/rooms/a/b/status", b"{}")
            said = next(payload for topic, payload in house.exchange.said if topic.endswith("/status"))
            for strange in ("a b", "카페", "x" * 65, "%2e", "<b>"):  # which no page could take off its list
                house.exchange.say(TOPICS.of(strange, "status"), said)
            huge = replace(play(1), id=2**70)
            house.exchange.say(TOPICS.of("seoul-1", "plays"), str(huge).encode())
            house.exchange.say(TOPICS.of("seoul-1", "taken"), encode(Taken((99,))))
            room.player.change(playback=status.playback(volume=33))
            await until(
                lambda: (
                    (found := house.hub.rooms.get("seoul-1")) and found.report and found.report.volume == 33
                )
            )
            assert house.hub.is_connected
            assert house.hub.rooms.ids() == ["seoul-1"], "what nobody understands invents no room"

    asyncio.run(scenario())
    assert "bring the older of room and hub up to date" in caplog.text
    assert caplog.text.count("is not understood") <= 2 * MOST_COMPLAINTS, "of the hub, and of the room"


def test_the_longest_report_that_is_taken_fits_as_it_is_kept() -> None:
    """Of letters that are six in JSON: one that did not fit would not be taken at the next start."""
    letter, problems = "\1", ("\1" * 2000,) * MOST_PROBLEMS
    longest = RoomReport(
        at=0.0, name=letter * 300, group=letter * 60, version=letter * 40, state=letter * 20, audible=True,
        since=0.0, silent=letter * 2000, track=letter * 300, room=letter * 60, volume=0, problems=problems,
        revision=0, scene=letter * 300,
    )  # fmt: skip
    assert len(encode(longest)) < MOST_BYTES * 0.6
    assert decode(RoomReport, encode(longest)) == longest
    with pytest.raises(MessageError, match="problems"):
        decode(RoomReport, encode(replace(longest, problems=(*problems, ""))))


@pytest.mark.parametrize("kept", ["{", '{"v":2}', "[" * 100_000, "9" * 300_000])
def test_what_a_newer_version_does_not_take_any_more_is_left_out_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kept: str
) -> None:
    async def scenario() -> None:
        async with fleet(tmp_path) as house:
            room = await house.joined("seoul-1")
            revision = house.hub.push(["seoul-1"], {"hours": {"fade_s": 4}}, "Jo")
            await until(lambda: (found := house.hub.rooms.get("seoul-1")) and found.is_up_to_date)
            await room.stop()
            house.hub.command(["seoul-1"], "next", {}, "Jo", 60)
            house.hub.flush()
            await house.stop_hub()
            with sqlite3.connect(tmp_path / "hub.db") as other:
                other.execute("UPDATE rooms SET status = ?, reported = ?", (kept, kept))
                other.execute("UPDATE commands SET message = ?", (kept,))
            other.close()
            house.exchange.kept.clear()
            house.start_hub()
            found = house.hub.rooms.get("seoul-1")
            assert found is not None
            assert (found.report, found.reported) == (None, None)
            assert found.desired is not None
            assert found.desired.revision == revision, "what can be read stays"
            assert (house.store.commands("seoul-1"), house.store.open_commands(0.0)) == ([], [])
            room.start()
            await until(lambda: house.condition("seoul-1") == "playing")

    asyncio.run(scenario())
    assert "what hub.db keeps of seoul-1 is not understood and left out: " in caplog.text


def test_a_database_of_a_later_program_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "hub.db") as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError, match="newer"):
        Store(tmp_path)


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a store asks SQLite, one after the other."""
    asked: list[str] = []

    def watched(folder: Path) -> sqlite3.Connection:
        connection = connect(folder)
        connection.set_trace_callback(asked.append)
        return connection

    monkeypatch.setattr(storage, "connect", watched)
    return asked


def plan(folder: Path, question: str) -> str:
    """What SQLite reads for it."""
    with closing(connect(folder)) as connection:
        return str(connection.execute(f"EXPLAIN QUERY PLAN {question}").fetchone()["detail"])


@pytest.mark.parametrize("room", ["seoul-1", None])
def test_commands_of_months_that_were_answered_do_not_slow_a_room_that_comes_back(
    tmp_path: Path, questions: list[str], room: str | None
) -> None:
    """What SQLite reads is the index of those alone that wait for an answer."""
    store = Store(tmp_path)
    given = [("seoul-1", RoomCommand(f"c{number}", "next", {}, "Jo", 9e9)) for number in range(3)]
    store.give(given, Change(1.0, "Jo", "next", ("seoul-1",)))
    store.answer("seoul-1", RoomAnswer("c1", True, "done"))
    assert [one.id for _, one in store.open_commands(2.0, room)] == ["c0", "c2"]
    assert store.open_commands(2.0, "seoul-2") == []
    asked = next(each for each in questions if each.startswith("SELECT room, message"))
    store.close()
    assert "USING INDEX commands_open" in plan(tmp_path, asked)


def test_the_number_of_all_plays_is_known_without_reading_them(tmp_path: Path, questions: list[str]) -> None:
    """Reading those of years takes long, and meanwhile the hub would hear nobody."""
    noon = "2026-05-01T12:00:00+09:00"
    plays = [PlayLine(number, noon, "", "", "", "", "", "", None, None, None, "") for number in range(4)]
    store = Store(tmp_path)
    assert [store.take("seoul-1", lot) for lot in (plays[:3], plays[1:], plays)] == [3, 1, 0]
    assert store.take("seoul-2", plays) == 4
    with closing(connect(tmp_path)) as other:
        other.execute(NO_PLAYS)
    with pytest.raises(StateError):
        store.take("seoul-3", plays)
    store.close()
    store = Store(tmp_path)
    questions.clear()
    assert store.count_plays() == 8
    assert plan(tmp_path, questions[0]) == "SCAN totals"
    store.close()


def test_a_database_of_before_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hub.db") as old:
        old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
        message = encode(RoomCommand("c1", "next", {}, "Jo", 9e9)).decode()
        old.execute("INSERT INTO commands VALUES ('c1', 'seoul-1', 1, ?, 9e9, NULL, NULL)", (message,))
        old.execute(f"INSERT INTO plays VALUES ('seoul-2', 1, '', 0, {', '.join(['?'] * 10)})", [""] * 10)
    old.close()
    store = Store(tmp_path)
    assert [room for room, _ in store.open_commands(2.0, "seoul-1")] == ["seoul-1"]
    assert list(all_plays(tmp_path, None, None, "seoul-1")) == []
    assert store.count_plays() == 1
    store.close()
