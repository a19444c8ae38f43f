"""What keeps time: exact moments by the wall clock, everything else by a clock that nobody can set."""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.job import Job

from player.clock import ClockWatch
from player.schedule.scheduler import Scheduler
from tests.support.waiting import wait_for


class Clocks:
    """A wall clock and a monotonic one, moved by the test."""

    def __init__(self) -> None:
        self.wall = datetime.now(UTC)
        self.mono = 100.0

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono += seconds


def scheduled(clocks: Clocks, seen: list[datetime], next_s: float = 3600) -> Scheduler:
    def reconcile() -> datetime:
        seen.append(clocks.wall)
        return clocks.wall + timedelta(seconds=next_s)

    return Scheduler(reconcile, {}, ClockWatch(lambda: clocks.wall, lambda: clocks.mono))


@pytest.mark.parametrize(
    ("jump", "said"),
    [
        (timedelta(days=-1), "set back by 1 day, 0:00:00"),
        (timedelta(days=20000), "set forward by 20000 days"),
        (timedelta(seconds=40), "set forward by 0:00:40"),
    ],
)
def test_a_clock_that_is_set_is_told_once(
    jump: timedelta, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    clocks, seen = Clocks(), []
    schedule = scheduled(clocks, seen)
    with caplog.at_level(logging.WARNING):
        clocks.pass_(5)
        schedule.tick()
        assert not caplog.records
        clocks.pass_(5)
        clocks.wall += jump
        schedule.tick()
        for _ in range(3):
            clocks.pass_(5)
            schedule.tick()
    assert [said in record.getMessage() for record in caplog.records] == [True]
    assert len(seen) == 5, "every beat reconciles"


def test_a_clock_that_is_set_before_the_schedule_starts_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The first sound comes first."""
    clocks = Clocks()
    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.mono)
    clocks.wall -= timedelta(days=1)
    later = datetime.now(UTC) + timedelta(days=1)
    for _ in range(2):
        Scheduler(lambda: later, {}, watch).tick()
    assert caplog.text.count("set back by 1 day, 0:00:00") == 1


def test_a_machine_that_sleeps_has_its_clock_set_by_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clocks = Clocks()
    monkeypatch.setattr(time, "clock_gettime", lambda clock: {time.CLOCK_BOOTTIME: clocks.mono}[clock])
    watch = ClockWatch(lambda: clocks.wall)
    schedule = Scheduler(lambda: clocks.wall + timedelta(hours=1), {}, watch)
    clocks.pass_(8 * 3600)  # CLOCK_MONOTONIC has stood still meanwhile
    schedule.tick()
    assert not caplog.records
    clocks.wall += timedelta(hours=1)
    schedule.tick()
    assert "set forward by 1:00:00" in caplog.text


def test_each_beat_sets_the_timer_again_that_may_have_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    due = datetime.now(UTC) + timedelta(hours=9)
    armed: list[datetime] = []
    modify = Job.modify

    def noted(job: Job, *, next_run_time: datetime) -> Job:
        armed.append(next_run_time)
        return modify(job, next_run_time=next_run_time)

    monkeypatch.setattr(Job, "modify", noted)
    schedule = Scheduler(lambda: due, {}, ClockWatch(lambda: datetime.now(UTC)))
    schedule.start()
    try:
        schedule.tick()
        assert armed[:2] == [due, due]
    finally:
        schedule.stop()


def test_the_pace_of_a_disciplined_clock_is_no_jump(caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks()
    schedule = scheduled(clocks, [])
    for _ in range(100):
        clocks.pass_(5)
        clocks.wall += timedelta(seconds=2)
        schedule.tick()
    assert not caplog.records


def test_the_exact_moment_is_met() -> None:
    """By APScheduler, long before the next beat."""
    begun, called = datetime.now(UTC), threading.Event()
    calls: list[float] = []

    def reconcile() -> datetime:
        calls.append((datetime.now(UTC) - begun).total_seconds())
        if len(calls) == 4:
            called.set()
        if len(calls) < 4:  # again and again, so that a job is moved while it runs
            return begun + timedelta(seconds=0.3 * len(calls))
        return begun + timedelta(hours=1)

    schedule = Scheduler(reconcile, {}, ClockWatch(lambda: datetime.now(UTC)))
    schedule.start()
    try:
        assert called.wait(60)
        assert all(at >= 0.3 * n for n, at in enumerate(calls))
    finally:
        schedule.stop()


def test_what_is_repeated_goes_on_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def work() -> None:
        done.append(1)
        if len(done) == 1:
            raise OSError("disk full")

    never = datetime.now(UTC) + timedelta(days=1)
    schedule = Scheduler(lambda: never, {"save": (0.02, work)}, ClockWatch(lambda: datetime.now(UTC)))
    schedule.start()
    try:
        wait_for(lambda: len(done) >= 3, 5, "the work to go on")
        assert "save failed" in caplog.text
    finally:
        schedule.stop()


def test_a_schedule_that_stumbles_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks()

    def reconcile() -> datetime:
        raise ValueError("no such hour")

    schedule = Scheduler(reconcile, {}, ClockWatch(lambda: clocks.wall, lambda: clocks.mono))
    schedule.tick()
    schedule.tick()
    assert caplog.text.count("the schedule failed") == 2


def test_other_intervals_hold_from_now_on_and_hours_at_once() -> None:
    done, reconciled = threading.Event(), list[int]()
    never = datetime.now(UTC) + timedelta(days=1)

    def reconcile() -> datetime:
        reconciled.append(1)
        return never

    schedule = Scheduler(reconcile, {"rescan": (3600, done.set)}, ClockWatch(lambda: datetime.now(UTC)))
    schedule.configure({"rescan": 3600})
    assert not reconciled, "it has not started"
    schedule.start()
    try:
        before = len(reconciled)
        schedule.configure({"rescan": 0.02})
        assert len(reconciled) == before + 1
        assert done.wait(60)
    finally:
        schedule.stop()


def test_the_same_interval_again_begins_no_pause_again() -> None:
    done, never = threading.Event(), datetime.now(UTC) + timedelta(days=1)
    schedule = Scheduler(lambda: never, {"rescan": (0.2, done.set)}, ClockWatch(lambda: datetime.now(UTC)))
    schedule.start()

    def again() -> bool:
        schedule.configure({"rescan": 0.2})
        return done.is_set()

    try:
        wait_for(again, 10, "the call although it is configured more often than that")
    finally:
        schedule.stop()
