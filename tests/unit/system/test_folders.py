"""What the owner may see while looking for the music folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from player.errors import MissingError
from player.system import folders as module
from player.system.folders import folders


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A machine's folders."""
    top = tmp_path.resolve()
    for name in ("home/ann/Music/b", "home/ann/Music/A", "home/ann/.ssh", "etc/keys", "run/media/ann/STICK"):
        (top / name).mkdir(parents=True)
    (top / "home/ann/Music/song.mp3").touch()
    (top / "home/ann/Music/link").symlink_to(top / "etc")
    return top


def test_folders_are_named_and_nothing_else(top: Path) -> None:
    """By name, whatever the case; no files, no links."""
    found = folders(top / "home/ann/Music", top / "home/ann", top)
    assert (found.names, found.above, found.left_out) == (("A", "b"), top / "home/ann", 0)


def test_the_system_and_what_is_hidden_are_left_out(top: Path) -> None:
    """Neither is shown; above the top there is nothing."""
    found = folders(top, top / "home/ann", top)
    assert (found.names, found.above) == (("home",), None)
    assert folders(top / "home/ann", top / "home/ann", top).names == ("Music",)


@pytest.mark.parametrize(
    "path",
    [
        "etc", "etc/keys", "run", "home/ann/.ssh", "home/ann/Music/link", "home/ann/Music/link/keys",
        "home/ann/../../etc", "home/ann/Music/song.mp3", "home/ann/none", "..", "home/\0",
        "home/" + "x" * 5000,
    ],
)  # fmt: skip
def test_nobody_walks_where_nothing_is_shown(top: Path, path: str) -> None:
    """Also not by asking for the path itself."""
    with pytest.raises(MissingError):
        folders(top / path, top / "home/ann", top)


def test_a_path_that_is_not_absolute_is_refused(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would mean another folder wherever the player runs."""
    monkeypatch.chdir(top)
    with pytest.raises(MissingError):
        folders(Path("home"), top / "home/ann", top)


def test_a_stick_and_a_home_within_the_system_are_open(top: Path) -> None:
    """/run/media is where sticks are; a service's home is under /var."""
    assert folders(top / "run/media/ann", top / "home/ann", top).names == ("STICK",)
    (top / "var/lib/player/Music").mkdir(parents=True)
    assert folders(top / "var/lib/player", top / "var/lib/player", top).names == ("Music",)


def test_a_name_that_is_no_unicode_is_left_out(top: Path) -> None:
    """It could not be written to config.yaml."""
    os.mkdir(os.fsencode(top / "home") + b"/\xff")
    assert folders(top / "home", top / "home/ann", top).names == ("ann",)


def test_the_list_ends(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond it is counted."""
    monkeypatch.setattr(module, "SHOWN", 1)
    found = folders(top / "home/ann/Music", top / "home/ann", top)
    assert (found.names, found.left_out) == (("A",), 1)
