import io
import json
import logging
from collections.abc import Iterator

import pytest

from player import log
from player.config.settings.config import LogSettings
from player.log import EventLog, LogEvent

APP = EventLog("player.app", LogEvent.PLAYER)


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("player")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def written(settings: LogSettings, json_lines: bool = False) -> io.StringIO:
    stream = io.StringIO()
    log.setup(settings.level, json_lines or settings.json_lines, stream)
    return stream


def test_text_is_one_line_with_time_kind_and_words() -> None:
    stream = written(LogSettings())
    APP.info("%s plays", "Ode", extra=log.event(LogEvent.TRACK, title="Ode"))
    clock, rest = stream.getvalue().split(" ", 1)
    assert len(clock) == 8
    assert rest == "track        Ode plays\n"


def test_sentences_stand_below_each_other_whatever_they_are_about() -> None:
    stream = written(LogSettings())
    for kind in LogEvent:
        EventLog("player.anywhere", kind).info("Ode plays")
    assert {line.index("Ode plays") for line in stream.getvalue().splitlines()} == {22}


def test_a_title_with_a_line_break_stays_on_one_line() -> None:
    stream = written(LogSettings())
    APP.info("%s plays", "Ode\nto joy")
    assert stream.getvalue().endswith("Ode to joy plays\n")
    APP.info("%s plays", "Ode\x1b[2J")
    assert stream.getvalue().endswith("Ode [2J plays\n")


@pytest.mark.parametrize("json_lines", [False, True])
def test_a_name_that_is_no_unicode_can_be_written(json_lines: bool) -> None:
    stream = written(LogSettings(), json_lines=json_lines)
    APP.info("%s 조용", "Caf\udce9", extra=log.event(LogEvent.TRACK, path="Caf\udce9"))
    line = stream.getvalue()
    assert line.encode()
    assert "Caf\\udce9 조용" in line
    assert not json_lines or json.loads(line)["path"] == "Caf\udce9"


def test_a_line_without_an_event_of_its_own_has_that_of_its_log() -> None:
    stream = written(LogSettings())
    EventLog("player.anywhere.at_all", LogEvent.CAMERA).warning("camera lost")
    logging.getLogger("somebody.else").warning("odd")
    said = [line.split(" ", 1)[1] for line in stream.getvalue().splitlines()]
    assert said == ["camera       warning: camera lost", "player       warning: odd"]


def test_json_lines_carry_the_events_fields() -> None:
    stream = written(LogSettings(), json_lines=True)
    APP.info("moved", extra=log.event(LogEvent.SHIFT, target="calm", at="조용"))
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert record.pop("at") == "조용"
    assert record == {"level": "info", "event": "shift", "message": "moved", "target": "calm"}


def test_json_lines_keep_a_traceback_in_one_line() -> None:
    stream = written(LogSettings(json_lines=True))
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        APP.exception("bad")
    (line,) = stream.getvalue().splitlines()
    assert "RuntimeError: boom" in json.loads(line)["exception"]


def test_levels_hold() -> None:
    stream = written(LogSettings(level="warning"))
    APP.info("not this")
    logging.getLogger("somebody.else").info("nor this")
    APP.warning("this")
    assert "this" in stream.getvalue()
    assert "not this" not in stream.getvalue()
    assert "nor this" not in stream.getvalue()


def test_who_sends_nonsense_cannot_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    complaints = log.Complaints(log.EventLog("any", log.LogEvent.MQTT), lambda: now[0])
    for number in range(1000):
        complaints.say(f"message {number} is not understood")
        now[0] += 0.1
    assert len(caplog.messages) == 2 * log.MOST_COMPLAINTS, "100 s are two minutes of five"
    now[0] += log.COMPLAINTS_S
    caplog.clear()
    for _ in range(10):
        complaints.say("it is not understood")
    assert caplog.messages == ["it is not understood"]
    complaints.mended()
    complaints.say("it is not understood")
    assert caplog.messages == ["it is not understood"] * 2
