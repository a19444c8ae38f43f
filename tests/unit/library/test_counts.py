"""Counts for the status: fresh after every change, and no query without one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from player.library import counts as counts_module
from player.library.counts import Counts
from player.library.database.store import Library
from player.status import LibraryCounts
from player.types import Choice, Track
from tests.support.waiting import wait_for

CHOICE = Choice(Track(Path("/music/a.mp3"), "A"), "the test")


class Counting(Library):
    """A library that notes how often it is asked."""

    asked = 0

    def counts(self) -> LibraryCounts:
        self.asked += 1
        return super().counts()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Counting]:
    with closing(Counting(tmp_path / "library.db")) as there:
        yield there


def play(library: Library) -> None:
    library.record_play(CHOICE, datetime.now(UTC), {})


def plays(counts: Counts, expected: int) -> None:
    """Fails unless so many are counted soon: a busy machine may take longer than the status waits."""
    wait_for(lambda: counts.latest()[0].plays == expected, 5, f"{expected} plays")


def test_without_a_change_the_database_is_not_asked(library: Counting) -> None:
    counts = Counts(library)
    plays(counts, 0)
    wait_for(lambda: library.asked == 1, 5, "the first count")
    for _ in range(50):
        counts.latest()
    assert library.asked == 1


def test_every_change_is_counted_also_another_programs(library: Counting) -> None:
    counts = Counts(library)
    for expected in range(1, 6):
        play(library)
        plays(counts, expected)
    with closing(Library(library.database.path)) as other:
        play(other)
    plays(counts, 6)


def test_a_database_that_is_held_by_another_holds_no_status_up(library: Counting) -> None:
    counts = Counts(library)
    play(library)
    plays(counts, 1)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with library.database.lock:
            held.set()
            go_on.wait(10)

    play(library)
    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(60)
        asked_at = monotonic()
        assert counts.latest()[0].plays == 1, "what was known"
        assert monotonic() - asked_at < 3
    finally:
        go_on.set()
        thread.join()
    plays(counts, 2)


def test_what_is_wrong_is_said_until_it_is_over(library: Counting) -> None:
    counts = Counts(library)
    play(library)
    plays(counts, 1)
    with library.database.transaction() as connection:
        connection.execute("ALTER TABLE plays RENAME TO away")
    wait_for(lambda: "cannot" in counts.latest()[1], 5, "the problem")
    assert counts.latest()[0].plays == 1
    with library.database.transaction() as connection:
        connection.execute("ALTER TABLE away RENAME TO plays")
    wait_for(lambda: not counts.latest()[1], 5, "its end")
    plays(counts, 1)


def test_a_count_that_begins_too_early_is_not_all_that_is_waited_for(
    library: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, began, go_on = Counts(library), threading.Event(), threading.Event()
    count = Counting.counts

    def slow(self: Counting) -> LibraryCounts:
        found = count(self)
        began.set()
        go_on.wait(5)
        return found

    monkeypatch.setattr(Counting, "counts", slow)
    first = threading.Thread(target=counts.latest)
    first.start()
    assert began.wait(60)
    play(library)
    threading.Timer(0.05, go_on.set).start()
    monkeypatch.setattr(counts_module, "FRESH_S", 10.0)
    monkeypatch.setattr(counts_module, "QUICK_S", 10.0)
    assert counts.latest()[0].plays == 1
    first.join()
