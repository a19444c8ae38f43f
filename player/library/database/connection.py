"""One SQLite connection for all threads: every failure is a LibraryError, none outlasts its cause."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from player.errors import LibraryError, RowError
from player.library.database.check import check_later, is_small
from player.library.database.schema import connect, connect_to_read
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff

log = EventLog(__name__, LogEvent.LIBRARY)

PATIENCE_S = 10.0
"""So long a thread waits for the database while others use it, unless it has a deadline."""
LOOK_S = 0.02
"""Between two looks whether another process has let go of it. Meanwhile other threads may read."""
OPEN_S = 1.0
REOPEN_S, REOPEN_MAX_S = 0.5, 30.0
"""A database that cannot be opened is tried again after so long, then ever more slowly."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ADVICE = {
    **dict.fromkeys(_BUSY, "another program uses it, it is tried again"),
    **dict.fromkeys(_DAMAGED, "it is damaged and will be rebuilt"),
    sqlite3.SQLITE_FULL: "its disk is full, make room there",
    sqlite3.SQLITE_NOMEM: "the machine is short of memory, it is tried again",
    sqlite3.SQLITE_IOERR: "check its disk",
    sqlite3.SQLITE_CANTOPEN: "check its disk",
    sqlite3.SQLITE_READONLY: "check its disk, and who may write there",
    sqlite3.SQLITE_PERM: "check who may write there",
    sqlite3.SQLITE_AUTH: "check who may write there",
    sqlite3.SQLITE_PROTOCOL: "check its disk, locks do not work there",
    sqlite3.SQLITE_INTERRUPT: "it is tried again",
    sqlite3.SQLITE_SCHEMA: "it is tried again",
}
"""What is wrong with the whole file, by SQLite's primary error code; any other trouble is one row's own."""
_TROUBLE = (sqlite3.Error, UnicodeEncodeError, OverflowError)
"""The latter two: a name that is no text, a number that SQLite cannot hold."""


def _nobody() -> None:
    """The listener if there is none."""


class Database:
    """The library's file. Every method may be called from any thread and may raise LibraryError.

    A file that turns out to be damaged is set aside, what can be read of it is taken over, and then all goes
    on (`schema.connect`), on a thread of its own: meanwhile there is no database.
    """

    def __init__(
        self,
        path: Path,
        *,
        must_open: bool = True,
        on_reopened: Callable[[], None] = _nobody,
        read_only: bool = False,
    ) -> None:
        """Open the database or begin one; with `must_open`, raise LibraryError if it cannot be now.

        Without, it is tried again until it can be. `on_reopened` is told, on a thread of its own, when it can
        be used again. `read_only`: a second connection beside another one, which begins and mends nothing.
        """
        self.path = path
        self.lock = threading.RLock()
        """Held during each transaction; hold it longer to do several things in one go."""
        self.opened = 0
        """How often it has been opened: what is temporary to a connection has to be made again."""
        self.written = 0
        """How often something has been written."""
        self.on_reopened = on_reopened
        self._together = False
        """Transactions are parts of a greater one, with the lock held."""
        self._damage = ""
        """What was found in such a part, if the file is damaged."""
        self._waits = threading.local()
        self._closed = threading.Event()
        self._problem = ""
        self._connection: sqlite3.Connection | None = None
        self._read_only = read_only
        if read_only:
            self._take(connect_to_read(path, PATIENCE_S))
            return
        try:
            self._take(connect(path, PATIENCE_S if must_open else OPEN_S, whole=False))
            if not is_small(path):
                check_later(lambda: connect_to_read(path, PATIENCE_S), self._closed, self._damaged)
        except LibraryError as error:
            if must_open:
                raise
            self._lose(str(error))

    def close(self) -> None:
        """Close the database; the object is of no use afterwards."""
        self._closed.set()
        with self.lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._problem = f"The library {self.path} is closed."

    @property
    def problem(self) -> str:
        """Why there is no database for the present; empty if there is one."""
        return "" if self._connection is not None else self._problem

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """What this thread does meanwhile waits at most so long for others, in all."""
        before: float | None = getattr(self._waits, "until", None)
        until = monotonic() + seconds
        self._waits.until = until if before is None else min(before, until)
        try:
            yield
        finally:
            self._waits.until = before

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """All rows that a query gives."""
        patient_until = self._patient_until()
        while True:
            with self._held(patient_until) as connection:
                try:
                    return connection.execute(query, values).fetchall()
                except sqlite3.OperationalError as error:
                    if not _says(error, _BUSY) or monotonic() > patient_until:
                        raise
            self._closed.wait(LOOK_S)

    def write(self, statement: str, *values: Any) -> int:
        """Execute one statement; the id of the row it inserted, if it did."""
        with self.transaction() as connection:
            return connection.execute(statement, values).lastrowid or 0

    def write_each(self, *steps: tuple[str, Iterable[tuple[Any, ...]]]) -> list[tuple[tuple[Any, ...], str]]:
        """Execute statements, each for many rows, in one transaction.

        Returns the rows that it cannot be done for, each with why not: the others are written all the same.
        """
        failed = []
        with self.transaction() as connection:
            for statement, values in ((statement, values) for statement, rows in steps for values in rows):
                try:
                    connection.execute(statement, values)
                except _TROUBLE as error:  # SQLite takes back what it did of this row alone
                    if _code(error) in _ADVICE or not connection.in_transaction:
                        raise
                    failed.append((values, str(error)))
        return failed

    @contextmanager
    def transaction(self, *, temporary: bool = False) -> Iterator[sqlite3.Connection]:
        """The connection for one thread, in one transaction that a failure takes back.

        `temporary`: it writes only what is temporary to the connection, and waits for no other process.
        """
        patient_until = self._patient_until()
        while True:
            with self._held(patient_until) as connection:
                if self._together:
                    with _part(connection):
                        yield connection
                    return
                try:
                    connection.execute("BEGIN" if temporary else "BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    if not _says(error, _BUSY) or monotonic() > patient_until:
                        raise
                else:
                    with connection:
                        yield connection
                    self.written += not temporary
                    return
            self._closed.wait(LOOK_S)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that this thread writes meanwhile becomes one commit, or none of it is written.

        A RowError inside takes back its own transaction alone and may be caught; any other LibraryError has
        to come out.
        """
        try:
            with self.transaction():
                self._together = True
                try:
                    yield
                finally:
                    self._together = False
        finally:
            with self.lock:
                damage, self._damage = self._damage, ""
                if damage and self._connection is not None:
                    self._lose(damage)

    def _patient_until(self) -> float:
        """Until when this thread waits, on the monotonic clock."""
        until: float | None = getattr(self._waits, "until", None)
        return monotonic() + PATIENCE_S if until is None else until

    @contextmanager
    def _held(self, until: float) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone."""
        if not self.lock.acquire(timeout=max(0.0, until - monotonic())):
            raise LibraryError(f"The library {self.path} is busy: try again.")
        try:
            if self._connection is None:
                raise LibraryError(self._problem)
            yield self._connection
        except _TROUBLE as error:
            advice = _ADVICE.get(_code(error))
            problem = self._unusable(error, advice)
            if self._together:  # the connection is needed to the end of the greater transaction
                self._damage = problem if _says(error, _DAMAGED) else self._damage
            elif _says(error, _DAMAGED):
                self._lose(problem)
            elif self._connection is not None and self._connection.in_transaction:
                self._connection.rollback()  # where even taking it back failed, on a full disk
            if advice is None:
                raise RowError(f"The library {self.path} cannot keep one entry ({error}).") from error
            raise LibraryError(problem) from error
        finally:
            self.lock.release()

    def _take(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.opened += 1

    def _damaged(self, error: sqlite3.DatabaseError) -> None:
        """A check has found what nobody has come across yet."""
        with self.lock:
            if self._connection is not None:
                self._lose(self._unusable(error, _ADVICE[sqlite3.SQLITE_CORRUPT]))

    def _unusable(self, error: Exception, advice: str | None) -> str:
        return f"The library {self.path} cannot be used ({error}): {advice}."

    def _lose(self, problem: str) -> None:
        """There is no database for the present; bring it back."""
        self._problem = problem
        if self._read_only:  # whoever writes mends it
            return
        log.error("%s The music goes on.", problem)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        threading.Thread(target=self._reopen, name="database", daemon=True).start()

    def _reopen(self) -> None:
        back_off = BackOff(REOPEN_S, REOPEN_MAX_S)
        while not self._closed.wait(back_off.failed(monotonic())):
            try:
                connection = connect(self.path, OPEN_S)
            except LibraryError as error:
                self._problem = str(error)
                continue
            with self.lock:
                if self._closed.is_set():
                    connection.close()
                    return
                self._take(connection)
            log.info("the library %s can be used again", self.path)
            self.on_reopened()
            return


@contextmanager
def _part(connection: sqlite3.Connection) -> Iterator[None]:
    """A part of a transaction that a failure takes back alone, as far as SQLite has not taken back all."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


def _says(error: Exception, codes: tuple[int, ...]) -> bool:
    """Whether SQLite's primary error code is one of these; the extended ones have it in their last byte."""
    return _code(error) in codes


def _code(error: Exception) -> int:
    """SQLite's primary error code; 0 if the trouble is Python's."""
    code: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code
