import logging
from datetime import UTC, datetime, time

import pytest

from player.mood.tracker import MoodTracker
from player.room import Room
from player.settings import Daypart, MoodSettings
from player.types import Mood

DAYPARTS = [
    Daypart(name="night", start=time(0), mood="calm"),
    Daypart(name="day", start=time(9), mood="joyful"),
]


def room_at(hour: int) -> Room:
    wall = datetime(2026, 5, 1, hour, tzinfo=UTC)
    return Room(MoodTracker(MoodSettings(), DAYPARTS), clock=lambda: 100.0, wall=lambda: wall)


@pytest.mark.parametrize(("hour", "name", "mood"), [(3, "night", "calm"), (10, "day", "joyful")])
def test_without_a_reading_the_daypart_decides(hour: int, name: str, mood: str) -> None:
    room = room_at(hour)
    assert room.daypart().name == name
    assert room.target().name == mood
    status = room.status()
    assert status["mood"] is None
    assert status["daypart"] == name
    assert status["target"]["name"] == mood


def test_a_reading_shows_in_the_status() -> None:
    room = room_at(10)
    room.update(Mood(0.5, -0.25), 100.0)
    assert room.status()["mood"] == {"valence": 0.5, "energy": -0.25}


def test_a_pin_holds_until_it_is_taken_out() -> None:
    room = room_at(10)
    assert not room.unpin()
    room.pin(Mood(0.1, -0.6), "rainy sunday morning")
    assert room.target().name == room.status()["pinned"] == "rainy sunday morning"
    assert room.unpin()
    assert room.target().name == "joyful"
    assert room.status()["pinned"] is None


def test_a_pin_outlives_a_restart() -> None:
    before = room_at(10)
    before.pin(Mood(0.1, -0.6, {"calm": 1.0}, "calm"), "rain")
    after = room_at(10)
    after.restore(before.state())
    assert after.target() == before.target()
    assert after.status()["pinned"] == "rain"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"pinned": None},
        {"pinned": {"name": "x"}},
        {"pinned": 5},
        {"tracker": 5},
        {"tracker": {"baseline": 1}},
    ],
)
def test_a_state_that_makes_no_sense_is_left_out(
    state: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    room = room_at(10)
    with caplog.at_level(logging.WARNING):
        room.restore(state)
    assert room.target().name == "joyful"
