"""The named moods: every vocabulary, names in two languages, projections."""

import csv
import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.emotions import (
    FEELINGS,
    MOOD7,
    NEIGHBOURHOOD,
    describe_music,
    describe_room,
    feelings_at,
    find,
    nearest,
    project,
    vocabularies,
)
from player.types import MoodPoint

AXIS = st.floats(-1, 1)


def test_there_are_the_thirteen_feelings_and_the_seven_moods():
    assert len(FEELINGS) == 13
    assert MOOD7 == ("happy", "romantic", "sad", "aggressive", "dramatic", "calm", "neutral")


@pytest.mark.parametrize(
    ("vocabulary", "size"),
    [
        ("feelings", 13),
        ("mood7", 7),
        ("plan5", 5),
        ("mirex5", 5),
        ("quadrants", 4),
        ("tags", 59),
        ("mirex18", 18),
        ("rooms", 11),
        ("music", 14),
    ],
)
def test_each_vocabulary_is_whole(vocabulary, size):
    names = vocabularies()[vocabulary]
    assert len(names) == size
    for named in names.values():
        assert -1 <= named.point.valence <= 1
        assert -1 <= named.point.energy <= 1
        assert named.korean
        assert set(named.feelings) <= set(FEELINGS)
        assert sum(named.feelings.values()) == pytest.approx(1) or named.name == "neutral"


ODD = {*FEELINGS, "erotic", "sexy", "pump-up"} - {"calm", "sad"}
"""What nobody would call a café or its music."""


@pytest.mark.parametrize("vocabulary", ["rooms", "music"])
def test_every_mood_has_a_plain_word_in_both_languages(vocabulary):
    steps = [step / 10 for step in range(-10, 11)]
    words = [nearest(MoodPoint(valence, energy), vocabulary) for valence in steps for energy in steps]
    assert {word.name for word in words} == set(vocabularies()[vocabulary]), "a word that nothing is called"
    for word in words:
        assert not ({word.name} | set(word.name.split())) & ODD
        assert re.fullmatch(r"[가-힣 ]+", word.korean)


@pytest.mark.parametrize(
    ("valence", "energy", "room", "music"),
    [
        (0.55, -0.05, "pleasant", "easy-going"),  # the feeling nearest to it is sensual
        (0.6, 0.6, "lively", "upbeat"),
        (0.6, -0.3, "cosy", "gentle"),
        (0.0, -0.8, "quiet", "quiet"),
        (0.4, -0.75, "peaceful", "calm"),
        (-0.7, -0.6, "gloomy", "sad"),
    ],
)
def test_the_plain_words_fit(valence, energy, room, music):
    point = MoodPoint(valence, energy)
    assert (describe_room(point), describe_music(point)) == (room, music)


def test_no_two_feelings_share_a_neighbourhood():
    points = [named.point for named in vocabularies()["feelings"].values()]
    assert min(a.distance(b) for a, b in combinations(points, 2)) > NEIGHBOURHOOD


@pytest.mark.parametrize(
    ("name", "vocabulary", "canonical"),
    [
        ("calm", "feelings", "calm"),
        ("  Calm ", "feelings", "calm"),
        ("TRIUMPHANT", "feelings", "triumphant"),
        ("몽환적인", "feelings", "dreamy"),
        ("행복한", "mood7", "happy"),
        ("q3", "quadrants", "Q3"),
        ("Cluster 5", "mirex5", "fiery"),
        ("Aggresive", "tags", "aggressive"),
        ("pump-up", "tags", "pump-up"),
        ("그리운", None, None),
        ("rainy sunday morning", None, None),
        ("", None, None),
    ],
)
def test_a_mood_is_found_by_any_of_its_names(name, vocabulary, canonical):
    found = find(name)
    assert (found and found.vocabulary, found and found.name) == (vocabulary, canonical)


def test_every_tag_of_the_seed_crawl_is_known(shared_data):
    with (shared_data / "seed_moods.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    tags = vocabularies()["tags"]
    for row in rows:
        name = row["mood_EN"].lower().replace("aggresive", "aggressive")
        assert name in tags, name
        assert row["mood_KOR"] in ("", tags[name].korean)


@settings(max_examples=40, deadline=None)
@given(AXIS, AXIS)
def test_feelings_at_any_point_are_probabilities(valence, energy):
    feelings = feelings_at(MoodPoint(valence, energy))
    assert set(feelings) == set(FEELINGS)
    assert all(p >= 0 for p in feelings.values())
    assert sum(feelings.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", FEELINGS)
def test_at_its_own_place_a_feeling_is_the_most_probable(name):
    feelings = feelings_at(vocabularies()["feelings"][name].point)
    assert max(feelings, key=lambda f: feelings[f]) == name


@pytest.mark.parametrize(
    ("feeling", "vocabulary", "expected"),
    [
        ("joyful", "quadrants", "Q1"),
        ("scary", "quadrants", "Q2"),
        ("sad", "quadrants", "Q3"),
        ("calm", "quadrants", "Q4"),
        ("sad", "plan5", "sad"),
        ("annoying", "plan5", "aggressive"),
        ("triumphant", "plan5", "dramatic"),
        ("sensual", "plan5", "romantic"),
        ("joyful", "plan5", "happy"),
        ("amusing", "mirex5", "humorous"),
        ("defiant", "mirex5", "fiery"),
        ("calm", "mood7", "calm"),
        ("calm", "mirex18", "calm"),
        ("dreamy", "mirex18", "dreamy"),
        ("energizing", "tags", "energizing"),
    ],
)
def test_projection_of_one_feeling(feeling, vocabulary, expected):
    shares = project({feeling: 1.0}, vocabulary)
    assert max(shares, key=lambda name: shares[name]) == expected


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FEELINGS), st.floats(0, 1)),
    st.sampled_from(["mood7", "plan5", "mirex5", "quadrants", "tags", "mirex18", "rooms"]),
)
def test_a_projection_sums_to_one(moods, vocabulary):
    shares = project(moods, vocabulary)
    assert set(shares) == set(vocabularies()[vocabulary])
    assert sum(shares.values()) == pytest.approx(1)


def test_an_unknown_vocabulary_is_a_key_error():
    with pytest.raises(KeyError):
        project({"calm": 1.0}, "nosuch")


@pytest.mark.parametrize(
    ("name", "mood7"),
    [
        ("joyful", "happy"),
        ("calm", "calm"),
        ("gloomy", "sad"),
        ("angry", "aggressive"),
        ("romantic", "romantic"),
        ("neutral", "neutral"),
        ("epic", "dramatic"),
    ],
)
def test_a_named_mood_as_a_reading(name, mood7):
    mood = find(name).mood
    assert mood.mood7 == mood7
    assert set(mood.moods) == set(FEELINGS)
    assert sum(mood.moods.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("names", "quadrant"),
    [
        (("happy", "upbeat", "cheerful", "confident", "excitement"), "Q1"),
        (("anger", "aggressive", "anxious"), "Q2"),
        (("sad", "depressed", "grief"), "Q3"),
        (("calm", "romantic", "dreamy"), "Q4"),
    ],
)
def test_the_mirex_groups_lie_in_their_quadrants(names, quadrant):
    for name in names:
        shares = project(vocabularies()["mirex18"][name].feelings, "quadrants")
        assert max(shares, key=lambda q: shares[q]) == quadrant, name


@pytest.mark.parametrize("vocabulary", ["feelings", "mirex5", "mirex18", "tags"])
def test_korean_names_tell_the_moods_of_a_vocabulary_apart(vocabulary):
    names = vocabularies()[vocabulary]
    assert len({named.korean for named in names.values()}) == len(names)
    assert all(find(named.korean).korean == named.korean for named in names.values())
