"""The view Day: what is drawn of a day, and what is listed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.day_chart import HOUR_PX, MOOD, PAD_PX, chart
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.views.day import (
    day_in_words,
    entries_of,
    facts,
    last_of_month,
    numbers,
    steps,
)
from player.status import as_json
from player.types import Json
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.unit.interfaces.front.page.test_page import NOBODY, OWNER, STAFF, get

BERLIN = ZoneInfo("Europe/Berlin")
CURVES = ("valence", "energy", "target_valence", "target_energy", "people", "volume")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
LARGEST_BYTES = 156_000
"""Of a page with a full day; what it loads beside comes packed, and is kept by the browser."""


def day(on: date = date(2026, 5, 1), **changes: object) -> Json:
    """A day of Berlin's clock, hour by hour, on which nothing is known but what a test says."""
    start, end = (
        datetime(each.year, each.month, each.day, tzinfo=BERLIN) for each in (on, on + timedelta(1))
    )
    instants = range(int(start.timestamp()), int(end.timestamp()), 3600)
    hours = [datetime.fromtimestamp(at, BERLIN).isoformat() for at in instants]
    curves = {"step_s": 3600, **{name: [None] * len(hours) for name in CURVES}}
    said = {"date": on.isoformat(), "start": start.isoformat(), "end": end.isoformat(), "hours": hours}
    return {**said, "tracks": [], "marks": [], "curves": curves, "left_out": 0, **changes}


def play(number: int, start: str, end: str | None = None, **changes: object) -> Json:
    return {
        **{
            "id": number,
            "start": f"2026-05-01T{start}:00+02:00",
            "title": f"Song {number}",
            "artist": "Band",
        },
        **{"end": f"2026-05-01T{end}:00+02:00" if end else None, "audible": True, "audible_s": 60.0},
        **{"track_id": 12, "reason": "it is calm", "judged": None, **changes},
    }


def mark(number: int, kind: str, start: str, end: str | None = None, text: str = "so it was") -> Json:
    return {
        **{"id": number, "kind": kind, "text": text, "start": f"2026-05-01T{start}:00+02:00"},
        "end": f"2026-05-01T{end}:00+02:00" if end else None,
    }


@pytest.mark.parametrize(
    ("on", "hours", "around_three"),
    [
        (date(2026, 3, 29), 23, ["01:00", "03:00"]),
        (date(2026, 5, 1), 24, ["01:00", "02:00", "03:00"]),
        (date(2026, 10, 25), 25, ["01:00", "02:00", "02:00", "03:00"]),
    ],
)
def test_a_day_has_as_many_hours_as_the_clock_says(on: date, hours: int, around_three: list[str]) -> None:
    drawn = chart(day(on), LATER)
    assert drawn.width == hours * HOUR_PX + 2 * PAD_PX
    clocks = [clock for _, clock in drawn.hours]
    assert len(clocks) == hours
    assert [clock for clock in clocks if "01:00" <= clock <= "03:00"] == around_three
    assert [row[0] for row in steps(day(on), drawn, Language.ENGLISH)] == clocks


def test_what_is_drawn_begins_and_ends_with_what_is_known() -> None:
    drawn = chart(day(tracks=[play(1, "09:10", "09:14"), play(2, "22:50", "23:05")]), LATER)
    assert drawn.hours[0][1] == "09:00"
    assert drawn.width == 15 * HOUR_PX + 2 * PAD_PX
    first, last = drawn.blocks
    assert first.x == pytest.approx(PAD_PX + HOUR_PX / 6, abs=0.1)
    assert first.width == pytest.approx(HOUR_PX / 15 - 1, abs=0.1)
    assert last.x + last.width < drawn.width


def test_today_is_drawn_up_to_now_and_what_lasts_lasts_until_now() -> None:
    now = datetime(2026, 5, 1, 12, 0, tzinfo=BERLIN)
    tracks, marks = [play(1, "11:30")], [mark(1, "fault", "11:00"), mark(2, "shift", "11:15")]
    drawn = chart(day(tracks=tracks, marks=marks), now)
    assert drawn.now is not None
    assert drawn.blocks[0].x + drawn.blocks[0].width == pytest.approx(drawn.now - 1, abs=0.2)
    fault, shift = drawn.signs
    assert (fault.x + fault.width, shift.width) == (pytest.approx(drawn.now, abs=0.2), 0)
    assert chart(day(tracks=tracks), LATER).now is None


def test_a_curve_stops_where_nothing_is_known() -> None:
    made = day()
    made["curves"]["valence"][8:12] = [0.0, 1.0, None, -1.0]
    top, bottom = MOOD
    path = chart(made, LATER).curves["valence"]
    assert path.count("M") == 2
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    assert heights == [(top + bottom) / 2, top, bottom]


def test_a_thousand_tracks_are_drawn_and_none_is_lost() -> None:
    many = [play(n, f"{8 + n // 60:02}:{n % 60:02}", f"{8 + n // 60:02}:{n % 60:02}") for n in range(900)]
    drawn = chart(day(tracks=many), LATER)
    assert len(drawn.blocks) == 900
    assert all(block.width >= 1.5 for block in drawn.blocks)


def test_the_list_has_all_that_happened_the_newest_first() -> None:
    made = day(
        tracks=[play(1, "09:00", judged="liked"), play(2, "11:00", title="Halo", judged="wrong mood")],
        marks=[mark(1, "shift", "10:00", text="the room became lively")],
    )

    def listed(text: str = "", only: str = "") -> list[tuple[bool, int]]:
        return [(each["is_track"], each["id"]) for each in entries_of(made, text, only)]

    assert listed() == [(True, 2), (False, 1), (True, 1)]
    assert listed("HALO") == [(True, 2)]
    assert listed("room lively") == [(False, 1)]
    assert listed(only="events") == [(False, 1)]
    assert listed(only="music") == [(True, 2), (True, 1)]
    assert (listed(only="liked"), listed(only="wrong"), listed(only="unheard")) == (
        [(True, 1)],
        [(True, 2)],
        [],
    )


def test_each_hour_is_told_in_numbers() -> None:
    made = day()
    made["curves"]["people"][9] = 4.0
    assert [(row["hour"], row["people"], row["volume"]) for row in numbers(made)] == [("09:00", 4.0, None)]


@pytest.mark.parametrize(
    ("on", "english", "korean", "last"),
    [
        (date(2026, 5, 1), "Friday, 1 May 2026", "2026년 5월 1일 금요일", 31),
        (date(2028, 2, 10), "Thursday, 10 February 2028", "2028년 2월 10일 목요일", 29),
    ],
)
def test_a_date_is_said_in_words(on: date, english: str, korean: str, last: int) -> None:
    assert (day_in_words(on, Language.ENGLISH), day_in_words(on, Language.KOREAN)) == (english, korean)
    assert last_of_month(on).day == last


def test_it_changes_with_the_track_and_not_with_what_runs_by_itself() -> None:
    at_3, at_9 = (facts(as_json(status.whole(playback=status.playback(position_s=at)))) for at in (3.0, 9.0))
    assert at_3 == at_9
    assert facts(as_json(status.whole(playback=status.playback(track=None)))) != at_3


def test_the_page_shows_the_day_that_is_asked_for() -> None:
    player = FakePlayer()
    said = get("/day?date=2026-05-01", OWNER, player).text
    assert player.told == [("day", {"date": "2026-05-01"})]
    assert "Friday, 1 May 2026" in said
    assert "/api/history.csv?since=2026-05-01&until=2026-05-31" in said
    assert 'href="/day?date=2026-04-30"' in said
    assert "It is broken." in said
    assert 'aria-pressed="true" aria-label="Like: Song"' in said


def test_what_is_no_date_is_today() -> None:
    player = FakePlayer()
    assert get("/day?date=yesterday", OWNER, player).status_code == 200
    assert player.told == [("day", {})]


def test_a_player_that_says_no_is_heard() -> None:
    for path in ("/day", "/day/list", "/day/chart"):
        player = FakePlayer()
        player.refusal = PlayerRefusal("failed", "the library cannot be read.")
        assert "the library cannot be read." in get(path, OWNER, player).text


def test_a_day_is_the_owners() -> None:
    assert get("/day", STAFF).status_code == 403
    assert get("/day/list", NOBODY).status_code in (303, 401)


def test_soundexchange_gets_its_form_from_the_api() -> None:
    player = FakePlayer()
    answer = get("/api/report-of-use.txt?since=2026-05-01&until=2026-05-31", OWNER, player)
    assert answer.text.splitlines()[1] == "^Café^|^A^|^Band^|^=Song 1^|^^|^^|^^|1"
    assert player.told == [("history", {"since": "2026-05-01", "until": "2026-05-31", "limit": 200})]
    assert get("/api/report-of-use.txt", STAFF).status_code == 403


class FullDay(FakePlayer):
    """Answers with a day of the test's own."""

    def __init__(self, day: Json) -> None:
        super().__init__()
        self.day = day

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        return self.day if name == "day" else await super().command(name, arguments)


def test_a_day_of_many_tracks_stays_small() -> None:
    at = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]
    played = [
        play(n, at[n], at[n + 1], title=f"A song with a title of some length {n}", artist="A band")
        for n in range(749, -1, -1)
    ]
    curves = {"step_s": 300, **{name: [0.123] * 288 for name in CURVES}}
    told = get("/day?date=2026-05-01", OWNER, FullDay(day(tracks=played, curves=curves)))
    assert told.status_code == 200
    assert told.text.count("data-play=") >= 750
    assert len(told.content) < LARGEST_BYTES
