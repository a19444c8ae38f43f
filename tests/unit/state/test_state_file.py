import logging
from pathlib import Path

import pytest

from player.config.settings.config import Config, ControlSettings
from player.errors import StateError
from player.state import state_file


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state_file.save(path, {"path": "/m/한국어.mp3", "position_s": 12.5})
    assert state_file.load(path) == {"path": "/m/한국어.mp3", "position_s": 12.5}
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_any_file_name_can_be_saved(tmp_path: Path) -> None:
    kept = {"path": "/음악/Caf\udce9.mp3"}
    state_file.save(tmp_path / "state.json", kept)
    assert "음악" in (tmp_path / "state.json").read_text(encoding="utf-8")
    assert state_file.load(tmp_path / "state.json") == kept


def test_nothing_saved_is_an_empty_state(tmp_path: Path) -> None:
    assert state_file.load(tmp_path / "state.json") == {}


@pytest.mark.parametrize(
    "content", [b"", b'{"half', b"[1]", b"\xff\x00", b"[" * 100_000, b'{"a": "' + b"x" * 2_000_000 + b'"}']
)
def test_a_damaged_file_is_set_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert state_file.load(path) == {}
    assert (tmp_path / "state.damaged").read_bytes() == content
    assert "starting without it" in caplog.text


def test_a_folder_in_its_place_is_set_aside_too(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.mkdir()
    assert state_file.load(path) == {}
    state_file.save(path, {"volume": 40})
    assert state_file.load(path) == {"volume": 40}


def test_a_failed_save_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state_file.save(path, {"volume": 40})
    with pytest.raises(TypeError):
        state_file.save(path, {"volume": object()})
    assert state_file.load(path) == {"volume": 40}


def test_a_folder_that_cannot_be_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot be created"):
        state_file.state_dir(Config(state_dir=tmp_path / "file" / "state"))


def test_the_state_folder_is_private(tmp_path: Path) -> None:
    folder = state_file.state_dir(Config(state_dir=tmp_path / "a" / "b"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert state_file.socket_path(Config(state_dir=folder)) == folder / "control.sock"


def test_a_socket_without_a_name_is_where_it_usually_is(tmp_path: Path) -> None:
    config = Config(state_dir=tmp_path, control=ControlSettings(socket=Path("/")))
    assert state_file.socket_path(config) == tmp_path / "control.sock"
