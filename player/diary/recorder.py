"""Keeps how the day goes: a look at the status now and then, and the events that are moments."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from player.clock import Wall
from player.config.settings.config import DiarySettings
from player.diary.looking import MarkKind, lasting, minute_of
from player.events import Announced, DaypartChanged, Event, HoursChanged, MoodShifted
from player.library.database.diary import DiaryStore, Minute
from player.library.database.write_queue import Write
from player.log import EventLog, LogEvent
from player.status import PlayerStatus

log = EventLog(__name__, LogEvent.PLAYER)

LOOK_S = 10.0
"""Between two looks at what lasts."""
SETTLE_S = 1.0
"""After an event: what was posted to a thread takes a moment, and they seldom come alone."""
AGAIN_S = 60.0
"""What comes back so soon has lasted all the while."""
FORGET_S = 3600.0
WRITE_S = 300.0
"""So long a line may wait for another that has to be written: a memory card wears by commits."""


@dataclass
class _Mark:
    """Something that lasts."""

    number: int | None = None
    """In the library, once it is written."""
    ended_at: datetime | None = None


class DiaryRecorder:
    """`on_event` from any thread, and it returns at once; the looks are made on a thread of its own.

    status  makes the status; it costs a millisecond or two
    clock   a wall clock that does not go back
    is_sure  whether the wall clock can be believed: what is forgotten by a wrong one is lost
    """

    def __init__(
        self,
        settings: DiarySettings,
        store: DiaryStore,
        write: Write,
        status: Callable[[], PlayerStatus],
        clock: Wall,
        is_sure: Callable[[], bool],
    ) -> None:
        self._settings, self._store, self._write = settings, store, write
        self._status, self._clock, self._is_sure = status, clock, is_sure
        self._marks: dict[str, _Mark] = {}
        self._minute = -1
        self._forgot_at: datetime | None = None
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="diary", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        now = self._clock()
        self._write(lambda: self._store.end_left_open(now), WRITE_S)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what lasts ends with the player, as far as is known."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        now = self._clock()
        for mark in self._marks.values():
            if mark.ended_at is None:
                self._end(mark, now)
        self._marks.clear()

    def configure(self, settings: DiarySettings) -> None:
        """Keep it for another time; what is too old by that goes soon."""
        if settings != self._settings:
            self._settings, self._forgot_at = settings, None
            self._woken.set()

    def on_event(self, what: Event) -> None:
        """Note what is a moment; whatever happens may have changed what lasts."""
        match what:
            case MoodShifted(shift, unusual):
                self._note(MarkKind.SHIFT, ", ".join((shift.reason, *unusual)))
            case HoursChanged(is_open):
                kind = MarkKind.OPEN if is_open else MarkKind.CLOSED
                self._note(kind, f"the venue is {kind}")
            case DaypartChanged(name):
                self._note(MarkKind.DAYPART, f"{name} begins")
            case Announced(title):
                self._note(MarkKind.ANNOUNCEMENT, title)
        self._woken.set()

    def look(self) -> None:
        """Keep what is so now, as far as it is news."""
        now, settings = self._clock(), self._settings
        if settings.keep_days == 0:
            self._marks.clear()
        else:
            self._keep(self._status(), now, settings)
        is_time = self._forgot_at is None or now - self._forgot_at >= timedelta(seconds=FORGET_S)
        if is_time and (settings.keep_days == 0 or self._is_sure()):  # without a diary there is no old or new
            self._forgot_at = now
            before, people = (
                now - timedelta(days=days) for days in (settings.keep_days, settings.people_days)
            )
            self._write(lambda: self._store.forget(before, people), WRITE_S)

    def _keep(self, status: PlayerStatus, now: datetime, settings: DiarySettings) -> None:
        if (number := int(now.timestamp()) // 60) != self._minute:
            self._minute = number
            minute = minute_of(status)
            if settings.people_days == 0:
                minute = replace(minute, people=None)
            if minute != Minute():
                self._write(lambda: self._store.add_minute(now, minute), WRITE_S)
        self._keep_marks(lasting(status), now)

    def _keep_marks(self, lasts: dict[str, tuple[MarkKind, str]], now: datetime) -> None:
        for key, (kind, text) in lasts.items():
            known = self._marks.get(key)
            if known is None:
                self._marks[key] = self._begin(kind, text, now)
            elif known.ended_at is not None:
                self._end(known, None)
        for key, mark in list(self._marks.items()):
            if key not in lasts and mark.ended_at is None:
                self._end(mark, now)
            elif mark.ended_at is not None and now - mark.ended_at > timedelta(seconds=AGAIN_S):
                del self._marks[key]

    def _note(self, kind: MarkKind, text: str) -> None:
        if self._settings.keep_days:
            at = self._clock()
            self._write(lambda: self._store.add_mark(kind, at, text), WRITE_S)

    def _begin(self, kind: MarkKind, text: str, now: datetime) -> _Mark:
        mark = _Mark()

        def begin() -> None:
            mark.number = self._store.add_mark(kind, now, text)

        self._write(begin, WRITE_S)
        return mark

    def _end(self, mark: _Mark, ended_at: datetime | None) -> None:
        mark.ended_at = ended_at

        def end() -> None:
            if mark.number is not None:
                self._store.end_mark(mark.number, ended_at)

        self._write(end, WRITE_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:  # it is looked at again
                log.exception("how the day goes could not be noted; the music goes on")
            if self._woken.wait(LOOK_S):
                self._stopping.wait(SETTLE_S)
            self._woken.clear()
