"""What commands print of tags and names: nothing in it steers a terminal, and a line is one line."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from player.library.database.store import Library
from player.privacy.printable import on_one_line, printable
from player.types import Choice, Track
from tests.unit.cli.conftest import Command
from tests.unit.library import files

EVIL = "Song\x1b[2J\n2026-11-29 10:00  Fake\x9b5m\u202e\u2028\x07"
PLAIN = "Song [2J 2026-11-29 10:00  Fake 5m   "


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    files.wav(tmp_path / "music" / "a.wav", 1)
    (tmp_path / "music" / "b\x1b[2J.wav").write_bytes(b"no sound")
    path = tmp_path / "config.yaml"
    path.write_text(f"state_dir: {tmp_path / 'state'}\nlibrary: {{folders: [{tmp_path / 'music'}]}}\n")
    with closing(Library(tmp_path / "state" / "library.db")) as library:
        library.scan([tmp_path / "music"])
        library.database.write("UPDATE tracks SET title = ?, artist = '\x1b]0;owned\x07'", EVIL)
        choice = Choice(Track(tmp_path / "music" / "a.wav", EVIL, "\x1b]0;owned\x07", id=1), "")
        library.record_play(choice, datetime(2026, 5, 1, tzinfo=UTC), {}, "")
    return path


@pytest.mark.parametrize(
    ("words", "lines"), [("library list", 1), ("history", 1), ("library scan", 2), ("check", 1)]
)
def test_no_tag_and_no_name_steers_a_terminal(words: str, lines: int, command: Command, config: Path) -> None:
    code, out, err = command(*words.split(), "--config", str(config))
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == lines
    assert printable(out.replace("\n", "")) == out.replace("\n", "")


def test_an_error_is_one_plain_line(command: Command, config: Path) -> None:
    code, _, err = command("restore", f"{config.parent}/\x1b[2J\nb.zip", "--config", str(config))
    assert (code, err) == (1, f"ambient-player: {config.parent}/ [2J b.zip is not there.\n")


def test_columns_stay_and_one_line_has_single_spaces() -> None:
    assert printable(EVIL) == PLAIN
    assert printable("밤  é") == "밤  é"
    assert on_one_line(EVIL) == " ".join(PLAIN.split())
