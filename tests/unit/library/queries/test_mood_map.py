"""The map of moods, and the files that do not play."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from player.library.database.store import Library
from player.library.models import Analysis
from player.library.queries.mood_map import mood_map
from player.library.queries.problem_files import parted, problem_files
from player.types import Mood
from tests.unit.library import files

JOYFUL = Analysis(0.5, -0.25, "Q4", {"joyful": 1.0}, -18, -3, 120, 2.0, 5.0)


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        for name in ("a", "b", "c"):
            files.mp3(self.music / f"{name}.mp3")
        self.library = Library(folder / "library.db")
        self.path = self.library.database.path
        self.library.scan([self.music])
        self.ids = {track.path.stem: track.id for track in self.library.tracks()}
        for name in ("a", "b"):
            self.library.save(self.music / f"{name}.mp3", JOYFUL)

    def points(self, text: str = "") -> list[tuple[int, int, int]]:
        found = mood_map(self.path, text, None).points
        assert found is not None
        return [*zip(*found, strict=True)]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.library.close()


def test_every_analysed_track_lies_where_its_mood_is(shelf: Shelf) -> None:
    a, b = shelf.ids["a"], shelf.ids["b"]
    assert shelf.points() == sorted([(a, 500, -250), (b, 500, -250)])
    shelf.library.give_moods({shelf.music / "b.mp3": Mood(0.1, 0.2)})
    shelf.library.correct_mood(a, Mood(-0.3333, 1.0))
    assert shelf.points() == sorted([(a, -333, 1000), (b, 100, 200)])
    assert mood_map(shelf.path, "", None).corrected == [a]
    assert shelf.points("Ḃ") == [(b, 100, 200)]
    assert shelf.points("nothing of this name") == []


def test_the_version_changes_with_what_is_shown_and_with_nothing_else(shelf: Shelf) -> None:
    before = mood_map(shelf.path, "", None).version
    assert mood_map(shelf.path, "", before).points is None
    assert mood_map(shelf.path, "a", before).points is not None, "of another question"
    shelf.library.database.write("UPDATE tracks SET tempo_bpm = 99")
    assert mood_map(shelf.path, "", before).points is None
    versions = {before}
    library = shelf.library
    changes: tuple[Callable[[], object], ...] = (
        lambda: library.save(shelf.music / "c.mp3", JOYFUL),
        lambda: library.correct_mood(shelf.ids["a"], Mood(0.0, 0.0)),
        lambda: library.undo_mood(shelf.ids["a"]),
        lambda: library.mark_unreadable(shelf.music / "b.mp3", "it is broken"),
        lambda: library.database.write("DELETE FROM tracks WHERE id = ?", shelf.ids["c"]),
    )
    for number, change in enumerate(changes, start=2):
        change()
        versions.add(mood_map(shelf.path, "", before).version)
        assert len(versions) == number


def test_a_hundred_thousand_tracks_fit_and_come_from_an_index(shelf: Shelf) -> None:
    shelf.library.database.write(
        "WITH RECURSIVE m(n) AS (SELECT 100001 UNION ALL SELECT n + 1 FROM m WHERE n < 200000)"
        " INSERT INTO tracks"
        " (id, path, size, mtime_ns, title, artist, album, genre, duration_s, valence, energy)"
        " SELECT n, '/m/' || n, 1, 1, '', '', '', '', 1, -0.123, -0.987 FROM m"
    )
    points = mood_map(shelf.path, "", None).points
    assert points is not None
    assert len(points[0]) == 100_002
    assert len(json.dumps(points, separators=(",", ":"))) < 2_000_000


def test_a_correction_can_be_taken_back_step_by_step(shelf: Shelf) -> None:
    library, a = shelf.library, shelf.ids["a"]

    def own() -> tuple[float, float] | None:
        track = library.track(a)
        assert track is not None
        assert track.mood is not None
        return track.mood.valence, track.mood.energy

    assert library.undo_mood(a) is None
    library.correct_mood(a, Mood(0.1, 0.1, {"calm": 1.0}))
    library.correct_mood(a, Mood(0.2, 0.2))
    library.correct_mood(a, Mood(0.2, 0.2))  # no change
    library.correct_mood(a, None)
    assert own() == (0.5, -0.25)
    assert (library.undo_mood(a), own()) == (2, (0.2, 0.2))
    assert (library.undo_mood(a), own()) == (1, (0.1, 0.1))
    kept = library.track(a)
    assert kept is not None
    assert kept.mood is not None
    assert kept.mood.name == "calm", "with the feelings that it was said with"
    assert (library.undo_mood(a), own()) == (0, (0.5, -0.25))
    assert library.undo_mood(a) is None


def test_only_the_last_twenty_changes_are_kept(shelf: Shelf) -> None:
    for n in range(30):
        shelf.library.correct_mood(shelf.ids["a"], Mood(n / 100, 0.0))
    assert shelf.library.undo_mood(shelf.ids["a"]) == 19


def test_files_that_do_not_play_come_a_page_at_a_time(shelf: Shelf) -> None:
    for name in ("a", "b"):
        path = shelf.music / f"{name}.mp3"
        shelf.library.mark_unreadable(path, f"{path} holds no sound: replace or remove it.")
    (shelf.music / "c.mp3").unlink()
    shelf.library.scan([shelf.music])
    first = problem_files(shelf.path, 2, None)
    second = problem_files(shelf.path, 2, first.following)
    assert second.following is None
    found = [*first.entries, *second.entries]
    assert [(Path(file.path).stem, file.kind) for file in found] == sorted(
        [("a", "unreadable"), ("b", "unreadable"), ("c", "missing")],
        key=lambda entry: shelf.ids[entry[0]],
    )
    said = {Path(file.path).stem: (file.problem, file.advice) for file in found}
    assert said["a"] == ("It holds no sound.", "Replace or remove it.")
    assert said["c"][0] == "It is not in the music folders any more."


@pytest.mark.parametrize(
    ("why", "problem", "advice"),
    [
        (
            "/m/a.mp3 cannot be decoded (error: no: frame): replace or remove it.",
            "It cannot be decoded (error: no: frame).",
            "Replace or remove it.",
        ),
        (
            "/m/a.mp3 ends after 3 s of 180 s: copy it again from its source.",
            "It ends after 3 s of 180 s.",
            "Copy it again from its source.",
        ),
        (
            "/m/a.mp3 is noise: save it again as an ordinary WAV or FLAC file, or remove it.",
            "It is noise.",
            "Save it again as an ordinary WAV or FLAC file, or remove it.",
        ),
        (
            "libVLC finds no sound in it that it can play",
            "LibVLC finds no sound in it that it can play.",
            "Replace or remove it; a file that has changed is tried again by itself.",
        ),
        (
            "/m/a.mp3 cannot be read (Input/output error: 5)",
            "It cannot be read (Input/output error: 5).",
            "Replace or remove it; a file that has changed is tried again by itself.",
        ),
    ],
)
def test_a_reason_is_parted_from_what_to_do(why: str, problem: str, advice: str) -> None:
    assert parted(why, "/m/a.mp3") == (problem, advice)
