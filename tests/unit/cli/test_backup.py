"""`ambient-player backup` and `restore` at the command line."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("/a", "is no OLD=NEW"),
        ("a=/b", "is no OLD=NEW"),
        ("/a=~nosuchuser/x", "is in nobody's home here"),
        ("~nosuchuser/x=/a", "is a home of another machine"),
    ],
)
def test_a_folder_that_cannot_be_meant_is_refused_in_a_sentence(
    pair: str, words: str, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    code, _, said = command("restore", str(tmp_path / "b.zip"), "--folder", pair)
    assert code == 2
    assert words in said
