"""What the system says while a file is read passes; what the file itself holds lasts until it changes."""

import builtins
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3, TIT2, TRCK

from player.errors import AudioFileError
from player.library.database.differences import YOUNG_S
from player.library.database.store import Library
from player.library.scan.file_identity import content_hash
from player.library.scan.retries import FIRST_S, MOST_S, Retries
from player.library.transient_errors import not_now
from tests.unit.library import files
from tests.unit.library.database.test_store import ANALYSIS

Forbid = Callable[[int | None], None]


class Clock:
    """The clocks of a scan, and of what is marked after one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead_s = 0.0
        for module, name in (("scanner", "monotonic"), ("scanner", "time"), ("store", "time_ns")):
            real, factor = getattr(__import__("time"), name), 10**9 if name == "time_ns" else 1
            monkeypatch.setattr(
                f"player.library.database.{module}.{name}",
                lambda real=real, f=factor: real() + int(self.ahead_s) * f,
            )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    return files.mp3(tmp_path / "music" / "song.mp3")


@pytest.fixture
def library(tmp_path: Path, song: Path) -> Iterator[Library]:
    """One analysed song."""
    made = Library(tmp_path / "library.db")
    made.scan([song.parent])
    made.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=0.25))
    yield made
    made.close()


@pytest.fixture
def forbid(song: Path, monkeypatch: pytest.MonkeyPatch) -> Forbid:
    """Let opening music fail with an error of the system, or no more."""
    failing: list[int] = []
    real, real_of_path = builtins.open, Path.open

    def check(name: Any) -> None:
        if failing and str(name).endswith((".flac", ".mp3")):
            raise OSError(failing[0], os.strerror(failing[0]), str(name))

    def open_(name: Any, *more: Any, **named: Any) -> Any:
        check(name)
        return real(name, *more, **named)

    def open_path(path: Path, *more: Any, **named: Any) -> Any:
        check(path)
        return real_of_path(path, *more, **named)

    monkeypatch.setattr(builtins, "open", open_)
    monkeypatch.setattr(Path, "open", open_path)

    def forbid(number: int | None) -> None:
        failing[:] = [] if number is None else [number]

    return forbid


ERRORS = [
    errno.EACCES, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT,
    errno.ENOENT, errno.EHOSTDOWN, errno.EBADMSG, errno.EDQUOT, errno.ENOSYS, errno.EPROTO, errno.ECHILD,
]  # fmt: skip


@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)
def test_a_file_that_the_system_does_not_let_us_read_is_not_marked(
    library: Library, song: Path, forbid: Forbid, clock: Clock, number: int
) -> None:
    files.mp3(song.with_name("new.mp3"))
    os.utime(song, ns=(5, 5))
    forbid(number)

    report = library.scan([song.parent])

    assert {path.name for path, _ in report.unreadable} == {"song.mp3", "new.mp3"}
    assert all(os.strerror(number) in why for _, why in report.unreadable)
    assert (report.added, report.changed, report.again_s) == (0, 0, FIRST_S)
    assert library.counts().unreadable == 0
    assert [track.path for track in library.tracks()] == [song], "what is known of it stays"
    assert library.tracks()[0].mood is not None

    forbid(None)
    clock.ahead_s += FIRST_S + 1
    report = library.scan([song.parent])

    assert report.unreadable == []
    assert (report.added, report.changed, report.again_s) == (1, 1, None)
    assert library.counts().analysed == 1, "the song is the same"
    assert len(library.tracks()) == 2


def test_the_pauses_grow_and_nothing_is_opened_meanwhile(
    library: Library, song: Path, forbid: Forbid, clock: Clock
) -> None:
    os.utime(song, ns=(5, 5))
    forbid(errno.EIO)
    assert library.scan([song.parent]).again_s == FIRST_S
    forbid(None)
    assert library.scan([song.parent]).unreadable[0][0] == song, "it is not its turn yet"
    forbid(errno.EIO)
    clock.ahead_s += FIRST_S + 1
    assert library.scan([song.parent]).again_s == 2 * FIRST_S
    forbid(None)
    os.utime(song, ns=(7, 7))
    assert library.scan([song.parent]).unreadable == [], "it has changed: at once"


def test_pauses_double_up_to_an_hour_and_end_with_a_success() -> None:
    retries, now, silences = Retries(), 0.0, []
    for _ in range(12):
        silences.append(retries.failed("a", now))
        assert not retries.is_due("a", now + silences[-1] - 1)
        now += silences[-1]
        assert retries.is_due("a", now)
    assert silences[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert silences[-1] == MOST_S
    retries.succeeded("a")
    assert retries.wait_s(now) is None
    assert retries.failed("a", now) == FIRST_S


def test_numbers_that_could_not_be_read_are_looked_for_again(
    library: Library, song: Path, forbid: Forbid, clock: Clock
) -> None:
    tags = ID3()
    tags.add(TRCK(encoding=3, text="3"))
    tags.save(song)
    library.scan([song.parent])
    library.database.write("UPDATE tracks SET track_no = NULL")
    forbid(errno.EMFILE)
    library.scan([song.parent])
    forbid(None)
    clock.ahead_s += FIRST_S + 1
    library.scan([song.parent])
    assert library.track_at(song) is not None
    assert library.database.rows("SELECT track_no FROM tracks")[0][0] == 3


def test_a_folder_that_cannot_be_listed_for_want_of_files_keeps_its_tracks(
    library: Library, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def scandir(path: Any) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), str(path))

    monkeypatch.setattr(os, "scandir", scandir)
    report = library.scan([song.parent])
    monkeypatch.setattr(os, "scandir", real)
    assert (report.removed, report.closed, report.again_s) == (0, [song.parent], FIRST_S)
    assert len(library.tracks()) == 1


def test_a_file_at_fault_is_told_from_a_system_in_trouble(tmp_path: Path) -> None:
    torn = tmp_path / "torn.mp3"
    torn.write_bytes(b"no music")
    assert not_now(torn, AudioFileError("it is torn")) is None
    caused = AudioFileError("it cannot be read")
    caused.__cause__ = MemoryError()
    assert "memory" in str(not_now(torn, caused))
    assert not_now(tmp_path / "away.mp3", AudioFileError("it cannot be read")) is not None


def test_a_tag_edit_that_keeps_size_and_time_is_read(library: Library, song: Path) -> None:
    tags = ID3()
    tags.add(TIT2(encoding=3, text="Before"))
    tags.save(song)
    library.scan([song.parent])
    before, status = library.tracks()[0], song.stat()
    tags.add(TIT2(encoding=3, text="Behind"))
    tags.save(song)
    os.utime(song, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert song.stat().st_size == status.st_size

    library.scan([song.parent])

    (after,) = library.tracks()
    assert (before.title, after.title) == ("Before", "Behind")
    assert (after.id, after.mood) == (before.id, before.mood)
    assert library.pending() == []


def test_new_rights_and_a_new_owner_cost_no_analysis(library: Library, song: Path) -> None:
    song.chmod(0o600)
    library.scan([song.parent])
    assert library.pending() == []
    library.database.write("UPDATE tracks SET content = NULL")
    song.chmod(0o644)
    library.scan([song.parent])
    assert library.pending() == [], "its sound was never hashed, and nothing says that it changed"


def test_other_sound_of_the_same_size_and_time_is_listened_to(library: Library, tmp_path: Path) -> None:
    song = files.mp3(tmp_path / "music" / "b.mp3")
    library.scan([song.parent])
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=0.25))
    assert library.pending() == []
    status, content = song.stat(), bytearray(song.read_bytes())
    content[200] ^= 1
    song.write_bytes(content)
    os.utime(song, ns=(status.st_atime_ns, status.st_mtime_ns))
    library.scan([song.parent])
    assert library.pending() == [song]


def test_a_library_of_an_earlier_version_takes_the_change_time_over_and_opens_nothing(
    library: Library, song: Path
) -> None:
    library.database.write("UPDATE tracks SET ctime_ns = 0")
    seen: list[tuple[int, int]] = []
    report = library.scan([song.parent], lambda done, total: seen.append((done, total)))
    assert (report.changed, seen) == (0, [(1, 1)])
    assert library.pending() == []
    assert library.database.rows("SELECT ctime_ns FROM tracks")[0][0] == song.stat().st_ctime_ns


def test_what_cannot_be_read_while_it_is_copied_is_looked_at_again(
    library: Library, song: Path, clock: Clock
) -> None:
    """By a program that gives it its length and time first: nothing else tells that it is complete."""
    copy = song.with_name("copy.mp3")
    copy.write_bytes(bytes(song.stat().st_size))
    os.utime(copy, ns=(5, 5))
    report = library.scan([song.parent])
    assert [path for path, _ in report.unreadable] == [copy]
    assert report.again_s == YOUNG_S
    library.mark_unreadable(song, "libVLC finds no sound in it")

    clock.ahead_s += YOUNG_S + 1
    report = library.scan([song.parent])
    assert [path for path, _ in report.unreadable] == [copy]
    assert report.again_s is None, "it is as it is"
    assert [track.path for track in library.tracks()] == [song]

    library.mark_unreadable(song, "libVLC finds no sound in it")
    assert len(library.scan([song.parent]).unreadable) == 2
