"""What is usual for a camera, and how far what is not moves the mood."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.config.settings.mood import AmbienceSettings, MoodSettings
from player.mood.anomalies import EMPTY_PACE, MOST, NO_HINT, Anomalies, Hint, Signals
from player.types import Light

HOUR = 3600
STEP_S = 60.0
"""Below `stale_s`."""
DAY = Light(brightness=0.45, warmth=0.05, contrast=0.2, colorfulness=0.2)


def light(brightness: float = 0.45, warmth: float = 0.05, colorfulness: float = 0.2) -> Light:
    return Light(brightness, warmth, 0.2, colorfulness)


USUAL = Signals(people=3, motion=0.03, light=DAY, camera="webcam 0")
PARTY = Signals(people=14, motion=0.25, light=DAY, camera="webcam 0")


class Room:
    """An Ambience that is fed by hand."""

    def __init__(self, **settings: Any) -> None:
        self.ambience = Anomalies(MoodSettings(**settings))
        self.now = 0.0

    def sees(self, signals: Signals | Callable[[int], Signals], hours: float) -> Hint:
        """What the room is like for so many hours; the last hint."""
        hint = NO_HINT
        for n in range(round(hours * HOUR / STEP_S)):
            self.now += STEP_S
            hint = self.ambience.update(signals(n) if callable(signals) else signals, self.now)
        return hint


def as_ever(n: int) -> Signals:
    """A café: two to five people, some motion, a light that comes and goes."""
    return Signals(2 + n * 7 % 4, 0.02 + 0.01 * (n % 3), light(0.42 + 0.02 * (n % 4)), "webcam 0")


def known_room(hours: float = 12, **settings: Any) -> Room:
    room = Room(**settings)
    room.sees(as_ever, hours)
    return room


FEW_MINUTES = 5 / 60


@pytest.mark.parametrize(
    ("signals", "first", "valence", "energy"),
    [
        (USUAL, None, (0, 0), (0, 0)),
        (Signals(5, 0.04, DAY), None, (0, 0), (0, 0)),
        (PARTY, "busier", (0.01, 0.1), (0.2, 0.3)),
        (Signals(14, 0.03, DAY), "busier", (0.03, 0.1), (0.1, 0.25)),
        (Signals(0, 0.0, DAY), "emptier", (-0.08, -0.02), (-0.25, -0.1)),
        (Signals(3, 0.25, DAY), "livelier", (0, 0), (0.05, 0.2)),
        (Signals(3, 0.03, light(0.85)), "brighter", (0, 0), (0.05, 0.1)),
        (Signals(3, 0.03, light(0.15)), "dimmer", (0, 0), (-0.1, -0.05)),
        (Signals(3, 0.03, light(warmth=0.5)), "more warmly lit", (0.05, 0.07), (-0.07, -0.05)),
        (Signals(3, 0.03, light(warmth=-0.5)), "more coldly lit", (-0.07, -0.05), (0.05, 0.07)),
        (Signals(3, 0.03, light(0.15, warmth=0.5)), "more warmly lit", (0.05, 0.07), (-0.17, -0.1)),
    ],
)
def test_what_is_unusual_moves_the_mood(
    signals: Signals, first: str | None, valence: tuple[float, float], energy: tuple[float, float]
) -> None:
    hint = known_room().sees(replace(signals, camera=USUAL.camera), FEW_MINUTES)
    assert valence[0] <= hint.offset.valence <= valence[1]
    assert energy[0] <= hint.offset.energy <= energy[1]
    assert bool(hint.reasons) == (first is not None)
    assert first is None or hint.reasons[0].startswith(f"{first} than usual")


def test_the_reasons_are_plain_words_and_count_the_people() -> None:
    hint = known_room(24).sees(PARTY, FEW_MINUTES)
    assert hint.reasons == (f"busier than usual ({PARTY.people} people)", "livelier than usual")
    empty = known_room(24).sees(replace(PARTY, people=0, motion=0.0), FEW_MINUTES)
    assert empty.reasons[0] == "emptier than usual (no people)"


@pytest.mark.parametrize(("hours", "said"), [(0.1, False), (0.5, False), (2, True), (24, True)])
def test_nothing_is_said_before_it_knows_what_is_usual(hours: float, said: bool) -> None:
    assert bool(known_room(hours).sees(PARTY, FEW_MINUTES).reasons) == said


@pytest.mark.parametrize("name", list(AmbienceSettings.model_fields))
def test_a_signal_without_weight_is_off(name: str) -> None:
    unusual = Signals(14, 0.3, light(0.9, 0.6), "webcam 0")
    off = AmbienceSettings(**{key: 0.25 * (key == name) for key in AmbienceSettings.model_fields})
    reasons = known_room(ambience=off).sees(unusual, FEW_MINUTES).reasons
    words = {"people": "busier", "motion": "livelier", "brightness": "brighter", "warmth": "more warmly lit"}
    assert len(reasons) == 1
    assert reasons[0].startswith(words[name])


def test_without_a_baseline_nothing_is_usual() -> None:
    assert known_room(baseline_hours=0).sees(PARTY, FEW_MINUTES) == NO_HINT


@pytest.mark.parametrize(
    ("name", "passing"),
    [
        ("one miscounted look", Signals(12, 0.03, DAY, "webcam 0")),
        ("a passing shadow", Signals(3, 0.03, light(0.25), "webcam 0")),
        ("a door that opens to the sun", Signals(3, 0.1, light(0.7), "webcam 0")),
    ],
)
def test_what_lasts_ten_seconds_says_nothing(name: str, passing: Signals) -> None:
    room = known_room()
    assert room.sees(USUAL, FEW_MINUTES).reasons == (), name
    for passed_s, signals in ((5, passing), (5, passing), (5, USUAL), (5, USUAL), (5, USUAL)):
        room.now += passed_s
        assert room.ambience.update(signals, room.now).reasons == ()


def test_infrared_light_says_nothing_about_the_room() -> None:
    room = known_room()
    grey = Signals(3, 0.03, light(0.9, 0.0, colorfulness=0.0), "webcam 0")
    assert room.sees(grey, 10 / 60).offset == room.sees(USUAL, FEW_MINUTES).offset
    assert room.sees(grey, 24).reasons == ()
    assert room.ambience.state()["usual"]["brightness"]["mean"] < 0.5


def test_a_lamp_is_no_party() -> None:
    """Brighter and warmer by far, but nobody came and nothing moves."""
    offset = known_room().sees(Signals(3, 0.03, light(0.85, 0.4), "webcam 0"), FEW_MINUTES).offset
    assert offset.energy < 0.1


def test_an_exposure_that_hunts_is_no_news() -> None:
    room = known_room()
    for n in range(240):
        room.now += 5
        hunting = Signals(3, 0.03, light(0.45 + 0.2 * math.sin(1.3 * n)), "webcam 0")
        assert room.ambience.update(hunting, room.now).reasons == ()


def test_one_party_does_not_make_parties_usual() -> None:
    room = known_room(24)
    assert room.sees(PARTY, 1).reasons
    assert room.sees(USUAL, FEW_MINUTES).reasons == ()
    assert room.sees(PARTY, FEW_MINUTES).offset.energy > 0.2


def test_a_closed_night_does_not_become_usual() -> None:
    room = Room()
    for _ in range(5):
        room.sees(as_ever, 12)
        room.sees(Signals(0, 0.0, light(0.2), "webcam 0"), 12)
    assert room.sees(as_ever, 0.5).offset.energy < 0.1


def test_an_empty_room_is_learnt_too_but_slowly() -> None:
    room = Room()
    room.sees(Signals(0, 0.0, DAY), 10)
    assert room.ambience.state()["usual"]["people"]["observed_s"] == pytest.approx(
        10 * HOUR * EMPTY_PACE, rel=0.01
    )


def test_a_gap_was_not_observed_and_ends_what_held() -> None:
    room = known_room()
    room.sees(PARTY, FEW_MINUTES)
    before = room.ambience.state()
    assert room.ambience.update(PARTY, room.now + HOUR) == NO_HINT
    assert room.ambience.state() == before


def test_another_camera_has_another_usual() -> None:
    room = known_room()
    elsewhere = Signals(14, 0.25, DAY, "webcam 1")
    assert room.sees(elsewhere, FEW_MINUTES) == NO_HINT
    assert room.sees(elsewhere, 12).reasons == ()


def test_a_webcam_that_was_remembered_by_its_number_keeps_its_usual() -> None:
    state = known_room().ambience.state() | {"camera": "webcam /dev/video0"}
    room = Room()
    room.ambience.restore(state)
    assert room.sees(PARTY, FEW_MINUTES).offset.energy > 0.2


def test_it_goes_on_from_its_state() -> None:
    before, after = known_room(), Room()
    after.ambience.restore(json.loads(json.dumps(before.ambience.state())))
    assert after.ambience.state() == before.ambience.state()
    hint = after.sees(PARTY, FEW_MINUTES)
    assert hint.offset.energy > 0.2
    assert hint.reasons == before.sees(PARTY, FEW_MINUTES).reasons


@pytest.mark.parametrize(
    "state",
    [
        {"camera": "x"},
        {"usual": {}},
        {"camera": "x", "usual": 5},
        {"camera": "x", "usual": {"people": None}},
        {"camera": "x", "usual": {"people": {"mean": 1.0, "scatter": 0.1}}},
        {"camera": "x", "usual": {"people": {"mean": "many", "scatter": 0.1, "observed_s": 60}}},
        {"camera": "x", "usual": {"people": {"mean": math.nan, "scatter": 0.1, "observed_s": 60}}},
        {"camera": "x", "usual": {"people": {"mean": 1e9, "scatter": 0.1, "observed_s": 60}}},
        {"camera": "x", "usual": {"people": {"mean": 1.0, "scatter": -0.1, "observed_s": 60}}},
        {"camera": "x", "usual": {"people": {"mean": 1.0, "scatter": 0.1, "observed_s": math.inf}}},
        [1],
        "usual",
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(state: Any) -> None:
    ambience = known_room().ambience
    before = ambience.state()
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        ambience.restore(state)
    assert ambience.state() == before


unit = st.floats(0, 1)
wild = st.one_of(st.just(math.nan), st.just(math.inf), st.floats(-1e9, 1e9))
lights = st.builds(Light, unit, st.floats(-1, 1), unit, unit)
measured = st.builds(Signals, st.integers(0, 80), unit, lights)
anything = st.builds(Signals, st.integers(-5, 10**9), wild, st.builds(Light, wild, wild, wild, wild))
times = st.floats(0, 90)


def fed(samples: list[tuple[Signals, float]], hours: float = 0.02) -> Anomalies:
    ambience, now = Anomalies(MoodSettings(baseline_hours=hours)), 0.0
    for signals, passed_s in samples:
        now += passed_s
        ambience.update(signals, now)
    return ambience


@given(st.lists(st.tuples(anything, st.floats(-100, 300)), max_size=30))
def test_a_hint_is_finite_and_never_long(samples: list[tuple[Signals, float]]) -> None:
    ambience, now = Anomalies(MoodSettings(baseline_hours=0.02)), 0.0
    for signals, passed_s in samples:
        now += passed_s
        offset = ambience.update(signals, now).offset
        assert math.hypot(offset.valence, offset.energy) <= MOST + 1e-9


@given(st.lists(st.tuples(measured, times), max_size=15), measured)
def test_what_stays_becomes_usual(samples: list[tuple[Signals, float]], lasting: Signals) -> None:
    hint = NO_HINT
    ambience = fed(samples)
    for n in range(60):
        hint = ambience.update(lasting, 10_000 + 100.0 * n)
    assert hint.offset.valence == pytest.approx(0, abs=1e-6)
    assert hint.offset.energy == pytest.approx(0, abs=1e-6)
    assert hint.reasons == ()


@given(st.lists(st.tuples(measured, times), min_size=1, max_size=15))
def test_restoring_a_state_gives_that_state(samples: list[tuple[Signals, float]]) -> None:
    before = fed(samples)
    after = Anomalies(MoodSettings())
    after.restore(json.loads(json.dumps(before.state())))
    assert after.state() == before.state()


@given(
    st.lists(st.tuples(measured, times), max_size=8), st.lists(measured, min_size=2, max_size=4), st.data()
)
def test_the_order_of_one_instant_does_not_matter(
    samples: list[tuple[Signals, float]], at_once: list[Signals], data: st.DataObject
) -> None:
    hints = []
    for order in (at_once, data.draw(st.permutations(at_once))):
        ambience = fed(samples)
        for signals in order:
            ambience.update(signals, 5000.0)
        hints.append([ambience.update(replace(USUAL, camera=""), 5000.0 + n).offset for n in (30, 60)])
    for one, other in zip(*hints, strict=True):
        assert one.valence == pytest.approx(other.valence, abs=1e-9)
        assert one.energy == pytest.approx(other.energy, abs=1e-9)


@given(st.lists(st.tuples(measured, times), min_size=1, max_size=10), st.floats(0, 1e6))
def test_a_clock_that_goes_back_teaches_nothing(samples: list[tuple[Signals, float]], back_s: float) -> None:
    ambience = fed(samples)
    before = ambience.state()
    ambience.update(replace(PARTY, camera=""), -back_s)
    assert ambience.state() == before
