"""What a track says of itself beside others, what a mood is called, and JSON of any name."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from player.emotions import FEELINGS
from player.types import Mood, Track, json_text

THIRD = Track(Path("/m/band/album/03.flac"), "third", "band", "album", track_no=3, disc_no=1)
FOURTH = replace(THIRD, path=Path("/m/band/album/04.flac"), title="fourth", track_no=4)


def test_the_next_one_of_the_album_follows_and_nothing_else() -> None:
    assert FOURTH.follows(THIRD)
    assert not THIRD.follows(FOURTH)
    assert not THIRD.follows(THIRD)
    assert not replace(FOURTH, track_no=5).follows(THIRD)


@pytest.mark.parametrize(
    "changes",
    [
        {"artist": "guest"},  # a compilation, a guest
        {"path": Path("/m/calm/song.mp3")},  # sorted by mood
        {"disc_no": 0},
    ],
)
def test_what_may_differ(changes: dict[str, object]) -> None:
    assert replace(FOURTH, **changes).follows(THIRD)


@pytest.mark.parametrize(
    "changes",
    [
        {"album": ""},
        {"album": "Greatest Hits"},
        {"artist": "guest", "path": Path("/m/calm/song.mp3")},
        {"disc_no": 2},
        {"track_no": 0},
    ],
)
def test_what_tells_them_apart(changes: dict[str, object]) -> None:
    assert not replace(FOURTH, **changes).follows(THIRD)


def test_without_tags_nothing_follows() -> None:
    nameless = Track(Path("/m/a.mp3"), "a")
    first = replace(THIRD, track_no=1)

    assert not replace(nameless, track_no=2).follows(replace(nameless, track_no=1))
    assert not replace(FOURTH, artist="", path=Path("/n/04.mp3")).follows(replace(THIRD, artist=""))
    assert not first.follows(replace(THIRD, track_no=0)), "of unknown place"


def test_a_disc_does_not_go_on_from_another() -> None:
    opening = replace(FOURTH, track_no=1, disc_no=2)

    assert not opening.follows(THIRD)
    assert replace(opening, track_no=2).follows(opening)


def test_no_name_in_json_commands_a_terminal() -> None:
    name = "caf\u00e9 \x9b31m \x7f \u202e3pm \u2028 \udcff \u5f35"
    said = json_text({name: [name]})
    assert said.isprintable()
    assert "caf\u00e9" in said
    assert "\u5f35" in said
    assert json.loads(said) == {name: [name]}


@pytest.mark.parametrize(
    ("mood", "name"),
    [
        (Mood(0.0, 0.0, dict.fromkeys(FEELINGS, 1 / len(FEELINGS))), "neutral"),
        (Mood(0.5, -0.5, mood7="calm"), "calm"),
        (Mood(0.5, -0.5, {"beautiful": 1.0}, "calm"), "beautiful"),
        (Mood(0.5, 0.5, {"amusing": 0.4, "joyful": 0.6}, "happy"), "joyful"),
    ],
)
def test_a_mood_is_called_by_its_most_probable_feeling_if_there_is_one(mood: Mood, name: str) -> None:
    assert mood.name == name
