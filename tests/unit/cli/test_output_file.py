"""The files that commands write: whole, and never over what was not meant to be lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.cli.output_file import write
from player.errors import PlayerError
from player.library.database.store import Library
from tests.unit.cli.conftest import Command

WRITERS = (
    "library export --csv {}", "library map {}", "history --csv {}", "history --sound-exchange {}",
    "hub plays {}",
)  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"state_dir: {tmp_path / 'state'}\n")
    Library(tmp_path / "state" / "library.db").close()
    return path


@pytest.mark.parametrize("words", WRITERS)
@pytest.mark.parametrize("name", ["song.WAV", "photo.jpg", "library.db", "link.csv"])
def test_no_command_writes_over_a_song_a_picture_or_a_library(
    words: str, name: str, command: Command, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "song.mp3").write_bytes(b"sound")
    (tmp_path / "link.csv").symlink_to("song.mp3")
    file = tmp_path / name
    file.write_bytes(b"not to be lost")
    kind = "hub.yaml" if words.startswith("hub") else config.name
    (tmp_path / "hub.yaml").write_text(f"state_dir: {tmp_path / 'state'}\n")
    code, _, err = command(*words.format(file).split(), "--config", str(tmp_path / kind))
    assert code == 1
    assert "choose another name" in err
    assert file.read_bytes() == b"not to be lost"


@pytest.mark.parametrize("words", WRITERS)
def test_a_table_or_map_of_before_is_written_again(
    words: str, command: Command, config: Path, tmp_path: Path
) -> None:
    file = tmp_path / "out.csv"
    file.write_text("of yesterday")
    file.chmod(0o640)
    kind = "hub.yaml" if words.startswith("hub") else config.name
    (tmp_path / "hub.yaml").write_text(f"state_dir: {tmp_path / 'state'}\n")
    assert command(*words.format(file).split(), "--config", str(tmp_path / kind))[0] == 0
    assert file.read_text() != "of yesterday"
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("of yesterday")

    def breaking_off() -> Iterator[bytes]:
        yield b"half"
        raise PlayerError("the player is gone")

    with pytest.raises(PlayerError, match="the player is gone"):
        write(file, breaking_off(), "table")
    assert file.read_text() == "of yesterday"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_a_name_that_no_disk_takes_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlayerError, match=r"cannot be written \(File name too long\): choose another place"):
        write(tmp_path / ("x" * 300 + ".csv"), [b"x"], "table")


@pytest.mark.parametrize("by_link", [False, True])
@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("song.aac", b"\xff\xf1\x50\x80\x00"), ("song.wma", b"\x30\x26\xb2\x75\xa6\xd9\x00"),
        ("film.m4v", b"\0\0\0\x20ftypM4V "), ("film.mpg", b"\0\0\1\xba\x44"), ("song", b"FORM\0\0\1\0AIFF"),
        ("library.db.version-7", b"SQLite format 3\0"), ("library.db.corrupt-1", b"torn"),
        ("state.json", b"{}"), ("web_secrets.json", b"{}"), ("mood_llm.jsonl", b"{}"),
    ],
)  # fmt: skip
def test_nothing_is_written_over_what_no_command_has_written(
    tmp_path: Path, name: str, there: bytes, by_link: bool
) -> None:
    file = tmp_path / name
    file.write_bytes(there)
    (tmp_path / "link.csv").symlink_to(file)
    with pytest.raises(PlayerError, match="choose another name"):
        write(tmp_path / "link.csv" if by_link else file, [b"x"], "table")
    assert file.read_bytes() == there


def test_a_table_that_a_spreadsheet_has_saved_is_written_again(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("artist\tmusic_name", encoding="utf-16")
    write(file, [b"artist"], "table")
    assert file.read_bytes() == b"artist"
