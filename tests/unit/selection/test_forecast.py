"""When what comes next is looked for, and when not."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from player.selection.forecast import COUNT, STALE_S, Forecast
from player.types import Choice, Track
from tests.support.waiting import wait_for


class Ahead:
    """A selection that foresees as many tracks as it was asked times."""

    def __init__(self) -> None:
        self.now, self.asked = 100.0, 0
        self.forecast = Forecast(self.foresee, lambda: self.now)

    def foresee(self, count: int) -> list[Choice]:
        assert count == COUNT
        self.asked += 1
        return [Choice(Track(Path(f"/music/{self.asked}.mp3"), str(self.asked)), "the test")]

    def title(self) -> str:
        return self.forecast.latest()[0].title


@pytest.fixture
def ahead() -> Ahead:
    return Ahead()


def test_it_is_looked_for_once_for_all_who_ask(ahead: Ahead) -> None:
    wait_for(ahead.forecast.latest, 5, "the first look")
    for _ in range(20):
        assert ahead.title() == "1"
    assert ahead.asked == 1


def test_nobody_who_asks_costs_nothing(ahead: Ahead) -> None:
    for _ in range(20):
        ahead.forecast.on_event(None)
    assert ahead.asked == 0


def test_it_is_looked_for_again_if_something_happened_or_time_has_passed(ahead: Ahead) -> None:
    wait_for(ahead.forecast.latest, 5, "the first look")
    ahead.forecast.on_event(None)
    wait_for(lambda: ahead.title() == "2", 5, "the look after an event")
    ahead.now += STALE_S
    wait_for(lambda: ahead.title() == "3", 5, "the look after some time")
    assert ahead.asked == 3


def test_a_look_that_hangs_holds_nobody_up() -> None:
    go_on = threading.Event()

    def hangs(_: int) -> list[Choice]:
        go_on.wait(20)
        return []

    forecast = Forecast(hangs)
    assert forecast.latest() == ()
    go_on.set()


def test_a_bug_is_logged_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: int) -> list[Choice]:
        raise KeyError("a bug")

    forecast = Forecast(fails)
    wait_for(lambda: forecast.latest() == () and "cannot be foreseen" in caplog.text, 5, "the failure")
