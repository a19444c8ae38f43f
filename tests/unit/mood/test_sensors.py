"""What sensors do to the mood: a day of a counter, a dead one, nonsense, the weather, all at once."""

from __future__ import annotations

import json
import logging
import math
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings
from player.config.settings.sensors import SensorSettings
from player.errors import ArgumentError
from player.mood import weather
from player.mood.counter_rate import CounterRate
from player.mood.sensors import MOST, Sensors
from player.mood.tracker import MoodTracker
from player.types import Mood

HOUR = 3600.0
NOON = time(12)
DAY = [Daypart(name="day", start=time(0), mood="joyful")]
WEATHER = SensorSettings(name="weather", kind="weather")


def sensor(name: str = "door", **more: object) -> SensorSettings:
    return SensorSettings.model_validate({"name": name, **more})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("rainy", "rain"), ("pouring", "heavy rain"), ("Clear-Night", "clear night"), ("소나기", "rain"),
        ("lightning-rainy", "thunderstorm"), ("windy_variant", "wind"), ("overcast clouds", "clouds"),
        ("partlycloudy", "some clouds"),
    ],
)  # fmt: skip
def test_words_for_the_weather_are_understood(said: str, meant: str) -> None:
    found = weather.find(said)
    assert found is not None
    assert found.name == meant


def test_rain_says_what_it_does() -> None:
    sensors = Sensors([WEATHER], 8)
    sensors.take("weather rainy", None, 0)
    sensed = sensors.at(1)
    assert sensed.offset.energy == pytest.approx(-0.18)
    assert sensed.reasons == ("rain: -0.2 energy, -0.1 valence",)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("weather", "blue"), ("number", "nan"), ("number", "inf"), ("number", "1e99"), ("number", "ten"),
        ("noise", "42 lx"), ("noise", "900"), ("counter", "-1"), ("light", "1,5"), ("number", "9" * 400),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_a_sentence_and_changes_nothing(kind: str, said: str) -> None:
    sensors = Sensors([sensor(kind=kind, energy=0.2, unit="dB")], 8)
    with pytest.raises(ArgumentError, match=r"^the sensor door takes .+, not .+\.$"):
        sensors.take("door", said, 0)
    assert sensors.status(1)[0].said is None


@pytest.mark.parametrize(
    ("kind", "unit", "said", "refusal"),
    [
        ("number", "", "warm", "a number, not 'warm'."),
        ("number", "", "31 °C", "a number, not '31 °C'; its unit is set in config.yaml."),
        ("counter", "", "-5", "a number of 0 or more, not '-5'."),
        ("light", "lx", "-3", "a number from 0 to 200000 in lx, not '-3'."),
    ],
)
def test_a_refusal_is_in_plain_words(kind: str, unit: str, said: str, refusal: str) -> None:
    sensors = Sensors([sensor(kind=kind, energy=0.2, unit=unit)], 8)
    with pytest.raises(ArgumentError) as refused:
        sensors.take("door", said, 0)
    assert str(refused.value) == f"the sensor door takes {refusal}"


def test_a_value_may_carry_its_unit_and_unavailable_is_no_sign_of_life() -> None:
    sensors = Sensors([sensor(kind="noise", unit="dB")], 8)
    sensors.take("door 61.5 dB", None, 0)
    sensors.take("door", "unavailable", 50)
    (now,) = sensors.status(60)
    assert (now.value, now.age_s) == (61.5, 60)


def test_a_counter_is_a_rate_whatever_it_is_set_to() -> None:
    rate = CounterRate()
    for minute in range(180):
        rate.take(5000 + minute, minute * 60.0)
    assert rate.per_hour(180 * 60.0) == pytest.approx(60, rel=0.1)
    rate.take(0, 181 * 60.0)
    rate.take(5181, 182 * 60.0)  # it said 0 while it started
    assert rate.per_hour(182 * 60.0) < 70
    rate.take(0, 183 * 60.0)
    rate.take(1, 184 * 60.0)
    assert rate.per_hour(184 * 60.0) < 70
    assert rate.per_hour(190 * 60.0 + HOUR) < 1


@pytest.mark.parametrize("away_h", [0.5, 2, 5, 24])
def test_what_a_counter_counted_while_it_was_away_is_no_crowd(away_h: float) -> None:
    rate = CounterRate()
    for minute in range(61):
        rate.take(100 + minute, minute * 60.0)
    back = HOUR + away_h * HOUR
    rate.take(160 + 60 * away_h, back)
    assert rate.per_hour(back) == pytest.approx(60, rel=0.05)
    started_again = CounterRate()
    started_again.go_on_from(160, 60, HOUR)
    started_again.take(160 + 60 * away_h, back)
    assert started_again.per_hour(back) == pytest.approx(60, rel=0.05)


def test_a_busy_hour_after_a_usual_day_is_livelier_and_goes_stale_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    sensors, now, count = Sensors([sensor(kind="counter")], 8), 0.0, 0
    for _ in range(6 * 60):
        now, count = now + 60, count + 1
        sensors.take("door", str(count), now)
        assert abs(sensors.at(now).offset.energy) < 0.05
    for _ in range(30):
        now, count = now + 60, count + 12
        sensors.take("door", str(count), now)
        sensors.at(now)
    assert sensors.at(now).offset.energy > 0.1
    assert sensors.at(now).reasons[0].startswith("door above its usual: +0.")
    for _ in range(120):
        now += 60
        sensors.at(now)
    assert sensors.at(now).offset.energy == 0
    assert sensors.status(now)[0].stale
    assert caplog.text.count("has said nothing for 60 min") == 1
    assert caplog.text.count("door counts: door above") == 1


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["0", "1e9", "-1e9", "3"]), st.floats(0, 4000)),
        max_size=60,
    )
)
def test_together_they_stay_within_their_bound(said: list[tuple[str, str, float]]) -> None:
    sensors, now = Sensors([sensor(name, energy=1, valence=-1) for name in "abc"], 1), 0.0
    for name, value, passed_s in said:
        now += passed_s
        sensors.take(name, value, now)
        sensed = sensors.at(now)
        assert max(abs(sensed.offset.valence), abs(sensed.offset.energy)) <= MOST + 1e-9
        parts = [one.contribution.energy for one in sensors.status(now)]
        assert math.fsum(parts) == pytest.approx(sensed.offset.energy, abs=0.002)


def test_what_is_usual_and_what_was_said_outlive_a_restart() -> None:
    before = Sensors([sensor(kind="noise"), WEATHER], 8)
    for minute in range(120):
        before.take("door", str(50 + minute % 3), minute * 60.0)
        before.at(minute * 60.0)
    before.take("weather", "snowy", 7000)
    after = Sensors([sensor(kind="noise"), WEATHER], 8)
    after.restore(json.loads(json.dumps(before.state(7200))), 100)
    assert after.status(100)[0].usual == before.status(7200)[0].usual
    assert (after.status(100)[1].said, after.status(100)[1].age_s) == ("snowy", 200)
    after.restore({"door": {"kind": "noise", "usual": {"mean": "x"}}, "weather": 3}, 100)
    huge = {"mean": 10**400, "scatter": 1, "observed_s": 1}
    after.restore({"door": {"kind": "noise", "usual": huge}, "weather": 3}, 100)


def test_the_target_follows_smoothly_without_a_room_and_says_why() -> None:
    tracker = MoodTracker(MoodSettings(), DAY, [WEATHER])
    plain = tracker.target(0, NOON)
    tracker.take("weather", "rainy", 1)
    assert tracker.target(1, NOON).point.distance(plain.point) < 0.02
    for now in range(2, 121):
        target = tracker.target(now, NOON)
    assert target.point.energy == pytest.approx(plain.point.energy - 0.18, abs=0.01)
    assert target.reason.endswith("rain: -0.2 energy, -0.1 valence")


def test_a_sensor_alone_is_no_shift_and_the_rooms_mood_stays_its_own() -> None:
    tracker = MoodTracker(MoodSettings(), DAY, [WEATHER])
    point = tracker.house.default(DAY[0])
    room = Mood(point.valence, point.energy, {}, "happy")
    for now in range(300):
        tracker.update(room, now, NOON)
    tracker.take("weather", "rainy", 300)
    updates = [tracker.update(room, now, NOON) for now in range(300, 900)]
    assert not any(update.shift for update in updates)
    assert updates[-1].smoothed.energy == pytest.approx(point.energy, abs=0.01)


@pytest.mark.parametrize("kind", ["noise", "light", "footfall", "number"])
def test_what_a_sensor_says_of_a_closed_venue_is_not_usual(kind: str) -> None:
    sensors, now = Sensors([sensor(kind=kind, energy=0.2)], 8), 0.0
    for minute in range(22 * 60):
        if minute == 10 * 60:
            sensors.close(True, now)
        now += 60
        sensors.take("door", "50" if minute < 10 * 60 else "10", now)
        sensors.at(now)
    assert sensors.status(now)[0].usual == pytest.approx(50, rel=0.02)
    sensors.close(False, now)
    for _ in range(12 * 60):
        now += 60
        sensors.take("door", "40", now)
    usual = sensors.status(now)[0].usual
    assert usual is not None
    assert usual < 48, "open again, it learns"


def test_a_closed_night_is_not_what_is_usual_for_a_counter() -> None:
    sensors, now, count = Sensors([sensor(kind="counter")], 8), 0.0, 0
    for minute in range(22 * 60):
        now, count = now + 60, count + (minute < 10 * 60)
        sensors.take("door", str(count), now)
        sensors.at(now)
    usual = sensors.status(now)[0].usual
    assert usual is not None
    assert usual > 30
