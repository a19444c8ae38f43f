"""What the Python API says of what it cannot read; what it reads, tests/integration/test_python_api.py."""

from pathlib import Path

import pytest

from player.errors import AudioFileError, NotNowError
from player.library import analyze, analyze_files, api


@pytest.fixture(params=["a folder", "a missing name", "a name too long"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A name that is none of a file, and what is said of it."""
    if request.param == "a folder":
        return tmp_path, f"{tmp_path} is a folder: name the files in it."
    path = tmp_path / ("x" * 300 if request.param == "a name too long" else "mistyped.mp3")
    return path, f"There is no file {path}: correct its name, or bring it back."


def test_what_is_no_file_is_not_to_be_removed_or_waited_for(no_file: tuple[Path, str]) -> None:
    path, said = no_file
    with pytest.raises(AudioFileError) as alone:
        analyze(path)
    ((_, among_many),) = analyze_files([path])
    assert [str(alone.value), str(among_many)] == [said, said]


class Closed:
    """Stands in for the Analyzer: the system does not let it read."""

    def analyze(self, path: Path) -> None:
        raise NotNowError(f"{path} cannot be read at present (Permission denied): it is tried again.")


def test_nobody_who_asks_once_is_told_that_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "closed.mp3"
    path.touch()
    monkeypatch.setattr(api, "_analyzer", Closed)
    with pytest.raises(AudioFileError, match=r"\(Permission denied\): try it again\.$"):
        analyze(path)
