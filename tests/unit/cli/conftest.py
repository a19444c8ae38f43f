"""The command line as a function."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from player.cli import main
from player.system.player_name import VARIABLE

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that a test gives on the command line ends with the test."""
    monkeypatch.setenv(VARIABLE, "")


@pytest.fixture(autouse=True)
def log_of_before() -> Iterator[None]:
    """The command line sets up the log for its whole process; the tests that follow have theirs again."""
    hooks = sys.excepthook, threading.excepthook
    root, ours = logging.getLogger(), logging.getLogger("player")
    before = root.handlers[:], root.level, ours.level
    yield
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs `ambient-player`; gives its exit code and what it printed on standard output and error."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ambient-player", *words])
        with pytest.raises(SystemExit) as ended:
            main.main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return run
