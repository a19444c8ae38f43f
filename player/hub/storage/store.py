"""The hub's memory: rooms, what is wanted of them, who changed what, and the plays of all of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from player.errors import StateError
from player.hub.storage.schema import NAME, connect
from player.interfaces.front.fleet.messages import (
    Desired,
    M,
    MessageError,
    PlayLine,
    Reported,
    RoomAnswer,
    RoomCommand,
    RoomReport,
    decode,
    encode,
    instant_s,
)
from player.log import Complaints, EventLog, LogEvent
from player.types import Json, json_text

log = EventLog(__name__, LogEvent.FLEET)

_COLUMNS = tuple(PlayLine.__dataclass_fields__)
_INSERT = (
    f"INSERT OR IGNORE INTO plays (room, started_s, {', '.join(_COLUMNS)})"
    f" VALUES (?, ?, {', '.join('?' * len(_COLUMNS))})"
)
_IN_TIME = "started_s, room, id, started_at"
"""The order of an export, and of the index plays_by_time; within a room, of plays_by_room."""
_PAGE = 500
KEPT_COMMANDS_S = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class KeptRoom:
    """A room as it was last known. Instants are seconds since 1970."""

    id: str
    heard_s: float
    report: RoomReport | None
    desired: Desired | None
    reported: Reported | None


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody has changed something."""

    at_s: float
    who: str
    what: str
    rooms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenCommand:
    """A command and what has become of it; `done` is None until it is answered."""

    room: str
    at_s: float
    command: RoomCommand
    done: bool | None
    said: str | None


class Store:
    """One connection, on one thread. Everything raises StateError if the disk does not go along."""

    def __init__(self, folder: Path) -> None:
        self._connection = connect(folder)
        self._complaints = Complaints(log)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def rooms(self) -> list[KeptRoom]:
        """All rooms that were ever heard of and not forgotten."""
        with _trouble():
            rows = self._connection.execute("SELECT * FROM rooms ORDER BY id").fetchall()
        return [self._room(row) for row in rows]

    def keep_reports(self, heard: Iterable[tuple[str, float, RoomReport | None, Reported | None]]) -> None:
        """Note how rooms are."""
        rows = [
            (id, at, report and encode(report).decode(), reported and encode(reported).decode())
            for id, at, report, reported in heard
        ]
        with self._transaction():
            self._connection.executemany(
                "INSERT INTO rooms (id, heard_s, status, reported) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET heard_s = excluded.heard_s, status = excluded.status,"
                " reported = excluded.reported",
                rows,
            )

    def want(self, wanted: Iterable[tuple[str, Desired]], change: Change) -> None:
        """Note what is wanted of rooms, and who wants it."""
        with self._transaction():
            self._connection.executemany(
                "INSERT INTO rooms (id, heard_s, desired_revision, desired, desired_who, desired_s)"
                " VALUES (?, 0, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET desired = excluded.desired,"
                " desired_revision = excluded.desired_revision, desired_who = excluded.desired_who,"
                " desired_s = excluded.desired_s",
                [(id, one.revision, json_text(one.settings), one.who, one.at) for id, one in wanted],
            )
            self._note(change)

    def last_revision(self) -> int:
        """The greatest revision that was ever given."""
        with _trouble():
            (found,) = self._connection.execute("SELECT max(desired_revision) FROM rooms").fetchone()
        return found or 0

    def forget(self, room: str, change: Change) -> None:
        """A room is no more; its plays stay."""
        with self._transaction():
            self._connection.execute("DELETE FROM rooms WHERE id = ?", (room,))
            self._note(change)

    def give(self, given: Sequence[tuple[str, RoomCommand]], change: Change) -> None:
        """Note commands before they are sent, and who gives them."""
        with self._transaction():
            self._connection.executemany(
                "INSERT INTO commands (id, room, at_s, message, expires_s) VALUES (?, ?, ?, ?, ?)",
                [(one.id, room, change.at_s, encode(one).decode(), one.expires_at) for room, one in given],
            )
            self._connection.execute("DELETE FROM commands WHERE at_s < ?", (change.at_s - KEPT_COMMANDS_S,))
            self._note(change)

    def answer(self, room: str, answer: RoomAnswer) -> bool:
        """Note what a room says of a command. False if it was never given to it, or answered before."""
        with self._transaction():
            done = self._connection.execute(
                "UPDATE commands SET done = ?, said = ? WHERE id = ? AND room = ? AND done IS NULL",
                (answer.done, answer.said, answer.id, room),
            )
        return done.rowcount > 0

    def open_commands(self, now_s: float, room: str | None = None) -> list[tuple[str, RoomCommand]]:
        """Those that are neither answered nor too old, the oldest first."""
        of_room, values = ("", (now_s,)) if room is None else ("AND room = ?", (now_s, room))
        question = (
            "SELECT room, message FROM commands INDEXED BY commands_open"
            f" WHERE done IS NULL AND expires_s > ? {of_room} ORDER BY at_s, id"
        )
        with _trouble():
            rows = self._connection.execute(question, values).fetchall()
        found = ((row["room"], self._message(RoomCommand, row["message"], row["room"])) for row in rows)
        return [(room, command) for room, command in found if command is not None]

    def commands(self, room: str, limit: int = 20) -> list[GivenCommand]:
        """The last ones that were given to a room, the newest first."""
        with _trouble():
            rows = self._connection.execute(
                "SELECT * FROM commands WHERE room = ? ORDER BY at_s DESC, id LIMIT ?", (room, limit)
            ).fetchall()
        return [
            GivenCommand(
                room, row["at_s"], command, None if row["done"] is None else bool(row["done"]), row["said"]
            )
            for row in rows
            if (command := self._message(RoomCommand, row["message"], room)) is not None
        ]

    def changes(self, limit: int = 100, room: str | None = None) -> list[Change]:
        """Who changed what, the newest first; of one room, or of all."""
        with _trouble():
            rows = self._connection.execute(
                "SELECT * FROM changes WHERE ? IS NULL"
                " OR EXISTS (SELECT 1 FROM json_each(rooms) WHERE value = ?) ORDER BY id DESC LIMIT ?",
                (room, room, limit),
            ).fetchall()
        return [Change(row["at_s"], row["who"], row["what"], (*json.loads(row["rooms"]),)) for row in rows]

    def take(self, room: str, plays: Iterable[PlayLine]) -> int:
        """Keep a room's plays for good, each once; returns how many are new."""
        rows = [(room, instant_s(play.started_at), *asdict(play).values()) for play in plays]
        with self._transaction():
            before = self._connection.total_changes
            self._connection.executemany(_INSERT, rows)
            if new := self._connection.total_changes - before:
                self._connection.execute("UPDATE totals SET plays = plays + ?", (new,))
        return new

    def count_plays(self) -> int:
        """How many there are."""
        with _trouble():
            (found,) = self._connection.execute("SELECT plays FROM totals").fetchone()
        return int(found)

    def _room(self, row: sqlite3.Row) -> KeptRoom:
        id, revision = row["id"], row["desired_revision"]
        desired = Desired(revision, json.loads(row["desired"]), row["desired_who"], row["desired_s"])
        return KeptRoom(
            id,
            row["heard_s"],
            self._message(RoomReport, row["status"], id),
            desired if revision else None,
            self._message(Reported, row["reported"], id),
        )

    def _message(self, kind: type[M], text: str | None, room: str) -> M | None:
        """A message of or for a room, as it was kept; None also if this version does not take it any more."""
        if text is None:
            return None
        try:
            return decode(kind, text.encode())
        except MessageError as error:
            self._complaints.say(f"what {NAME} keeps of {room} is not understood and left out: {error}")
            return None

    def _note(self, change: Change) -> None:
        self._connection.execute(
            "INSERT INTO changes (at_s, who, what, rooms) VALUES (?, ?, ?, ?)",
            (change.at_s, change.who, change.what, json_text(list(change.rooms))),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _trouble():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already
                    self._connection.execute("ROLLBACK")
                raise


def all_plays(folder: Path, since_s: float | None, until_s: float | None, room: str | None) -> Iterator[Json]:
    """The plays of a time, of one room or of all, the oldest first, on a connection of their own.

    Read in pages: a single question would stay open for as long as somebody's download takes, and keep
    SQLite from clearing its log meanwhile. A web server may have each page read on another thread.

    Raises StateError.
    """
    after: sqlite3.Row | None = None
    with closing(connect(folder, one_thread=False)) as connection:
        while rows := _page_of_plays(connection, since_s, until_s, room, after):
            for row in rows:
                found: dict[str, Any] = dict(row)
                found["audible"] = None if found["audible"] is None else bool(found["audible"])
                yield found
            after = rows[-1]


def _page_of_plays(
    connection: sqlite3.Connection,
    since_s: float | None,
    until_s: float | None,
    room: str | None,
    after: sqlite3.Row | None,
) -> list[sqlite3.Row]:
    """The next plays after this one; none at the end. Raises StateError."""
    # Only what is asked stands in the question: "? IS NULL OR ..." would read the whole table each time.
    conditions, values = ["1"], list[Any]()
    if after is not None:  # and so after since_s, too
        conditions.append(f"({_IN_TIME}) > (?, ?, ?, ?)")
        values += [after[name] for name in _IN_TIME.split(", ")]
    elif since_s is not None:
        conditions.append("started_s >= ?")
        values.append(since_s)
    if until_s is not None:
        conditions.append("started_s < ?")
        values.append(until_s)
    if room is not None:
        conditions.append("room = ?")
        values.append(room)
    index = "plays_by_time" if room is None else "plays_by_room"  # else all would be sorted for each page
    question = f"SELECT * FROM plays INDEXED BY {index} WHERE {' AND '.join(conditions)}"
    with _trouble():
        return connection.execute(f"{question} ORDER BY {_IN_TIME} LIMIT {_PAGE}", values).fetchall()


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StateError(f"the hub's database cannot be used ({error}): see its disk.") from error
