"""Which changes in the music folders matter."""

from pathlib import Path

import pytest
from watchfiles import Change

from player.library.folder_watch import concerns_music


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
