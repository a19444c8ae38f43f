"""A day's plays as blocks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from player.errors import ArgumentError
from player.library.database.feedback import Feedback, Outcome
from player.library.database.store import Library
from player.library.queries import day as queries
from player.library.queries.day import day_of, day_record
from player.types import Choice, Track

SEOUL = ZoneInfo("Asia/Seoul")
DAY = date(2026, 5, 1)
MIDNIGHT = datetime(2026, 5, 1, tzinfo=SEOUL)
SONG = Track(Path("/m/a.mp3"), "봄날", "가수", duration_s=180, id=7)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.db")
    yield made
    made.close()


def played(library: Library, at: datetime, lasts_s: float | None, heard_s: float | None = None) -> int:
    number = library.record_play(Choice(SONG, "it is calm"), at, {})
    if heard_s is not None:
        library.note_heard(number, heard_s)
    if lasts_s is not None:
        library.finish_play(number, at + timedelta(seconds=lasts_s), True)
    return number


def blocks(library: Library) -> list[tuple[int, str, str | None]]:
    record = day_record(library.database.path, DAY, 5, SEOUL)
    return [(play.id, play.start[5:19], play.end and play.end[5:19]) for play in record.tracks]


def test_a_day_is_that_of_the_house_and_has_what_reaches_into_it(library: Library) -> None:
    played(library, MIDNIGHT - timedelta(seconds=300), 200)
    across = played(library, MIDNIGHT - timedelta(seconds=100), 180)
    noon = played(library, MIDNIGHT + timedelta(hours=12), 180)
    last = played(library, MIDNIGHT + timedelta(hours=23, minutes=59), None)
    played(library, MIDNIGHT + timedelta(days=1), None)
    assert blocks(library) == [
        (across, "04-30T23:58:20", "05-01T00:01:20"),
        (noon, "05-01T12:00:00", "05-01T12:03:00"),
        (last, "05-01T23:59:00", "05-02T00:00:00"),  # the player was killed meanwhile
    ]


def test_a_block_says_why_and_what_was_made_of_it(library: Library) -> None:
    number = played(library, MIDNIGHT, 180, 150.5)
    library.feedback.add(Feedback(7, MIDNIGHT, Outcome.FINISHED, "day", None, number))
    library.feedback.add(Feedback(7, MIDNIGHT, Outcome.LIKED, "day", None, number))
    (play,) = day_record(library.database.path, DAY, 5, SEOUL).tracks
    assert (play.title, play.artist, play.track_id, play.reason) == ("봄날", "가수", 7, "it is calm")
    assert (play.audible_s, play.audible, play.judged) == (150.5, True, "liked")
    assert play.start == "2026-05-01T00:00:00+09:00"


def test_what_plays_has_no_end_and_what_was_killed_ends_where_it_was_last_heard(library: Library) -> None:
    killed = played(library, MIDNIGHT, None, 60)
    plays = played(library, MIDNIGHT + timedelta(hours=1), None)
    assert blocks(library) == [
        (killed, "05-01T00:00:00", "05-01T00:01:00"),
        (plays, "05-01T01:00:00", None),
    ]


def test_too_many_are_counted_and_the_newest_kept(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    numbers = [played(library, MIDNIGHT + timedelta(minutes=n), 50) for n in range(5)]
    record = day_record(library.database.path, DAY, 5, SEOUL)
    assert ([play.id for play in record.tracks], record.left_out) == (numbers[2:], 2)


def test_a_day_is_a_date(library: Library) -> None:
    now = datetime(2026, 5, 1, 23, 30, tzinfo=SEOUL)
    assert day_of(None, now) == day_of("", now) == DAY
    assert day_of("2026-04-30", now) == date(2026, 4, 30)
    for said in ("yesterday", "2026-02-30", "2026-05-01T18:00", "1969-12-31", "9999-12-31"):
        with pytest.raises(ArgumentError, match="a day is a date"):
            day_of(said, now.astimezone(UTC))
