"""What the library keeps when files are retagged, moved, removed, and when its own format changes."""

import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mutagen.id3 import ID3, TIT2

from player.errors import LibraryError
from player.library.content import content_hash
from player.library.feedback import Feedback, Kind
from player.library.schema import MIGRATIONS
from player.library.store import Library
from player.types import Choice
from tests.unit.library import files
from tests.unit.library.test_store import ANALYSIS


@pytest.fixture
def song(tmp_path: Path) -> Path:
    (tmp_path / "음악").mkdir()
    path = tmp_path / "음악" / "노래.mp3"
    files.mp3(path)
    return path


@pytest.fixture
def library(tmp_path: Path, song: Path) -> Library:
    """One analysed song."""
    library = Library(tmp_path / "state" / "library.db")
    library.scan([song.parent])
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=0.5))
    return library


def test_a_retagged_file_keeps_its_analysis(library: Library, song: Path) -> None:
    (before,) = library.tracks()
    tags = ID3()
    tags.add(TIT2(encoding=3, text="봄"))
    tags.save(song)

    assert library.scan([song.parent]).changed == 1

    (after,) = library.tracks()
    assert (after.title, after.id, after.mood) == ("봄", before.id, before.mood)
    assert after.duration_s == before.duration_s, "what was heard is truer than what tags say"
    assert library.pending() == []


def test_other_sound_under_the_same_name_is_listened_to(library: Library, song: Path) -> None:
    song.write_bytes(song.read_bytes()[::-1])
    os.utime(song, ns=(5, 5))

    library.scan([song.parent])

    assert all(track.mood is None for track in library.tracks())


def test_a_moved_file_keeps_analysis_number_and_ledger(library: Library, song: Path) -> None:
    (before,) = library.tracks()
    now = datetime(2026, 5, 1, tzinfo=UTC)
    library.record_play(Choice(before, "because"), now, {})
    target = song.parent / "안" / "다른 이름.mp3"
    target.parent.mkdir()
    song.rename(target)

    report = library.scan([song.parent])

    (after,) = library.tracks()
    assert (after.path, after.id, after.mood) == (target, before.id, before.mood)
    assert (report.added, report.removed) == (1, 1)
    assert [play.track_id for play in library.recent_plays(now)] == [after.id]
    assert library.pending() == []


def test_a_copy_is_a_track_of_its_own(library: Library, song: Path) -> None:
    (song.parent / "copy.mp3").write_bytes(song.read_bytes())

    library.scan([song.parent])

    assert len({track.id for track in library.tracks()}) == 2


def test_what_is_gone_for_long_is_forgotten_but_not_what_lies_on_a_missing_disk(
    library: Library, song: Path, tmp_path: Path
) -> None:
    (track,) = library.tracks()
    library.feedback.add(Feedback(track.id, datetime.now(UTC), Kind.LIKED, "day", None))
    song.rename(tmp_path / "away.mp3")
    library.scan([song.parent])
    soon, late = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))

    assert library.forget_missing(soon) == 0
    assert library.forget_missing(late, spared=[song.parent]) == 0
    assert library.forget_missing(late) == 1

    (tmp_path / "away.mp3").rename(song)
    library.scan([song.parent])
    assert library.pending() == [song], "it comes back as a stranger"


def test_before_a_migration_the_database_is_copied(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    old = sqlite3.connect(path)
    old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, valence, energy,"
        " quadrant, moods, loudness_lufs, peak_dbfs)"
        " VALUES ('/m/가.mp3', 1, 2, '가', 'A', '', '', 3, 0.5, 0.25, 'Q1', '{\"joyful\": 1.0}', -12, -1)"
    )
    old.execute(
        "INSERT INTO plays (path, title, artist, started_at, why) VALUES ('/m/가.mp3', '가', 'A', 7, '{}')"
    )
    old.commit()
    old.close()

    library = Library(path)

    (track,) = library.tracks()
    assert track.mood is not None
    assert (track.mood.valence, track.loudness_lufs, track.peak_dbfs) == (0.5, -12, -1)
    assert library.pending() == [track.path], "it is listened to again, for what is new"
    (play,) = library.recent_plays(datetime.fromtimestamp(0, UTC))
    assert play.track_id == track.id
    kept = sqlite3.connect(tmp_path / "library.db.version-1")
    assert kept.execute("SELECT present FROM tracks").fetchall() == [(1,)]
    kept.close()


def test_a_new_database_leaves_no_copy(tmp_path: Path) -> None:
    Library(tmp_path / "library.db").close()
    Library(tmp_path / "library.db").close()
    assert not list(tmp_path.glob("*.version-*"))


def test_a_migration_that_fails_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    Library(path).close()
    monkeypatch.setattr("player.library.schema.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE x (y); NONSENSE"))

    with pytest.raises(LibraryError):
        Library(path)

    monkeypatch.undo()
    assert Library(path).tracks() == []


def test_the_rest_of_an_unfinished_copy_is_listened_to(library: Library, song: Path) -> None:
    """Its beginning, of which the hash is made, was there before."""
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=400.0))
    os.utime(song, ns=(5, 5))

    library.scan([song.parent])

    assert library.pending() == [song]


def test_a_new_file_of_another_length_is_not_the_missing_one(library: Library, song: Path) -> None:
    (before,) = library.tracks()
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=400.0))
    song.rename(song.with_name("b.mp3"))

    library.scan([song.parent])

    (after,) = library.tracks()
    assert after.id != before.id


def test_what_lies_in_the_place_of_the_copy_does_not_cost_the_library(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    old = sqlite3.connect(path)
    old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s)"
        " VALUES ('/m/a.mp3', 1, 2, 'a', '', '', '', 3)"
    )
    old.commit()
    old.close()
    (tmp_path / "library.db.version-1").write_bytes(b"an interrupted copy" * 500)

    library = Library(path)

    assert [track.title for track in library.tracks()] == ["a"]
    assert not list(tmp_path.glob("*.corrupt-*"))
