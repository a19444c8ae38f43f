"""The log of the last day and the report: what is kept, found, and never shown."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from player.interfaces.command_table import read_request
from player.interfaces.handlers.support import SupportCommands
from player.interfaces.messages.support import LogAnswer, LogRequest, ReportAnswer, ReportRequest
from player.interfaces.recent_log import DAY_S, ROOM, LogLevel, RecentLog
from player.log import EventLog, LogEvent
from player.privacy.redaction import learn
from tests.fakes.status import whole as status

ZONE = ZoneInfo("Asia/Seoul")
log = EventLog("player.of_test", LogEvent.CAMERA)


@pytest.fixture
def recent() -> Iterator[RecentLog]:
    made, logger = RecentLog(), logging.getLogger("player")
    level = logger.level
    logger.addHandler(made)
    logger.setLevel(logging.INFO)
    yield made
    logger.removeHandler(made)
    logger.setLevel(level)


def commands(recent: RecentLog, folder: Path, **settings: object) -> SupportCommands:
    return SupportCommands(recent, lambda: datetime.now(ZONE), status, settings.items, folder)


def asked(recent: RecentLog, folder: Path, **fields: object) -> LogAnswer:
    request = read_request("log", more=fields)
    answer = commands(recent, folder).handlers()[LogRequest](request)
    assert isinstance(answer, LogAnswer)
    return answer


def report(recent: RecentLog, folder: Path, **settings: object) -> str:
    answer = commands(recent, folder, **settings).handlers()[ReportRequest](ReportRequest())
    assert isinstance(answer, ReportAnswer)
    return answer.message


def test_the_newest_lines_come_first_and_can_be_looked_through(recent: RecentLog, tmp_path: Path) -> None:
    log.info("the camera is there")
    log.warning("the Camera is\ngone")
    log.error("no sound", extra={"event": LogEvent.SILENT})
    log.debug("nobody reads this")
    first, *_ = all_lines = asked(recent, tmp_path).lines
    assert [(line.level, line.event, line.message) for line in all_lines] == [
        ("error", "silent", "no sound"),
        ("warning", "camera", "the Camera is gone"),
        ("info", "camera", "the camera is there"),
    ]
    assert first.at.endswith("+09:00")
    assert [line.level for line in asked(recent, tmp_path, level="warning").lines] == ["error", "warning"]
    assert len(asked(recent, tmp_path, text="CAMERA").lines) == 2
    assert asked(recent, tmp_path, limit=1).left_out == 2
    assert asked(recent, tmp_path, since="2999-01-01").lines == ()


def test_a_day_is_kept_and_no_more() -> None:
    now_s = 0.0
    recent = RecentLog(steady=lambda: now_s)
    for now_s in (0.0, 2.0, DAY_S + 1):
        recent.emit(logging.makeLogRecord({"levelno": logging.ERROR, "msg": f"at {now_s:.0f} s"}))
    assert [line.message for line in recent.lines()] == ["at 86401 s", "at 2 s"]


@pytest.mark.parametrize("by_s", [-DAY_S, 1.5 * DAY_S])
def test_a_clock_that_is_set_neither_hides_a_line_nor_forgets_one(by_s: float) -> None:
    now_s = 0.0
    recent = RecentLog(lambda: 1e9 + by_s + now_s, lambda: now_s)

    def said(message: str, at_s: float, level: int) -> None:
        recent.emit(logging.makeLogRecord({"levelno": level, "msg": message, "created": at_s}))

    for number in range(250):
        said(f"before, line {number}", 1e9 + number, logging.INFO)
    said("why nothing plays", 1e9 + 250, logging.ERROR)
    said("after", 1e9 + by_s + 251, logging.INFO)
    now_s = DAY_S - 1
    assert [line.message for line in recent.lines()[:3]] == [
        "after",
        "why nothing plays",
        "before, line 249",
    ]
    assert len(recent.lines()) == 252
    now_s = DAY_S + 1
    assert recent.lines() == [], "a day is a day by any clock"


def test_a_flood_takes_no_more_room_and_leaves_the_warnings() -> None:
    recent = RecentLog()
    recent.emit(logging.makeLogRecord({"levelno": logging.WARNING, "msg": "the one that says why"}))
    for _ in range(6000):
        recent.emit(logging.makeLogRecord({"levelno": logging.INFO, "msg": "y" * 1_000}))
    lines = recent.lines()
    most, letters = ROOM[False]
    assert 1 < len(lines) <= most + 1
    assert sum(line.letters for line in lines) <= letters + 100
    assert recent.lines(level=LogLevel.WARNING)[0].message == "the one that says why"


def test_no_planted_secret_is_in_the_log_or_the_report(recent: RecentLog, tmp_path: Path) -> None:
    learn("rtsp://cook:sesame-oil-9@10.0.0.7/live")
    log.info("trying rtsp://cook:sesame-oil-9@10.0.0.7/live")
    log.warning("%s", "GET /?token=plum-wine-77 says Bearer abcdefgh12345678")
    try:
        raise ValueError("password=kimchi-1234 is wrong")
    except ValueError:
        log.exception("it broke at http://me:honey-bun@cafe.example/")
    settings = {"camera.source": "rtsp://cook:sesame-oil-9@10.0.0.7/live", "x": ["a:hunter-22@10.0.0.1"]}
    said = report(recent, tmp_path, **settings)
    said += "".join(line.message for line in asked(recent, tmp_path).lines)
    for secret in ("sesame", "plum-wine", "abcdefgh", "kimchi-1234", "honey-bun", "hunter-22"):
        assert secret not in said
    assert "ValueError" in said, "a traceback is kept for who mends it"


def test_the_report_tells_nothing_of_what_programs_are_told(recent: RecentLog, tmp_path: Path) -> None:
    settings = {
        "announcements.items": [
            {"command": "sshpass -phunter2 ssh bell ring", "at": ["12:00"]},
            {"file": "/srv/gong.mp3", "at": ["13:00"]},
        ],
        "announcements.voice.command": ["say", "--speech-key", "hunter2", "{file}"],
        "announcements": {"voice": {"command": ["env", "hunter2"]}},
    }
    text = report(recent, tmp_path, **settings)
    assert "hunter2" not in text
    assert '[{"command": "sshpass ...", "at": ["12:00"]}, {"file": "/srv/gong.mp3"' in text
    assert 'announcements.voice.command: "say ..."' in text


def test_the_report_says_what_a_helper_asks_first(recent: RecentLog, tmp_path: Path) -> None:
    log.info("something has happened")
    said = report(recent, tmp_path, **{"playback.volume": 40})
    for part in (
        *(
            "ambient-player, a report of",
            "Python 3",
            "system: ",
            "cores: ",
            "disk: ",
            "`ambient-player doctor`",
        ),
        *("ambient-player doctor", '"state": "playing"', "playback.volume: 40", "something has happened"),
    ):
        assert part in said
