"""Where the music is: the owner's folders, or the demo's while they hold none or do not answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from player.library.demo_music import demo_folder
from player.library.scan.first_music import find_music
from player.library.transient_errors import SHORT_OF
from player.log import EventLog, LogEvent
from player.system.probes import FolderProbe
from player.types import is_utf8

log = EventLog(__name__, LogEvent.LIBRARY)


def choose_folders(
    configured: tuple[Path, ...], first: Callable[[tuple[Path, ...]], Path | None] = find_music
) -> tuple[tuple[Path, ...], str | None]:
    """The owner's folders or, while they hold no music, the demo's: silence is the last resort.

    And what is wrong with the owner's, if anything is. `first` finds a music file as `find_music` does;
    it may raise TimeoutError, too.
    """
    where = ", ".join(map(str, configured))
    try:
        if configured and first(configured) is not None:
            return configured, None
        why = f"there is no music in {where}" if where else "no music folder is configured"
        if odd := [str(folder) for folder in configured if not is_utf8(str(folder))]:
            why = f"the name of {odd[0]} is not UTF-8, rename it"
    except TimeoutError:
        why = f"{where} does not answer"
    except OSError as error:
        if error.errno in SHORT_OF:  # of its own, and the folders are as they were
            return configured, None
        why = f"{error.filename or where} cannot be opened: {error.strerror}"
    demo = demo_folder()
    if demo is None:
        return configured, f"{why}, and the demo music is not installed: set library.folders in config.yaml"
    return (demo,), f"{why} (library.folders): playing the demo music"


class MusicFolders:
    """Where the music is now, as all parts know it. From any thread."""

    def __init__(self, configured: tuple[Path, ...]) -> None:
        self.problem: str | None = None
        """What is wrong with the owner's folders, a sentence."""
        self.configure(configured)

    def configure(self, configured: tuple[Path, ...]) -> None:
        """Go by other folders; a search of the old ones that hangs is left behind."""
        self._configured, self._probe = configured, FolderProbe(find_music)
        self.problem = None

    def __call__(self) -> tuple[Path, ...]:
        """The folders; tells once what is wrong with the owner's."""
        folders, problem = choose_folders(self._configured, self._probe)
        if problem is not None and problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem
        return folders

    def unresponsive(self) -> bool:
        """Whether the disk with the owner's folders does not answer."""
        return self._probe.hangs
