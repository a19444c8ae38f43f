"""The track index in step with the database, and the house rules as SQLite reads them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from player.config.settings.dayparts import DEFAULT_DAYPARTS
from player.config.settings.library import RuleSettings
from player.library.database.store import Library
from player.library.index import track_index as module
from player.library.index.track_index import TrackIndex
from player.library.index.track_table import GONE
from player.library.models import Analysis
from player.library.rules import EXCLUDED, NOT_INCLUDED, compile_rules, excluded_from, outside_pool
from player.types import Choice

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NO_RULES = compile_rules(RuleSettings(), ())
ANALYSIS = Analysis(
    0.5, -0.6, "Q4", {"calm": 1.0}, -18, -3, 120.0, 180, 5, key="A minor", embedding=(127,) * 32
)
TRACKS = [
    ("/music/Jazz/so.flac", "So", "Miles", "Jazz; Cool", False),
    ("/music/Christmas/bells.mp3", "Bells", "The Choir", "Pop", False),
    ("/music/rude.mp3", "Rude", "MC", "Rap", True),
    ("/music/노래/봄.mp3", "봄", "가수", "Acid Jazz", False),
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.db")
    for path, title, artist, genre, explicit in TRACKS:
        made.database.write(
            "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, explicit, duration_s)"
            " VALUES (?, 1, 1, ?, ?, '', ?, ?, 180)",
            path, title, artist, genre, explicit,
        )  # fmt: skip
    made.database.write("INSERT INTO mood_tags VALUES (4, 'lastfm', 'Mellow', 1)")
    yield made
    made.close()


def titles(library: Library, rules: dict[str, object], bit: int) -> list[str]:
    """Of the tracks that carry a bit under some rules."""
    compiled = compile_rules(RuleSettings.model_validate(rules), ())
    table = TrackIndex(library, compiled).now(NOW).table
    return [title for row, (_, title, *_) in zip(table, TRACKS, strict=True) if row["bits"] & bit]


@pytest.mark.parametrize(
    ("exclude", "expected"),
    [
        ({}, []),
        ({"genres": ["jazz"]}, ["So"]),
        ({"genres": ["*jazz"]}, ["So", "봄"]),
        ({"artists": ["the c*", "가수"]}, ["Bells", "봄"]),
        ({"paths": ["Christmas/*"]}, ["Bells"]),
        ({"paths": ["/music/노래/*"]}, ["봄"]),
        ({"tags": ["mellow"]}, ["봄"]),
        ({"tags": ["pop"]}, ["Bells"]),
        ({"explicit": True}, ["Rude"]),
        ({"explicit": True, "genres": ["pop"]}, ["Bells", "Rude"]),
    ],
)
def test_exclusions(library: Library, exclude: dict[str, object], expected: list[str]) -> None:
    assert titles(library, {"exclude": exclude}, EXCLUDED) == expected


@pytest.mark.parametrize(
    ("include", "left_out"),
    [
        ({}, []),
        ({"genres": ["jazz", "pop"]}, ["Rude", "봄"]),
        ({"genres": ["*jazz"], "artists": ["miles"]}, ["Bells", "Rude", "봄"]),
    ],
)
def test_inclusions(library: Library, include: dict[str, object], left_out: list[str]) -> None:
    assert titles(library, {"include": include}, NOT_INCLUDED) == left_out


def test_pools_have_bits_of_their_own(library: Library) -> None:
    pools = [
        RuleSettings.model_validate({"include": {"genres": ["*jazz"]}}),
        RuleSettings(),
        RuleSettings.model_validate({"exclude": {"explicit": True}}),
    ]
    dayparts = [
        part.model_copy(update={"pool": pool}) for part, pool in zip(DEFAULT_DAYPARTS, pools, strict=False)
    ]
    rules = compile_rules(RuleSettings(), dayparts)
    table = TrackIndex(library, rules).now(NOW).table
    assert rules.pools == ("night", "day")
    assert (table["bits"] & outside_pool(0) > 0).tolist() == [False, True, True, False]
    assert (table["bits"] & excluded_from(1) > 0).tolist() == [False, False, True, False]
    assert rules.pool("morning") == 0


def test_follows_what_changes(library: Library) -> None:
    made = TrackIndex(library, NO_RULES)
    columns = made.now(NOW)
    assert len(columns.plane(0)) == 4
    library.save(Path(TRACKS[1][0]), ANALYSIS)
    library.mark_unreadable(Path(TRACKS[2][0]), "it is noise")
    library.database.write(
        "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s)"
        " VALUES ('/music/new.mp3', 1, 1, 'New', '', '', '', 1)"
    )
    assert made.now(NOW) is columns
    assert columns.table["id"].tolist() == [1, 2, 3, 4, 5]
    assert columns.table["key"].tolist()[1] == 21
    assert columns.table["embedding"][1].tolist() == [127] * 32
    assert columns.table["bits"][2] == GONE
    assert len(columns.plane(0)) == 4


def test_knows_what_was_heard(library: Library) -> None:
    track = library.track(3)
    assert track is not None
    library.record_play(Choice(track, ""), NOW, {})
    table = TrackIndex(library, NO_RULES).now(NOW).table
    assert table["heard_at"][2] == NOW.timestamp()
    assert not (table["heard_at"][:2] > 0).any()


def test_another_process_is_noticed(library: Library) -> None:
    made = TrackIndex(library, NO_RULES)
    made.now(NOW)
    other = Library(library.database.path)
    other.save(Path(TRACKS[0][0]), ANALYSIS)
    other.close()
    assert made.now(NOW).table["valence"][0] == 0.5


def test_a_large_library_is_sampled_until_it_is_read(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL", 2)
    made = TrackIndex(library, NO_RULES, seed=1)
    sample = made.now(NOW)
    assert 0 < len(sample.table) <= 4
    assert made.wait(60)
    whole = made.now(NOW)
    assert whole is not sample
    assert whole.table["id"].tolist() == [1, 2, 3, 4]
    library.save(Path(TRACKS[0][0]), ANALYSIS)
    assert made.now(NOW) is whole
    assert whole.table["valence"][0] == 0.5
