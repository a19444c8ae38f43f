"""What is taken over of a damaged library: wherever it lies, of whatever version, and by whom."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from player.errors import LibraryError
from player.library.database import recovery
from player.library.database.connection import Database
from player.library.database.feedback import Feedback, Outcome
from player.library.database.schema import MIGRATIONS, connect, migrate
from player.library.database.store import Library
from player.types import Choice
from tests.unit.library import files

NEWEST = len(MIGRATIONS)
TRACK = "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s)"


def damage(path: Path, *pages_of: str) -> None:
    """Overwrite the first page of these indices and tables."""
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        roots = [database.execute(query, (name,)).fetchone()[0] for name in pages_of]
    with path.open("r+b") as file:
        for root in roots:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)


def of_version(path: Path, version: int) -> None:
    """A library with a track and 300 plays of it."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        migrate(old, MIGRATIONS[:version])
        old.execute(f"{TRACK} VALUES ('/m/a.mp3', 1, 2, 'a', 'A', '', '', 3)")
        play = "INSERT INTO plays (path, title, artist, started_at, why) VALUES ('/m/a.mp3', ?, 'A', ?, '{}')"
        old.executemany(play, [("Title " * 20, 1.7e9 + number) for number in range(300)])


@pytest.mark.parametrize("folder", ["plain", "with # in it", "50%25 off", "what?", "집"])
def test_what_can_be_read_is_kept_whatever_the_folder_is_called(folder: str, tmp_path: Path) -> None:
    path = tmp_path / folder / "library.db"
    of_version(path, NEWEST)
    damage(path, "tracks_by_content")
    with closing(connect(path)) as mended:
        assert mended.execute("SELECT count(*) FROM plays").fetchone()[0] == 300
        assert mended.execute("SELECT title FROM tracks").fetchone()[0] == "a"


@pytest.mark.parametrize("version", range(1, NEWEST))
def test_a_damaged_library_of_an_earlier_version_is_rescued_and_brought_up_to_date(
    version: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "library.db"
    of_version(path, version)
    damage(path, "plays_by_time")
    with caplog.at_level(logging.WARNING), closing(connect(path)) as mended:
        assert mended.execute("PRAGMA user_version").fetchone()[0] == NEWEST
        assert mended.execute("SELECT count(*) FROM plays").fetchone()[0] == 300
        assert mended.execute("SELECT title, artists FROM tracks").fetchone()[:] == ("a", None)
    assert caplog.messages[-1] == "of the damaged library could be read: tracks: 1, plays: 300"


def test_a_disk_without_room_for_what_is_rescued_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is no damage: the next opening that has room finds all that could have been read."""
    path = tmp_path / "library.db"
    of_version(path, NEWEST)
    damage(path, "tracks_by_content")
    before, recover = path.read_bytes(), recovery.recover

    def on_a_full_disk(damaged: Path, into: sqlite3.Connection) -> dict[str, int]:
        pages = into.execute("PRAGMA page_count").fetchone()[0]
        into.execute(f"PRAGMA max_page_count = {pages + 4}")
        return recover(damaged, into)

    with monkeypatch.context() as full:
        full.setattr("player.library.database.recovery.recover", on_a_full_disk)
        with pytest.raises(LibraryError, match="disk is full"):
            connect(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir() if "rescued" in found.name] == []
    with closing(connect(path)) as mended:
        assert mended.execute("SELECT count(*) FROM plays").fetchone()[0] == 300


def test_what_belonged_to_tracks_that_are_lost_is_no_other_tracks(tmp_path: Path) -> None:
    """The scan gives their numbers out again."""
    path = tmp_path / "library.db"
    music = tmp_path / "music"
    music.mkdir()
    files.flac(music / "a.flac")
    with closing(Library(path)) as library:
        library.scan([music])
        (track,) = library.tracks()
        play = library.record_play(Choice(track, ""), datetime.now(UTC), {})
        library.feedback.add(Feedback(track.id, datetime.now(UTC), Outcome.LIKED, "day", None, play))
    (music / "a.flac").rename(music / "b.flac")
    damage(path, "tracks")
    with closing(Library(path)) as library:
        library.scan([music])
        (other,) = library.tracks()
        assert other.id == track.id
        assert library.counts().plays == 1
        assert library.feedback.last_play(other.id) is None
        assert library.feedback.count() == 0


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Library]:
    """A library that a player has open, damaged where it has not come across it yet."""
    path = tmp_path / "library.db"
    with closing(Library(path)) as library:
        files.flac(tmp_path / "a.flac")
        library.scan([tmp_path])
    playing = Library(path)
    damage(path, "tracks_by_content")
    yield playing
    playing.close()


def test_nobody_takes_a_damaged_library_away_from_whoever_has_it_open(
    player: Library, tmp_path: Path
) -> None:
    path = tmp_path / "library.db"
    with pytest.raises(LibraryError, match="another program has it open: it is mended once none has"):
        Library(path)
    assert not list(tmp_path.glob("*.corrupt-*"))
    (track,) = player.tracks()
    player.record_play(Choice(track, ""), datetime.now(UTC), {})
    player.close()
    with closing(Library(path)) as mended:
        assert mended.counts().plays == 1, "what was played meanwhile is there"
    assert list(tmp_path.glob("*.corrupt-1"))


def test_while_one_mends_it_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    of_version(path, NEWEST)
    damage(path, "tracks_by_content")
    refused: list[str] = []

    def meanwhile(*_: object) -> dict[str, int]:
        with pytest.raises(LibraryError) as caught:
            Library(path)
        refused.append(str(caught.value))
        return {}

    monkeypatch.setattr("player.library.database.recovery.recover", meanwhile)
    connect(path).close()
    assert len(refused) == 1
    assert "is being mended by another program: try again" in refused[0]
    Database(path).close()


def test_who_is_killed_while_mending_has_lost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.db"
    of_version(path, NEWEST)
    damage(path, "tracks_by_content")

    def killed(*_: object) -> dict[str, int]:
        raise KeyboardInterrupt

    with monkeypatch.context() as first:
        first.setattr("player.library.database.recovery.recover", killed)
        with pytest.raises(KeyboardInterrupt):
            connect(path)
    with closing(connect(path)) as mended:
        assert mended.execute("SELECT count(*) FROM plays").fetchone()[0] == 300
    assert [found.name for found in tmp_path.glob("*.rescued*")] == []
