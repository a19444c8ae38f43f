"""The table of all rooms' plays: whole, in its order, from any thread, and nothing is read for nothing."""

from __future__ import annotations

import csv
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from player.hub.export import plays_table
from player.hub.storage import store as storage
from player.hub.storage.store import Store
from player.interfaces.front.fleet.messages import PlayLine
from player.types import Json

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
ROOMS = ("busan-1", "seoul-1", "seoul-2")


def played(minute: int) -> PlayLine:
    """A play that began so many minutes after FIRST, of that number."""
    at = (FIRST + timedelta(minutes=minute)).isoformat()
    return PlayLine(minute + 1, at, f"Song {minute}", "Band", "", "", "", "", 60.0, 59.0, True, "Café")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub's: three rooms that have played at the same minutes."""
    store = Store(tmp_path)
    for room in ROOMS:
        store.take(room, [played(minute) for minute in range(700)])
    store.close()
    return tmp_path


def rows(folder: Path, since: str = "", until: str = "", room: str = "") -> list[tuple[str, str]]:
    """Room and title of each line."""
    text = "".join(plays_table(folder, since, until, room, UTC)).removeprefix("\ufeff")
    return [(row["room"], row["title"]) for row in csv.DictReader(text.splitlines())]


def test_all_of_it_in_the_order_of_time_each_play_once(folder: Path) -> None:
    assert rows(folder) == [(room, f"Song {minute}") for minute in range(700) for room in ROOMS]
    late = rows(folder, "2026-05-01T10:00", "2026-05-01T10:02", "seoul-1")
    assert late == [("seoul-1", f"Song {minute}") for minute in (600, 601)]
    assert rows(folder, room="nowhere") == []


def test_two_exports_at_once_on_whatever_threads(folder: Path) -> None:
    """A web server hands each piece of a download to any of its threads."""
    tables = [plays_table(folder, "", "", "", UTC) for _ in range(2)]
    texts, pieces = ["", ""], ["", ""]
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        for one, other in cycle(((first, second), (second, first))):
            asked = one.submit(next, tables[0], ""), other.submit(next, tables[1], "")
            pieces = [each.result() for each in asked]
            if pieces == ["", ""]:
                break
            texts = [text + piece for text, piece in zip(texts, pieces, strict=True)]
    assert texts[0] == texts[1] == "".join(plays_table(folder, "", "", "", UTC))


def test_it_comes_in_blocks_of_lines(folder: Path) -> None:
    assert len(list(plays_table(folder, "", "", "", UTC))) < 10


@pytest.mark.parametrize("asked", [{"since_s": 1e9}, {"since_s": 1e9, "until_s": 2e9}, {"room": "seoul-1"}])
def test_of_years_of_plays_only_what_is_asked_is_read_and_nothing_is_sorted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: Json
) -> None:
    questions: list[str] = []

    def watched(*arguments: object, **more: object) -> sqlite3.Connection:
        connection = connect(*arguments, **more)  # type: ignore[arg-type]
        connection.set_trace_callback(questions.append)
        return connection

    connect = storage.connect
    monkeypatch.setattr(storage, "connect", watched)
    found = list(storage.all_plays(folder, asked.get("since_s"), asked.get("until_s"), asked.get("room")))
    assert len(found) in (700, 2100)
    asking = [each for each in questions if each.startswith("SELECT")]
    with connect(folder) as connection:
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asking]
    steps = [row["detail"] for plan in plans for row in plan]
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps, "those of one instant alone are sorted"
    reading = [step for step in steps if "USING INDEX plays_by_" in step]
    assert len(reading) == len(asking) >= 2
    assert all(step.startswith("SEARCH") for step in reading)
