"""What a room was taught corrects its reading as far as the moments deserve, and no further."""

import numpy as np
import pytest

from player.mood.moments import Moment
from player.mood.taught import TaughtHead
from player.types import MoodPoint

MIDDLE = MoodPoint(0.1, 0.0)
READ = MoodPoint(0.1, -0.4)
"""What the reader says of this room, full or empty."""


def numbers(people: float, seed: int = 0) -> tuple[float, ...]:
    noise = np.random.default_rng(seed).normal(0, 0.01, 20)
    return tuple(map(float, (*noise, people)))


def moment(number: int, word: str, people: float, weight: float = 1.0, read: MoodPoint = READ) -> Moment:
    energy = {"quiet": -0.5, "normal": 0.0, "lively": 0.5}[word]
    return Moment(number, 0.0, word, None, energy, weight, read, numbers(people, number), "x", ())


TAUGHT = [moment(n, w, p) for n, (w, p) in enumerate([("quiet", 0.0), ("lively", 1.0)] * 4)]


def test_the_reading_follows_what_was_taught() -> None:
    head = TaughtHead(TAUGHT)
    quiet = head.correct(READ, numbers(0.0, 90)).point
    lively = head.correct(READ, numbers(1.0, 91)).point
    assert quiet.energy < -0.35
    assert lively.energy > 0.15
    assert lively.valence == READ.valence, "nothing was said of it"


@pytest.mark.parametrize("taught", [TAUGHT[:2], [moment(n, "quiet", n / 9) for n in range(9)], []])
def test_too_little_corrects_nothing(taught: list[Moment]) -> None:
    head = TaughtHead(taught)
    assert not head.is_ready
    assert head.correct(READ, numbers(1.0)).point == READ


def test_what_was_concluded_alone_corrects_nothing() -> None:
    assert not TaughtHead([moment(n, "quiet" if n % 2 else "lively", n % 2, 0.3) for n in range(9)]).is_ready


def test_labels_that_have_nothing_to_do_with_the_picture_have_no_weight() -> None:
    words = ["quiet", "lively", "normal"]
    drawn = np.random.default_rng(3)
    same = [moment(n, words[int(drawn.integers(3))], float(drawn.random()), read=MIDDLE) for n in range(12)]
    assert TaughtHead(same).weight < 0.3
    assert TaughtHead(TAUGHT).weight > 0.6


def test_a_picture_unlike_all_that_was_taught_is_read_as_before() -> None:
    correction = TaughtHead(TAUGHT).correct(READ, numbers(5.0))
    assert correction.point == READ
    assert correction.weight == 0
