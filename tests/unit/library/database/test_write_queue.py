"""Lines of the play history that wait for the library, on the thread that writes them."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from player.errors import LibraryError
from player.library.database import write_queue
from player.library.database.write_queue import WriteQueue
from tests.support.waiting import wait_for


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteQueue]:
    monkeypatch.setattr(write_queue, "RETRY_S", 0.01)
    running = WriteQueue()
    running.start()
    yield running
    running.stop()


def test_a_locked_library_is_tried_again_in_order_and_said_once(
    queue: WriteQueue, caplog: pytest.LogCaptureFixture
) -> None:
    written: list[str] = []
    refusals = [LibraryError("the library is locked")] * 3

    def first() -> None:
        if refusals:
            raise refusals.pop()
        written.append("first")

    with caplog.at_level(logging.INFO, "player"):
        queue.write(first)
        queue.write(lambda: written.append("second"))
        wait_for(lambda: len(written) == 2, 5, "both lines")
        wait_for(lambda: len(caplog.records) == 2, 5, "the end of it to be said")
    assert written == ["first", "second"]
    said = [record.getMessage() for record in caplog.records]
    assert "cannot be written now, the music goes on" in said[0]
    assert said[1] == "the play history is up to date again"


def test_a_line_that_fails_in_an_unforeseen_way_holds_up_no_other(queue: WriteQueue) -> None:
    written: list[str] = []

    def broken() -> None:
        raise ValueError("unforeseen")

    queue.write(broken)
    queue.write(lambda: written.append("next"))
    wait_for(lambda: written, 5, "the line behind it")
    assert written == ["next"]


def test_what_waits_at_the_end_is_written(queue: WriteQueue) -> None:
    written: list[int] = []
    for number in range(100):
        queue.write(lambda number=number: written.append(number))
    queue.stop()
    assert written == list(range(100))


def test_who_waits_for_it_finds_all_of_it_written(queue: WriteQueue) -> None:
    begun, goes_on, written = threading.Event(), threading.Event(), list[int]()

    def slow() -> None:
        begun.set()
        goes_on.wait(5)
        written.append(1)

    queue.write(slow)
    assert begun.wait(60)
    assert not queue.settle(0.01)
    goes_on.set()
    assert queue.settle(5)
    assert written == [1]


def test_what_may_wait_is_written_with_what_may_not_in_order(queue: WriteQueue) -> None:
    written: list[str] = []
    queue.write(lambda: written.append("may wait"), within_s=3600)
    assert not written
    queue.write(lambda: written.append("may not"))
    wait_for(lambda: len(written) == 2, 5, "both")
    assert written == ["may wait", "may not"]


def test_what_may_wait_does_not_wait_longer(queue: WriteQueue) -> None:
    written: list[float] = []
    asked_at = time.monotonic()
    queue.write(lambda: written.append(time.monotonic()), within_s=0.2)
    queue.write(lambda: written.append(0.0), within_s=3600)
    wait_for(lambda: len(written) == 2, 5, "the line, and the one that rides along")
    assert written[0] - asked_at >= 0.2


def test_at_the_end_nothing_waits(queue: WriteQueue) -> None:
    written: list[str] = []
    queue.write(lambda: written.append("may wait"), within_s=3600)
    queue.stop()
    assert written == ["may wait"]


def test_who_settles_has_what_may_wait_and_costs_nothing_if_there_is_none(queue: WriteQueue) -> None:
    written: list[str] = []
    queue.write(lambda: written.append("may wait"), within_s=3600)
    assert queue.settle(5)
    assert written == ["may wait"]
    assert queue.settle(0)


class Commits:
    """Stands in for a database's commits: it counts them, and refuses some."""

    def __init__(self) -> None:
        self.done = 0
        self.refused = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        yield
        if self.refused:
            self.refused -= 1
            raise LibraryError("the disk is full")
        self.done += 1


def test_a_commit_that_fails_is_done_again_whole_and_nobody_is_told_before() -> None:
    commits, written = Commits(), list[str]()
    queue = WriteQueue(commits.together)
    commits.refused = 2
    queue.write(lambda: written.append("a"))
    assert (written, commits.done) == (["a"], 0)
    assert not queue.settle(0), "it was tried, and is not written"
    assert queue.settle(0)
    assert (written, commits.done) == (["a"] * 3, 1)


def test_a_disk_that_stays_full_takes_minutes_of_the_day_before_plays_and_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(write_queue, "MOST", 6)
    commits, written = Commits(), list[str]()
    queue = WriteQueue(commits.together)

    def kept(minutes: int, plays: int) -> list[str]:
        """What is written in the end, if all this comes while the disk is full."""
        commits.refused = 1_000_000
        for number in range(max(minutes, plays)):
            if number < plays:
                queue.write(lambda number=number: written.append(f"play {number}"))
            if number < minutes:
                queue.write_if_room(lambda number=number: written.append(f"minute {number}"))
        commits.refused = 0
        written.clear()
        assert queue.work_off()
        return written

    with caplog.at_level(logging.INFO, "player"):
        assert kept(minutes=4, plays=4) == ["play 0", "play 1", "play 2", "minute 2", "play 3", "minute 3"]
        assert kept(minutes=0, plays=2000) == [f"play {number}" for number in range(1994, 2000)]
        assert kept(minutes=9, plays=6) == [f"play {number}" for number in range(6)]
    assert [record.getMessage()[:36] for record in caplog.records] == [
        "the play history cannot be written n",
        "6 entries of the play history are wa",
        "the play history is up to date again",
    ] * 3
