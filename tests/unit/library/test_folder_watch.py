"""Which changes in the music folders matter."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchfiles import Change

from player.library import folder_watch
from player.library.folder_watch import FolderWatch, concerns_music


@pytest.mark.parametrize("name", ["가.MP3", "a.flac", "Vol. 2", "1999.05.03", "album"])
def test_music_and_folders_matter_even_when_they_are_gone(name: str) -> None:
    assert concerns_music(Change.deleted, f"/music/{name}")


@pytest.mark.parametrize("name", ["cover.jpg", "library.db", "a.part", "a.m3u8"])
def test_other_files_do_not(name: str) -> None:
    assert not concerns_music(Change.modified, f"/music/{name}")


@pytest.mark.parametrize("name", [".Trash-1000/files/a.mp3", "#recycle/a.mp3", "b/._a.mp3", ".a.mp3.aB3dE9"])
def test_what_a_scan_leaves_out_does_not_either(name: str) -> None:
    root = Path("/srv/.music")
    assert not concerns_music(Change.added, str(root / name), [root])
    assert concerns_music(Change.added, str(root / "...And Justice for All" / "a.mp3"), [root])


def test_a_folder_that_is_called_like_a_file_matters(tmp_path: Path) -> None:
    (tmp_path / "feat.jpg").mkdir()
    assert concerns_music(Change.added, str(tmp_path / "feat.jpg"))


@pytest.mark.parametrize(
    ("error", "rescans"),
    [
        (RuntimeError("Error creating recommended watcher: Too many open files"), 1),
        (OSError(28, "No space left on device"), 0),
    ],
)
def test_folders_that_cannot_be_watched_are_said_once_and_not_read_for_ever(
    error: Exception,
    rescans: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Others hold all watches that the system gives: the scan of every ten minutes finds what is new."""
    changes: list[int] = []
    watching = FolderWatch(lambda: (tmp_path,), lambda: changes.append(1))
    tries: list[int] = []

    def watch(*_: object, **__: object) -> Iterator[object]:
        tries.append(1)
        if len(tries) == 6:
            watching.stop()
        raise error

    monkeypatch.setattr(folder_watch, "watch", watch)
    monkeypatch.setattr(folder_watch, "WATCH_DEBOUNCE_MS", 0.01)
    with caplog.at_level(logging.INFO):
        watching._run()
    assert len(tries) == 6
    assert len(changes) == rescans
    assert [line for line in caplog.messages if "go unnoticed" in line] == caplog.messages
    assert len(caplog.messages) == 1
