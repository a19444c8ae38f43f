"""Folders for copies of the library: what nobody holds any more goes, and nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from player.backup.making import PREFIX
from player.library.database import schema
from player.library.database.scratch_folder import LEFT_S, scratch_folder


def left(place: Path, name: str = f"{PREFIX}ab_12xyz", age_s: float = 2 * LEFT_S) -> Path:
    """As a power cut leaves one: two files in a folder, last written to some time ago."""
    folder = place / name
    (folder / "copies").mkdir(parents=True)
    (folder / "copies/config.yaml").touch()
    (folder / "copies/library.db").touch()
    dated(folder, age_s)
    return folder


def dated(folder: Path, age_s: float) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (time.time() - age_s,) * 2)


def test_one_that_a_power_cut_left_goes_before_the_next_is_filled(tmp_path: Path) -> None:
    old = left(tmp_path)
    with scratch_folder(PREFIX, tmp_path) as new:
        assert not old.exists()
        assert new.is_dir()
        assert new.parent.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "age",
    [
        lambda folder: dated(folder, LEFT_S / 2),
        lambda folder: dated(folder, -LEFT_S),
        lambda folder: os.utime(folder / "copies/library.db"),
    ],
    ids=["young", "dated by a clock that was ahead", "written to just now"],
)
def test_one_that_may_be_written_to_stays(age: Callable[[Path], None], tmp_path: Path) -> None:
    old = left(tmp_path)
    age(old)
    with scratch_folder(PREFIX, tmp_path):
        assert old.is_dir()
    assert list(tmp_path.iterdir()) == [old]


def test_one_that_somebody_holds_stays_whatever_its_date(tmp_path: Path) -> None:
    """The clock was set while it was filled."""
    with scratch_folder(PREFIX, tmp_path) as first:
        dated(first.parent, 2 * LEFT_S)
        with scratch_folder(PREFIX, tmp_path):
            assert first.is_dir()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".backup-20240101", f"{PREFIX}of-2024", f"{PREFIX}2024", "ab_12xyz"])
def test_what_others_call_so_stays(name: str, tmp_path: Path) -> None:
    theirs = left(tmp_path, name)
    with scratch_folder(PREFIX, tmp_path):
        pass
    assert (theirs / "copies/library.db").is_file()


def test_what_a_link_leads_to_and_what_is_no_folder_stay(tmp_path: Path) -> None:
    elsewhere, place = left(tmp_path, "elsewhere"), tmp_path / "place"
    place.mkdir()
    (place / f"{PREFIX}ab_12xyz").symlink_to(elsewhere)
    os.utime(place / f"{PREFIX}ab_12xyz", (0, 0), follow_symlinks=False)
    (place / f"{PREFIX}cd_34xyz").touch()
    os.utime(place / f"{PREFIX}cd_34xyz", (0, 0))
    with scratch_folder(PREFIX, place):
        pass
    assert (elsewhere / "copies/library.db").is_file()
    assert len(list(place.iterdir())) == 2


def test_a_library_in_it_can_be_mended(tmp_path: Path) -> None:
    with scratch_folder(PREFIX, tmp_path) as folder:
        (folder / "library.db").write_bytes(b"no database" * 1000)
        schema.connect(folder / "library.db").close()
        assert (folder / "library.db.corrupt-1").is_file()
