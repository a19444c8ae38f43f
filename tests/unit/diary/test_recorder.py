"""What is kept of a day: written as it happens, read again as curves and marks, on a real database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from player.config.settings.config import DiarySettings
from player.diary.recorder import DiaryRecorder
from player.events import Announced, DaypartChanged, HoursChanged, MoodShifted
from player.library.database.diary import Minute
from player.library.database.store import Library
from player.library.queries import day as queries
from player.library.queries.day import day_record
from player.library.queries.records import DayMark, DayRecord
from player.status import CameraState, LensState, PlayerStatus, PointStatus, SceneStatus
from player.types import MoodPoint, MoodShift
from tests.fakes import status

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 5, 1, 12, tzinfo=BERLIN)
DAY = date(2026, 5, 1)
NOTHING: tuple[object, ...] = (None, None, None, None, None, None)


def seen(people: int = 2, valence: float = 0.25) -> PlayerStatus:
    """A room with people in it, and music."""
    whole = status.whole()
    camera = replace(whole.perception.camera, state=CameraState.LIVE)
    perception = replace(
        whole.perception, camera=camera, lens=LensState.OK, scene=SceneStatus("a room", people, 0.0)
    )
    return replace(whole, perception=perception, room=replace(whole.room, mood=PointStatus(valence, -0.5)))


class House:
    def __init__(self, path: Path, settings: DiarySettings | None = None) -> None:
        self.now, self.status, self.path, self.is_clock_sure = NOON, seen(), path, True
        self.library = Library(path)
        self.recorder = self.another(settings)

    def another(self, settings: DiarySettings | None = None) -> DiaryRecorder:
        return DiaryRecorder(
            settings or DiarySettings(),
            self.library.diary,
            lambda what, within_s=0.0: what(),
            lambda: self.status,
            lambda: self.now.astimezone(UTC),
            lambda: self.is_clock_sure,
        )

    def look(self, after_s: float = 0, status: PlayerStatus | None = None) -> None:
        self.now += timedelta(seconds=after_s)
        self.status = status or self.status
        self.recorder.look()

    def day(self, day: date = DAY, step_min: int = 1) -> DayRecord:
        return day_record(self.path, day, step_min, BERLIN)

    def at(self, record: DayRecord, minute: int) -> tuple[object, ...]:
        """The curves, so many minutes after noon."""
        curves = record.curves
        place = 12 * 60 + minute
        return (
            *(curves.valence[place], curves.energy[place], curves.target_valence[place]),
            *(curves.target_energy[place], curves.people[place], curves.volume[place]),
        )

    def marks(self) -> list[tuple[str, str, str | None, str]]:
        def clock(said: str) -> str:
            return said[11:19]

        def short(mark: DayMark) -> tuple[str, str, str | None, str]:
            return mark.kind, clock(mark.start), mark.end and clock(mark.end), mark.text

        return [short(mark) for mark in self.day().marks]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "library.db")
    yield made
    made.library.close()


def test_a_minute_is_kept_once_and_read_as_a_curve(house: House) -> None:
    house.look()
    house.look(20, seen(people=9, valence=0.9))
    house.look(40, seen(people=3, valence=0.75))
    record = house.day()
    assert len(record.curves.people) == 1440
    assert house.at(record, 0) == (0.25, -0.5, 0.1, -0.3, 2, 70)
    assert house.at(record, 1) == (0.75, -0.5, 0.1, -0.3, 3, 70)
    assert house.at(record, 2) == house.at(record, -1) == NOTHING
    coarse = house.day(step_min=60)
    assert (len(coarse.curves.people), coarse.curves.people[12], coarse.curves.valence[12]) == (24, 2.5, 0.5)


def test_what_is_not_seen_any_more_is_not_known(house: House) -> None:
    whole = seen()
    lost = replace(whole.perception.camera, state=CameraState.LOST)
    dark = replace(whole.perception, lens=LensState.DARK)
    closed = replace(whole.perception, suspended=True)
    stopped = status.playback(state="closed")
    for minute, sight in enumerate((replace(whole.perception, camera=lost), dark, closed)):
        house.look(60 if minute else 0, replace(whole, perception=sight))
        assert house.at(house.day(), minute) == (None, None, 0.1, -0.3, None, 70)
    house.look(60, replace(whole, perception=closed, playback=stopped))
    assert house.library.database.rows("SELECT count(*) FROM day_minutes")[0][0] == 3


def test_people_are_forgotten_early_and_all_else_later(house: House) -> None:
    house.look()
    house.recorder.on_event(DaypartChanged("lunch"))
    house.look(8 * 86400)
    assert house.at(house.day(), 0) == (0.25, -0.5, 0.1, -0.3, None, 70)
    assert house.day((NOON + timedelta(days=8)).date()).curves.people[720] == 2
    house.look(83 * 86400)
    assert house.at(house.day(), 0) == NOTHING
    assert house.marks() == []


def test_a_clock_that_may_be_years_ahead_forgets_nothing(house: House) -> None:
    house.look()
    house.recorder.stop()
    house.now, house.is_clock_sure = NOON + timedelta(days=3650), False
    house.recorder = house.another()
    house.look()
    house.now, house.is_clock_sure = NOON + timedelta(hours=1), True
    house.look()
    assert house.at(house.day(), 0) == (0.25, -0.5, 0.1, -0.3, 2, 70)


def test_what_a_wrong_clock_noted_later_is_no_end_of_a_mark(house: House) -> None:
    house.look()
    house.library.diary.add_mark("pin", NOON, "pinned")
    house.library.diary.add_minute(NOON + timedelta(minutes=3), Minute(volume=70))
    house.library.diary.add_minute(NOON + timedelta(days=3650), Minute(volume=70))
    house.library.diary.end_left_open(NOON + timedelta(minutes=5))
    assert house.marks() == [("pin", "12:00:00", "12:03:00", "pinned")]


def test_counts_of_people_or_all_can_be_switched_off(house: House) -> None:
    house.recorder.configure(DiarySettings(people_days=0))
    house.look()
    assert house.at(house.day(), 0) == (0.25, -0.5, 0.1, -0.3, None, 70)
    house.recorder.configure(DiarySettings(keep_days=0))
    house.look(60)
    house.recorder.on_event(DaypartChanged("lunch"))
    assert house.at(house.day(), 0) == house.at(house.day(), 1) == NOTHING
    assert house.marks() == []


def test_moments_are_marks_with_their_sentence(house: House) -> None:
    house.recorder.on_event(HoursChanged(open=True))
    shift = MoodShift(MoodPoint(0, 0), MoodPoint(1, 1), 0.0, "the room is lively")
    house.recorder.on_event(MoodShifted(shift, ("busier than usual",)))
    house.recorder.on_event(Announced("closing.mp3"))
    house.recorder.on_event(HoursChanged(open=False))
    assert house.marks() == [
        ("open", "12:00:00", None, "the venue is open"),
        ("shift", "12:00:00", None, "the room is lively, busier than usual"),
        ("announcement", "12:00:00", None, "closing.mp3"),
        ("closed", "12:00:00", None, "the venue is closed"),
    ]


def test_faults_pins_and_a_camera_that_is_off_last(house: House) -> None:
    whole = seen()
    off = replace(whole.perception, camera=replace(whole.perception.camera, enabled=False))
    house.look()
    house.look(10, replace(whole, problems=("The disk holds 12 MB: make room.",)))
    house.look(10, replace(whole, problems=("The disk holds 9 MB: make room.",)))  # the same trouble
    house.look(10, replace(whole, room=replace(whole.room, pinned="calm")))
    house.look(10, replace(whole, perception=off))
    assert house.marks() == [
        ("fault", "12:00:10", "12:00:30", "The disk holds 12 MB: make room."),
        ("pin", "12:00:30", "12:00:40", "calm"),
        ("camera_off", "12:00:40", None, "the camera is off"),
    ]


def test_every_place_that_a_problem_stands_in_counts_once(house: House) -> None:
    whole = seen()
    said = {
        "playback": status.playback(silent_reason="S", audible=status.heard(False, "H")),
        "perception": replace(whole.perception, problem="P"),
        "library": replace(whole.library, problem="L"),
        "front": replace(whole.front, problem="F"),
        "problems": ("M", "F"),
    }
    house.look(0, replace(whole, **said))  # type: ignore[arg-type]
    assert sorted(text for _, _, _, text in house.marks()) == ["F", "H", "L", "M", "P", "S"]


def test_a_trouble_that_comes_and_goes_is_one(house: House) -> None:
    bad, well = replace(seen(), problems=("It is broken.",)), seen()
    for _ in range(20):
        house.look(10, bad)
        house.look(10, well)
    assert house.marks() == [("fault", "12:00:10", "12:06:40", "It is broken.")]
    house.look(61, well)
    house.look(10, bad)
    assert [start for _, start, _, _ in house.marks()] == ["12:00:10", "12:07:51"]


def test_what_lasted_when_the_player_was_killed_ends_with_its_last_minute(house: House) -> None:
    bad = replace(seen(), problems=("It is broken.",))
    house.look(0, bad)
    house.look(90, bad)
    house.now += timedelta(hours=1)
    house.recorder = house.another()
    house.status = seen()
    house.recorder.start()
    house.recorder.stop()
    assert house.marks() == [("fault", "12:00:00", "12:01:00", "It is broken.")]


def test_what_lasts_ends_with_a_player_that_stops(house: House) -> None:
    house.look(0, replace(seen(), problems=("It is broken.",)))
    house.now += timedelta(seconds=30)
    house.recorder.stop()
    assert house.marks() == [("fault", "12:00:00", "12:00:30", "It is broken.")]


@pytest.mark.parametrize(
    ("query", "table", "values"),
    [
        (queries.CURVES, "day_minutes USING INTEGER PRIMARY KEY", (1, 2, 3)),
        (queries.PLAYS, "plays USING INDEX plays_by_time", ("", "", 1, 2, 1, 1, 3)),
    ],
)
def test_a_day_among_hundreds_is_found_without_reading_the_others(
    house: House, query: str, table: str, values: tuple[object, ...]
) -> None:
    plan = [row["detail"] for row in house.library.database.rows(f"EXPLAIN QUERY PLAN {query}", *values)]
    assert f"SEARCH {table}" in plan[0]
    assert not any(step.startswith("SCAN") for step in plan)


@pytest.mark.parametrize(("day", "minutes"), [(date(2026, 3, 29), 23 * 60), (date(2026, 10, 25), 25 * 60)])
def test_a_day_on_which_the_clocks_change_is_whole(house: House, day: date, minutes: int) -> None:
    house.now = datetime(day.year, day.month, day.day, 23, 59, tzinfo=BERLIN)
    house.look()
    record = house.day(day)
    assert len(record.curves.people) == minutes
    assert record.curves.people[-1] == 2
    assert record.start[11:19] == record.end[11:19] == "00:00:00"
