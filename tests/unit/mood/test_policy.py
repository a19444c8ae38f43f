"""The venue's rules, as tables."""

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config.settings.dayparts import DEFAULT_DAYPARTS, Daypart
from player.config.settings.mood import MoodSettings
from player.emotions import feelings_at, find
from player.errors import ConfigError
from player.mood.policy import HousePolicy
from player.types import MoodPoint

DAY = Daypart(name="day", start=time(11), mood="joyful")
NIGHT = Daypart(name="night", start=time(22), mood="calm", energy=(-1.0, 0.0))
FREE = MoodSettings(valence=(-1, 1), never=())


def house(policy: str = "match", **changes) -> HousePolicy:
    return HousePolicy(FREE.model_copy(update={"policy": policy, **changes}), (DAY, NIGHT))


@pytest.mark.parametrize(
    ("local", "name"),
    [
        ("00:00", "night"), ("06:59", "night"), ("07:00", "morning"), ("10:59", "morning"),
        ("11:00", "day"), ("18:00", "evening"), ("23:59", "evening"),
    ],
)  # fmt: skip
def test_default_dayparts(local, name):
    assert HousePolicy(MoodSettings(), DEFAULT_DAYPARTS).daypart(time.fromisoformat(local)).name == name


@pytest.mark.parametrize(("local", "name"), [("10:59", "night"), ("11:00", "day"), ("22:00", "night")])
def test_dayparts_wrap_over_midnight_in_any_order(local, name):
    wrapped = HousePolicy(FREE, (NIGHT, DAY))
    assert wrapped.daypart(time.fromisoformat(local)).name == name


@pytest.mark.parametrize(
    ("policy", "room", "point"),
    [
        ("match", (0.2, -0.3), (0.2, -0.3)),
        ("match", None, (0.85, 0.45)),
        ("steady", (0.2, -0.3), (0.85, 0.45)),
        ("steady", None, (0.85, 0.45)),
        ("lift", (-0.15, -0.55), (0.15, -0.25)),  # 0.3 of the way to joyful at (0.85, 0.45)
        ("lift", (0.85, 0.45), (0.85, 0.45)),
    ],
)
def test_policy_table(policy, room, point):
    target = house(policy).target(room and MoodPoint(*room), DAY)
    assert (target.point.valence, target.point.energy) == pytest.approx(point)


@pytest.mark.parametrize(
    ("held_s", "lift_s", "point", "said"),
    [
        (
            0,
            600,
            (-0.15, -0.55),
            "so the music meets it there, then leads on towards cheerful music",
        ),  # the room's own mood
        (60, 600, (-0.12, -0.52), "so the music meets it there, then leads on towards cheerful music"),
        (300, 600, (0.0, -0.4), "and the music leads on towards cheerful music"),
        (600, 600, (0.15, -0.25), "and the music leads on towards cheerful music"),
        (86400, 600, (0.15, -0.25), "and the music leads on towards cheerful music"),  # and no further
        (0, 0, (0.15, -0.25), "and the music leads on towards cheerful music"),
    ],
)
def test_lift_starts_at_the_room_and_leads_it_gently(held_s, lift_s, point, said):
    target = house("lift", lift_s=lift_s).target(MoodPoint(-0.15, -0.55), DAY, held_s=held_s)
    assert (target.point.valence, target.point.energy) == pytest.approx(point)
    assert target.reason == f"the room is quiet, {said}"


@settings(max_examples=40, deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 5000), st.floats(0, 5000))
def test_lift_never_turns_back(valence, energy, one, other):
    rules, goal = house("lift"), find("joyful").point
    early, late = (
        rules.target(MoodPoint(valence, energy), DAY, held_s=s).point for s in sorted((one, other))
    )
    assert late.distance(goal) <= early.distance(goal) + 1e-9


@pytest.mark.parametrize(
    ("offset", "point"),
    [((0.2, 0.1), (0.4, -0.2)), ((0, 0), (0.2, -0.3)), ((-2, 2), (-1, 1))],
)
def test_the_offset_is_heard_but_never_leaves_the_plane(offset, point):
    target = house().target(MoodPoint(0.2, -0.3), DAY, MoodPoint(*offset))
    assert (target.point.valence, target.point.energy) == pytest.approx(point)


@pytest.mark.parametrize(
    ("changes", "daypart", "room", "point"),
    [
        ({}, NIGHT, (0.5, 0.8), (0.5, 0.0)),  # the daypart's envelope
        ({"valence": (-0.4, 1)}, DAY, (-0.9, -0.5), (-0.4, -0.5)),  # the venue's range
        ({"energy": (0.2, 1)}, NIGHT, (0.5, 0.8), (0.5, 0.2)),  # which wins over the envelope
        ({"energy": (0.2, 1)}, NIGHT, None, (0.4, 0.2)),  # and holds for the daypart's own mood
    ],
)
def test_ranges(changes, daypart, room, point):
    target = house(**changes).target(room and MoodPoint(*room), daypart)
    assert (target.point.valence, target.point.energy) == pytest.approx(point)


@pytest.mark.parametrize("never", [("scary",), ("scary", "annoying"), ("angry",), ("sad", "무서운")])
@pytest.mark.parametrize("room", [(-0.8, 0.6), (-0.6, 0.7), (-1, 1), (-0.6, -0.55), (-0.6, 0.35)])
def test_a_mood_that_is_never_played_is_neither_named_nor_nearest(never, room):
    target = house(never=never).target(MoodPoint(*room), DAY)
    feelings = feelings_at(target.point)
    nearest = max(feelings, key=lambda name: feelings[name])
    banned = {find(name).name for name in never}
    assert target.name not in banned
    assert nearest not in banned
    if find(never[0]).vocabulary == "tags":
        allowed = min(find(name).point.distance(target.point) for name in feelings)
        assert find(never[0]).point.distance(target.point) >= allowed


def test_a_forbidden_mood_is_left_within_the_envelope_if_there_is_a_way():
    tense_only = Daypart(name="late", start=time(23), mood="anxious", energy=(0.5, 1.0))
    target = HousePolicy(FREE.model_copy(update={"never": ("scary",)}), (tense_only,)).target(
        MoodPoint(-0.9, 0.6), tense_only
    )
    assert target.point.energy >= 0.5
    assert target.name != "scary"
    # Sad is all there is here: then the daypart gives way, not the owner's word.
    sad_only = Daypart(name="late", start=time(23), mood="sad", valence=(-0.7, -0.5), energy=(-0.6, -0.5))
    target = HousePolicy(FREE.model_copy(update={"never": ("sad",)}), (sad_only,)).target(
        MoodPoint(-0.6, -0.55), sad_only
    )
    assert target.name != "sad"
    assert target.point.distance(find("sad").point) > 0.25


def test_dayparts_of_one_name_keep_their_own_moods():
    twice = (
        Daypart(name="open", start=time(9), mood="calm"),
        Daypart(name="open", start=time(17), mood="joyful"),
    )
    rules = HousePolicy(FREE, twice)
    assert [rules.target(None, part).name for part in twice] == ["calm", "joyful"]


def test_what_is_allowed_is_left_where_it_is():
    point = house(never=("scary",)).target(MoodPoint(0.3, 0.2), DAY).point
    assert point == MoodPoint(0.3, 0.2)


@pytest.mark.parametrize(
    ("policy", "room", "daypart", "reason"),
    [
        ("match", (0.5, 0.5), DAY, "the room is lively"),
        ("match", None, DAY, "day has cheerful music, until the room asks for another"),
        ("steady", (0.5, 0.5), DAY, "day has cheerful music, whatever the room is like"),
        ("lift", (-0.5, -0.4), DAY, "the room is gloomy, and the music leads on towards cheerful music"),
        ("match", (0.5, 0.5), NIGHT, "the room is lively, kept within the limits of night"),
    ],
)
def test_the_reason_is_one_plain_sentence(policy, room, daypart, reason):
    assert house(policy).target(room and MoodPoint(*room), daypart).reason == reason


def test_the_reason_tells_of_the_usual_and_of_forbidden_moods():
    told = house(never=("scary",)).target(MoodPoint(-0.4, 0.3), DAY, MoodPoint(-0.4, 0.3)).reason
    expected = "the room is uneasy, which for this room is tense, kept clear of what mood.never forbids"
    assert told == expected


def test_what_is_usual_is_not_told_if_the_word_is_the_same():
    assert house().target(find("pleasant").point, DAY, MoodPoint(0.11, 0.0)).reason == "the room is pleasant"


def test_a_pin_leaves_the_daypart_but_not_the_house():
    lively = find("energizing").mood
    owner = house(valence=(-0.4, 0.3), never=("scary",))
    target = owner.pinned(lively, "energizing")
    assert (target.name, target.point) == ("energizing", MoodPoint(0.3, 0.85))
    assert target.reason == "pinned by hand: energizing, as near as the limits in mood allow"
    assert house().pinned(lively, "wake up!").reason == "pinned by hand: wake up!"


def test_even_a_pin_plays_no_forbidden_mood():
    feelings = feelings_at(house(never=("scary",)).pinned(find("scary").mood, "scary").point)
    assert max(feelings, key=lambda name: feelings[name]) != "scary"


@pytest.mark.parametrize(
    ("changes", "daypart", "key"),
    [
        ({"never": ("anoying",)}, DAY, "mood.never"),
        ({}, Daypart(name="day", start=time(0), mood="joyfull"), "dayparts: day: mood"),
        ({"never": tuple(feelings_at(MoodPoint(0, 0)))}, DAY, "mood.never"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(changes, daypart, key):
    with pytest.raises(ConfigError, match=key):
        HousePolicy(FREE.model_copy(update=changes), (daypart,))


AXIS = st.floats(-1, 1)
NEVER = st.sets(st.sampled_from(["annoying", "scary", "sad", "angry", "anxious", "defiant"]))


@settings(max_examples=40, deadline=None)
@given(AXIS, AXIS, AXIS, AXIS, st.sampled_from(["match", "lift", "steady"]), NEVER)
def test_the_house_range_is_never_left(valence, energy, one, other, policy, never):
    low, high = sorted((one, other))
    rules = house(policy, valence=(low, high), energy=(low, high), never=tuple(never))
    for target in (
        rules.target(MoodPoint(valence, energy), NIGHT),
        rules.target(None, NIGHT),
        rules.pinned(find("scary").mood, "scary"),
    ):
        assert low - 1e-9 <= target.point.valence <= high + 1e-9
        assert low - 1e-9 <= target.point.energy <= high + 1e-9
        assert target.reason
