"""The library at work: other settings, and which changes in the music folders matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from watchfiles import Change

from player.config.settings import LibrarySettings
from player.library.database.store import Library
from player.library.music_folders import MusicFolders
from player.library.service import LibraryService, _concerns_music
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


def test_settings_that_change_before_the_start_start_nothing(shelf: Shelf) -> None:
    shelf.service.configure(shelf.settings(shelf.second))
    assert shelf.library.tracks() == []
    shelf.service.start()
    wait_for(lambda: shelf.titles() == ["second"], 10, "the first scan")


@pytest.mark.parametrize("name", ["가.MP3", "a.flac", "Vol. 2", "1999.05.03", "album"])
def test_music_and_folders_matter_even_when_they_are_gone(name: str) -> None:
    assert _concerns_music(Change.deleted, f"/music/{name}")


@pytest.mark.parametrize("name", ["cover.jpg", "library.db", "a.part", "a.m3u8"])
def test_other_files_do_not(name: str) -> None:
    assert not _concerns_music(Change.modified, f"/music/{name}")


@pytest.mark.parametrize("name", [".Trash-1000/files/a.mp3", "#recycle/a.mp3", "b/._a.mp3", ".a.mp3.aB3dE9"])
def test_what_a_scan_leaves_out_does_not_either(name: str) -> None:
    root = Path("/srv/.music")
    assert not _concerns_music(Change.added, str(root / name), [root])
    assert _concerns_music(Change.added, str(root / "...And Justice for All" / "a.mp3"), [root])


def test_a_folder_that_is_called_like_a_file_matters(tmp_path: Path) -> None:
    (tmp_path / "feat.jpg").mkdir()
    assert _concerns_music(Change.added, str(tmp_path / "feat.jpg"))
