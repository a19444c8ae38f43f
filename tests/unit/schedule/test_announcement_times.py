"""When announcements are due, on days of every length."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from player.config.settings.schedule import AnnouncementItem
from player.schedule.announcement_times import AnnouncementTimes

BERLIN = ZoneInfo("Europe/Berlin")


def due(item: dict[str, object], after: str, hours: float) -> list[str]:
    """What is due within some hours of a moment in Berlin, by the clock there."""
    announcement_times = AnnouncementTimes([AnnouncementItem.model_validate({"command": "x"} | item)], BERLIN)
    start = datetime.fromisoformat(after).replace(tzinfo=BERLIN).astimezone(UTC)
    end = start + timedelta(hours=hours)
    found = [at for at, _ in announcement_times.between(start, end)]
    for before, at in zip([start, *found], found, strict=False):
        assert announcement_times.next(before) == at
    return [f"{at.astimezone(BERLIN):%H:%M:%S}" for at in found]


@pytest.mark.parametrize(
    ("item", "after", "hours", "expected"),
    [
        ({"every_min": 30}, "2026-05-01T10:10", 1, ["10:30:00", "11:00:00"]),
        ({"every_min": 20}, "2026-05-01T10:40", 1, ["11:00:00", "11:20:00", "11:40:00"]),
        ({"every_min": 90}, "2026-05-01T10:00", 4, ["10:30:00", "12:00:00", "13:30:00"]),
        ({"every_min": 2.5}, "2026-05-01T23:57", 0.1, ["23:57:30", "00:00:00", "00:02:30"]),
        ({"every_min": 1440}, "2026-05-01T10:00", 48, ["00:00:00", "00:00:00"]),
        ({"at": ["18:45", "09:00:30"]}, "2026-05-01T10:00", 24, ["18:45:00", "09:00:30"]),
        ({"at": ["10:00"]}, "2026-05-01T10:00", 1, []),
        # The hour that is left out, and the one that comes twice.
        ({"at": ["02:30"]}, "2026-03-29T00:00", 12, ["03:00:00"]),
        ({"every_min": 30}, "2026-03-29T01:15", 1, ["01:30:00", "03:00:00"]),
        ({"at": ["02:30"]}, "2026-10-25T00:00", 12, ["02:30:00"]),
    ],
)
def test_occasions(item: dict[str, object], after: str, hours: float, expected: list[str]) -> None:
    assert due(item, after, hours) == expected


def test_an_empty_agenda() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert AnnouncementTimes([], BERLIN).between(now, now + timedelta(days=400)) == []
    assert AnnouncementTimes([], BERLIN).next(now) is None
