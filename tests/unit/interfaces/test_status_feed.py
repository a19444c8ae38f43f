"""What watchers of the status are told, and when."""

from __future__ import annotations

import json
import select
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from player.interfaces.status_feed import HEARTBEAT_S, RUNNING, StatusFeed, Watcher
from player.status import (
    FrontStatus,
    GateStatus,
    LastStepStatus,
    PlayerStatus,
    PointStatus,
    RoomStatus,
    SceneStatus,
    TargetStatus,
    as_json,
)
from player.types import Json
from tests.fakes import status
from tests.support.waiting import wait_for


def house() -> PlayerStatus:
    """All is known that can be."""
    room = RoomStatus(PointStatus(0, 0), (), TargetStatus("calm", 0.1, -0.3, "it is quiet"), "evening", None)
    seen = replace(status.perception(), scene=SceneStatus("a room", 2, 0.1), gate=GateStatus(9, 5, 0.1))
    audible = replace(status.heard(True), last_step=LastStepStatus("respawn", 5))
    playing = status.playback(audible=audible)
    front = FrontStatus(False, None, None)
    return PlayerStatus(playing, room, seen, status.library(), status.hours(), front, (), "1.2.3")


class Cafe:
    """A player whose status and clock the test sets, and its feed."""

    def __init__(self) -> None:
        self.now, self.made, self.status = 100.0, 0, house()
        self.feed = StatusFeed(self.make, lambda: self.now)

    def make(self) -> PlayerStatus:
        self.made += 1
        return self.status

    def pass_s(self, seconds: float) -> None:
        """Let time go by, and the feed look."""
        self.now += seconds
        self.feed.look()

    def play(self, title: str) -> None:
        """Another track."""
        track = replace(status.SONG, title=title)
        self.status = replace(self.status, playback=replace(self.status.playback, track=track))

    def at(self, position_s: float) -> None:
        """Another place in the track."""
        self.status = replace(self.status, playback=replace(self.status.playback, position_s=position_s))


@pytest.fixture
def cafe() -> Iterator[Cafe]:
    there = Cafe()
    yield there
    there.feed.stop()


def read(watcher: Watcher) -> Json:
    """The line there is; empty if there is none."""
    line = watcher.line()
    return json.loads(line) if line else {}


def rings(watcher: Watcher) -> bool:
    """Whether the watcher has been told that there may be a line."""
    return bool(select.select([watcher], [], [], 0)[0])


def test_a_watcher_is_told_how_it_is_and_then_each_change(cafe: Cafe) -> None:
    watcher = cafe.feed.watch(None)
    first = read(watcher)
    assert first == {"ok": True, "id": first["id"], "status": json.loads(json.dumps(as_json(house())))}
    assert read(watcher) == {}
    cafe.play("Another")
    cafe.pass_s(1)
    assert rings(watcher)
    told = read(watcher)
    assert told["status"]["playback"]["track"]["title"] == "Another"
    assert told["id"] != first["id"]
    assert not rings(watcher)


def test_at_most_five_lines_a_second(cafe: Cafe) -> None:
    watcher = cafe.feed.watch(None)
    read(watcher)
    lines = []
    for step in range(200):
        cafe.play(str(step))
        cafe.pass_s(0.01)
        lines += [read(watcher)] if rings(watcher) else []
    assert 9 <= len(lines) <= 11
    assert cafe.made <= 12


def changed(part: Any, path: list[str]) -> Any:
    """A status in which this is another one; raises AttributeError if there is no such thing."""
    inner = getattr(part, path[0])
    return replace(part, **{path[0]: changed(inner, path[1:]) if path[1:] else "another"})


@pytest.mark.parametrize("path", [path for path in RUNNING if path != "playback.position_s"])
def test_what_changes_by_itself_is_no_news(cafe: Cafe, path: str) -> None:
    watcher = cafe.feed.watch(None)
    read(watcher)
    cafe.status = changed(cafe.status, path.split("."))
    cafe.pass_s(1)
    assert read(watcher) == {}


@pytest.mark.parametrize("path", ["playback.volume", "room.mood.energy", "library.plays", "hours.open"])
def test_anything_else_is(cafe: Cafe, path: str) -> None:
    watcher = cafe.feed.watch(None)
    read(watcher)
    cafe.status = changed(cafe.status, path.split("."))
    cafe.pass_s(1)
    assert read(watcher)["status"]


def test_numbers_that_run_come_with_the_next_news_and_the_heartbeat(cafe: Cafe) -> None:
    watcher = cafe.feed.watch(None)
    known = read(watcher)["id"]
    for step in range(int(HEARTBEAT_S) - 1):
        cafe.at(4 + step)
        cafe.pass_s(1)
        assert read(watcher) == {}
    cafe.at(13)
    cafe.pass_s(1)
    beat = read(watcher)
    assert (beat["heartbeat"], beat["id"], beat["status"]["playback"]["position_s"]) == (True, known, 13)
    assert read(watcher) == {}, "the next one is as far away again"
    cafe.at(88)
    cafe.play("Another")
    cafe.pass_s(1)
    news = read(watcher)
    assert ("heartbeat" in news, news["status"]["playback"]["position_s"]) == (False, 88)


def test_a_watcher_goes_on_where_it_was(cafe: Cafe) -> None:
    known = read(cafe.feed.watch(None))["id"]
    cafe.now += 60
    assert read(cafe.feed.watch(known)) == {}, "nothing has changed meanwhile"
    cafe.play("Another")
    cafe.now += 60
    again = cafe.feed.watch(known)
    assert read(again)["status"]["playback"]["track"]["title"] == "Another"
    for other in ("", "nonsense", known[:-1] + "9", None):
        assert read(cafe.feed.watch(other))["status"], other


def test_a_player_that_has_started_again_knows_nobody() -> None:
    before, after = Cafe(), Cafe()
    known = read(before.feed.watch(None))["id"]
    assert read(after.feed.watch(known))["id"] != known


def test_a_slow_reader_gets_the_newest(cafe: Cafe) -> None:
    watcher = cafe.feed.watch(None)
    for title in "abc":
        cafe.play(title)
        cafe.pass_s(1)
    assert read(watcher)["status"]["playback"]["track"]["title"] == "c"
    assert read(watcher) == {}


def test_many_watchers_cost_one_status(cafe: Cafe) -> None:
    watchers = [cafe.feed.watch(None) for _ in range(100)]
    assert cafe.made == 1
    lines = {watcher.line() for watcher in watchers}
    cafe.play("Another")
    cafe.pass_s(1)
    again = [watcher.line() for watcher in watchers]
    cafe.pass_s(HEARTBEAT_S)
    beats = [watcher.line() for watcher in watchers]
    assert cafe.made == 3
    for said in (again, beats):
        assert len({id(line) for line in said}) == 1, "it was written once"
    assert len(lines) == 1


def test_nobody_who_watches_costs_nothing() -> None:
    cafe = Cafe()
    cafe.feed.start()
    watcher = cafe.feed.watch(None)
    watcher.close()
    made = cafe.made
    for _ in range(5):
        cafe.now += 10
        cafe.feed.wake()
    cafe.feed.stop()
    assert cafe.made <= made + 1, "it may have been under way"


def test_an_event_is_followed_at_once_and_what_no_event_tells_of_soon() -> None:
    there = Cafe()
    feed = StatusFeed(there.make)
    feed.start()
    watcher = feed.watch(None)
    read(watcher)
    try:
        there.play("by event")
        feed.wake()
        wait_for(lambda: rings(watcher), 5, "the line of an event")
        read(watcher)
        there.play("by itself")
        wait_for(lambda: rings(watcher), 5, "the line of a look")
        assert read(watcher)["status"]["playback"]["track"]["title"] == "by itself"
    finally:
        feed.stop()
    assert watcher.ended
    assert rings(watcher), "whoever waits is told of the end"


def test_a_status_that_cannot_be_made_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    there = Cafe()
    feed = StatusFeed(there.make)
    feed.start()
    watcher = feed.watch(None)
    good = there.status
    there.status = None  # type: ignore[assignment]
    wait_for(lambda: "tried again" in caplog.text, 5, "the failure")
    there.status = good
    there.play("Another")
    read(watcher)
    wait_for(lambda: rings(watcher), 5, "the line after it")
    feed.stop()


def test_no_password_is_told(cafe: Cafe) -> None:
    cafe.status = replace(cafe.status, problems=("rtsp://me:hunter2@10.0.0.5/s does not answer",))
    line = cafe.feed.watch(None).line() or b""
    assert b"10.0.0.5" in line
    assert b"hunter2" not in line


def test_the_parts_of_the_status_are_all_told(cafe: Cafe) -> None:
    told = read(cafe.feed.watch(None))["status"]
    assert set(told) == {each.name for each in fields(PlayerStatus)}


@pytest.mark.parametrize(("place_s", "told"), [(4.0, False), (3.1, False), (90.0, True), (0.5, True)])
def test_a_jump_in_the_track_is_told_at_once(cafe: Cafe, place_s: float, told: bool) -> None:
    """After one second at 3 s: as it runs, as it hangs for a moment, and sought forth and back."""
    watcher = cafe.feed.watch(None)
    read(watcher)
    cafe.at(place_s)
    cafe.pass_s(1)
    assert bool(read(watcher)) is told
