"""The front as the daemon has it: started, watched and replaced, and what is wrong is said."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from player.config.settings.front import FrontSettings, MprisSettings
from player.config.settings.web import WebSettings
from player.interfaces.front.process import FrontProcess
from tests.support.processes import alive
from tests.support.waiting import wait_for

CHILD = """
import json, os, sys
orders = json.loads(sys.stdin.readline())
def say(**what): print(json.dumps(what), flush=True)
if orders["web"]["port"] == 1:
    say(say="fatal", reason="the port is taken; see web.port.")
    sys.exit()
if orders["web"]["port"] == 2:
    say(say="refused", reason="the port is taken; see web.port.")
    say(say="refused", reason="the port is taken; see web.port.")
    sys.stdin.read()
if not orders["web"]["enabled"]:
    say(say="ready", address=None)
    sys.stdin.read()
say(say="log", level="WARNING", message="a word for the log", event="mqtt")
say(say="ready", address=f"http://127.0.0.1:{orders['web']['port']}/")
print("half a line", end="", flush=True)
sys.stdin.read()
"""
SOCKET = Path("/run/control.sock")
Start = Callable[[FrontSettings], FrontProcess]


def page(**web: object) -> FrontSettings:
    """Settings of the page, and nothing beside it."""
    return FrontSettings(web=WebSettings.model_validate(web), mpris=MprisSettings(enabled=False))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a front whose process only says what a real one says."""
    made: list[FrontProcess] = []

    def started(settings: FrontSettings, socket: Path | None = SOCKET) -> FrontProcess:
        front = FrontProcess(settings, tmp_path, (sys.executable, "-c", CHILD))
        front.start(socket)
        made.append(front)
        return front

    yield started
    for front in made:
        front.stop()


def wait_up(front: FrontProcess, port: int) -> int:
    """Its process id once it is reached at this port."""
    wait_for(lambda: front.status().address == f"http://127.0.0.1:{port}/", 10, f"port {port}")
    assert front.status().running
    assert front.status().problem is None
    assert front.pid is not None
    return front.pid


def test_it_starts_is_said_and_ends(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    front = start(page(port=4))
    pid = wait_up(front, 4)
    assert "The player can be reached at http://127.0.0.1:4/" in caplog.messages
    events = {record.message: getattr(record, "event", None) for record in caplog.records}
    assert events["a word for the log"] == "mqtt", "a line is about what the process says"
    front.stop()
    assert not alive(pid)
    assert not front.status().running


def test_that_nobody_gets_in_is_said_once_and_in_the_status(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    front = FrontProcess(page(), tmp_path)
    for _ in range(2):
        front._hear({"say": "alive", "trouble": "web_secrets.json is damaged."})
    assert caplog.messages == ["web_secrets.json is damaged."]
    assert front.status().problem == "web_secrets.json is damaged."
    front._hear({"say": "alive", "trouble": None})
    assert front.status().problem is None


def test_who_changes_the_port_is_answered_by_the_process_that_is_there(start: Start) -> None:
    front = start(page(port=4))
    before = wait_up(front, 4)
    front.configure(page(port=5))
    assert alive(before)
    assert front.status().address == "http://127.0.0.1:4/"
    assert wait_up(front, 5) != before


def test_one_that_dies_is_replaced_at_once(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    front = start(page(port=4))
    before = wait_up(front, 4)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: front.pid not in (None, before), 3, "another process")
    wait_up(front, 4)
    assert [record.levelname for record in caplog.records if "restarted" in record.message] == ["WARNING"]


def test_a_refused_start_is_said_once_and_tried_again(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.interfaces.front.process.RESPAWN_S", 0.01)
    front = start(page(port=1))
    wait_for(lambda: front._back_off.failures > 2, 10, "some tries")
    said = "The page and the API cannot be reached: the port is taken; see web.port."
    assert front.status().problem == said
    assert not front.status().running
    assert caplog.messages.count(said) == 1
    front.configure(page(port=5))
    wait_up(front, 5)


def test_settings_replace_the_process_where_they_differ(start: Start) -> None:
    front = start(page(port=4))
    before = wait_up(front, 4)
    front.configure(page(port=4))
    assert front.pid == before
    assert alive(before)
    front.configure(page(port=5))
    assert wait_up(front, 5) != before
    front.configure(page(enabled=False))
    wait_for(lambda: front.pid is None and not front.status().running, 10, "its end")
    assert front.status().problem is None
    front.configure(page(port=6))
    wait_up(front, 6)


def test_a_page_that_is_refused_takes_nothing_else_along(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    front = start(page(port=2))
    said = "The page and the API cannot be reached: the port is taken; see web.port."
    wait_for(lambda: front.status().problem == said, 10, "what is wrong")
    assert front.pid is not None
    assert caplog.messages == [said]


def test_it_runs_without_a_page_if_anything_else_is_wanted(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    nothing = FrontSettings(web=WebSettings(enabled=False))
    front = start(nothing)
    assert front.pid is None
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    front.configure(nothing.model_copy(update={"name": "Cafe"}))
    wait_for(lambda: front.pid, 10, "a process for the desktop")
    assert not front.status().running
    assert front.status().problem is None
    assert caplog.messages == []


def test_a_page_goes_on_if_its_venue_is_renamed_and_nobody_is_told(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    replaced: list[str] = []
    front = start(page())
    wait_for(lambda: front.pid, 10, "a process")
    monkeypatch.setattr(front, "_replace", lambda: replaced.append("yes"))
    monkeypatch.setattr("player.interfaces.front.process.ANSWERS_S", 0.0)
    front.configure(page().model_copy(update={"name": "Cafe"}))
    assert replaced == []
    front.configure(FrontSettings(name="Cafe", web=WebSettings(port=1)))
    wait_for(lambda: replaced, 10, "it to be replaced")
    monkeypatch.undo()


def test_another_time_zone_is_news_for_a_page_alone(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced: list[str] = []
    front = start(page(enabled=False))
    monkeypatch.setattr(front, "_replace", lambda: replaced.append("yes"))
    front.configure(page(enabled=False).model_copy(update={"timezone": "Asia/Seoul"}))
    assert replaced == []
    front.configure(page().model_copy(update={"timezone": "Asia/Seoul"}))
    front.configure(page())
    assert replaced == ["yes", "yes"]
    monkeypatch.undo()


def test_without_a_control_socket_there_is_nobody_to_ask(start: Start) -> None:
    front = start(page(), None)  # type: ignore[call-arg]
    wait_for(lambda: front.status().problem, 10, "what is wrong")
    assert "control socket" in str(front.status().problem)
    assert front.pid is None


def test_one_that_says_nothing_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("player.interfaces.front.process.HANG_S", 0.05)
    front = FrontProcess(page(), tmp_path, (sys.executable, "-c", "import sys; sys.stdin.read()"))
    front.start(SOCKET)
    try:
        wait_for(lambda: "hung" in str(front.status().problem), 10, "its end")
    finally:
        front.stop()
