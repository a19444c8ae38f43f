"""Opening hours: days and times, holidays, and the two days of the year on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from player.clock import moment, time_of_day
from player.config.settings.schedule import DAY_MIN, DAYS, HoursSettings, Span, days_of, spans_of
from player.schedule.hours import Hours

BERLIN, NEW_YORK, LORD_HOWE, SEOUL = map(
    ZoneInfo, ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Seoul")
)


def hours(zone: ZoneInfo = BERLIN, holidays: dict[str, str] | None = None, **days: str) -> Hours:
    named = {name.replace("_", "-"): times for name, times in days.items()}
    return Hours(HoursSettings(open=named, holidays=holidays or {}), zone)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def told(house: Hours, now: datetime) -> str:
    """open until 2026-05-01 19:30"""
    state = house.state(now)
    until = "for ever" if state.until is None else f"until {state.until:%Y-%m-%d %H:%M %Z}"
    return f"{'open' if state.open else 'closed'} {until}"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-01T07:59:59", "closed until 2026-05-01 08:00 CEST"),  # a Friday
        ("2026-05-01T08:00:00", "open until 2026-05-01 19:30 CEST"),
        ("2026-05-01T19:30:00", "closed until 2026-05-02 20:00 CEST"),
        ("2026-05-02T23:00:00", "open until 2026-05-03 02:00 CEST"),
        ("2026-05-03T01:59:00", "open until 2026-05-03 02:00 CEST"),
        ("2026-05-03T02:00:00", "closed until 2026-05-04 08:00 CEST"),
    ],
)
def test_the_week(now: str, expected: str) -> None:
    assert told(hours(mon_fri="08:00-19:30", sat="20:00-02:00"), at(now)) == expected


def test_a_break_at_noon() -> None:
    house = hours(daily="08:00-12:00,14:00-18:00")
    assert told(house, at("2026-05-01T11:00")) == "open until 2026-05-01 12:00 CEST"
    assert told(house, at("2026-05-01T12:00")) == "closed until 2026-05-01 14:00 CEST"


def test_without_any_day_it_is_always_open() -> None:
    assert told(hours(), at("2026-05-01T03:00")) == "open for ever"
    assert told(hours(daily="open"), at("2026-05-01T03:00")) == "open for ever"


def test_days_that_touch_are_one() -> None:
    house = hours(fri="18:00-24:00", sat="00:00-04:00", sun="open", mon="open")
    assert told(house, at("2026-05-01T20:00")) == "open until 2026-05-02 04:00 CEST"
    assert told(house, at("2026-05-03T12:00")) == "open until 2026-05-05 00:00 CEST"


def test_a_house_that_is_always_closed() -> None:
    assert told(hours(daily="closed"), at("2026-05-01T12:00")) == "closed for ever"


def test_daily_gives_way_to_a_named_day() -> None:
    house = hours(sun="closed", daily="08:00-20:00")
    assert told(house, at("2026-05-02T20:00")) == "closed until 2026-05-04 08:00 CEST"


def test_holidays() -> None:
    house = hours(
        holidays={"12-25": "closed", "2026-12-24": "08:00-14:00", "12-24": "closed"}, daily="08:00-22:00"
    )
    assert told(house, at("2026-12-24T09:00")) == "open until 2026-12-24 14:00 CET"
    assert told(house, at("2026-12-24T14:00")) == "closed until 2026-12-26 08:00 CET"
    assert told(house, at("2027-12-23T22:00")) == "closed until 2027-12-26 08:00 CET"


def test_holidays_alone_leave_the_other_days_open() -> None:
    house = hours(holidays={"12-25": "closed"})
    assert told(house, at("2026-12-24T09:00")) == "open until 2026-12-25 00:00 CET"
    assert told(house, at("2026-12-25T09:00")) == "closed until 2026-12-26 00:00 CET"
    past = hours(holidays={"2020-12-25": "closed"})
    assert told(past, at("2026-12-24T09:00")) == "open for ever"


def test_a_night_that_began_goes_on_into_a_holiday() -> None:
    house = hours(holidays={"12-25": "closed"}, daily="20:00-02:00")
    assert told(house, at("2026-12-25T01:00")) == "open until 2026-12-25 02:00 CET"
    assert told(house, at("2026-12-25T02:00")) == "closed until 2026-12-26 20:00 CET"


def test_another_zone_asks() -> None:
    assert told(hours(SEOUL, daily="09:00-18:00"), datetime(2026, 5, 1, 0, 0, tzinfo=UTC)) == (
        "open until 2026-05-01 18:00 KST"
    )


@pytest.mark.parametrize(
    ("zone", "day", "wanted", "expected"),
    [
        # Spring: what would be in the hour (in Lord Howe: half hour) left out is at its end.
        (BERLIN, "2026-03-29", "02:30", "2026-03-29T01:00Z"),
        (BERLIN, "2026-03-29", "01:59", "2026-03-29T00:59Z"),
        (BERLIN, "2026-03-29", "03:00", "2026-03-29T01:00Z"),
        (NEW_YORK, "2026-03-08", "02:00", "2026-03-08T07:00Z"),
        (NEW_YORK, "2026-03-08", "02:59", "2026-03-08T07:00Z"),
        (LORD_HOWE, "2026-10-04", "02:15", "2026-10-03T15:30Z"),
        # Autumn: the first of the two.
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30Z"),
        (BERLIN, "2026-10-25", "03:00", "2026-10-25T02:00Z"),
        (NEW_YORK, "2026-11-01", "01:30", "2026-11-01T05:30Z"),
        (LORD_HOWE, "2026-04-05", "01:45", "2026-04-04T14:45Z"),
        (LORD_HOWE, "2026-04-05", "02:00", "2026-04-04T15:30Z"),
        # Never.
        (SEOUL, "2026-03-29", "02:30", "2026-03-28T17:30Z"),
        (SEOUL, "2026-03-29", "24:00", "2026-03-29T15:00Z"),
    ],
)
def test_when_the_clocks_show_a_time(zone: ZoneInfo, day: str, wanted: str, expected: str) -> None:
    hour, minute = map(int, wanted.split(":"))
    found = moment(date.fromisoformat(day), 60 * hour + minute, zone)
    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("zone", "since", "times", "changes"),
    [
        (BERLIN, "2026-03-29T00:00", "02:30-06:00", ["03:00 CEST open", "06:00 CEST closed"]),
        (BERLIN, "2026-10-25T00:00", "02:30-06:00", ["02:30 CEST open", "06:00 CET closed"]),
        (BERLIN, "2026-10-25T00:00", "00:30-02:30", ["00:30 CEST open", "02:30 CEST closed"]),
        (NEW_YORK, "2026-03-08T00:00", "02:15-02:45", []),
        (NEW_YORK, "2026-11-01T00:00", "01:15-01:45", ["01:15 EDT open", "01:45 EDT closed"]),
        (LORD_HOWE, "2026-10-04T00:00", "02:15-05:00", ["02:30 +11 open", "05:00 +11 closed"]),
        (LORD_HOWE, "2026-04-05T00:00", "01:45-05:00", ["01:45 +11 open", "05:00 +1030 closed"]),
        (SEOUL, "2026-03-29T00:00", "02:30-06:00", ["02:30 KST open", "06:00 KST closed"]),
    ],
)
def test_the_day_on_which_the_clocks_change(
    zone: ZoneInfo, since: str, times: str, changes: list[str]
) -> None:
    """Every change of that one day, in order: nothing happens twice."""
    house = hours(zone, daily=times)
    now, found = at(since, zone), []
    while (until := house.state(now).until) is not None and until.date() == now.date():
        now = until
        found.append(f"{now:%H:%M %Z} {'open' if house.state(now).open else 'closed'}")
    assert found == changes


@pytest.mark.parametrize(
    ("zone", "moment_utc", "shown"),
    [
        (BERLIN, "2026-10-25T00:59:30Z", "02:59:30"),
        (BERLIN, "2026-10-25T01:00:00Z", "02:59:59"),
        (BERLIN, "2026-10-25T01:29:59Z", "02:59:59"),
        (BERLIN, "2026-10-25T01:59:59Z", "02:59:59"),
        (BERLIN, "2026-10-25T02:00:00Z", "03:00:00"),
        (LORD_HOWE, "2026-04-04T15:00:00Z", "01:59:59"),
        (LORD_HOWE, "2026-04-04T15:29:00Z", "01:59:59"),
        (LORD_HOWE, "2026-04-04T15:30:00Z", "02:00:00"),
        (NEW_YORK, "2026-03-08T07:00:00Z", "03:00:00"),
    ],
)
def test_the_house_s_clock_never_goes_back(zone: ZoneInfo, moment_utc: str, shown: str) -> None:
    now = datetime.fromisoformat(moment_utc).astimezone(zone)
    assert f"{time_of_day(now):%H:%M:%S}" == shown


def brute(house: HoursSettings, zone: ZoneInfo, start: datetime, minutes: int) -> list[bool]:
    """Open or closed, minute by minute, by a clock that is watched and never believed when it goes back."""
    week, shown = house.week(), datetime.min
    special = house.special()
    result = []
    for minute in range(minutes):
        shown = max(shown, (start + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None))
        is_open = False
        for back in (0, 1):
            day = shown.date() - timedelta(days=back)
            spans = week[day.weekday()]
            for key in ((None, day.month, day.day), (day.year, day.month, day.day)):
                spans = special.get(key, spans)
            past = shown.hour * 60 + shown.minute + back * DAY_MIN
            is_open |= any(span.start_min <= past < span.end_min for span in spans)
        result.append(is_open)
    return result


def clock_text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def times(draw: st.DrawFn) -> str:
    """closed, open, or some times that don't overlap; the last may go over midnight."""
    kind = draw(st.sampled_from(("closed", "open", "times", "times", "times")))
    if kind != "times":
        return kind
    ends = sorted(draw(st.lists(st.integers(0, DAY_MIN - 1), min_size=2, max_size=6, unique=True)))
    ends = ends[: len(ends) // 2 * 2]
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    if pairs[0][0] > 0 and draw(st.booleans()):  # over midnight, at most as far as the first one begins
        pairs[-1] = (pairs[-1][0], draw(st.integers(0, pairs[0][0] - 1)))
    return ",".join(f"{clock_text(a)}-{clock_text(b)}" for a, b in pairs)


SWITCHES = (
    (BERLIN, datetime(2026, 3, 28, 12, tzinfo=UTC)),
    (BERLIN, datetime(2026, 10, 24, 12, tzinfo=UTC)),
    (NEW_YORK, datetime(2026, 3, 7, 18, tzinfo=UTC)),
    (NEW_YORK, datetime(2026, 10, 31, 18, tzinfo=UTC)),
    (LORD_HOWE, datetime(2026, 4, 4, 2, tzinfo=UTC)),
    (LORD_HOWE, datetime(2026, 10, 3, 2, tzinfo=UTC)),
    (SEOUL, datetime(2026, 12, 31, 2, tzinfo=UTC)),
    (ZoneInfo("Africa/Cairo"), datetime(2026, 4, 23, 12, tzinfo=UTC)),  # its clocks jump at midnight
)


@settings(max_examples=60)
@given(
    week=st.dictionaries(st.sampled_from(DAYS), times(), max_size=7),
    holidays=st.dictionaries(st.sampled_from(("03-29", "10-25", "2026-11-01", "01-01")), times(), max_size=2),
    place=st.sampled_from(SWITCHES),
)
def test_every_minute_is_as_a_watched_clock_says(
    week: dict[str, str], holidays: dict[str, str], place: tuple[ZoneInfo, datetime]
) -> None:
    zone, start = place
    given_hours = HoursSettings(open=week, holidays=holidays)
    house, minutes = Hours(given_hours, zone), 30 * 60
    expected = brute(given_hours, zone, start, minutes)
    minute = 0
    while minute < minutes:  # from change to change, so that `until` is held against it too
        state = house.state(start + timedelta(minutes=minute))
        until = minutes if state.until is None else int((state.until - start) / timedelta(minutes=1))
        assert until > minute
        assert set(expected[minute : min(until, minutes)]) == {state.open}, f"from minute {minute}"
        if until < minutes:
            assert expected[until] != state.open, f"nothing changes at minute {until}"
        minute = until


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat", (5,)),
        ("mon,wed", (0, 2)),
        ("Fri-Mon", (4, 5, 6, 0)),
        ("mon - tue, sun", (0, 1, 6)),
        ("daily", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_names_of_days(text: str, expected: tuple[int, ...]) -> None:
    assert days_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-19:30", (Span(480, 1170),)),
        ("8:00 - 24:00", (Span(480, 1440),)),
        ("14:00-18:00, 08:00-12:00", (Span(480, 720), Span(840, 1080))),
        ("20:00-02:00", (Span(1200, 1560),)),
        ("closed", ()),
        ("Open", (Span(0, 1440),)),
    ],
)
def test_times(text: str, expected: tuple[Span, ...]) -> None:
    assert spans_of(text) == expected


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValidationError):
        HoursSettings(open={"mon": "08:00-07:61"})
