"""Whatever the umask, nobody else reads what the player keeps."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from player.config import loader
from player.config.settings.config import Config
from player.library.database.schema import MIGRATIONS, connect
from player.library.database.store import Library
from player.mood.llm.cache import ResponseCache
from player.mood.llm.response import MoodResponse
from player.privacy import private_files
from player.state import state_file
from player.system import resources


@pytest.fixture(params=[0o000, 0o022, 0o777], autouse=True, ids=["umask 000", "umask 022", "umask 777"])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in folder.iterdir() if path.is_file()}


def test_folders_are_made_for_their_owner_alone_and_those_around_them_too(tmp_path: Path) -> None:
    made = state_file.state_dir(Config(state_dir=tmp_path / "a" / "b"))
    assert (mode(made), mode(made.parent)) == (0o700, 0o700)


def test_the_state_its_successor_and_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{", encoding="utf-8")
    path.chmod(0o644)
    assert state_file.load(path) == {}
    state_file.save(path, {"a": 1})
    state_file.save(path, {"a": 2})
    assert state_file.load(path) == {"a": 2}
    assert modes(tmp_path) == {"state.json": 0o600, "state.damaged": 0o600}


def test_the_database_its_log_and_what_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"no database" * 100)
    path.chmod(0o666)
    library = Library(path)
    assert {"library.db", "library.db-wal", "library.db-shm", "library.db.corrupt-1"} <= set(modes(tmp_path))
    assert set(modes(tmp_path).values()) == {0o600}
    library.close()


def test_an_older_database_that_all_could_read_and_the_copy_of_it(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(f"{''.join(MIGRATIONS[:-1])}; PRAGMA user_version = {len(MIGRATIONS) - 1};")
    path.chmod(0o644)
    connect(path).close()
    assert modes(tmp_path) == {"library.db": 0o600, f"library.db.version-{len(MIGRATIONS) - 1}": 0o600}


def test_the_opinions_of_a_language_model(tmp_path: Path) -> None:
    path = tmp_path / "mood_llm.jsonl"
    path.touch(0o644)
    cache = ResponseCache(path, largest=2)
    for key in "abcdefgh":
        cache.put(key, MoodResponse(mood="calm", valence=5, energy=5))
    assert modes(tmp_path) == {"mood_llm.jsonl": 0o600}


def test_a_folder_that_others_can_open_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "the state"
    folder.mkdir()
    folder.chmod(0o755)
    said = state_file.open_to_others(folder)
    assert said is not None
    assert f"chmod 700 '{folder}'" in said
    folder.chmod(0o700)
    assert state_file.open_to_others(folder) is None


def test_a_file_is_continued_and_its_text_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for text in ("one ", "two"):
        with private_files.write(path, "a") as file:
            file.write(text)
    assert path.read_text(encoding="utf-8") == "one two"


def test_what_an_earlier_version_left_open_is_closed_and_an_owners_own_file_is_not(tmp_path: Path) -> None:
    for name in ("library.db", "library.db.version-3", "state.json", "mood_llm.jsonl", "playlist.m3u"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    state_file.close_to_others(tmp_path)
    assert {name for name, bits in modes(tmp_path).items() if bits != 0o600} == {"playlist.m3u"}


def test_what_its_owner_has_forbidden_himself_stays_forbidden(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.touch()
    path.chmod(0o444)
    private_files.make_private(path)
    assert mode(path) == 0o400


def test_closing_a_database_to_others_lets_go_of_no_lock_on_it(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    code = f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for each in tmp_path.iterdir():
            private_files.make_private(each)
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "database is locked" in other.stderr


def test_a_config_that_may_hold_a_cameras_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "INSTALLED", True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = loader.write_own()
    assert mode(own) == 0o600
    assert mode(own.parent) == 0o700
