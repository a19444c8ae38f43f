"""The watch on the music folders: what changes in them is looked at soon, and not at the next scan only."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from watchfiles import Change, watch

from player.clock import running_s
from player.library.scan.left_out import lies_left_out
from player.library.scan.music_files import SUFFIXES
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff
from player.types import is_utf8

log = EventLog(__name__, LogEvent.LIBRARY)

WATCH_STEP_MS = 500
"""A change is acted on when nothing else has changed for so long ..."""
WATCH_DEBOUNCE_MS = 5000
"""... or after so long: copying a folder takes time."""
_ENDING = re.compile(r"\.[a-z][a-z0-9]{1,4}")
"""What a removed file's name ends in; "Vol. 2" was a folder, which cannot be looked at any more."""
WATCH_AGAIN_MS = 15_000
"""So often it is looked up which folders are to be watched."""
LONGEST_PAUSE_S = 600.0
"""Between two tries, if they cannot be watched: other programs may hold all watches for hours or for ever."""


class FolderWatch:
    """Says when something has changed in the folders, if the system says so, on a thread of its own."""

    def __init__(self, folders: Callable[[], tuple[Path, ...]], on_change: Callable[[], None]) -> None:
        self._folders, self._on_change = folders, on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        back_off, said = BackOff(WATCH_DEBOUNCE_MS / 1000, LONGEST_PAUSE_S), ""
        while not self._stop.is_set():
            places = _places(self._folders())
            roots = [folder for folder, _ in places]
            if not places:
                self._stop.wait(WATCH_AGAIN_MS / 1000)
                continue
            try:
                for changes in watch(
                    *(folder for folder, _ in places),
                    watch_filter=partial(concerns_music, roots=roots),
                    debounce=WATCH_DEBOUNCE_MS,
                    step=WATCH_STEP_MS,
                    rust_timeout=WATCH_AGAIN_MS,
                    yield_on_timeout=True,
                    stop_event=self._stop,
                    raise_interrupt=False,
                    ignore_permission_denied=True,
                ):
                    back_off.worked()
                    said = ""
                    if changes:
                        self._on_change()
                    elif _places(self._folders()) != places:  # others by now, or another disk in their place
                        self._on_change()
                        break
            except (RuntimeError, OSError, ValueError) as error:
                if isinstance(error, RuntimeError) and not back_off.failures:
                    # Among what changed may be a name that is not UTF-8; if so, the next watch works.
                    log.debug("watching the music folders again (%s)", error)
                    self._on_change()
                elif str(error) != said:  # no watch left, too many folders for inotify, one that went away
                    said = str(error)
                    log.info("changes in the music folders go unnoticed until the next scan (%s)", said)
                self._stop.wait(back_off.failed(running_s()))


def concerns_music(_change: Change, path: str, roots: Sequence[Path] = ()) -> bool:
    """Whether a change below `roots` may matter: a music file, or a folder that came or went."""
    if lies_left_out(Path(path), roots):
        return False
    suffix = Path(path).suffix.lower()
    return suffix in SUFFIXES or not _ENDING.fullmatch(suffix) or Path(path).is_dir()


def _places(folders: tuple[Path, ...]) -> list[tuple[Path, int]]:
    """The folders that are there, each with the disk that it is on."""
    places = []
    for folder in folders:
        try:
            if is_utf8(str(folder)) and folder.is_dir():
                places.append((folder, folder.stat().st_dev))
        except OSError:  # it went away in between
            continue
    return places
