"""The machine's time zone in all the forms in which one can be set."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from player.clock import house_zone
from player.system.time_zone import machine_zone

ZONES = Path("/usr/share/zoneinfo")


def hours(zone: object, month: int) -> float:
    """The offset from UTC at the beginning of a month."""
    offset = datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(zone).utcoffset()  # type: ignore[arg-type]
    assert offset is not None
    return offset.total_seconds() / 3600


@pytest.mark.parametrize(
    ("said", "winter", "summer"),
    [
        ("Europe/Berlin", 1, 2),
        (":Europe/Berlin", 1, 2),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1, 2),
        (":CET-1CEST,M3.5.0,M10.5.0/3", 1, 2),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 11, 10),
        ("<+0330>-3:30<+0430>,J79/24,J263/24", 3.5, 4.5),
        ("EST5EDT", -5, -4),
        ("XYZ8ABC", -8, -7),
        ("<+03>-3", 3, 3),
        ("JST-9", 9, 9),
        ("UTC+3", -3, -3),
        ("CET-1CEST,365,0/-167", 1, 1),
        (str(ZONES / "Asia" / "Seoul"), 9, 9),
        ("", 0, 0),
        (":", 0, 0),
    ],
)
def test_tz_keeps_its_summer_time(
    said: str, winter: float, summer: float, caplog: pytest.LogCaptureFixture
) -> None:
    zone = machine_zone({"TZ": said})
    assert (hours(zone, 1), hours(zone, 7)) == (winter, summer)
    assert not caplog.text


@pytest.mark.parametrize(
    "said",
    [
        "nonsense",
        "UTC+25",
        "UTC+24",
        "../x",
        "/nowhere/zone",
        "/etc/passwd",
        "CET-1CEST,M13.9.9,M1",
        "CET-1CEST+24,365,0/-167",
        "CET+24CEST,0/1,365",
        "Zürich",
        "Europe",
    ],
)
def test_what_is_no_zone_is_said_and_utc(said: str, caplog: pytest.LogCaptureFixture) -> None:
    assert machine_zone({"TZ": said}) == UTC
    assert "is no time zone: using UTC; set timezone in config.yaml" in caplog.text


def test_without_tz_localtime_counts_whatever_etc_timezone_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    linked, copied, note, none = (tmp_path / name for name in ("linked", "copied", "timezone", "none"))
    linked.symlink_to(ZONES / "Europe" / "Berlin")
    copied.write_bytes((ZONES / "Europe" / "Berlin").read_bytes())
    note.write_text("Asia/Seoul\n", encoding="utf-8")
    assert str(machine_zone({}, linked, note)) == "Europe/Berlin"
    assert hours(machine_zone({}, copied, note), 7) == 2
    assert str(machine_zone({}, none, note)) == "Asia/Seoul"
    assert not caplog.text
    assert machine_zone({}, none, none) == UTC
    assert "this machine has no time zone" in caplog.text


def test_a_link_that_leads_in_a_circle_is_no_zone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    loop, none = tmp_path / "loop", tmp_path / "none"
    loop.symlink_to(loop)
    assert machine_zone({"TZ": str(loop)}) == UTC
    assert machine_zone({}, loop, none) == UTC
    assert caplog.text.count("using UTC") == 2


def test_the_zone_is_the_one_that_is_named_or_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    assert hours(house_zone(None), 7) == 2
    assert str(house_zone("Asia/Seoul")) == "Asia/Seoul"
