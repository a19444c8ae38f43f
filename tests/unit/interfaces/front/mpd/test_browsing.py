"""What MPD's programs find in a real library: folders, searches in both syntaxes, lists, counts, numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.interfaces.front.mpd.commands import Commands
from player.interfaces.front.mpd.lines import Refusal, words
from player.interfaces.front.mpd.shelf import Shelf
from player.interfaces.front.status_board import StatusBoard
from tests.support.shelf_player import ShelfPlayer

SONGS = [
    ("Bach", "Suites", "Air", "Classical"),
    ("Bach", "Suites", "Badinerie", "Classical"),
    ("Bach", "Mass", "Kyrie", "Classical"),
    ("Beyoncé", "", "Halo", "Pop"),
    ("AC/DC", "Back in Black", 'Say "Hells" Bells', "Rock"),
    ("", "", "Room\\Tone", ""),
    ("Bach", "Hits", "Air on a string (live)", "Pop"),
]


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShelfPlayer]:
    made = ShelfPlayer(tmp_path_factory.mktemp("shelf"), SONGS)
    yield made
    made.library.close()


def asked(player: ShelfPlayer, *lines: str) -> list[str]:
    """The answer to the last of these lines, given one after the other."""

    async def tried() -> bytes:
        commands = Commands(player, StatusBoard(player), (10, 80))
        said = b""
        for line in lines:
            name, *arguments = words(line)
            said = await commands.run(name, arguments)
        return said

    return asyncio.run(tried()).decode().splitlines()


def titles(said: list[str]) -> list[str]:
    return [line.removeprefix("Title: ") for line in said if line.startswith("Title: ")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("find artist Bach title Air", ["Air"]),
        ("find artist bach", []),
        ("search artist bach title air", ["Air", "Air on a string (live)"]),
        ("search any beyonce", ["Halo"]),
        ('search any "bach air suites"', ["Air"]),
        ('find any "Suites"', ["Air", "Badinerie"]),
        ('find file "track/4"', ["Halo"]),
        ('find file "track/99"', []),
        ('find file "/etc/passwd"', []),
        ('find base "Bach/Suites"', ["Air", "Badinerie"]),
        ('search title "say \\"hells\\""', ['Say "Hells" Bells']),
        ("search title Room\\Tone", ["Room\\Tone"]),
        ('find artist ""', ["Room\\Tone"]),
        ("find date 1999", []),
        ("find \"(Artist == 'Bach')\"", ["Air", "Air on a string (live)", "Badinerie", "Kyrie"]),
        ("find \"(Artist == 'bach')\"", []),
        ("search \"(artist == 'bach')\"", ["Air", "Air on a string (live)", "Badinerie", "Kyrie"]),
        ("find \"((Artist == 'Bach') AND (Album == 'Suites') AND (title contains 'Bad'))\"", ["Badinerie"]),
        ("find \"((Artist == 'Bach') AND (!(Album == 'Suites')))\"", ["Air on a string (live)", "Kyrie"]),
        ("find \"(Artist != 'Bach')\"", ["Room\\Tone", 'Say "Hells" Bells', "Halo"]),
        ("find \"(title starts_with 'Air')\"", ["Air", "Air on a string (live)"]),
        ('find "(title == \\"Say \\\\\\"Hells\\\\\\" Bells\\")"', ['Say "Hells" Bells']),
        ("find \"(title == 'Room\\\\\\\\Tone')\"", ["Room\\Tone"]),
        ("find \"(title contains '(live)')\"", ["Air on a string (live)"]),
        ("find \"(base 'Bach')\" \"(genre == 'Pop')\"", ["Air on a string (live)"]),
        ("find artist Bach sort title", ["Air", "Air on a string (live)", "Badinerie", "Kyrie"]),
        ("find artist Bach sort -title", ["Kyrie", "Badinerie", "Air on a string (live)", "Air"]),
        ("find artist Bach sort title window 1:3", ["Air on a string (live)", "Badinerie"]),
        ("find artist Bach sort title window 2:", ["Badinerie", "Kyrie"]),
        ("find title sort", []),
        ("search title window window 0:1", []),
    ],
)
def test_what_is_found(player: ShelfPlayer, line: str, found: list[str]) -> None:
    assert titles(asked(player, line)) == found


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("find", "too few"),
        ("find artist", "Incorrect number"),
        ("find nonsense x", "Unknown filter type: nonsense"),
        ("find \"(Artist =~ '(a+)+$')\"", "Operators here"),
        ("find \"(Artist == 'Bach'\"", "'\\)' expected"),
        ('find "(Artist == Bach)"', "Quoted"),
        ('find "(Artist == \'Bach)"', "expected"),
        ("find \"(Artist == 'Bach') x\"", "garbage"),
        ("find \"((Artist == 'Bach') OR (Album == 'x'))\"", "'AND'"),
        ('find "()"', "Word expected"),
        (f"find {'(' * 1000}", "Too many brackets"),
        (f"find {'(!' * 1000}", "Too many brackets"),
        ("find artist Bach window 5:1", "Bad range"),
        ("find artist Bach window x", "Integer expected"),
        ("find artist Bach sort nonsense", "Unknown tag type"),
        ("list nonsense", "Unknown tag type"),
        ("list artist group nonsense", "Unknown tag type"),
        ("count", "too few"),
        ("lsinfo nowhere", "No such directory"),
        ("listallinfo Bach/Nothing", "No such directory"),
        ("lsinfo track/99", "No such song"),
    ],
)
def test_nonsense_is_refused_in_words(player: ShelfPlayer, line: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        asked(player, line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("list artist", ["Artist: ", "Artist: AC/DC", "Artist: Bach", "Artist: Beyoncé"]),
        ("list albumartist", ["AlbumArtist: "] + [f"AlbumArtist: {n}" for n in ("AC/DC", "Bach", "Beyoncé")]),
        ("list album artist Bach", ["Album: Hits", "Album: Mass", "Album: Suites"]),
        ("list album Bach", ["Album: Hits", "Album: Mass", "Album: Suites"]),
        ("list album \"(AlbumArtist == 'Bach')\"", ["Album: Hits", "Album: Mass", "Album: Suites"]),
        ("list artist genre Pop", ["Artist: Bach", "Artist: Beyoncé"]),
        ("list title album Suites", ["Title: Air", "Title: Badinerie"]),
        ("list date", ["Date: "]),
        ("list file genre Rock", ["file: track/5"]),
        (
            "list album genre Pop group artist",
            ["Artist: Bach", "Album: Hits", "Artist: Beyoncé", "Album: "],
        ),
        (
            "list album artist Bach group albumartist group date",
            ["Date: ", "AlbumArtist: Bach", "Album: Hits", "Album: Mass", "Album: Suites"],
        ),
        ("count artist Bach", ["songs: 4", "playtime: 1"]),
        ("count title Air", ["songs: 1", "playtime: 0"]),
        (
            "count genre Pop group artist",
            ["Artist: Bach", "songs: 1", "playtime: 0", "Artist: Beyoncé", "songs: 1", "playtime: 0"],
        ),
    ],
)
def test_what_there_is_by_name(player: ShelfPlayer, line: str, said: list[str]) -> None:
    assert asked(player, line) == said


def test_folders_are_walked_from_the_root_to_a_track(player: ShelfPlayer) -> None:
    root = [line for line in asked(player, "lsinfo") if line.startswith("directory")]
    shown = ["AC\N{DIVISION SLASH}DC", "Bach", "Beyoncé", "Unknown artist"]
    assert root == [f"directory: {name}" for name in shown]
    assert "playlist: Follow the room" in asked(player, 'lsinfo "/"')
    albums = asked(player, "lsinfo Bach")
    assert albums == [f"directory: Bach/{name}" for name in ("Hits", "Mass", "Suites")]
    assert titles(asked(player, "lsinfo Bach/Suites")) == ["Air", "Badinerie"]
    assert titles(asked(player, f'lsinfo "{shown[0]}/Back in Black"')) == ['Say "Hells" Bells']
    assert titles(asked(player, "lsinfo Beyoncé")) == ["Halo"], "it is of no album"
    assert titles(asked(player, 'lsinfo "Unknown artist"')) == ["Room\\Tone"]
    assert titles(asked(player, "lsinfo track/4")) == ["Halo"]
    assert asked(player, "listfiles Bach") == [f"directory: {name}" for name in ("Hits", "Mass", "Suites")]


def test_a_folder_with_all_that_is_below_it(player: ShelfPlayer) -> None:
    assert asked(player, "listall Bach") == [
        "directory: Bach",
        "directory: Bach/Hits",
        "file: track/7",
        "directory: Bach/Mass",
        "file: track/3",
        "directory: Bach/Suites",
        "file: track/1",
        "file: track/2",
    ]
    assert len(titles(asked(player, "listallinfo"))) == len(SONGS)


def test_the_numbers_are_true(player: ShelfPlayer) -> None:
    said = dict(line.split(": ") for line in asked(player, "stats", "stats"))
    assert (said["artists"], said["albums"], said["songs"]) == ("3", "4", "7")
    newest = max(path.stat().st_mtime for path in player.library.database.path.parent.glob("music/*"))
    assert int(said["db_update"]) == int(newest)
    assert (said["db_playtime"], said["playtime"]) == ("2", "0")
    assert int(said["uptime"]) < 3600


def test_a_library_of_many_pages_is_searched_to_its_end(tmp_path: Path) -> None:
    player = ShelfPlayer(tmp_path, [("Band", "", f"Song {n}", "") for n in range(230)])
    try:
        assert titles(asked(player, 'find title "Song 229"')) == ["Song 229"]
        assert asked(player, "count artist Band")[0] == "songs: 230"
        assert len(titles(asked(player, "find artist Band window 200:300"))) == 30
    finally:
        player.library.close()


def test_a_long_search_is_asked_in_as_many_words_as_the_library_takes(player: ShelfPlayer) -> None:
    long = " ".join(f"word{n}" for n in range(60))
    assert asked(player, f'search any "{long}"') == []
    assert asked(player, f'find artist "{"x" * 300}"') == []


def test_what_is_as_before_is_not_told_twice(player: ShelfPlayer) -> None:
    async def tried() -> list[object]:
        shelf = Shelf(player)
        before = len(player.told)
        first, second = await shelf.collection(), await shelf.collection()
        assert first["albums"] == second["albums"]
        return [arguments["known"] for _, arguments in player.told[before:]]

    first, second = asyncio.run(tried())
    assert first is None
    assert second
