import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings, ShiftSettings
from player.config.settings.sensors import SensorSettings
from player.mood.tracker import MoodTracker
from player.room.mood_state import MoodState
from player.status import PointStatus
from player.types import Look, Mood

NO_END = (
    {"left_s": "long"},
    {"left_s": float("nan")},
    {"left_s": 1e300},
    {"left_s": 10**400},
    {"left_s": 60, "lasts_s": 1e300},
    {"left_s": 60, "lasts_s": [1]},
    {"closes_at": "noon"},
    {"closes_at": 1e300},
    {"closes_at": 253e9},
)
"""Ends of a pin that are none."""
DAYPARTS = [
    Daypart(name="night", start=time(0), mood="calm"),
    Daypart(name="day", start=time(9), mood="joyful"),
]


def room_at(hour: int) -> MoodState:
    wall = datetime(2026, 5, 1, hour, tzinfo=UTC)
    return MoodState(MoodTracker(MoodSettings(), DAYPARTS), clock=lambda: 100.0, wall=lambda: wall)


@pytest.mark.parametrize(("hour", "name", "mood"), [(3, "night", "calm"), (10, "day", "joyful")])
def test_without_a_reading_the_daypart_decides(hour: int, name: str, mood: str) -> None:
    room = room_at(hour)
    assert room.daypart().name == name
    assert room.target().name == mood
    status = room.status()
    assert status.mood is None
    assert status.daypart == name
    assert status.target.name == mood


def test_a_reading_shows_in_the_status() -> None:
    room = room_at(10)
    room.update(Mood(0.5, -0.25), 100.0)
    assert room.status().mood == PointStatus(0.5, -0.25)


@pytest.mark.parametrize(
    ("policy", "read", "pinned", "concluded"),
    [
        ("match", True, False, ["wrong mood"]),
        ("match", True, True, []),
        ("match", False, False, []),
        ("steady", True, False, []),
    ],
)
def test_music_in_the_wrong_mood_says_something_of_the_room_that_it_followed(
    policy: Literal["match", "steady"], read: bool, pinned: bool, concluded: list[str]
) -> None:
    shift = ShiftSettings(dwell_s=0, cooldown_s=0)
    settings = MoodSettings(policy=policy, half_life_s=1, baseline_hours=0, shift=shift)
    room = MoodState(MoodTracker(settings, DAYPARTS), clock=lambda: 100.0)
    reading = Mood(-0.6, -0.6)
    room.teaching.correct(reading, Look((1.0,), "these"), (), 100.0)
    room.teaching.teach("quiet", None, 100.0, 0.0)
    for second in range(90, 101) if read else ():
        room.update(reading, second)
    if pinned:
        room.pin(Mood(0.4, -0.7), "calm")
    room.conclude_wrong()
    assert [moment.word for moment in room.teaching.moments()] == ["quiet", *concluded]


def test_a_pin_holds_until_it_is_taken_out() -> None:
    room = room_at(10)
    assert not room.unpin()
    room.pin(Mood(0.1, -0.6), "rainy sunday morning")
    assert room.target().name == room.status().pinned == "rainy sunday morning"
    assert room.unpin()
    assert room.target().name == "joyful"
    assert room.status().pinned is None


@pytest.mark.parametrize(("day", "until"), [((3, 28), "T06:00:00+02:00"), ((10, 24), "T04:00:00+01:00")])
def test_the_end_of_a_pin_is_right_in_a_night_in_which_the_clocks_change(
    day: tuple[int, int], until: str
) -> None:
    """Six hours from 23:00 on, in Berlin."""
    evening = datetime(2026, *day, 23, tzinfo=ZoneInfo("Europe/Berlin"))
    room = MoodState(
        MoodTracker(MoodSettings(), DAYPARTS), clock=lambda: 0.0, wall=lambda: evening, running=lambda: 0.0
    )
    room.pin(Mood(0.4, -0.5), "calm", lasts_s=6 * 3600)
    assert str(room.status().pinned_until).endswith(until)
    closing = (evening + timedelta(days=1)).replace(hour=4)
    room.pin(Mood(0.4, -0.5), "calm", closes_at=closing)
    assert str(room.status().pinned_until).endswith(closing.isoformat()[10:])


def test_a_pin_outlives_a_restart() -> None:
    before = room_at(10)
    before.pin(Mood(0.1, -0.6, {"calm": 1.0}, "calm"), "rain")
    after = room_at(10)
    after.restore(before.state())
    assert after.target() == before.target()
    assert after.status().pinned == "rain"


def room_after(before: MoodState, seconds: float, clock: float = 5.0) -> MoodState:
    """A player started `seconds` of wall time after another was killed; its monotonic clock began again."""
    wall = datetime(2026, 5, 1, 10, tzinfo=UTC) + timedelta(seconds=seconds)
    after = MoodState(MoodTracker(MoodSettings(), DAYPARTS), clock=lambda: clock, wall=lambda: wall)
    after.restore(json.loads(json.dumps(before.state())))
    return after


def shifted_room() -> MoodState:
    """In it a mood holds that is not the daypart's."""
    clock = [0.0]
    wall = datetime(2026, 5, 1, 10, tzinfo=UTC)
    room = MoodState(MoodTracker(MoodSettings(), DAYPARTS), clock=lambda: clock[0], wall=lambda: wall)
    while room.target().name == "joyful":
        clock[0] += 5
        room.update(Mood(-0.3, -0.8), clock[0])
        assert clock[0] < 600
    return room


def test_the_mood_of_the_room_outlives_a_restart_but_not_a_night() -> None:
    before = shifted_room()
    assert room_after(before, 10).target().point.distance(before.target().point) < 0.1
    assert room_after(before, 3600).target().name == "joyful"
    assert room_after(before, -3600).target().name == "joyful", "the clock was set back: nobody knows"


def test_other_settings_are_followed_from_where_the_room_is() -> None:
    room = shifted_room()
    before = room.target()
    room.follow(MoodTracker(MoodSettings(half_life_s=20), DAYPARTS))
    assert room.target().point.distance(before.point) < 0.1
    room.pin(Mood(-0.4, -0.4), "sad")
    room.follow(MoodTracker(MoodSettings(energy=(0.2, 1.0)), DAYPARTS))
    assert room.target().name == "sad"
    assert room.target().point.energy >= 0.2, "the pin heeds the new range"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"at": "noon"},
        {"at": 1e300},
        {"tracker": {"mood": {"valence": 0, "energy": 0, "read_s": -5, "held_s": None}}, "at": 0},
        {"tracker": {"mood": {"valence": "x", "energy": 0, "read_s": 0, "held_s": 1}}},
        {"pinned": {"name": "x", "mood": {"valence": 7, "energy": 0}}},
        {"pinned": {"name": "x", "mood": {"valence": 0.1, "energy": 0, "moods": {"calm": "much"}}}},
        {"pinned": None},
        {"pinned": {"name": "x"}},
        {"pinned": 5},
        *({"pinned": {"name": "x", "mood": {"valence": 0.1, "energy": 0}, **said}} for said in NO_END),
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


class FakeLock:
    """A lock before whose second taking something is done."""

    def __init__(self, do: Callable[[], object]) -> None:
        self._lock, self._taken, self._do = threading.Lock(), 0, do

    def __enter__(self) -> None:
        self._taken += 1
        if self._taken == 2:
            self._do()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_pin_that_is_let_go_of_during_a_reload_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    room = room_at(10)
    room.pin(Mood(-0.4, -0.4), "sad")
    monkeypatch.setattr(room, "_lock", FakeLock(room.unpin))
    room.follow(MoodTracker(MoodSettings(), DAYPARTS))
    room.target()
    assert room.status().pinned is None


def test_sensors_learn_nothing_while_the_venue_is_closed() -> None:
    """Nor after a reload in the middle of the night."""
    sensors = [SensorSettings(name="noise", kind="noise")]
    now_s, wall = 100.0, datetime(2026, 5, 1, 10, tzinfo=UTC)

    def tracker() -> MoodTracker:
        return MoodTracker(MoodSettings(), DAYPARTS, sensors)

    room = MoodState(tracker(), clock=lambda: now_s, wall=lambda: wall)

    def hear(level: str, hours: int) -> float | None:
        nonlocal now_s
        for _ in range(hours * 60):
            room.take_sensor("noise", level)
            now_s += 60
            room.target()
        return room.status().sensors[0].usual

    by_day = hear("50", 8)
    room.close(True)
    assert hear("10", 3) == by_day
    room.follow(tracker())
    assert hear("10", 3) == by_day
    room.close(False)
    assert hear("10", 3) != by_day
