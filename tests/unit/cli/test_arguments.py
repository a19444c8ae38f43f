"""Words from terminals and scripts that do not speak UTF-8."""

import os
from pathlib import Path

import pytest

from player.cli.arguments import named, typed
from player.errors import ControlError


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("rainy 일요일", "rainy 일요일"),
        (os.fsdecode("gemütlich".encode("latin-1")), "gemütlich"),
        (os.fsdecode("café".encode("latin-1")), "café"),
        (os.fsdecode("잔잔한".encode("cp949")), "잔잔한"),
        (os.fsdecode(b"\xe9\xff\xfe\x80"), None),
    ],
)
def test_an_argument_becomes_text(given: str, text: str | None) -> None:
    found = typed(given)
    assert found.encode()
    assert text is None or found == text


def test_the_name_of_a_file_is_text_or_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    latin = Path(os.fsdecode("café.wav".encode("latin-1")))
    assert named(Path("음악.wav")) == str(tmp_path / "음악.wav")
    assert named(latin) == str(tmp_path / "café.wav"), "typed in Latin-1, the file itself may be UTF-8"
    latin.write_bytes(b"")
    with pytest.raises(ControlError, match="not UTF-8"):
        named(latin)
