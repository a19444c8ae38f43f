"""The library at work: where the music comes from, scanned now and then, analysed in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from player.clock import Wall, local_now, running_s
from player.config.settings.library import LibrarySettings
from player.emotions import feelings_at
from player.errors import LibraryError
from player.library.analysis.system_load import AnalysisThrottle, SystemLoad
from player.library.analysis.throttle import Throttle
from player.library.analysis.worker import AnalysisWorker
from player.library.configured_playlists import NamedMusic, named_music
from player.library.counts import Counts
from player.library.database.store import Library
from player.library.folder_watch import FolderWatch
from player.library.grace import Grace
from player.library.music_folders import MusicFolders
from player.log import EventLog, LogEvent
from player.status import AnalysisStatus, DeckRole, LibraryCounts, LibraryStatus, PlaybackStatus
from player.system.probes import ANSWER_S, run_with_timeout

log = EventLog(__name__, LogEvent.LIBRARY)

RETRY_S = 60.0
"""After a scan that failed as a whole."""


def playback_busy_reason(playback: PlaybackStatus) -> str:
    """What a decode beside it would disturb, by the status of playback; nothing if it plays along."""
    if any(not deck.ready for deck in playback.decks):
        return "a deck is being replaced"
    roles = {deck.role for deck in playback.decks}
    if DeckRole.PREPARING in roles:
        return "a track is about to begin"
    return "a crossfade is on" if DeckRole.LEAVING in roles else ""


class LibraryService:
    """Keeps the library in step with the folders. Its settings may change; it is the same to everyone."""

    def __init__(
        self,
        settings: LibrarySettings,
        library: Library,
        disturbed: Callable[[], str],
        wall: Wall = local_now,
        folders: MusicFolders | None = None,
        scanned: Callable[[], None] = lambda: None,
        running: Callable[[], float] = running_s,
    ) -> None:
        """`disturbed` says what the analysis would disturb at this moment, or nothing.

        `folders` go by the settings from here on, where others need to know of them too. `scanned` is called
        after each scan, on its thread. `running` is a clock that nobody can set, in seconds.
        """
        self._settings, self._folders = settings, folders or MusicFolders(settings.folders)
        self._with = partial(
            LibraryUpkeep,
            library=library, folders=self._folders, disturbed=disturbed, wall=wall, scanned=scanned,
            running=running,
        )  # fmt: skip
        self._upkeep, self._running = self._with(settings), False

    def start(self) -> None:
        """Scan once now, when the folders change and on each `rescan`; analyse what is new."""
        self._running = True
        self._upkeep.start()

    def stop(self) -> None:
        """End; an analysis that runs is dropped and done again next time."""
        self._running = False
        self._upkeep.stop()

    def configure(self, settings: LibrarySettings) -> None:
        """Go on by other settings: what no longer belongs is forgotten at once, then all is scanned again."""
        if settings == self._settings:
            return
        before, self._settings = self._upkeep, settings
        self._folders.configure(settings.folders)
        self._upkeep = self._with(settings)
        if not self._running:
            return
        before.stop()
        try:
            self.restrict()
        except LibraryError as error:
            log.warning("the library cannot be used now (%s): the next scan catches up", error)
        self._upkeep.start()

    def restrict(self) -> None:
        """Forget at once what lies in folders that are no longer configured; the scan comes later."""
        self._upkeep.restrict()

    def rescan(self) -> None:
        """Look for new, changed and removed files soon."""
        self._upkeep.rescan()

    def status(self) -> LibraryStatus:
        """See LibraryUpkeep."""
        return self._upkeep.status()


class LibraryUpkeep:
    """The scans, the watch and the analysis of one set of settings."""

    def __init__(
        self,
        settings: LibrarySettings,
        library: Library,
        folders: MusicFolders,
        disturbed: Callable[[], str],
        wall: Wall,
        scanned: Callable[[], None],
        running: Callable[[], float],
    ) -> None:
        self._settings, self._library, self._folders = settings, library, folders
        self._scanned, self._grace = scanned, Grace(settings, library, wall, running)
        throttle = AnalysisThrottle(
            Throttle(settings.busy_percent / 100), SystemLoad(settings.workers), disturbed
        )
        self._analysis = AnalysisWorker(library, settings, feelings_at, hold=throttle)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._trouble: str | None = None
        self._again_s: float | None = None
        """When to scan again without being asked to; None: not at all."""
        self._skipped: set[tuple[Path, str]] = set()
        self._left_out: set[Path] = set()
        self._missing: list[str] = []
        self._counts = Counts(library)
        self._thread = threading.Thread(target=self._run, name="scan", daemon=True)
        self._watch = FolderWatch(folders, self._wake.set)

    def start(self) -> None:
        """Scan once now, when the folders change and on each `rescan`; analyse what is new."""
        self._wake.set()
        self._thread.start()
        self._watch.start()
        if self._settings.analyze:
            self._analysis.start()

    def stop(self) -> None:
        """End; an analysis that runs is dropped and done again next time."""
        self._stop.set()
        self._wake.set()
        self._watch.stop()
        self._analysis.stop(1.0)
        self._thread.join(1.0)
        self._watch.join(1.0)

    def restrict(self) -> None:
        """Forget at once what lies in folders that are no longer configured; the scan comes later."""
        folders = self._folders()
        if self._folders.unresponsive():  # nothing is known of what it holds
            return
        try:
            named = run_with_timeout(self._named, ANSWER_S)
        except TimeoutError:  # the scan knows more
            return
        self._library.restrict(folders, named.files)
        self._library.set_stations(named.stations)

    def rescan(self) -> None:
        """Look for new, changed and removed files soon."""
        self._wake.set()

    def status(self) -> LibraryStatus:
        """Counts, analysis and what is wrong with the music, if anything is.

        `skipped` files and folders could not be used, and `left_out` ones are no music by their names;
        `playlists` has a sentence for each playlist that names what is not there.
        """
        problem = "; ".join(filter(None, (self._folders.problem, self._trouble))) or None
        counts, unusable = self._counts.latest()
        return library_status(
            counts,
            analysis=self._analysis.status(),
            problem=unusable or problem,
            skipped=len(self._skipped),
            left_out=len(self._left_out),
            playlists=tuple(self._missing),
        )

    def _named(self) -> NamedMusic:
        return named_music(self._settings.playlists, self._settings.folders)

    def _run(self) -> None:
        while True:
            self._wake.wait(self._again_s)
            if self._stop.is_set():
                return
            self._wake.clear()
            self._again_s = RETRY_S
            try:
                trouble = self._scan()
                self._scanned()
            except LibraryError as error:
                trouble = str(error)
            except OSError as error:
                trouble = f"{error.filename or 'the music'} cannot be read ({error.strerror}): check its disk"
            except Exception as error:  # the next scan may succeed; the music plays on
                trouble = f"the scan of the music folders failed inside the player ({error!r})"
                log.debug("a scan failed", exc_info=True)
            if trouble is not None and trouble != self._trouble:
                log.error("%s The music plays on, it is tried again.", trouble)
            self._trouble = trouble

    def _scan(self) -> str | None:
        """Bring the library in step; what of it could not be done, in a sentence."""
        folders = self._folders()
        if self._folders.unresponsive():  # once it answers, the watch sees other places
            self._again_s = None
            return self._trouble
        named = self._named()
        for sentence in named.missing:
            if sentence not in self._missing:
                log.warning("%s", sentence)
        self._missing = named.missing
        report = self._library.scan(folders, extra=named.files)
        self._again_s = report.again_s
        if report.added or report.changed or report.removed:
            log.info("library: %d new, %d changed, %d removed", report.added, report.changed, report.removed)
        for path, why in report.unreadable:
            if (path, why) not in self._skipped:
                log.warning("%s is skipped: %s", path, why)
        for path in report.left_out:
            if path not in self._left_out:
                log.debug("%s is left out: by its name it is not music", path)
        self._skipped, self._left_out = set(report.unreadable), set(report.left_out)
        failed = [
            *((str(path), why) for path, why in report.failed),
            *((f"the station at {host}", why) for host, why in self._library.set_stations(named.stations)),
            *(
                (f"the mood given to {path}", why)
                for path, why in self._library.give_moods(report.under_own_names(named.files))
            ),
        ]
        self._grace.forget(report.closed, named)
        if not failed:
            return None
        others = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
        return f"the library could not take in {failed[0][0]} ({failed[0][1].rstrip('.')}){others}."


def library_status(
    counts: LibraryCounts,
    *,
    analysis: AnalysisStatus,
    problem: str | None,
    skipped: int,
    left_out: int,
    playlists: tuple[str, ...],
) -> LibraryStatus:
    """What the database counts, and what the scans and the analysis say."""
    return LibraryStatus(
        tracks=counts.tracks,
        analysed=counts.analysed,
        unreadable=counts.unreadable,
        plays=counts.plays,
        pending=counts.pending,
        analysis=analysis,
        problem=problem,
        skipped=skipped,
        left_out=left_out,
        playlists=playlists,
    )
