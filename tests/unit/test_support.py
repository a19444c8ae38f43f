"""What the tests of real sound stand on."""

from __future__ import annotations

import logging
import socket
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.support import quiet
from tests.support.logs import log_as_it_was
from tests.support.passwords import set_passwords
from tests.support.ports import free_port
from tests.support.quiet import (
    MOST_TAKES,
    MOST_TESTS,
    QUIET_S,
    GapError,
    Lateness,
    back_soon_enough,
    gaps_judged_in_quiet,
    is_soon_enough,
    judged_in_quiet,
    slowness,
    unbroken,
)
from tests.support.slow_line import SlowLine
from tests.support.waiting import wait_for


class Waited(Lateness):
    """A machine that kept a thread waiting for so long."""

    def __init__(self, worst_s: float) -> None:
        super().__init__()
        self._known_s = worst_s

    def __enter__(self) -> Lateness:
        self.worst_s = self._known_s
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("takes", "worst_s", "verdict", "made"),
    [
        ([True], 1.0, True, 1),
        ([False, True], 0.0, False, 1),
        ([False, True], 2 * QUIET_S, True, 2),
        ([False] * MOST_TAKES + [True], 2 * QUIET_S, False, MOST_TAKES),
    ],
)
def test_only_what_a_busy_machine_spoilt_is_done_again(
    takes: list[bool], worst_s: float, verdict: bool, made: int
) -> None:
    done: list[bool] = []

    def attempt() -> bool:
        done.append(takes[len(done)])
        return done[-1]

    def judge(right: bool) -> None:
        assert right

    with nullcontext() if verdict else pytest.raises(AssertionError):
        judged_in_quiet(attempt, judge, lambda: Waited(worst_s))
    assert len(done) == made


def test_a_limit_is_stretched_by_no_more_than_the_machine_is_slow() -> None:
    assert is_soon_enough(4.9, 5)
    assert not is_soon_enough(1e6, 5)
    assert 1 <= slowness() < 1000
    back_soon_enough(4.9, 5)
    with pytest.raises(GapError):
        back_soon_enough(1e6, 5)


def test_a_command_in_a_test_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    root, ours = logging.getLogger(), logging.getLogger("player")
    before = (root.handlers[:], root.level, ours.handlers[:], ours.level)
    config = tmp_path / "config.yaml"
    config.write_text(f"state_dir: {tmp_path / 'state'}\n", encoding="utf-8")
    with log_as_it_was():
        set_passwords(config)
        assert root.handlers != before[0], "if it no longer sets the log up, this test says nothing"
    assert (root.handlers[:], root.level, ours.handlers[:], ours.level) == before


@pytest.mark.parametrize(("worst_s", "made"), [(0.0, 1), (2 * QUIET_S, MOST_TESTS)])
@pytest.mark.parametrize(("silent_s", "limit_s"), [(0.5, 0.5), (0.4, 0.5)])
def test_a_test_with_a_gap_is_made_again_beside_others(
    silent_s: float,
    limit_s: float,
    worst_s: float,
    made: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folders: list[Path] = []

    def test(tmp_path: Path) -> None:
        folders.append(tmp_path)
        assert list(tmp_path.iterdir()) == []
        unbroken(silent_s, limit_s)

    broken = silent_s >= limit_s
    with pytest.raises(GapError) if broken else nullcontext():
        gaps_judged_in_quiet(test, lambda: Waited(worst_s))(tmp_path=tmp_path)
    assert len(set(folders)) == (made if broken else 1)


def test_what_is_wrong_besides_gaps_is_wrong_at_once(tmp_path: Path) -> None:
    takes: list[Path] = []

    def test(tmp_path: Path) -> None:
        takes.append(tmp_path)
        raise AssertionError("another track")

    with pytest.raises(AssertionError, match="another track"):
        gaps_judged_in_quiet(test, lambda: Waited(1.0))(tmp_path=tmp_path)
    assert len(takes) == 1


@pytest.mark.parametrize("slow", [1.0, 10_000.0])
def test_what_a_busy_machine_delays_is_waited_for(slow: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a quiet one it fails after the limit, as before."""
    monkeypatch.setattr(quiet, "slowness", lambda: slow)
    asked: list[bool] = []

    def at_the_tenth() -> bool:
        asked.append(True)
        return len(asked) >= 10

    with nullcontext() if slow > 1 else pytest.raises(AssertionError, match=r"0\.002 s in vain for it"):
        wait_for(at_the_tenth, 0.002, "it")


def test_a_slow_line_carries_again_once_its_server_is_back() -> None:
    port = free_port()
    with SlowLine(port, 1_000_000) as line:
        with socket.create_connection(("127.0.0.1", line.port), 10) as early:
            assert early.recv(1) == b"", "the server is not there"
        with (
            socket.create_server(("127.0.0.1", port)) as server,
            socket.create_connection(("127.0.0.1", line.port), 10) as later,
        ):
            later.sendall(b"hello")
            met, _ = server.accept()
            with met:
                met.settimeout(60)
                assert met.recv(5) == b"hello"
