"""What is announced, on its way to the loudspeaker: its loudness is looked up or measured before."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from player.config.settings.schedule import AnnouncementItem
from player.errors import AudioFileError, ControlError, LibraryError, NotNowError
from player.library.analysis.measure import measure
from player.library.database.store import Library
from player.log import EventLog, LogEvent
from player.playback.announcements.announcer import Announcement
from player.system.probes import ANSWER_S as DISK_ANSWER_S
from player.system.probes import run_with_timeout
from player.types import Track

log = EventLog(__name__, LogEvent.ANNOUNCEMENT)

ANSWER_S = 5.0
"""So long a command waits for its file to be heard: it is measured (half a second) and opened before."""
MOST_MEASURED = 200
"""Files of which the loudness is kept: more than config.yaml names and the voice keeps."""
MISSING = "there is no such file"
SPOKEN = "a spoken announcement"
"""What the log and the diary have of one: its words are nobody's later."""

_Version = tuple[int, int]
"""When a file was changed (ns) and its size (bytes): another one is measured again."""


class _Outcome:
    """What became of an announcement, for the thread that asked for it."""

    def __init__(self) -> None:
        self.problem: Future[str] = Future()

    def told(self, problem: str) -> None:
        """It is heard now (""), or why not; what comes after that is for the log alone."""
        if not self.problem.done():
            self.problem.set_result(problem)


class Announcements:
    """Hands announcements on, on a thread of its own: measuring one takes a moment.

    announce  has it heard; returns at once
    """

    def __init__(
        self,
        library: Library,
        announce: Callable[[Announcement], None],
        measure: Callable[[Path], tuple[float, float]] = measure,
    ) -> None:
        self._library, self._announce, self._measure = library, announce, measure
        self._asked: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._measured: dict[Path, tuple[_Version, tuple[float, float] | None]] = {}
        """What was found of a file, None if nothing can be; the one used last comes last."""
        self._thread = threading.Thread(target=self._run, name="announcements", daemon=True)

    def start(self) -> None:
        """Begin to hand them on."""
        self._thread.start()

    def stop(self) -> None:
        """Hand on nothing more."""
        self._asked.put(None)

    def expect(self, items: Sequence[AnnouncementItem]) -> None:
        """Measure these before they are due."""
        for file in {item.file for item in items if item.file is not None}:
            self._asked.put(partial(self._track, file))

    def say(self, item: AnnouncementItem) -> None:
        """Have this heard as soon as it is its turn."""
        self._asked.put(partial(self._hand_on, item))

    def say_file(self, name: str) -> bool:
        """Have a file heard, by command: whether it is heard already, or waits for its turn.

        Raises ControlError if it cannot be.
        """
        path = Path(name)
        if not name or not path.is_absolute():
            raise ControlError(f"announce needs the whole path of a file, not {name!r}.")
        try:  # a name that is too long or a folder that is locked raises with Path's
            found = run_with_timeout(partial(os.path.isfile, path), DISK_ANSWER_S)
        except TimeoutError:
            raise ControlError(f"{path} cannot be announced: {_no_answer(path)}.") from None
        if not found:
            raise ControlError(f"there is no file {path}.")
        heard, problem = self._heard(partial(self._hand_on_file, path, path.name))
        if problem:
            raise ControlError(f"{path} cannot be announced: {problem}.")
        return heard

    def say_words(self, words: str, spoken: Path) -> bool:
        """Have a file heard in which these words are spoken: whether it is heard already, or waits.

        Raises ControlError if it cannot be.
        """
        heard, problem = self._heard(partial(self._hand_on_file, spoken, SPOKEN, words=words))
        if problem:
            raise ControlError(f"that cannot be said now: {problem}.")
        return heard

    def _heard(self, hand_on: Callable[[Callable[[str], None]], None]) -> tuple[bool, str]:
        """Whether what is handed on is heard by now, and why it is not, if that is known by now."""
        outcome = _Outcome()
        self._asked.put(partial(hand_on, outcome.told))
        try:
            problem = outcome.problem.result(ANSWER_S)
        except TimeoutError:
            return False, ""
        return not problem, problem

    def _hand_on(self, item: AnnouncementItem) -> None:
        if item.file is None:
            self._announce(Announcement(item.title, command=str(item.command)))
        else:
            self._hand_on_file(item.file, item.title)

    def _hand_on_file(
        self, file: Path, title: str, told: Callable[[str], None] = lambda _: None, words: str = ""
    ) -> None:
        try:
            problem = "" if run_with_timeout(file.is_file, DISK_ANSWER_S) else MISSING
        except TimeoutError:
            problem = _no_answer(file)
        except OSError as error:  # its folder is closed to us, its disk has lost its server
            problem = error.strerror or str(error)
        if problem:
            log.warning("%s is not announced: %s", file, problem)
            told(problem)
        else:
            self._announce(Announcement(title, self._track(file), words=words, told=told))

    def _track(self, path: Path) -> Track:
        """The file, with its loudness if anybody can tell."""
        track = Track(path, path.name)
        try:
            known = self._library.track_at(path)
        except LibraryError:
            known = None
        if known is not None and known.loudness_lufs is not None:
            return known
        try:
            file = run_with_timeout(path.stat, DISK_ANSWER_S)
            version = file.st_mtime_ns, file.st_size
            measured, found = self._measured.pop(path, (None, None))
            if measured != version:
                found = self._measure(path)
        except OSError:
            return track
        except NotNowError as error:
            log.info("the loudness of an announcement cannot be measured now: %s", error)
            return track
        except AudioFileError as error:
            log.warning("the loudness of an announcement cannot be measured: %s", error)
            found = None
        self._measured[path] = version, found
        if len(self._measured) > MOST_MEASURED:
            del self._measured[next(iter(self._measured))]
        return replace(track, loudness_lufs=found[0], peak_dbfs=found[1]) if found else track

    def _run(self) -> None:
        while (do := self._asked.get()) is not None:
            try:
                do()
            except Exception:
                log.exception("an announcement could not be prepared; the music plays on")


def _no_answer(file: Path) -> str:
    return f"{file.parent} does not answer"
