"""What is said about which boxes, tags and light."""

import re

import pytest

from player.types import Light
from player.vision.compact.caption_builder import build_caption
from player.vision.compact.detector import Box, Detection
from player.vision.compact.vocabulary import concepts, objects

PLAIN = Light(brightness=0.5, warmth=0.0, contrast=0.2, colorfulness=0.3)
DIM_WARM = Light(brightness=0.2, warmth=0.4, contrast=0.1, colorfulness=0.3)
DIM = Light(brightness=0.2, warmth=0.0, contrast=0.1, colorfulness=0.3)
DARK = Light(brightness=0.05, warmth=0.4, contrast=0.1, colorfulness=0.3)
COLORFUL = Light(brightness=0.5, warmth=0.0, contrast=0.2, colorfulness=0.7)

UPPER = Box(0.4, 0.1, 0.6, 0.6)
LOWER = Box(0.35, 0.4, 0.65, 0.8)
ELSEWHERE = Box(0.7, 0.4, 0.95, 0.8)


def seen(label: str, box: Box = ELSEWHERE, score: float = 0.8) -> Detection:
    return Detection(label, score, box)


def people(number: int) -> list[Detection]:
    return [seen("person", UPPER)] * number


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "a person"),
        (2, "two people"),
        (3, "a group of people"),
        (6, "a group of people"),
        (7, "a crowd of people"),
        (30, "a crowd of people"),
    ],
)
def test_people_are_counted_as_people_count_them(number: int, said: str) -> None:
    assert build_caption(people(number), {}, PLAIN) == said


def test_a_crowd_is_what_was_counted_where_the_boxes_are_fewer() -> None:
    assert build_caption(people(3), {}, PLAIN, counted=12) == "a crowd of people"
    assert build_caption(people(3), {}, PLAIN, counted=5) == "a group of people"
    assert build_caption([], {}, PLAIN, counted=12) == "a view of a place"


@pytest.mark.parametrize(
    ("detections", "tags", "said"),
    [
        ([], {}, "a view of a place"),
        ([], {"restaurant": 0.6}, "a restaurant"),
        ([], {"dog": 0.6}, "a dog"),
        ([], {"dog": 0.2}, "a view of a place"),
        ([seen("dog")], {}, "a dog"),
        ([seen("dog"), seen("dog", LOWER)], {}, "two dogs"),
        ([seen("dog")] * 3, {}, "several dogs"),
        ([seen("elephant")], {}, "an elephant"),
        ([seen("sheep"), seen("sheep")], {}, "two sheep"),
        ([seen("horse"), seen("cow")], {"dog": 0.5}, "two dogs"),
        ([seen("cat"), seen("bed")], {}, "a cat on a bed"),
        ([seen("cup")], {"cafe": 0.9}, "a cup in a cafe"),
        ([seen("cup"), seen("dining table")], {"cafe": 0.9}, "a cup on a table in a cafe"),
        ([seen("dining table")], {}, "a table"),
        ([seen("knife")] * 2, {}, "two knives"),
        ([seen("motorcycle")], {"dirtbike": 0.5}, "a motorcycle"),
        ([seen("bottle", score=0.45)], {}, "a view of a place"),
        ([seen("bottle", Box(0.5, 0.5, 0.52, 0.55))], {}, "a view of a place"),
        ([*people(1), seen("toothbrush"), seen("tie")], {}, "a person"),
        ([*people(1), seen("dog")], {"beach": 0.4}, "a person and a dog at the beach"),
        (
            [*people(4), seen("dining table", LOWER), *[seen("wine glass")] * 2],
            {"restaurant": 0.5, "shop": 0.2},
            "a group of people at a table with two wine glasses in a restaurant",
        ),
        (
            [*people(2), seen("car"), seen("traffic light")],
            {},
            "two people with a car and a traffic light on a street",
        ),
        (
            [*people(1), seen("tennis racket")],
            {"court": 0.9},
            "a person with a tennis racket at a tennis match",
        ),
        ([seen("tennis racket")], {}, "a tennis racket on a tennis court"),
        ([*people(1), seen("boat")], {"boats": 0.9}, "a person on a boat on the water"),
        ([seen("person", Box(0.1, 0.0, 0.9, 1.0))], {}, "a close-up of a person"),
    ],
)
def test_scenes(detections: list[Detection], tags: dict[str, float], said: str) -> None:
    assert build_caption(detections, tags, PLAIN) == said


@pytest.mark.parametrize(
    ("person", "thing", "said"),
    [
        (UPPER, LOWER, "a person riding a bicycle"),
        (LOWER, UPPER, "a person with a bicycle"),
        (UPPER, ELSEWHERE, "a person with a bicycle"),
    ],
)
def test_only_who_is_above_and_over_a_bicycle_rides_it(person: Box, thing: Box, said: str) -> None:
    assert build_caption([seen("person", person), seen("bicycle", thing)], {}, PLAIN) == said


def test_what_is_ridden_is_said_once() -> None:
    two_kinds = [*people(2), seen("horse", LOWER), seen("bicycle", LOWER, 0.6)]
    assert build_caption(two_kinds, {}, PLAIN) == "two people riding horses"
    assert build_caption(two_kinds[::-1], {}, PLAIN) == "two people and a horse riding bicycles"


@pytest.mark.parametrize(
    ("light", "motion", "said"),
    [
        (PLAIN, 0.1, "a person"),
        (PLAIN, 0.2, "a person, a lot of movement"),
        (DIM, 0.0, "a person, dim light"),
        (DIM_WARM, 0.0, "a person, dim warm light"),
        (DIM_WARM, 0.5, "a person, a lot of movement, dim warm light"),
        (DARK, 0.0, "a person, in the dark"),
        (COLORFUL, 0.0, "a person, bright colors"),
    ],
)
def test_light_and_motion(light: Light, motion: float, said: str) -> None:
    assert build_caption(people(1), {}, light, motion) == said


ABOUT_PERSONS = re.compile(
    r"\b(m[ae]n|wom[ae]n|boys?|girls?|child(ren)?|bab(y|ies)|lad(y|ies)|happy|sad|angry|smil\w+|laugh\w+|alone|lonely"
    r"|old|young)\b"
)


def test_no_word_tells_who_people_are_or_how_they_feel() -> None:
    tags = [{name: 0.9} for name in concepts()]
    said = {build_caption(people(n), tag, PLAIN) for tag in tags for n in (0, 1, 3)}
    said |= {
        build_caption([*people(n), seen(name, LOWER)], {}, PLAIN) for name in objects() for n in (0, 1, 3)
    }
    with_people = {text for text in said if "person" in text or "people" in text}
    assert len(with_people) > 150
    assert not [text for text in with_people if ABOUT_PERSONS.search(text)]


def test_every_word_makes_a_sentence_of_its_own() -> None:
    """A mistyped field in the data files would leave a hole in some sentence."""
    for name, concept in concepts().items():
        text = build_caption([], {name: 0.9}, PLAIN)
        assert (concept.view or concept.thing) in text
        assert "  " not in text
