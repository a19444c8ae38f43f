"""What a photo's impression does to the mood of its sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.emotions import FEELINGS, MOOD7, feelings_at
from player.mood.fusion import blend
from player.types import ImageMood, Mood, MoodPoint

axis = st.floats(-1, 1)
unit = st.floats(0, 1)
image_moods = st.builds(ImageMood, axis, axis, unit)


@st.composite
def moods(draw: st.DrawFn) -> Mood:
    weights = draw(st.lists(st.floats(0, 1), min_size=13, max_size=13).filter(lambda w: sum(w) > 0.01))
    probabilities = {name: weight / sum(weights) for name, weight in zip(FEELINGS, weights, strict=True)}
    return Mood(draw(axis), draw(axis), probabilities, draw(st.sampled_from(MOOD7)))


def near(valence: float, energy: float, mood7: str) -> Mood:
    return Mood(valence, energy, feelings_at(MoodPoint(valence, energy)), mood7)


CALM = near(0.4, -0.7, "calm")
PARKED = near(0.0, -0.1, "neutral")


@pytest.mark.parametrize(
    ("mood", "image_mood", "weight", "point"),
    [
        (CALM, None, 1.0, (0.4, -0.7)),
        (CALM, ImageMood(0.8, 0.5, 0.6), 0.0, (0.4, -0.7)),
        (CALM, ImageMood(0.8, 0.5, 0.0), 1.0, (0.4, -0.7)),
        (CALM, ImageMood(0.8, 0.5, 1.0), 1.0, (0.8, 0.5)),
        (CALM, ImageMood(0.8, 0.5, 0.5), 1.0, (0.6, -0.1)),
        (CALM, ImageMood(0.8, 0.5, 0.5), 0.5, (0.5, -0.4)),
        (CALM, ImageMood(-1.0, -1.0, 1.0), 0.5, (-0.3, -0.85)),
        (CALM, ImageMood(0.8, 0.5, 0.0, 1.0), 0.5, (0.4, -0.1)),
        (CALM, ImageMood(0.8, 0.5, 1.0, 0.0), 0.5, (0.6, -0.7)),
    ],
)
def test_how_far_the_point_moves(mood, image_mood, weight, point):
    moved = blend(mood, image_mood, weight)
    assert (moved.valence, moved.energy) == pytest.approx(point)


def test_where_both_agree_nothing_changes():
    moved = blend(CALM, ImageMood(0.4, -0.7, 0.8), 1.0)
    assert moved.moods == pytest.approx(CALM.moods)
    assert (moved.valence, moved.energy, moved.mood7, moved.name) == (0.4, -0.7, "calm", "calm")


@pytest.mark.parametrize(
    ("mood", "image_mood", "mood7", "name"),
    [
        (CALM, ImageMood(0.85, 0.45, 1.0), "happy", "joyful"),
        (CALM, ImageMood(-0.6, -0.55, 1.0), "sad", "sad"),
        (CALM, ImageMood(0.5, -0.6, 1.0), "calm", "calm"),
        # A sentence without atmosphere keeps none, as long as the photo names no other.
        (PARKED, ImageMood(0.05, -0.15, 1.0), "neutral", "dreamy"),
        (PARKED, ImageMood(0.7, 0.7, 1.0), "dramatic", "triumphant"),
    ],
)
def test_the_names_follow_the_point(mood, image_mood, mood7, name):
    moved = blend(mood, image_mood, 1.0)
    assert (moved.mood7, moved.name) == (mood7, name)


def test_what_the_sentence_rules_out_stays_out():
    certain = Mood(0.4, -0.7, dict.fromkeys(FEELINGS, 0.0) | {"calm": 1.0}, "calm")
    assert blend(certain, ImageMood(-0.8, 0.6, 1.0), 1.0).moods == certain.moods


def test_a_mood_without_feelings_gets_none():
    moved = blend(Mood(0.4, -0.7, mood7="calm"), ImageMood(0.85, 0.45, 1.0), 1.0)
    assert moved.moods == {}
    assert moved.mood7 == "happy"


@given(moods(), image_moods, unit)
def test_it_never_leaves_the_plane(mood, image_mood, weight):
    moved = blend(mood, image_mood, weight)
    assert -1 <= moved.valence <= 1
    assert -1 <= moved.energy <= 1
    assert sum(moved.moods.values()) == pytest.approx(1)
    assert all(probability >= 0 for probability in moved.moods.values())
    assert moved.mood7 in MOOD7


@given(moods(), image_moods)
def test_without_weight_it_is_the_sentence_alone(mood, image_mood):
    assert blend(mood, image_mood, 0.0) is mood


@given(moods(), image_moods, unit, unit)
def test_more_weight_comes_nearer_to_the_photo(mood, image_mood, one, other):
    photo = MoodPoint(image_mood.valence, image_mood.energy)
    less, more = (blend(mood, image_mood, weight) for weight in sorted((one, other)))
    assert more.distance(photo) <= less.distance(photo) + 1e-9


@pytest.mark.parametrize(
    ("image_mood", "mood7"),
    [
        (ImageMood(0.2, 0.1, 1.0), "neutral"),
        (ImageMood(0.3, 0.35, 1.0), "neutral"),
        (ImageMood(0.8, 0.4, 1.0), "happy"),
    ],
)
def test_a_plain_scene_stays_neutral_until_the_photo_says_much(image_mood: ImageMood, mood7: str) -> None:
    assert blend(PARKED, image_mood, 1.0).mood7 == mood7
