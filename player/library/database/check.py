"""Whether the library's file is whole: asked at the start of a small one, else once the music plays.

SQLite reads all of it for that. A year's file of 63 MB took 0.7 s (docs/long-run.md), and a memory card gives
some 40 MB/s besides: years of plays would keep the music waiting.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from player.errors import LibraryError
from player.log import EventLog, LogEvent
from player.system.threads import step_back

log = EventLog(__name__, LogEvent.LIBRARY)

SMALL_BYTES = 4_000_000
"""Below this it is asked at the start: some weeks of plays, or a few thousand tracks."""
LATER_S = 30.0
"""After the start: by then the music plays, and the models have been loaded."""
NICENESS = 19


def is_small(db_path: Path) -> bool:
    """Whether a check costs the start little. Raises OSError if there is no such file."""
    return db_path.stat().st_size < SMALL_BYTES


def check(connection: sqlite3.Connection) -> None:
    """Read all of a database. Raises sqlite3.DatabaseError, which says what, if it is damaged."""
    if (found := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(found)


def check_later(
    open_to_read: Callable[[], sqlite3.Connection],
    closed: threading.Event,
    on_damage: Callable[[sqlite3.DatabaseError], None],
) -> None:
    """Check a database in the background, in a while, unless it is `closed` by then.

    open_to_read  gives a connection of the check's own, which keeps nobody waiting; may raise LibraryError
    on_damage     is told on the check's thread
    """

    def run() -> None:
        if closed.wait(LATER_S):
            return
        step_back(NICENESS)
        try:
            with closing(open_to_read()) as connection:
                check(connection)
        except (sqlite3.OperationalError, LibraryError) as error:
            # Busy, no memory: the next start asks again.
            log.debug("the library was not checked (%s)", error)
        except sqlite3.DatabaseError as error:
            on_damage(error)

    threading.Thread(target=run, name="library-check", daemon=True).start()
