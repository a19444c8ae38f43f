"""One row's trouble is its own: scans, stations, moods, tags and play history go on with the others."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player.config.settings.library import LibrarySettings, PlaylistSettings, RuleSettings
from player.errors import LibraryError, RowError
from player.library.database.mood_tags import MoodTags
from player.library.database.stations import Station
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue
from player.library.index.track_index import TrackIndex
from player.library.rules import compile_rules
from player.library.service import LibraryService
from player.types import Choice, Mood
from tests.support.waiting import wait_for
from tests.unit.library import files
from tests.unit.library.database.test_store import ANALYSIS

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CALM = Mood(0.3, -0.4, {"calm": 1.0})
REFUSE = """
    CREATE TRIGGER refuse_{event} BEFORE {event} ON tracks WHEN NEW.path LIKE '%bad%'
    BEGIN SELECT RAISE(ABORT, 'no such row'); END
"""


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    files.wav(folder / "a.wav")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.db")
    yield made
    made.close()


@pytest.fixture
def index(library: Library) -> TrackIndex:
    """As in a player: it notes what changes."""
    made = TrackIndex(library, compile_rules(RuleSettings(), ()))
    made.now(NOW)
    return made


def titles(library: Library) -> list[str]:
    return sorted(track.title for track in library.tracks())


def refuse_bad_rows(library: Library) -> None:
    for event in ("INSERT", "UPDATE"):
        library.database.write(REFUSE.format(event=event))


def test_a_file_that_changes_twice_between_two_choices(
    library: Library, music: Path, index: TrackIndex
) -> None:
    for seconds in (1, 2, 3):
        files.wav(music / "b.wav", seconds)
        assert library.scan([music]).unreadable == []
    (music / "b.wav").rename(music / "c.wav")
    assert library.scan([music]).unreadable == []
    assert len(index.now(NOW).plane(0)) == 2


def test_stations_are_kept_time_and_again(library: Library, music: Path, index: TrackIndex) -> None:
    radio = Station("http://127.0.0.1:1/radio.ogg", "Radio", CALM, 1800)
    for _ in range(3):
        library.scan([music])
        assert library.set_stations([radio]) == []
    assert titles(library) == ["Radio", "a"]
    assert len(index.now(NOW).plane(0)) == 2
    library.set_stations([])
    assert titles(library) == ["a"]


def test_tags_given_twice_between_two_choices(library: Library, music: Path, index: TrackIndex) -> None:
    library.scan([music])
    (track,) = library.tracks()
    for tag in ("calm", "sad"):
        MoodTags(library.database).replace("table", {track.id: {tag: 1.0}})
    assert MoodTags(library.database).strongest() == {track.id: "sad"}
    assert len(index.now(NOW).plane(0)) == 1


def test_a_file_that_the_library_refuses_costs_itself(
    library: Library, music: Path, index: TrackIndex
) -> None:
    refuse_bad_rows(library)
    for name in ("0 bad.wav", "b.wav", "z.wav"):
        files.wav(music / name)

    report = library.scan([music])

    assert titles(library) == ["a", "b", "z"]
    assert [path.name for path, _ in report.failed] == ["0 bad.wav"]
    assert report.failed[0] in report.unreadable
    assert "no such row" in report.failed[0][1]
    library.database.write("DROP TRIGGER refuse_INSERT")
    assert library.scan([music]).failed == []
    assert titles(library) == ["0 bad", "a", "b", "z"]


def test_a_file_that_came_back_and_that_the_library_refuses_costs_itself(
    library: Library, music: Path, tmp_path: Path, index: TrackIndex
) -> None:
    for name in ("bad.wav", "b.wav"):
        files.wav(music / name)
    library.scan([music])
    refuse_bad_rows(library)
    music.rename(tmp_path / "away")
    music.mkdir()
    library.scan([music])
    assert titles(library) == ["bad"], "its row alone cannot be written"
    music.rmdir()
    (tmp_path / "away").rename(music)
    library.scan([music])
    assert titles(library) == ["a", "b", "bad"]


@pytest.mark.parametrize("year", [1900, 2400])
def test_a_file_from_the_far_past_or_future(library: Library, music: Path, year: int) -> None:
    """More nanoseconds since 1970 than 63 bits hold."""
    files.wav(music / "b.wav")
    seconds = round((datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    os.utime(music / "b.wav", (seconds, seconds))
    for _ in range(2):
        assert library.scan([music]).unreadable == []
    assert titles(library) == ["a", "b"]


def test_stations_and_moods_that_cannot_be_kept_cost_themselves(library: Library, music: Path) -> None:
    library.scan([music])
    good = Station("http://127.0.0.1:1/radio.ogg", "Radio", CALM, 1800)
    bad = Station("http://127.0.0.1:1/\ud800.ogg", "Odd", CALM, 1800)
    assert [host for host, _ in library.set_stations([bad, good])] == ["127.0.0.1"]
    odd = music / "\udce9.wav"
    assert [path for path, _ in library.give_moods({odd: CALM, music / "a.wav": CALM})] == [odd]
    assert titles(library) == ["Radio", "a"]
    assert all(track.mood is not None for track in library.tracks())


def test_a_tag_that_cannot_be_kept_costs_itself_and_is_not_asked_for_again(
    library: Library, music: Path
) -> None:
    files.wav(music / "b.wav")
    library.scan([music])
    first, second = (track.id for track in library.tracks())
    tags = MoodTags(library.database)
    tags.replace("lastfm", {first: {"\ud800": 1.0}, second: {"calm": 1.0}})
    assert tags.strongest() == {second: "calm"}
    assert tags.asked("lastfm") == {first, second}


def test_an_entry_of_the_play_history_that_is_refused_does_not_hold_up_the_others(
    library: Library, music: Path
) -> None:
    library.scan([music])
    refuse_bad_rows(library)
    files.wav(music / "bad.wav")
    write_queue = WriteQueue()
    (track,) = library.tracks()
    refused = "INSERT INTO tracks (path) VALUES ('bad')"
    write_queue.write(lambda: library.database.write(refused))
    write_queue.write(lambda: library.record_play(Choice(track, "a test"), NOW, {}))
    assert len(library.recent_plays(NOW - timedelta(days=1))) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [("moods", "{nonsense"), ("silences", "[1"), ("rests", b"\xff"), ("embedding", b"x"), ("valence", "abc"),
     ("artist", b"\xff\xfe"), ("key", 7), ("loudness_lufs", b"\0")],
)  # fmt: skip
def test_a_row_that_was_damaged_harms_no_other(
    library: Library, music: Path, column: str, value: object
) -> None:
    files.wav(music / "b.wav")
    library.scan([music])
    for name in ("a", "b"):
        library.save(music / f"{name}.wav", ANALYSIS)
    library.database.write(f"UPDATE tracks SET {column} = ? WHERE path LIKE '%b.wav'", value)
    index = TrackIndex(library, compile_rules(RuleSettings(), ()))
    assert len(index.now(NOW).table) == 2
    assert "a" in titles(library)


def test_the_trouble_of_one_row_is_not_blamed_on_the_disk(library: Library) -> None:
    refuse_bad_rows(library)
    with pytest.raises(RowError) as caught:
        library.database.write("INSERT INTO tracks (path) VALUES ('bad')")
    assert "disk" not in str(caught.value)
    assert "no such row" in str(caught.value)


def test_a_full_disk_is_the_whole_librarys_trouble_and_said(library: Library, music: Path) -> None:
    library.scan([music])
    pages = library.database.rows("PRAGMA page_count")[0][0]
    library.database.rows(f"PRAGMA max_page_count = {pages}")
    for number in range(300):
        files.wav(music / f"{number} {'long ' * 40}.wav")
    with pytest.raises(LibraryError, match="disk is full") as caught:
        library.scan([music])
    assert not isinstance(caught.value, RowError)


def test_the_status_shows_what_could_not_be_taken_in_until_it_is(library: Library, music: Path) -> None:
    refuse_bad_rows(library)
    files.wav(music / "bad.wav")
    station = PlaylistSettings(source="http://127.0.0.1:1/radio.ogg", mood="calm")
    settings = LibrarySettings(folders=(music,), analyze=False, playlists=(station,))
    player = LibraryService(settings, library, lambda: "")
    player.start()
    try:
        wait_for(lambda: player.status().problem, 20, "the problem")
        assert "bad.wav" in player.status().problem
        assert "disk" not in player.status().problem
        wait_for(lambda: player.status().tracks == 2, 20, "the count")
        assert player.status().skipped == 1
        library.database.write("DROP TRIGGER refuse_INSERT")
        player.rescan()
        wait_for(lambda: player.status().problem is None, 20, "the problem to go")
        wait_for(lambda: player.status().tracks == 3, 20, "the count")
    finally:
        player.stop()
