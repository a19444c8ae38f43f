"""The play history's clock stays in order whatever is done to the machine's."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from player.clock import ClockTrust, HistoryClock, house_zone
from player.errors import LibraryError

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Machine:
    """Both clocks of a machine, and a history clock that was made when `noted` was its last line."""

    def __init__(self, wall: datetime, *noted: datetime) -> None:
        self.wall, self.mono, self.noted = wall, 50.0, noted
        self.clock = HistoryClock(lambda: self.wall, self.last, lambda: self.mono)

    def last(self, before: datetime) -> datetime | None:
        return max((at for at in self.noted if at < before), default=None)

    def after(self, **passed: float) -> datetime:
        self.wall += timedelta(**passed)
        self.mono += timedelta(**passed).total_seconds()
        return self.clock()


def test_it_is_the_wall_clock() -> None:
    machine = Machine(NOON, NOON - timedelta(hours=3))
    assert machine.clock() == NOON
    assert machine.after(minutes=5) == NOON + timedelta(minutes=5)


def test_set_back_a_day_it_goes_on_until_the_wall_clock_has_caught_up() -> None:
    machine = Machine(NOON)
    machine.after(hours=1)
    machine.wall -= timedelta(days=1)
    assert machine.after(minutes=5) == NOON + timedelta(hours=1, minutes=5)
    assert machine.after(hours=30) == NOON + timedelta(hours=31, minutes=5)
    machine.wall += timedelta(days=1)
    assert machine.after(minutes=5) == machine.wall


def test_a_clock_that_was_hours_ahead_at_a_start_is_left_behind() -> None:
    machine = Machine(NOON + timedelta(hours=9), NOON)
    assert machine.after(minutes=50) == NOON + timedelta(hours=9, minutes=50)
    machine.wall -= timedelta(hours=9)
    assert machine.clock() == NOON + timedelta(minutes=50)
    assert machine.after(hours=1) == machine.wall
    machine.wall -= timedelta(hours=2)
    assert machine.clock() == NOON + timedelta(hours=1, minutes=50), "it had been right for an hour"


def test_a_clock_is_believed_once_it_has_gone_on_for_an_hour_without_being_set() -> None:
    machine = Machine(NOON + timedelta(days=3650))
    trust = ClockTrust(lambda: machine.wall, lambda: machine.mono)
    machine.after(minutes=59)
    assert not trust.is_sure()
    machine.wall -= timedelta(days=3650)
    assert not trust.is_sure()
    machine.after(minutes=59)
    assert not trust.is_sure()
    machine.after(minutes=2)
    assert trust.is_sure()


def test_time_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(NOON)
    monkeypatch.setattr(time, "clock_gettime", lambda clock: {time.CLOCK_BOOTTIME: machine.mono}[clock])
    machine.clock = HistoryClock(lambda: machine.wall, lambda _: NOON + timedelta(hours=2))
    assert machine.after(hours=1) == NOON + timedelta(hours=3)


def test_set_back_before_a_restart() -> None:
    """The play history knows how late it was."""
    machine = Machine(NOON - timedelta(days=1), NOON)
    assert machine.after(minutes=5) == NOON + timedelta(minutes=5)


def test_a_machine_that_starts_in_1970_goes_on_from_the_last_play() -> None:
    machine = Machine(datetime(1970, 1, 1, 0, 1, tzinfo=UTC), NOON)
    assert machine.after(minutes=5) == NOON + timedelta(minutes=5)
    machine.wall = NOON + timedelta(days=3)
    assert machine.after(minutes=1) == machine.wall


@pytest.mark.parametrize("noted", [(), (NOON,)])
def test_a_time_that_cannot_have_been_is_left_behind(noted: tuple[datetime, ...]) -> None:
    machine = Machine(NOON, *noted, datetime(2040, 1, 1, tzinfo=UTC))
    assert machine.clock() == NOON
    machine.wall = datetime(2040, 1, 1, tzinfo=UTC)
    assert machine.clock() == machine.wall
    machine.wall = NOON
    assert machine.clock() == NOON


def test_a_play_history_that_cannot_be_read() -> None:
    def broken(before: datetime) -> datetime:
        raise LibraryError("the database is locked")

    assert HistoryClock(lambda: NOON, broken, lambda: 0.0)() == NOON


def test_the_zone_is_the_one_that_is_named_or_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(house_zone("Asia/Seoul")) == "Asia/Seoul"
    monkeypatch.setenv("TZ", "Australia/Lord_Howe")
    assert str(house_zone(None)) == "Australia/Lord_Howe"
