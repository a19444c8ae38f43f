"""Lines of the play history that wait for the library, on the thread that writes them."""

import logging
import threading
from collections.abc import Iterator

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
    assert begun.wait(5)
    assert not queue.settle(0.01)
    goes_on.set()
    assert queue.settle(5)
    assert written == [1]
