"""The library's picture: well-formed, to scale, small however many tracks there are."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from player.cli.mood_map import MAX_DOTS, draw_map
from player.types import Mood, Track

SVG = "{http://www.w3.org/2000/svg}"


def track(valence: float, energy: float, confidence: float | None = None) -> Track:
    return Track(Path("a.mp3"), title="<&>", mood=Mood(valence, energy), confidence=confidence)


@pytest.mark.parametrize(
    ("valence", "energy", "x", "y"), [(-1, -1, 70, 730), (1, 1, 730, 70), (0, 0, 400, 400), (1, -1, 730, 730)]
)
def test_a_track_lies_at_its_mood(valence, energy, x, y):
    (dot,) = ElementTree.fromstring(draw_map([track(valence, energy)])).iter(f"{SVG}circle")
    assert (float(dot.get("cx")), float(dot.get("cy"))) == (x, y)


def test_a_doubtful_track_is_fainter_and_one_without_a_mood_is_left_out():
    tracks = [track(0.5, 0.5, 0.2), track(0.5, 0.5, 0.9), Track(Path("b.mp3"), title="b")]
    faint, sure = ElementTree.fromstring(draw_map(tracks)).iter(f"{SVG}circle")
    assert float(faint.get("fill-opacity")) < float(sure.get("fill-opacity"))


@pytest.mark.parametrize(("korean", "name"), [(False, "dreamy"), (True, "몽환적인")])
def test_the_feelings_are_named_in_either_language(korean, name):
    texts = [text.text for text in ElementTree.fromstring(draw_map([], korean)).iter(f"{SVG}text")]
    assert name in texts
    assert len(texts) == 13 + 3


def test_a_crowd_becomes_a_grid_of_bounded_size():
    crowd = [track((i % 201) / 100 - 1, (i * 7 % 201) / 100 - 1) for i in range(10 * MAX_DOTS)]
    svg = draw_map(crowd)
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}circle"))
    assert len(svg) < 1_000_000
