"""The library's database on small files: scans, snapshots, the play history, damage."""

import logging
import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player.config.settings.library import RuleSettings
from player.errors import LibraryError
from player.library.database.schema import MIGRATIONS
from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.models import Analysis, Play
from player.library.rules import compile_rules
from player.types import Choice, Mood
from tests.unit.library import files

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANALYSIS = Analysis(
    valence=0.25,
    energy=-0.5,
    quadrant="Q4",
    moods={"calm": 0.75, "sad": 0.25},
    loudness_lufs=-14.5,
    true_peak_dbtp=-0.5,
    tempo_bpm=92.0,
    duration_s=12.5,
    elapsed_ms=3.0,
)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "음악"
    folder.mkdir()
    files.wav(folder / "가.wav")
    files.mp3(folder / "나.mp3")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "state" / "library.db")
    TrackIndex(library, compile_rules(RuleSettings(), ())).now(NOON)  # as in a player
    return library


def titles(library: Library) -> list[str]:
    return [track.title for track in library.tracks()]


def test_scan_takes_in_what_is_there_once(library: Library, music: Path) -> None:
    seen: list[tuple[int, int]] = []

    first = library.scan([music], lambda done, total: seen.append((done, total)))
    second = library.scan([music])

    assert (first.added, first.changed, first.removed, first.unreadable) == (2, 0, 0, [])
    assert (second.added, second.changed, second.removed) == (0, 0, 0)
    assert titles(library) == ["가", "나"]
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert asdict(library.counts()) == {"tracks": 2, "analysed": 0, "pending": 2, "unreadable": 0, "plays": 0}


def test_only_changed_files_are_opened_again(
    library: Library, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.scan([music])
    library.save(music / "가.wav", ANALYSIS)
    library.save(music / "나.mp3", ANALYSIS)
    os.utime(music / "나.mp3", ns=(5, 5))
    seen: list[tuple[int, int]] = []

    report = library.scan([music], lambda done, total: seen.append((done, total)))

    assert (report.added, report.changed, report.removed) == (0, 1, 0)
    assert seen == [(1, 2), (2, 2)]
    assert library.pending() == [music / "나.mp3"]


def test_analysis_becomes_the_track(library: Library, music: Path) -> None:
    library.scan([music])
    before = library.tracks()
    assert library.tracks() is before

    library.save(music / "가.wav", ANALYSIS)

    (track,) = [track for track in library.tracks() if track.mood]
    assert track.mood == Mood(0.25, -0.5, {"calm": 0.75, "sad": 0.25})
    assert track.mood.name == "calm"
    assert (track.path, track.quadrant, track.tempo_bpm) == (music / "가.wav", "Q4", 92.0)
    assert (track.loudness_lufs, track.peak_dbfs, track.duration_s) == (-14.5, -0.5, 12.5)
    assert all(old.mood is None for old in before), "a snapshot that was handed out stays as it was"
    assert library.pending() == [music / "나.mp3"]


def test_sees_what_another_process_writes(tmp_path: Path, library: Library, music: Path) -> None:
    library.scan([music])
    assert library.tracks()[0].mood is None
    other = Library(tmp_path / "state" / "library.db")

    other.save(music / "가.wav", ANALYSIS)

    assert library.tracks()[0].mood is not None
    assert library.tracks() is library.tracks()
    other.close()


def test_survives_closing(tmp_path: Path, library: Library, music: Path) -> None:
    library.scan([music])
    library.save(music / "가.wav", replace(ANALYSIS, tempo_bpm=None))
    tracks = library.tracks()
    library.close()

    assert Library(tmp_path / "state" / "library.db").tracks() == tracks


def test_removed_files_go_and_come_back_with_their_analysis(
    library: Library, music: Path, tmp_path: Path
) -> None:
    library.scan([music])
    library.save(music / "가.wav", ANALYSIS)
    (music / "가.wav").rename(tmp_path / "away.wav")

    assert library.scan([music]).removed == 1
    assert titles(library) == ["나"]

    (tmp_path / "away.wav").rename(music / "가.wav")

    assert library.scan([music]).added == 1
    assert library.pending() == [music / "나.mp3"]


def test_restrict_forgets_other_folders_at_once_and_a_scan_brings_them_back(
    library: Library, music: Path, tmp_path: Path
) -> None:
    other = tmp_path / "음악 2"  # begins with the other folder's name
    other.mkdir()
    files.wav(other / "다.wav")
    library.scan([music, other])
    library.save(other / "다.wav", ANALYSIS)

    library.restrict([music])
    assert sorted(titles(library)) == ["가", "나"]

    library.scan([music, other])
    assert sorted(titles(library)) == ["가", "나", "다"]
    assert library.counts().analysed == 1


def test_folders_that_left_the_configuration_are_not_returned(
    library: Library, music: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    files.mp3(other / "c.mp3")
    library.scan([music, other])

    library.scan([other])

    assert titles(library) == ["c"]
    assert library.pending() == [other / "c.mp3"]


def test_unreadable_files_are_listed_and_left_out_until_they_change(library: Library, music: Path) -> None:
    bad = music / "bad.mp3"
    bad.write_text("no music")

    for _ in range(2):
        report = library.scan([music, music / "nowhere"])
        assert [path for path, _ in report.unreadable] == [music / "nowhere", bad]
        assert titles(library) == ["가", "나"]
        assert bad not in library.pending()

    library.mark_unreadable(music / "가.wav", "it crackles")
    assert titles(library) == ["나"]
    assert library.scan([music]).unreadable[1] == (music / "가.wav", "it crackles")
    assert library.counts().unreadable == 2

    files.mp3(bad)
    os.utime(music / "가.wav", ns=(5, 5))
    assert library.scan([music]).unreadable == []
    assert sorted(titles(library)) == ["bad", "가", "나"]


def test_gain_tags_serve_until_the_file_is_measured(library: Library, tmp_path: Path) -> None:
    from mutagen.flac import FLAC  # noqa: PLC0415

    song = files.flac(tmp_path / "a.flac")
    file = FLAC(song)
    file["replaygain_track_gain"] = "-6 dB"
    file.save()
    library.scan([tmp_path])
    assert library.tracks()[0].loudness_lufs == -12

    library.save(song, ANALYSIS)
    assert library.tracks()[0].loudness_lufs == -14.5


def test_play_history(library: Library, music: Path, tmp_path: Path) -> None:
    library.scan([music])
    choice = Choice(library.tracks()[0], "closest to calm", 0.1, 2, ("artist gap",))

    first = library.record_play(choice, NOON, {"scene": "어두운 카페"})
    second = library.record_play(choice, NOON + timedelta(minutes=3), {})
    library.finish_play(first, NOON + timedelta(minutes=3), True)
    library.finish_play(second, NOON + timedelta(minutes=5), None)

    assert library.recent_plays(NOON + timedelta(seconds=1)) == [
        Play(music / "가.wav", "", NOON + timedelta(minutes=3), track_id=1)
    ]
    assert len(library.recent_plays(NOON)) == 2
    assert library.counts().plays == 2
    with sqlite3.connect(tmp_path / "state" / "library.db") as db:
        rows = db.execute("SELECT ended_at - started_at, audible, why FROM plays ORDER BY id").fetchall()
    assert [row[:2] for row in rows] == [(180, 1), (120, None)]
    assert "어두운 카페" in rows[0][2]
    assert "artist gap" in rows[0][2]


def test_damaged_database_is_set_aside_and_rebuilt(
    tmp_path: Path, music: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "library.db"
    for n in (1, 2):
        path.write_bytes(b"this is no database at all" * 100)
        with caplog.at_level(logging.WARNING):
            library = Library(path)
        assert library.scan([music]).added == 2
        library.close()
        assert (tmp_path / f"library.db.corrupt-{n}").is_file()
        assert f"library.db.corrupt-{n}" in caplog.text


def test_damage_inside_the_file_is_found_at_the_start(tmp_path: Path, music: Path) -> None:
    path = tmp_path / "library.db"
    library = Library(path)
    library.scan([music])
    library.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    path.write_bytes(content)

    assert Library(path).tracks() == []
    assert (tmp_path / "library.db.corrupt-1").is_file()


def test_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(LibraryError, match="update the program"):
        Library(path)
    assert path.is_file()


def test_closed_library_and_unusable_place_are_library_errors(library: Library, tmp_path: Path) -> None:
    library.close()
    with pytest.raises(LibraryError):
        library.tracks()

    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError):
        Library(tmp_path / "file" / "library.db")


def test_many_threads(library: Library, music: Path) -> None:
    library.scan([music])
    errors: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(20):
                library.save(music / "가.wav", ANALYSIS)
                assert len(library.tracks()) == 2
                library.record_play(Choice(library.tracks()[0], ""), NOON, {})
        except Exception as error:  # noqa: BLE001 - handed to the test's thread
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert library.counts().plays == 80


def test_unknown_file_is_passed_over(library: Library, music: Path) -> None:
    library.scan([music])
    library.save(music / "unknown.mp3", ANALYSIS)

    assert len(library.tracks()) == 2


def test_to_read_alone_is_to_leave_everything_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with pytest.raises(LibraryError, match="There is no library"):
        Library(path, read_only=True)
    assert not path.exists()
    writer = Library(path)
    reader = Library(path, read_only=True)
    files.wav(tmp_path / "a.wav")
    writer.scan([tmp_path])
    assert [track.title for track in reader.tracks()] == ["a"], "it sees what others write meanwhile"
    with pytest.raises(LibraryError):
        reader.mark_unreadable(tmp_path / "a.wav", "no")
    reader.close()
    writer.close()
    for version in (len(MIGRATIONS) - 1, len(MIGRATIONS) + 1):
        with closing(sqlite3.connect(path)) as changed:
            changed.execute(f"PRAGMA user_version = {version}")
        with pytest.raises(LibraryError, match=r"start the player once|update the program"):
            Library(path, read_only=True)
    path.write_bytes(b"nothing like a database" * 100)
    with pytest.raises(LibraryError, match="cannot be read"):
        Library(path, read_only=True)
    assert sorted(name.name for name in tmp_path.glob("*corrupt*")) == []
