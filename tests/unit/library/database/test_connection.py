"""The one connection: who waits for whom, and what becomes of a file that is damaged while it is open."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player.errors import LibraryError, RowError
from player.library.database import check
from player.library.database.connection import Database
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue
from player.types import Choice, Track
from tests.support.waiting import wait_for

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    one = Library(tmp_path / "library.db")
    yield one
    one.close()


def play(library: Library, number: int) -> Callable[[], int]:
    """Writes an entry of the play history."""
    track = Track(Path(f"/music/{number}.mp3"), f"track {number} " + "x" * 500)
    return lambda: library.record_play(Choice(track, "a test"), NOW + timedelta(seconds=number), {})


def played(library: Library) -> int:
    return len(library.recent_plays(NOW))


def locked(library: Library) -> sqlite3.Connection:
    other = sqlite3.connect(library.database.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other


def test_while_another_process_writes_reading_goes_on_and_a_deadline_is_kept(library: Library) -> None:
    play(library, 0)()
    with closing(locked(library)):
        writer = threading.Thread(target=play(library, 1), daemon=True)
        writer.start()
        since = time.monotonic()
        for _ in range(20):
            assert played(library) == 1
        with library.database.deadline(0.1), pytest.raises(LibraryError):
            play(library, 2)()
        assert time.monotonic() - since < 5
        assert writer.is_alive(), "it has patience"
    writer.join(60)
    assert played(library) == 2


def test_who_has_a_deadline_does_not_wait_for_another_thread(library: Library) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with library.database.lock:
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    held.wait(60)
    with library.database.deadline(0.05), pytest.raises(LibraryError, match="busy"):
        played(library)
    done.set()
    holder.join(60)
    assert played(library) == 0


def test_the_play_history_waits_for_its_turn_and_loses_nothing(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    write_queue = WriteQueue()
    write_queue.start()
    try:
        with closing(locked(library)):
            with library.database.deadline(0):
                since = time.monotonic()
                for number in range(50):
                    write_queue.write(play(library, number))
                assert time.monotonic() - since < 1
            with library.database.deadline(5):  # the writer looks now and then whether it may
                assert played(library) == 0
        wait_for(lambda: played(library) == 50, 20, "fifty lines")
    finally:
        write_queue.stop()
    titles = [str(one.path) for one in library.recent_plays(NOW)]
    assert titles == [f"/music/{number}.mp3" for number in range(50)]
    write_queue.write(play(library, 50))
    assert played(library) == 51, "without its thread, it is written at once"


def test_a_line_that_can_never_be_written_does_not_hold_up_the_others(library: Library) -> None:
    write_queue = WriteQueue()
    bad = Track(Path("/music/a.mp3"), "\ud800")
    write_queue.write(lambda: library.record_play(Choice(bad, "a test"), NOW, {}))
    write_queue.write(play(library, 1))
    assert played(library) == 1


def test_what_cannot_be_opened_now_is_opened_later(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    path = tmp_path / "state" / "library.db"
    with pytest.raises(LibraryError):
        Database(path)
    database = Database(path, must_open=False)
    reopened = threading.Event()
    database.on_reopened = reopened.set
    with pytest.raises(LibraryError):
        database.rows("SELECT 1")
    (tmp_path / "state").unlink()
    assert reopened.wait(60)
    assert database.rows("SELECT count(*) FROM plays")[0][0] == 0
    database.close()


def test_a_file_damaged_while_it_is_open_is_mended_and_what_can_be_read_is_kept(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(400):
        play(library, number)()
    database = library.database
    database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    database.rows("PRAGMA cache_size = 0")
    reopened = threading.Event()
    database.on_reopened = reopened.set
    size = database.path.stat().st_size
    with database.path.open("r+b") as file:  # a few pages in its middle
        file.seek(size // 2)
        file.write(random.Random(1).randbytes(12_288))
    database.rows("PRAGMA shrink_memory")
    with pytest.raises(LibraryError):
        library.recent_plays(NOW)
    assert reopened.wait(60)
    wait_for(lambda: played(library) > 300, 5, "most of the plays")
    assert list(database.path.parent.glob("library.db.corrupt-1"))
    play(library, 1000)()
    assert database.rows("PRAGMA integrity_check")[0][0] == "ok"


def test_a_large_file_is_checked_once_the_music_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody comes across is found all the same, and no start waits for it."""
    path = tmp_path / "library.db"
    library = Library(path)
    for number in range(400):
        play(library, number)()
    (root,) = library.database.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'plays_by_time'")
    library.close()
    with path.open("r+b") as file:  # the index by time: other pages do not know of it
        file.seek((root[0] - 1) * 4096 + 3)
        file.write(b"\xff" * 400)
    with monkeypatch.context() as small:
        small.setattr(check, "SMALL_BYTES", 0)
        small.setattr(check, "LATER_S", 0.0)
        reopened = threading.Event()
        database = Database(path, on_reopened=reopened.set)
        assert reopened.wait(60)
    assert "is damaged and will be rebuilt. The music goes on." in caplog.text
    assert (tmp_path / "library.db.corrupt-1").is_file()
    assert database.rows("SELECT count(*) FROM plays")[0][0] == 400
    assert database.rows("PRAGMA integrity_check")[0][0] == "ok"
    database.close()


def test_a_large_file_that_is_whole_is_left_as_it_is(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check waits for nobody who writes, and who writes does not wait for it."""
    monkeypatch.setattr(check, "SMALL_BYTES", 0)
    monkeypatch.setattr(check, "LATER_S", 0.0)
    database = Database(library.database.path)
    with database.transaction():
        wait_for(lambda: "library-check" not in {one.name for one in threading.enumerate()}, 20, "the check")
    play(library, 1)()
    assert (database.opened, database.problem) == (1, "")
    assert not list(tmp_path.glob("*corrupt*"))
    database.close()


def test_of_noise_nothing_is_kept_and_all_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(random.Random(2).randbytes(50_000))
    library = Library(path)
    assert played(library) == 0
    play(library, 1)()
    assert played(library) == 1
    library.close()


def test_what_is_written_together_is_one_commit_or_none(library: Library) -> None:
    database, before = library.database, library.database.written
    with database.together():
        for number in range(3):
            play(library, number)()
        with closing(sqlite3.connect(database.path)) as other:
            assert other.execute("SELECT count(*) FROM plays").fetchone() == (0,)
    assert (played(library), database.written - before) == (3, 1)


def test_what_is_written_together_is_all_taken_back(library: Library) -> None:
    def fail() -> None:
        with library.database.together():
            play(library, 0)()
            raise LibraryError("something elsewhere")

    with pytest.raises(LibraryError, match="elsewhere"):
        fail()
    assert played(library) == 0


def test_of_what_is_written_together_one_row_that_cannot_be_costs_itself(library: Library) -> None:
    bad = Track(Path("/music/bad.mp3"), "\ud800")

    def half_a_mark() -> None:
        with library.database.transaction() as connection:
            connection.execute("INSERT INTO day_marks (kind, began_at, text) VALUES ('shift', 1, '')")
            connection.execute("INSERT INTO day_marks (kind, began_at, text) VALUES (NULL, 1, '')")

    with library.database.together():
        play(library, 0)()
        with pytest.raises(RowError):
            library.record_play(Choice(bad, "a test"), NOW, {})
        with pytest.raises(RowError):
            half_a_mark()
        play(library, 1)()
    assert played(library) == 2
    assert library.database.rows("SELECT * FROM day_marks") == [], "the half of it was taken back"


def test_damage_that_shows_in_the_middle_of_a_commit_is_mended_all_the_same(library: Library) -> None:
    database = library.database
    reopened = threading.Event()
    database.on_reopened = reopened.set
    play(library, 0)()

    def meet_damage() -> None:
        with database.together():
            play(library, 1)()
            with database.transaction():
                raise damage

    damage = sqlite3.DatabaseError("database disk image is malformed")
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    with pytest.raises(LibraryError, match="damaged"):
        meet_damage()
    assert reopened.wait(60)
    assert played(library) == 1, "what was committed is there, the rest is written again"
    play(library, 1)()
    assert played(library) == 2
