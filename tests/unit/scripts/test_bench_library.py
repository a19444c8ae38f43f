"""The bench's synthetic library, small: the player's whole way from database to choice, many times over."""

from pathlib import Path

from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.rules import compile_rules
from scripts.bench.library import RULES, START, build, play


def test_twenty_thousand_tracks(tmp_path: Path) -> None:
    build(tmp_path / "library.db", 20_000)
    library = Library(tmp_path / "library.db")
    index = TrackIndex(library, compile_rules(RULES, ()), seed=1)
    assert 500 <= len(index.now(START).table) < 20_000
    assert index.wait(60)
    columns = index.now(START)
    assert len(columns.table) == 20_000

    assert len(play(library, index, 40)) == 40

    heard = columns.table[columns.table["heard_at"] > 0]
    assert len(heard) == 40  # none twice within the track window
    assert not heard["bits"].any()
    library.close()
