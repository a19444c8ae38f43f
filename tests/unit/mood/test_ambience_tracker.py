"""What is unusual about a room, on its way into the target, the reasons and the memory."""

import json
import logging
from datetime import time
from typing import Any, Literal

import pytest

from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings
from player.mood.anomalies import Signals
from player.mood.tracker import MoodTracker, TrackerUpdate
from player.types import Light, Mood, MoodPoint

DAY = Light(0.45, 0.05, 0.2, 0.2)
FEW, MANY = Signals(3, 0.03, DAY, "webcam"), Signals(16, 0.3, DAY, "webcam")
SO_SO, LIVELY = Mood(0.4, -0.1), Mood(0.6, 0.6)


class Place:
    """A tracker that takes a sample a minute."""

    def __init__(self, policy: Literal["match", "lift", "steady"] = "match") -> None:
        settings = MoodSettings(baseline_weight=0, policy=policy)
        self.tracker = MoodTracker(settings, [Daypart(name="day", start=time(0), mood="calm")])
        self.now = 0.0

    def see(self, mood: Mood, signals: Signals | None, minutes: int) -> TrackerUpdate:
        for _ in range(minutes):
            self.now += 60
            update = self.tracker.update(mood, self.now, time(12), signals)
        return update


def test_a_busier_room_is_livelier_than_its_sentence() -> None:
    place = Place()
    usual = place.see(SO_SO, FEW, 600)
    busy = place.see(SO_SO, MANY, 10)
    assert usual.hint.reasons == ()
    assert busy.smoothed.energy - usual.smoothed.energy == pytest.approx(0.3, abs=0.03)
    assert busy.hint.reasons[0].startswith("busier than usual (")


def test_alone_it_moves_no_music_but_with_the_sentence_it_does_and_says_so() -> None:
    place = Place()
    place.see(SO_SO, FEW, 600)
    assert place.see(SO_SO, MANY, 10).shift is None
    assert "usual" not in place.see(SO_SO, MANY, 10).target.reason
    assert "busier than usual (" in place.see(LIVELY, MANY, 10).target.reason


def test_without_signals_nothing_is_unusual() -> None:
    place = Place()
    place.see(SO_SO, FEW, 600)
    place.see(SO_SO, MANY, 10)
    assert place.see(SO_SO, None, 1).hint.reasons == ()


def test_a_steady_house_gives_no_reason_that_does_not_count() -> None:
    place = Place(policy="steady")
    place.see(SO_SO, FEW, 600)
    assert "usual" not in place.see(LIVELY, MANY, 10).target.reason


def test_it_is_remembered_with_the_mood() -> None:
    before, after = Place(), Place()
    before.see(SO_SO, FEW, 600)
    after.tracker.restore(json.loads(json.dumps(before.tracker.state(before.now))), before.now)
    after.now = before.now
    assert after.tracker.state(after.now) == before.tracker.state(before.now)
    assert after.see(SO_SO, MANY, 10).hint.reasons


@pytest.mark.parametrize("garbage", [5, [], "x", {"usual": {"people": {}}}, {"camera": "a", "usual": None}])
def test_garbage_costs_one_line_and_not_the_rest(garbage: Any, caplog: pytest.LogCaptureFixture) -> None:
    before, after = Place(), Place()
    before.see(SO_SO, FEW, 600)
    with caplog.at_level(logging.WARNING):
        after.tracker.restore({**before.tracker.state(before.now), "ambience": garbage}, 0.0)
    refused = bool(garbage)
    assert len(caplog.records) == refused
    assert after.tracker.state(after.now)["baseline"] == before.tracker.state(before.now)["baseline"]
    assert after.tracker.state(after.now)["ambience"]["usual"] == {}


def test_a_night_that_the_camera_sees_hardly_makes_the_day_unusual() -> None:
    """A lit room without anybody for ten hours: what is usual is what it is like with people in it."""
    empty, dead = Signals(0, 0.0, DAY, "webcam"), Mood(-0.05, -0.85)

    def usual_after(nights: bool) -> MoodPoint:
        settings = MoodSettings()
        tracker = MoodTracker(settings, [Daypart(name="day", start=time(0), mood="calm")])
        for minute in range(3 * 1440):
            open_ = minute % 1440 < 840
            if open_ or nights:
                mood, signals = (SO_SO, FEW) if open_ else (dead, empty)
                tracker.update(mood, 60.0 * minute, time(12), signals)
        tracker.update(SO_SO, 60.0 * 3 * 1440, time(12), FEW)
        value = tracker.state(60.0 * 3 * 1440)["baseline"]
        return MoodPoint(value["valence"], value["energy"])

    assert usual_after(nights=True).distance(usual_after(nights=False)) < 0.2
