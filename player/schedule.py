"""What happens by the clock. Jobs only post commands; they never touch a stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from player.settings import Daypart


class Schedule:
    """Dayparts and rescans, on APScheduler's thread."""

    def __init__(
        self,
        dayparts: Sequence[Daypart],
        rescan_s: float,
        on_daypart: Callable[[], None],
        rescan: Callable[[], None],
    ) -> None:
        # Late is better than never (a suspended machine), and once is enough.
        self._scheduler = BackgroundScheduler(
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        for part in dayparts:
            at = CronTrigger(hour=part.start.hour, minute=part.start.minute, second=part.start.second)
            self._scheduler.add_job(on_daypart, at, name=f"daypart {part.name}")
        self._scheduler.add_job(rescan, "interval", seconds=rescan_s, name="rescan")

    def start(self) -> None:
        """Begin to keep time."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop; a job that runs is not waited for."""
        self._scheduler.shutdown(wait=False)
