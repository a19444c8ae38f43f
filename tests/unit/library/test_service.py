"""The library at work: other settings."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from player.config.settings.library import LibrarySettings
from player.library import music_folders
from player.library.database.store import Library
from player.library.music_folders import MusicFolders
from player.library.scan.music_files import first_playable
from player.library.service import LibraryService
from player.system import probes
from tests.support.waiting import wait_for
from tests.unit.library import files


class Shelf:
    """Two folders with a song each, and a library."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder / "library.db")
        self.first, self.second = folder / "first", folder / "second"
        for place in (self.first, self.second):
            place.mkdir()
            files.wav(place / f"{place.name}.wav")
        self.folders = MusicFolders((self.first,))
        self.service = LibraryService(self.settings(), self.library, lambda: "", folders=self.folders)

    def settings(self, *folders: Path) -> LibrarySettings:
        return LibrarySettings(folders=folders or (self.first,), analyze=False)

    def titles(self) -> list[str]:
        return [track.title for track in self.library.tracks()]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.service.stop()
    shelf.library.close()


def test_other_folders_hold_at_once_and_are_scanned(shelf: Shelf) -> None:
    shelf.service.start()
    wait_for(lambda: shelf.titles() == ["first"], 10, "the first scan")
    shelf.service.configure(shelf.settings(shelf.second))
    assert shelf.titles() in ([], ["second"]), "what no longer belongs is forgotten at once"
    assert shelf.folders() == (shelf.second,), "everyone knows where the music is"
    wait_for(lambda: shelf.titles() == ["second"], 10, "the scan of the other folder")
    files.wav(shelf.second / "more.wav")
    shelf.service.rescan()
    wait_for(lambda: shelf.titles() == ["more", "second"], 10, "a scan by command")


def test_a_disk_that_does_not_answer_is_left_behind(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old folder hangs: whoever sets another one has its music."""
    answer = threading.Event()

    def hangs(folders: Sequence[Path]) -> Path | None:
        return first_playable(folders) if shelf.first not in folders or answer.wait(60) else None

    monkeypatch.setattr(music_folders, "first_playable", hangs)
    monkeypatch.setattr(probes, "SLICE_S", 0.01)
    shelf.folders.configure((shelf.first,))
    shelf.service.start()
    try:
        wait_for(shelf.folders.unresponsive, 10, "the search to hang")
        shelf.service.configure(shelf.settings(shelf.second))
        wait_for(lambda: not shelf.folders.unresponsive(), 10, "the other folder to answer")
        wait_for(lambda: shelf.titles() == ["second"], 10, "the scan of the other folder")
    finally:
        answer.set()


def test_settings_that_change_before_the_start_start_nothing(shelf: Shelf) -> None:
    shelf.service.configure(shelf.settings(shelf.second))
    assert shelf.library.tracks() == []
    shelf.service.start()
    wait_for(lambda: shelf.titles() == ["second"], 10, "the first scan")
