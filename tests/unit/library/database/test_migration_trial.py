"""A migration on a copy: the library of an earlier version is only read."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from player.errors import LibraryError
from player.library.database import migration_trial
from player.library.database.schema import MIGRATIONS, connect, migrate

EARLIER = len(MIGRATIONS) - 1


def earlier_library(path: Path, version: int = EARLIER) -> Path:
    """A library as a player of that version left it, with one play."""
    with closing(sqlite3.connect(path, isolation_level=None)) as library:
        migrate(library, MIGRATIONS[:version])
        library.execute(
            "INSERT INTO plays (path, title, artist, started_at, why) VALUES ('/a', 'a', 'b', 1, '{}')"
        )
    return path


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_each_earlier_version_comes_through_and_stays_as_it_is(tmp_path: Path, version: int) -> None:
    library = earlier_library(tmp_path / "library.db", version)
    before = library.read_bytes()
    trial = migration_trial.try_on_copy(library, tmp_path / "copy.db")
    assert trial.rows["plays"] == 1
    assert trial.rows["day_marks"] == 0
    assert migration_trial.version(tmp_path / "copy.db") == len(MIGRATIONS)
    assert migration_trial.version(library) == version
    assert library.read_bytes() == before


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("CREATE TABLE tracks (id INTEGER)", "already exists"),
        ("DELETE FROM plays", "not all is there afterwards in plays"),
        ("DROP TABLE plays", "not all is there afterwards in plays"),
    ],
)
def test_one_that_fails_or_loses_something_says_so(tmp_path: Path, last: str, says: str) -> None:
    library = earlier_library(tmp_path / "library.db")
    with pytest.raises(LibraryError, match=says):
        migration_trial.try_on_copy(library, tmp_path / "copy.db", (*MIGRATIONS[:EARLIER], last))
    assert migration_trial.version(library) == EARLIER


def test_a_library_that_a_player_uses_is_copied_with_its_log(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with closing(connect(path)) as player:
        player.execute(
            "INSERT INTO plays (path, title, artist, started_at, why) VALUES ('/a', 'a', 'b', 1, '{}')"
        )
        assert (tmp_path / "library.db-wal").stat().st_size > 0
        assert migration_trial.try_on_copy(path, tmp_path / "copy.db").rows["plays"] == 1
        assert migration_trial.room(path) > 3 * path.stat().st_size


def test_nothing_is_left_beside_a_library_that_nobody_uses(tmp_path: Path) -> None:
    """Files of root's there would keep the player's user out."""
    folder = tmp_path / "state"
    connect(folder / "library.db").close()
    assert migration_trial.version(folder / "library.db") == len(MIGRATIONS)
    migration_trial.try_on_copy(folder / "library.db", tmp_path / "copy.db")
    assert [path.name for path in folder.iterdir()] == ["library.db"]


def test_a_damaged_library_is_named_and_not_mended(tmp_path: Path) -> None:
    library = earlier_library(tmp_path / "library.db")
    data = bytearray(library.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    library.write_bytes(data)
    with pytest.raises(LibraryError, match=r"damaged|SQLite says"):
        migration_trial.try_on_copy(library, tmp_path / "copy.db")
    assert library.read_bytes() == data
    library.write_bytes(b"no database at all" * 100)
    with pytest.raises(LibraryError, match="cannot be read"):
        migration_trial.version(library)
