"""The hub's tables. A released entry of MIGRATIONS is never edited: append one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from player.errors import StateError
from player.privacy import private_files

MIGRATIONS = (
    """
    CREATE TABLE rooms (
        id TEXT PRIMARY KEY,
        heard_s REAL NOT NULL,          -- seconds since 1970, UTC, as all instants here
        status TEXT,                    -- the last report, JSON; NULL before the first
        desired_revision INTEGER NOT NULL DEFAULT 0,
        desired TEXT NOT NULL DEFAULT '{}',
        desired_who TEXT NOT NULL DEFAULT '',
        desired_s REAL NOT NULL DEFAULT 0,
        reported TEXT                   -- JSON; NULL before the first
    ) WITHOUT ROWID;
    CREATE TABLE changes (              -- who changed what
        id INTEGER PRIMARY KEY,
        at_s REAL NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        rooms TEXT NOT NULL             -- JSON: ids
    );
    CREATE TABLE commands (
        id TEXT PRIMARY KEY,
        room TEXT NOT NULL,
        at_s REAL NOT NULL,
        message TEXT NOT NULL,          -- as it goes to the room, JSON
        expires_s REAL NOT NULL,
        done INTEGER,                   -- NULL until it is answered
        said TEXT
    ) WITHOUT ROWID;
    CREATE INDEX commands_by_room ON commands (room, at_s);
    CREATE TABLE plays (
        room TEXT NOT NULL,
        id INTEGER NOT NULL,            -- its number in the room's history
        started_at TEXT NOT NULL,       -- as the room says it, with its zone
        started_s REAL NOT NULL,
        title TEXT NOT NULL,
        artist TEXT NOT NULL,
        album TEXT NOT NULL,
        isrc TEXT NOT NULL,
        composer TEXT NOT NULL,
        label TEXT NOT NULL,
        duration_s REAL,
        audible_s REAL,
        audible INTEGER,
        venue TEXT NOT NULL,
        PRIMARY KEY (room, id, started_at)
    ) WITHOUT ROWID;
    CREATE INDEX plays_by_time ON plays (started_s);
    """,
    "CREATE INDEX plays_by_room ON plays (room, started_s)",
    "CREATE INDEX commands_open ON commands (room) WHERE done IS NULL",  # few of many are
    """
    CREATE TABLE totals (plays INTEGER NOT NULL);  -- counting those of years would read all of them
    INSERT INTO totals SELECT count(*) FROM plays;
    """,
)
NAME = "hub.db"


def connect(folder: Path, one_thread: bool = True) -> sqlite3.Connection:
    """The hub's database, brought up to date. Raises StateError.

    one_thread  whether it is used on this thread alone; else on any, but by one at a time
    """
    path = folder / NAME
    try:
        private_files.make_private(path)
        connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=one_thread)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged must outlast a power cut
        connection.execute("PRAGMA cache_size = -8000")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StateError(f"{path} is of a newer ambient-player: use that one, or another state_dir.")
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            connection.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
    except (sqlite3.Error, OSError) as error:
        said = f"{path} cannot be used ({error})"
        raise StateError(f"{said}; see its disk, or name another state_dir.") from error
    return connection
