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
from typing import TYPE_CHECKING

from player.clock import ClockWatch
from player.log import EventLog, LogEvent, event

if TYPE_CHECKING:
    from apscheduler.job import Job
    from apscheduler.schedulers.background import BackgroundScheduler

log = EventLog(__name__, LogEvent.SCHEDULE)

BEAT_S = 5.0


class Scheduler:
    """Keeps time for the venue.

    reconcile  makes the venue what it should be at this moment, and returns the next at which that changes;
               called often, and on several threads
    repeated   name -> (seconds between two calls, what is called)
    watch      notices a wall clock that is set
    """

    def __init__(
        self,
        reconcile: Callable[[], datetime],
        repeated: Mapping[str, tuple[float, Callable[[], None]]],
        watch: ClockWatch,
    ) -> None:
        self._reconcile, self._watch = reconcile, watch
        self._scheduler: BackgroundScheduler | None = None
        self._next: Job | None = None
        self._lock = threading.Lock()
        every = {**repeated, "beat": (BEAT_S, self.tick)}
        self._repeats = {name: Repeat(name, every_s, do) for name, (every_s, do) in every.items()}

    def start(self) -> None:
        """Begin to keep time."""
        # It comes after the first sound: that need not wait for this import.
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        # Late is better than never (a suspended machine), and once is enough.
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        # One job for ever, which is moved: one that is replaced while it runs costs APScheduler its thread.
        with self._lock:
            self._next = self._scheduler.add_job(self._run, "interval", hours=1)
        self._scheduler.start()
        self._run()
        for repeat in self._repeats.values():
            repeat.start()

    def configure(self, every_s: Mapping[str, float]) -> None:
        """Repeat what has these names at other intervals, and reconcile at once: other hours may hold."""
        for name, seconds in every_s.items():
            self._repeats[name].configure(seconds)
        if self._scheduler is not None:
            self._run()

    def stop(self) -> None:
        """Stop; what runs is not waited for."""
        for repeat in self._repeats.values():
            repeat.stop()
        if self._scheduler is not None:
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
        self._run()

    def _run(self) -> None:
        try:
            due = self._reconcile()
        except Exception:  # the next beat tries again
            log.exception("the schedule failed; trying again in %g s", BEAT_S)
            return
        with self._lock, suppress(LookupError):  # APScheduler's JobLookupError: it was stopped meanwhile
            if self._next is not None:
                # At each beat again: what it waits with stands still while the machine sleeps.
                self._next.modify(next_run_time=due.astimezone(UTC))


class Repeat:
    """Calls `do` every so many seconds of the monotonic clock, on a thread of its own."""

    def __init__(self, name: str, every_s: float, do: Callable[[], None]) -> None:
        self._name, self._every_s, self._do = name, every_s, do
        self._wake, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first call comes after the first pause."""
        self._thread.start()

    def configure(self, every_s: float) -> None:
        """Call at another interval; if it differs, the pause restarts."""
        if every_s != self._every_s:
            self._every_s = every_s
            self._wake.set()

    def stop(self) -> None:
        """Call no more."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            if self._wake.wait(self._every_s):
                self._wake.clear()
                continue
            try:
                self._do()
            except Exception:
                log.exception("%s failed; it is tried again in %g s", self._name, self._every_s)
