"""The same song twice in a library: a mirror in another format, a copy, and what only looks like one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from mutagen.flac import FLAC

from player.config.settings.library import ChoiceSettings, RuleSettings
from player.library.database.store import Library
from player.library.index.recordings import STEP_S, keys
from player.library.index.track_index import TrackIndex
from player.library.index.track_table import FEW_CHANGED
from player.library.rules import compile_rules
from player.selection.recommender import ChoiceContext, Recommender
from player.types import Choice, MoodPoint, Target, Track
from tests.unit.library import files

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NO_RULES = compile_rules(RuleSettings(), ())
CALM = Target(MoodPoint(0.0, 0.0), "calm", "test")


def alike(one: tuple[str, str, str, float], other: tuple[str, str, str, float]) -> bool:
    return any(a == b != 0 for a, b in zip(keys(*one), keys(*other), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("", "ABBA", "Waterloo", 166.0), ("", "Abba", "waterloo!", 167.9), True),
        (("", "Björk", "Jóga", 305.0), ("", "Bjo\u0308rk", "Jo\u0301ga", 305.1), True),
        (("", "", "03 - Song", 200.0), ("", "", "Song", 200.0), True),
        (("", "", "03_song", 200.0), ("", "", "03 song", 200.0), True),
        (("abc", "", "a", 10.0), ("abc", "X", "renamed", 99.0), True),
        (("", "A", "S", 166.0), ("", "A;B", "S", 166.0), True),
        (("", "A", "S", 166.0), ("", "A feat. B", "S", 166.0), True),
        (("", "A feat. B", "S", 166.0), ("", "A", "S (feat. B)", 166.0), True),
        (("", "A feat. B", "S", 166.0), ("", "A", "S feat. B", 166.0), True),
        (("", "", "A feat. B - S", 166.0), ("", "", "A – S (feat. B)", 166.0), True),
        (("", "A & B", "S", 166.0), ("", "A and B", "S", 166.0), True),
        (("", "A & B", "S", 166.0), ("", "A x C", "S", 166.0), True),
        (("", "The A", "S", 166.0), ("", "A, The", "S", 166.0), True),
        (("", "The A", "S", 166.0), ("", "A", "S", 166.0), True),
        (("", "Beyoncé", "Déjà Vu", 166.0), ("", "Beyonce", "Deja Vu", 166.0), True),
        (("", "A", "Don’t", 166.0), ("", "A", "Dont", 166.0), True),
        (("", "A", "Rock 'n' Roll", 166.0), ("", "A", "Rock & Roll", 166.0), True),
        (("", "A", "S.O.S", 166.0), ("", "A", "SOS", 166.0), True),
        (("", "A", "S", 166.0), ("", "", "A - S", 166.0), True),
        (("", "A", "S", 166.0), ("", "Various Artists", "A - S", 166.0), True),
        (("", "A", "S", 166.0), ("", "A", "A - S", 166.0), True),
        (("", "The A & B", "S", 166.0), ("", "", "03 A - S", 166.0), True),
        (("", "A", "S", 166.0), ("", "", "03_-_A_-_S", 166.0), True),
        (("", "A", "1-01 S", 166.0), ("", "A", "S", 166.0), True),
        (("", "A", "[01] S", 166.0), ("", "A", "S", 166.0), True),
        (("", "A", "01.S", 166.0), ("", "A", "S", 166.0), True),
        (("", "A", "1-01 - S", 166.0), ("", "A", "S", 166.0), True),
        (("", "A", "S", 166.0), ("", "A", "S (Live)", 166.0), False),
        (("", "A", "S", 166.0), ("", "A", "S (feat. B) (Live)", 166.0), False),
        (("", "A", "S (feat. B)", 166.0), ("", "A", "S (feat. B Remix)", 166.0), False),
        (("", "A", "S", 166.0), ("", "A", "S (Live feat. B)", 166.0), False),
        (("", "A", "S feat. B", 166.0), ("", "A", "S feat. B - Remix", 166.0), False),
        (("", "A", "S", 166.0), ("", "", "A - S - Live", 166.0), False),
        (("", "A", "S", 166.0), ("", "", "S", 166.0), False),
        (("", "A", "S", 166.0), ("", "B", "A - S", 166.0), False),
        (("", "A", "99.9", 166.0), ("", "A", "9", 166.0), False),
        (("", "A", "S (with Strings)", 166.0), ("", "A", "S", 166.0), False),
        (("", "ABBA", "Waterloo", 166.0), ("", "ABBA", "Waterloo (live)", 166.0), False),
        (("", "ABBA", "Waterloo", 166.0), ("", "ABBA", "Waterloo - Remix", 166.0), False),
        (("", "ABBA", "Waterloo", 166.0), ("", "Cher", "Waterloo", 166.0), False),
        (("", "Mozart", "Allegro", 166.0), ("", "Mozart", "Allegro", 300.0), False),
        (("", "", "1999", 200.0), ("", "", "2000", 200.0), False),
        (("", "", "", 200.0), ("", "", "", 200.0), False),
        (("", "A", "?", 200.0), ("", "A", "!", 200.0), False),
        (("", "A", "Song", 0.0), ("", "A", "Song", 0.0), False),
        (("abc", "", "", 0.0), ("abd", "", "", 0.0), False),
    ],
)
def test_what_is_the_same_recording(
    one: tuple[str, str, str, float], other: tuple[str, str, str, float], same: bool
) -> None:
    assert alike(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("a", ""), ("a", ""), True),
        (("", "b"), ("", "b"), True),
        (("a", "b"), ("", "b"), True),
        (("a", "b"), ("c", "d"), False),
        (("a", ""), ("", "a"), False),
        (("", ""), ("", ""), False),
    ],
)
@pytest.mark.parametrize(
    ("title", "duration_s", "agrees"),
    [("song!", 200.0, True), ("Lied", 101.9, True), ("Lied", 98.1, True), ("Lied", 0.0, False),
     ("Lied", 200.0, False), ("song", 0.0, True)],
)  # fmt: skip
def test_the_same_id_and_title_or_length_are_the_same_recording(
    one: tuple[str, str], other: tuple[str, str], same: bool, title: str, duration_s: float, agrees: bool
) -> None:
    found = keys("", "A", "Song", 100.0, one), keys("abc", "B", title, duration_s, other)
    assert any(a == b != 0 for a, b in zip(*found, strict=True)) is (same and agrees)


def test_wherever_a_length_lies_a_copy_of_nearly_that_length_is_known() -> None:
    for length_s in np.arange(3.0, 40.0, 0.1):
        for difference_s in (-0.49 * STEP_S, 0.2, 0.49 * STEP_S):
            one, other = ("", "A", "Song", float(length_s)), ("", "A", "Song", float(length_s + difference_s))
            assert alike(one, other)


class House:
    """A library, and what comes next in it."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder / "library.db")
        self.index = TrackIndex(self.library, NO_RULES)
        self.recommender = Recommender(ChoiceSettings(seed=3), NO_RULES)
        self.now = NOW

    def add(self, name: str, title: str, duration_s: float, artist: str = "", content: str = "") -> None:
        self.library.database.write(
            "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, content,"
            " valence, energy, confidence) VALUES (?, 1, 1, ?, ?, '', '', ?, ?, 0.1, 0.1, 1)",
            f"/music/{name}", title, artist, duration_s, content or None,
        )  # fmt: skip

    def play(self, count: int) -> list[Track]:
        """The next tracks, each chosen while the one before it plays."""
        played: list[Track] = []
        for _ in range(count):
            moment = ChoiceContext(
                self.now,
                playing=played[-1] if played else None,
                avoid=frozenset({played[-1].id} if played else ()),
            )
            pick = self.recommender.choose(self.index.now(NOW - timedelta(days=1)), CALM, moment)
            track = self.library.track(pick.id)
            assert track is not None
            self.library.record_play(Choice(track, "next"), self.now, {})
            self.index.hear(track.id, self.now)
            self.now += timedelta(minutes=3)
            played.append(track)
        return played


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.library.close()


@pytest.mark.parametrize("artist", ["", "Artist"], ids=["untagged", "tagged"])
def test_a_song_and_its_mirror_are_one_song_for_the_window(house: House, artist: str) -> None:
    for n in range(8):
        house.add(f"FLAC/{n}.flac", f"Song {n}", 20.0 + n, artist and f"{artist} {n}")
        house.add(f"mirror/{n}.mp3", f"Song {n}", 20.05 + n, artist and f"{artist} {n}")
    titles = [track.title for track in house.play(24)]
    assert len(set(titles[:8])) == 8, "each of eight songs before any comes again"
    assert all(one != other for one, other in pairwise(titles))
    assert all(one != other for one, other in zip(titles, titles[2:], strict=False))


@pytest.mark.parametrize("tag", ["MUSICBRAINZ_TRACKID", "ISRC"])
def test_files_with_the_same_id_in_their_tags_are_one_song(house: House, tmp_path: Path, tag: str) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for n in range(4):
        for copy in ("one", "other"):
            file = FLAC(files.flac(music / f"{copy} {n}.flac"))
            file[tag] = {"ISRC": f"GBAYE690145{n}"}.get(tag, f"d4a7ce8e-9ef4-4cbb-a5a8-18e1a99e1a3{n}")
            file.save()
    house.library.scan([music])
    songs = [track.title.split()[1] for track in house.play(8)]
    assert sorted(songs[:4]) == sorted(songs[4:]) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("tag", ["MUSICBRAINZ_TRACKID", "ISRC"])
def test_an_id_that_a_tagger_wrote_into_a_whole_album_makes_it_no_one_song(
    house: House, tmp_path: Path, tag: str
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for n in range(6):
        file = FLAC(files.flac(music / f"song {n}.flac", seconds=3 + 5 * n))
        file[tag] = {"ISRC": "GBAYE6901450"}.get(tag, "d4a7ce8e-9ef4-4cbb-a5a8-18e1a99e1a30")
        file.save()
    house.library.scan([music])
    songs = [track.title for track in house.play(12)]
    assert len(set(songs[:6])) == 6, "else any of them counts as heard, and they come as they like"


def test_two_copies_alone_still_play(house: House) -> None:
    house.add("a.flac", "Song", 20.0)
    house.add("a.mp3", "Song", 20.0)
    assert len(house.play(4)) == 4


def test_what_was_played_before_a_start_counts_for_its_copies_too(house: House) -> None:
    for name in ("a.flac", "b.flac", "c.flac"):
        house.add(name, name[0], 20.0, content=name)
    played = house.play(1)[0]
    house.index = TrackIndex(house.library, NO_RULES)
    house.add("copy.flac", "renamed", 20.0, content=played.path.name)
    assert {track.title for track in house.play(2)} == {"a", "b", "c"} - {played.title}


@pytest.mark.parametrize("more", [1, FEW_CHANGED + 1])
def test_a_copy_that_is_found_later_is_not_fresh(house: House, more: int) -> None:
    house.add("a.flac", "a", 20.0, content="a")
    house.add("b.flac", "b", 30.0, content="b")
    house.add("c.flac", "c", 40.0, content="c")
    played = house.play(1)[0]
    for n in range(more):
        house.add(f"copy{n}.mp3", "renamed", 20.0, content=played.title)
    assert {track.title for track in house.play(2)} == {"a", "b", "c"} - {played.title}
