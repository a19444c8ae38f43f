"""The folders are watched: what is copied into them is in the library before the next scan is due."""

import os
from pathlib import Path

from player.config.settings.library import LibrarySettings
from player.library.database.store import Library
from player.library.service import LibraryService
from tests.support.waiting import wait_for
from tests.unit.library import files


def titles(library: Library) -> list[str]:
    return sorted(track.title for track in library.tracks())


def test_a_name_that_is_not_utf8_does_not_end_the_watch(tmp_path: Path) -> None:
    folder = tmp_path / "음악"
    odd = os.fsencode(folder) + b"/Caf\xe9"
    os.makedirs(odd)
    files.wav(folder / "a.wav")
    library = Library(tmp_path / "library.db")
    music = LibraryService(
        LibrarySettings(folders=(folder,), analyze=False, rescan_s=86400), library, lambda: ""
    )
    music.start()
    try:
        wait_for(lambda: titles(library) == ["a"], 20, "the first scan")
        files.wav(Path(os.fsdecode(odd + b"/x.wav")))
        files.wav(folder / "b.wav")
        wait_for(
            lambda: (
                touched(Path(os.fsdecode(odd)))
                and touched(folder / "b.wav")
                and titles(library) == ["a", "b"]
            ),
            40,
            "b",
        )
        assert library.counts().unreadable == 0
    finally:
        music.stop()
        library.close()


def touched(path: Path) -> bool:
    """Once more: the watch may only just have begun."""
    os.utime(path)
    return True


def test_a_new_file_and_a_new_folder_are_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "음악"
    folder.mkdir()
    files.wav(folder / "a.wav")
    library = Library(tmp_path / "library.db")
    music = LibraryService(
        LibrarySettings(folders=(folder,), analyze=False, rescan_s=86400), library, lambda: ""
    )
    music.start()
    try:
        wait_for(lambda: titles(library) == ["a"], 20, "the first scan")
        (folder / "new").mkdir()
        files.wav(folder / "new" / "나.wav")
        wait_for(lambda: touched(folder / "new" / "나.wav") and titles(library) == ["a", "나"], 30, "나")
        (folder / "a.wav").unlink()
        wait_for(lambda: titles(library) == ["나"], 30, "a to go")
    finally:
        music.stop()
        library.close()
