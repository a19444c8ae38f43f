"""The log of the last day over a restart."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from player.interfaces import log_file
from player.interfaces.recent_log import DAY_S, ROOM, LogLine, RecentLog


def _said(recent: RecentLog, message: str, level: int = logging.INFO) -> None:
    recent.emit(logging.LogRecord("player", level, "", 1, message, None, None))


def _messages(recent: RecentLog) -> list[str]:
    return [line.message for line in recent.lines()]


def test_the_log_goes_on_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / log_file.NAME
    before, after = RecentLog(), RecentLog()
    _said(before, "the camera is lost", logging.ERROR)
    _said(before, "노래가 나옵니다")
    log_file.save(before, path)
    assert path.stat().st_mode & 0o077 == 0, "it names tracks and folders"
    _said(after, "starting")
    log_file.load(after, path)
    assert _messages(after) == ["starting", "노래가 나옵니다", "the camera is lost"]
    assert after.lines()[-1].level == logging.ERROR
    log_file.save(after, path)
    third = RecentLog()
    log_file.load(third, path)
    assert _messages(third) == _messages(after), "and over the next one"


def test_yesterdays_lines_and_too_many_of_them_go(tmp_path: Path) -> None:
    path, most = tmp_path / log_file.NAME, ROOM[False][0]
    before, after = RecentLog(clock=lambda: 9_999.0), RecentLog(clock=lambda: 2 * DAY_S)
    before.remember([LogLine(float(n), logging.INFO, "track", f"line {n}") for n in range(most + 50)])
    log_file.save(before, path)
    log_file.load(after, path)
    assert after.lines() == []
    assert len(before.lines()) == most


@pytest.mark.parametrize(
    ("set_by_s", "away_s"),
    [(-DAY_S, 60.0), (1.5 * DAY_S, 60.0), (0.0, -DAY_S)],
    ids=["back while it ran", "ahead while it ran", "back while it was off"],
)
def test_a_clock_that_is_set_takes_no_line_over_a_restart(
    tmp_path: Path, set_by_s: float, away_s: float
) -> None:
    path, now_s, wall_s = tmp_path / log_file.NAME, 0.0, 1e9
    before = RecentLog(lambda: wall_s, lambda: now_s)
    before.emit(logging.makeLogRecord({"levelno": logging.ERROR, "msg": "first", "created": wall_s}))
    wall_s += set_by_s
    before.emit(logging.makeLogRecord({"levelno": logging.INFO, "msg": "second", "created": wall_s}))
    log_file.save(before, path)
    wall_s += away_s
    after = RecentLog(lambda: wall_s, lambda: now_s)
    _said(after, "starting")
    log_file.load(after, path)
    assert _messages(after) == ["starting", "second", "first"]
    now_s = DAY_S + 1
    assert _messages(after) == [], "nor is a line kept for longer that came from a later time"


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[1]", '[1, 2, "a", 3, "b"]', '["x", 20, "a", "b", ""]', "\0" * 50),
        *(f'[{at}, 20, "a", "b", ""]' for at in ("9" * 400, "1e300", "NaN", "-1")),
        '[1, Infinity, "a", "b", ""]',
    ],
)
def test_a_damaged_file_costs_its_lines_alone(tmp_path: Path, text: str) -> None:
    path, recent = tmp_path / log_file.NAME, RecentLog()
    _said(recent, "as it was")
    log_file.save(recent, path)
    path.write_text(f"{text}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    after = RecentLog()
    log_file.load(after, path)
    assert _messages(after) == ["as it was"]


def test_a_folder_that_cannot_be_written_to_costs_nothing_else(tmp_path: Path) -> None:
    recent = RecentLog()
    _said(recent, "as it was")
    log_file.save(recent, tmp_path / "gone" / log_file.NAME)
    log_file.load(recent, tmp_path / "gone" / log_file.NAME)
    assert _messages(recent) == ["as it was"]
