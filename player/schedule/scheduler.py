"""What happens by the clock. Jobs only post commands; they never touch a stage.

Two clocks drive it. APScheduler goes by the wall clock and calls `reconcile` at the very moment at which
something changes. The heartbeat goes by the monotonic clock and calls it every few seconds too, so that a
wall clock that is set (by NTP on a machine without a clock of its own, by hand, after a suspend) starves
nothing. What only has to happen again and again, as rescans do, goes by the monotonic clock alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from player.clock import ClockWatch
from player.log import EventLog, LogEvent, event

log = EventLog(__name__, LogEvent.SCHEDULE)

BEAT_S = 5.0


class Scheduler:
    """Keeps time for the venue.

    reconcile  makes the venue what it should be at this moment, and returns the next at which that changes;
               called often, and on several threads
    repeated   name -> (seconds between two calls, what is called)
    watch      notices a wall clock that is set; older than the schedule, which comes after the first sound
    """

    def __init__(
        self,
        reconcile: Callable[[], datetime],
        repeated: Mapping[str, tuple[float, Callable[[], None]]],
        watch: ClockWatch,
    ) -> None:
        self._reconcile, self._watch = reconcile, watch
        # Late is better than never (a suspended machine), and once is enough.
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        # One job for ever, which is moved: one that is replaced while it runs costs APScheduler its thread.
        self._next = self._scheduler.add_job(self._run, "interval", hours=1)
        self._lock = threading.Lock()
        self._armed: datetime | None = None
        every = {**repeated, "beat": (BEAT_S, self.tick)}
        self._repeats = [Repeat(name, every_s, do) for name, (every_s, do) in every.items()]

    def start(self) -> None:
        """Begin to keep time."""
        self._scheduler.start()
        self._run()
        for repeat in self._repeats:
            repeat.start()

    def stop(self) -> None:
        """Stop; what runs is not waited for."""
        for repeat in self._repeats:
            repeat.stop()
        self._scheduler.shutdown(wait=False)

    def tick(self) -> None:
        """Notice a clock that was set, and reconcile."""
        if jump_s := self._watch.set_by_s():
            log.warning(
                "the clock was set %s by %s: the schedule follows the new time",
                "forward" if jump_s > 0 else "back",
                timedelta(seconds=abs(round(jump_s))),
                extra=event(LogEvent.CLOCK, jump_s=round(jump_s)),
            )
            with self._lock:
                self._armed = None
        self._run()

    def _run(self) -> None:
        try:
            due = self._reconcile()
        except Exception:  # the next beat tries again
            log.exception("the schedule failed; trying again in %g s", BEAT_S)
            return
        with self._lock, suppress(JobLookupError):  # it was stopped meanwhile
            if due != self._armed:
                self._armed = due
                self._next.modify(next_run_time=due.astimezone(UTC))


class Repeat:
    """Calls `do` every so many seconds of the monotonic clock, on a thread of its own."""

    def __init__(self, name: str, every_s: float, do: Callable[[], None]) -> None:
        self._name, self._every_s, self._do = name, every_s, do
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first call comes after the first pause."""
        self._thread.start()

    def stop(self) -> None:
        """Call no more."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self._do()
            except Exception:
                log.exception("%s failed; it is tried again in %g s", self._name, self._every_s)
