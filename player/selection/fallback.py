"""Music that needs no library: before the first scan, and for when nothing else can be played or heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from random import shuffle

from player.errors import AudioFileError, NoMusicError
from player.library.demo_music import demo_folder
from player.library.scan.first_music import first_playable
from player.library.scan.music_files import Walk
from player.log import EventLog, LogEvent
from player.system.probes import ANSWER_S, run_with_timeout
from player.types import Choice, Track

log = EventLog(__name__, LogEvent.SELECTION)

NOTHING_ELSE = "nothing else can be played, or the house rules forbid it"
MOST_TRIED = 50
"""So many files of a folder are opened at most until one may be played: there is silence meanwhile."""
MOST_LISTED = 2000
"""So many files of a folder are drawn from: a large library on a slow disk is not listed within ANSWER_S."""


class Fallback:
    """Chooses without a database, and waits for no disk longer than ANSWER_S.

    folders   where the owner's music is
    may_play  whether the house rules allow a track
    """

    def __init__(self, folders: Callable[[], tuple[Path, ...]], may_play: Callable[[Track], bool]) -> None:
        self._folders, self._may_play = folders, may_play

    def unscanned(self, last: Path | None) -> Choice:
        """If the library has nothing: the first file to begin with, then any other, else the demo music.

        Raises NoMusicError.
        """
        folders = self._folders()
        reason = "any one of the files; the library cannot be read yet"
        if last is not None and (choice := self._piece_of(folders, reason, last, self._may_play)):
            return choice
        path = first_playable(folders)
        if path is None:
            raise NoMusicError("there is no music in " + ", ".join(map(str, folders)))
        if (track := _read(path)) is not None and self._may_play(track):
            return Choice(track, "the first file found; the library is still being read")
        demo = self.demo(NOTHING_ELSE, last)
        if demo is None:
            raise NoMusicError("there is no music that can be played and that the rules allow")
        return demo

    def demo(self, why: str, last: Path | None) -> Choice | None:
        """Some piece of the demo music, another one than the last."""
        folder = demo_folder()
        return self._piece_of([folder], f"the demo music: {why}", last, lambda _: True) if folder else None

    def safe(self, safe_folder: Path | None, last: Path | None) -> Choice:
        """Some piece of a folder that the owner knows to be good and the rules allow, else of the demo music.

        Raises NoMusicError if neither has any.
        """
        for folder, may_play in ((safe_folder, self._may_play), (demo_folder(), lambda _: True)):
            reason = f"safe music, as nothing else could be heard ({folder})"
            if folder and (choice := self._piece_of([folder], reason, last, may_play)):
                return choice
        raise NoMusicError("there is no safe music: neither a safe_folder of this daypart nor the demo music")

    def _piece_of(
        self, folders: Iterable[Path], reason: str, last: Path | None, may_play: Callable[[Track], bool]
    ) -> Choice | None:
        """Some piece of music in the folders; None if there is none, or their disks do not answer."""
        paths = []
        for folder in folders:
            try:
                paths += run_with_timeout(partial(_files_of, folder), ANSWER_S)
            except TimeoutError:
                log.warning("%s does not answer", folder)
        shuffle(paths)
        paths.sort(key=lambda path: path == last)
        for path in paths[:MOST_TRIED]:
            try:
                track = run_with_timeout(partial(_read, path), ANSWER_S)
            except TimeoutError:
                log.warning("%s does not answer", path.parent)
                return None
            if track and may_play(track):
                return Choice(track, reason)
        return None


def _files_of(folder: Path) -> list[Path]:
    return [found.path for found in islice(Walk((folder,)), MOST_LISTED)]


def _read(path: Path) -> Track | None:
    # ffmpeg takes 15 MB: it comes when a file is to be read.
    from player.library.scan.reading import read_file  # noqa: PLC0415

    try:
        return read_file(path)
    except AudioFileError as error:
        log.warning("%s", error)
        return None
