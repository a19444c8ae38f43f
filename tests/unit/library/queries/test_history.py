"""The play history, asked on real SQLite: filters, pages, and what is kept of each play."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from player.errors import ArgumentError, LibraryError
from player.library.database.reader import reading
from player.library.database.store import Library
from player.library.queries.history import PlayQuery, all_plays, moment, plays_page
from player.library.queries.records import PlayRecord
from player.types import Choice, Track

SEOUL = timezone(timedelta(hours=9))
ALL = PlayQuery()
NOON = datetime(2026, 5, 1, 12, tzinfo=SEOUL)
SONG = Track(
    Path("/m/a.mp3"),
    "Halo",
    "Beyoncé",
    "앨범",
    duration_s=180.5,
    recording_ids=("", "USRC17607839"),
    composer="A; B",
    label="L",
    id=7,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "library.db")) as made:
        yield made


def page(
    library: Library, plays: PlayQuery = ALL, limit: int = 50, before: str | None = None
) -> list[PlayRecord]:
    return list(plays_page(library.database.path, plays, limit, before, UTC).entries)


def test_a_record_has_what_licensing_asks_for(library: Library) -> None:
    line = library.record_play(Choice(SONG, "because"), NOON, {}, "Café")
    library.note_heard(line, 171.26)
    library.finish_play(line, NOON + timedelta(minutes=3), True)
    (record,) = page(library)
    assert asdict(record) == {
        "id": line,
        "started_at": "2026-05-01T12:00:00+09:00",
        "title": "Halo",
        "artist": "Beyoncé",
        "album": "앨범",
        "isrc": "USRC17607839",
        "composer": "A; B",
        "label": "L",
        "duration_s": 180.5,
        "audible_s": 171.3,
        "audible": True,
        "venue": "Café",
        "track_id": 7,
    }
    assert list(all_plays(library.database.path, PlayQuery(), UTC)) == [record]


def test_pages_hold_together_whatever_is_played_meanwhile(library: Library) -> None:
    """Also where several began at one moment, or the clock was set back."""
    for number in range(25):
        at = NOON + timedelta(minutes=number // 3 - 2 * (number == 20))
        library.record_play(Choice(replace(SONG, title=str(number)), ""), at, {})
    whole = [record.id for record in page(library, limit=200)]
    assert len(whole) == 25
    assert [record.started_at for record in page(library, limit=200)] == sorted(
        (record.started_at for record in page(library, limit=200)), reverse=True
    )
    found: list[int] = []
    before = None
    while True:
        part = plays_page(library.database.path, PlayQuery(), 4, before, UTC)
        found += [record.id for record in part.entries]
        library.record_play(Choice(SONG, ""), NOON + timedelta(days=1), {})
        before = part.following
        if before is None:
            break
    assert found == whole


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["2", "1", "0"]),
        ("beyonce", ["2", "1", "0"]),
        ("BEYONCÉ 1", ["1"]),
        ("앨범", ["2", "1", "0"]),
        ("b l", ["2", "1", "0"]),
        ("nobody", []),
        ("%", []),
        ("' OR 1=1 --", []),
    ],
)
def test_words_are_looked_for(library: Library, text: str, found: list[str]) -> None:
    for number in range(3):
        at = NOON + timedelta(minutes=number)
        library.record_play(Choice(replace(SONG, title=f"Halo {number}"), ""), at, {})
    assert [record.title[-1] for record in page(library, PlayQuery(text=text))] == found


def test_since_and_until(library: Library) -> None:
    for day in range(1, 5):
        for hour in (0, 12, 23):
            at = datetime(2026, 5, day, hour, tzinfo=SEOUL)
            library.record_play(Choice(SONG, ""), at, {})

    def days(since: str | None, until: str | None) -> set[str]:
        plays = PlayQuery(moment(since, SEOUL), moment(until, SEOUL, end=True))
        return {record.started_at[5:13] for record in page(library, plays)}

    assert days("2026-05-02", "2026-05-02") == {"05-02T00", "05-02T12", "05-02T23"}
    assert days("2026-05-04", None) == {"05-04T00", "05-04T12", "05-04T23"}
    assert days(None, "2026-05-01T12:00") == {"05-01T00"}
    assert days("2026-05-01T03:00Z", "2026-05-01") == {"05-01T12", "05-01T23"}
    assert days("2026-05-03", "2026-05-02") == set()


def test_a_day_is_as_long_as_the_clock_makes_it() -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin, end = moment("2026-03-29", zone), moment("2026-03-29", zone, end=True)
    assert begin is not None
    assert end is not None
    assert end.timestamp() - begin.timestamp() == 23 * 3600


@pytest.mark.parametrize(
    "said", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2026-05-01T25:00", "1e9"]
)
def test_what_is_no_time_is_refused_in_one_sentence(said: str) -> None:
    with pytest.raises(ArgumentError, match="since and until take a date or a time"):
        moment(said, UTC, end=True)


@pytest.mark.parametrize(
    "said", ["1", "[]", "[1,2]", "[1.5]", '["a",1]', "[" * 5000, "[1.5,1e400]", f"[1.5,{2**63}]"]
)
def test_a_place_that_no_page_named_is_refused(library: Library, said: str) -> None:
    with pytest.raises(ArgumentError):
        page(library, before=said)


def test_a_page_stays_on_a_line(library: Library) -> None:
    giant = replace(SONG, title="제" * 100_000, album="앨" * 100_000, artist="가" * 5000, composer="나" * 500)
    for _ in range(60):
        library.record_play(Choice(giant, ""), NOON, {})
    found = plays_page(library.database.path, PlayQuery(), 200, None, UTC)
    assert 5 < len(found.entries) < 60
    assert found.following is not None
    line = json.dumps([asdict(record) for record in found.entries], ensure_ascii=False)
    assert len(line.encode()) < 60_000
    assert next(all_plays(library.database.path, PlayQuery(), UTC)).title == giant.title, (
        "an export cuts nothing"
    )


def test_plays_of_an_earlier_version_are_found_before_and_after_a_scan(
    library: Library, tmp_path: Path
) -> None:
    library.record_play(Choice(SONG, ""), NOON, {})
    library.database.write("UPDATE plays SET names = NULL, utc_offset_s = NULL, heard_s = NULL")
    for _ in range(2):
        (record,) = page(library, PlayQuery(text="beyonce"))
        assert (record.started_at, record.audible_s) == ("2026-05-01T03:00:00+00:00", None)
        library.scan([tmp_path / "none"])
    assert library.database.rows("SELECT names FROM plays")[0][0].startswith("beyonce\nhalo")


def test_questions_disturb_no_writer_and_change_nothing(library: Library) -> None:
    with library.database.transaction() as connection:
        connection.execute("DELETE FROM plays")
        assert page(library) == []
    with reading(library.database.path) as reader:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.rows("DELETE FROM plays")
        assert reader.rows("SELECT * FROM plays") == []
        library.record_play(Choice(SONG, ""), NOON, {})
        assert reader.rows("SELECT * FROM plays") == [], "one state of the library for one question"


def test_a_question_that_takes_too_long_is_given_up(library: Library) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with (
        pytest.raises(LibraryError, match=r"took more than 0\.2 s"),
        reading(library.database.path, 0.2) as reader,
    ):
        reader.rows(endless)


def test_without_a_library_the_answer_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library"):
        plays_page(tmp_path / "none.db", PlayQuery(), 50, None, UTC)
    assert not list(tmp_path.iterdir())
