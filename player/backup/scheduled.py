"""Makes a backup every day at its time, and lets old ones go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from player.backup import retention
from player.backup.names import BackupNames
from player.clock import BUILT, running_s
from player.config.settings.backup import BackupSettings
from player.errors import BackupError, PlayerError
from player.log import EventLog, LogEvent
from player.system import mounts
from player.system.probes import ANSWER_S, Answer, run_with_timeout
from player.system.threads import step_back

log = EventLog(__name__, LogEvent.STATE)

LOOK_S = 60.0
"""Between two looks whether one is due."""
AGAIN_S = 3600.0
"""After a failure it is tried again."""
MOST_S = 3600.0
"""A backup that takes longer is being written to a disk that does not answer."""
NICENESS = 10


class ScheduledBackups:
    """Looks every minute, on one thread, whether a backup is due.

    make     writes one to a path at a time (maker); raises PlayerError
    names    this player's: others in the same folder are neither counted nor touched
    clock    the house's time, timezone-aware
    fstab    says which folders are mount points
    running  seconds on a clock that nobody sets
    """

    def __init__(
        self,
        settings: BackupSettings,
        make: Callable[[Path, datetime], object],
        names: BackupNames,
        clock: Callable[[], datetime],
        on_problem: Callable[[str], None],
        on_mended: Callable[[str], None],
        fstab: Path = mounts.FSTAB,
        running: Callable[[], float] = running_s,
    ) -> None:
        self._settings, self._make, self._names, self._clock = settings, make, names, clock
        self._on_problem, self._on_mended, self._fstab = on_problem, on_mended, fstab
        self._running, self._problem, self._not_before_s = running, "", 0.0
        self._unanswered: set[Path] = set()
        """Folders that were asked something and have not answered yet: they are not asked more."""

    def configure(self, settings: BackupSettings) -> None:
        """Go by other settings, from the next look on."""
        if settings != self._settings:
            self._settings, self._not_before_s = settings, 0.0

    def look(self) -> None:
        """Make one if it is due."""
        settings, now = self._settings, self._clock()
        if settings.folder is None:
            self._tell("")
            return
        if now < BUILT or (running := self._running()) < self._not_before_s:
            return
        self._not_before_s = running + AGAIN_S
        folder = settings.folder
        try:
            if self._ask(folder, partial(self._is_due, settings, folder, now), ANSWER_S):
                self._ask(folder, partial(self._back_up, settings, folder, now), MOST_S)
        except (PlayerError, OSError) as error:
            reason = error if isinstance(error, PlayerError) else _sentence(folder, error)
            self._tell(f"There is no backup of today: {reason} It is tried again in an hour.")
            return
        self._not_before_s = 0.0
        self._tell("")

    def _ask(self, folder: Path, ask: Callable[[], Answer], answer_s: float) -> Answer:
        """On a thread of its own: a mount that lost its server never answers. Raises BackupError, OSError."""

        def answer() -> Answer:
            try:
                return ask()
            finally:
                self._unanswered.discard(folder)

        try:
            if folder in self._unanswered:
                raise TimeoutError
            self._unanswered.add(folder)
            return run_with_timeout(answer, answer_s)
        except TimeoutError as error:
            raise BackupError(
                f"{folder} (backup.folder) does not answer: look at its disk or network, or name another."
            ) from error

    def _back_up(self, settings: BackupSettings, folder: Path, now: datetime) -> None:
        """Raises PlayerError, OSError."""
        step_back(NICENESS)
        self._make(folder / self._names.name_of(now), now)
        log.info("a backup was written to %s", folder)
        self._thin(settings, folder, now)

    def _is_due(self, settings: BackupSettings, folder: Path, now: datetime) -> bool:
        """Raises BackupError, OSError."""
        is_there = folder.is_dir()
        # A disk that is not plugged in: the card under it is no place.
        if not (is_there or folder.parent.is_dir()) or mounts.is_away(folder, self._fstab):
            raise BackupError(f"{folder} (backup.folder) is not there: plug its disk in, or name another.")
        if not is_there:
            folder.mkdir(mode=0o700)
        wall = now.replace(tzinfo=None)
        made = [moment for moment in self._made(folder).values() if moment <= wall]
        return not made or max(made) < retention.last_due(wall, settings.at)

    def _thin(self, settings: BackupSettings, folder: Path, now: datetime) -> None:
        wall = now.replace(tzinfo=None)
        made = self._made(folder)
        old = retention.superfluous(made.values(), wall, settings.keep_daily, settings.keep_weekly)
        for path, moment in made.items():
            if moment in old:
                path.unlink(missing_ok=True)

    def _made(self, folder: Path) -> dict[Path, datetime]:
        """This player's backups in it, and when they were made. Raises OSError."""
        found = ((path, self._names.moment_of(path.name)) for path in folder.iterdir())
        return {path: moment for path, moment in found if moment is not None}

    def _tell(self, problem: str) -> None:
        """Say once what is wrong, and keep it in the status until it is mended."""
        if problem == self._problem:
            return
        if self._problem:
            self._on_mended(self._problem)
        self._problem = problem
        if problem:
            log.error("%s", problem)
            self._on_problem(problem)


def _sentence(folder: Path, error: OSError) -> str:
    from player.backup import archive  # noqa: PLC0415 - as below

    return archive.sentence(f"{folder} cannot be written", error)


def maker(config_path: Path, state: Path, owners: Path) -> Callable[[Path, datetime], object]:
    """What makes the backups of a player: without passwords, for who keeps them where others look."""

    def make(target: Path, now: datetime) -> None:
        # Imported here: the start waits for nothing that packs.
        from player.backup import making  # noqa: PLC0415

        making.make(target, config_path, state, owners, now)

    return make
