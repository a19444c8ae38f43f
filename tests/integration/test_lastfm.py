"""Last.fm's tags through pylast, from a local server that speaks its API."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from player.cli.library_tools import fetch_tags, mood_named
from player.errors import TagServiceError
from player.library.database.connection import Database
from player.library.database.mood_tags import MoodTags
from player.library.database.store import Library
from player.library.scan.lastfm import PAUSES_S, LastFm
from tests.fakes.lastfm import LastFmServer, running


@pytest.fixture
def server() -> Iterator[LastFmServer]:
    with running() as server:
        yield server


def library(tmp_path: Path, *tracks: tuple[str, str]) -> Path:
    path = tmp_path / "library.db"
    Library(path).close()
    with closing(Database(path)) as database:
        for number, (artist, title) in enumerate(tracks):
            database.write(
                "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s)"
                " VALUES (?, 1, 1, ?, ?, '', '', 60)",
                f"/m/{number}.mp3", title, artist,
            )  # fmt: skip
    return path


def test_moods_are_kept_and_other_tags_are_not(server: LastFmServer) -> None:
    server.tracks["아이유", "밤편지"] = {
        "Calm": 100,
        "korean": 90,
        "차분한": 40,
        "sad & blue": 50,
        "Dreamy": 25,
        "x": 0,
    }
    asks = LastFm(server.network(), mood_named, lambda _: None)

    assert asks.moods("아이유", "밤편지") == {"calm": 1.0, "dreamy": 0.25}
    assert asks.moods("nobody", "knows") == {}


def test_too_many_requests_are_waited_for_and_then_given_up(server: LastFmServer) -> None:
    server.tracks["a", "b"] = {"sad": 60}
    waited: list[float] = []
    asks = LastFm(server.network(), mood_named, waited.append)

    server.trouble = [29, 11]
    assert asks.moods("a", "b") == {"sad": 0.6}
    assert waited == list(PAUSES_S[:2])
    server.trouble = [29] * 9
    with pytest.raises(TagServiceError, match="run it again later"):
        asks.moods("a", "b")


def test_a_wrong_key_and_no_network_are_said(server: LastFmServer) -> None:
    with pytest.raises(TagServiceError, match="does not accept the key"):
        LastFm(server.network("wrong"), mood_named, lambda _: None).moods("a", "b")
    network = server.network()
    server.shutdown()
    server.server_close()
    with pytest.raises(TagServiceError, match="cannot be reached"):
        LastFm(network, mood_named, lambda _: None).moods("a", "b")


def test_it_goes_on_where_it_stopped_and_asks_nothing_twice(server: LastFmServer, tmp_path: Path) -> None:
    path = library(tmp_path, ("A", "one"), ("A", "two"), ("B", "three"), ("", "nameless"))
    server.tracks |= {("A", "one"): {"sad": 100}, ("B", "three"): {"heavy": 100}}
    asks = LastFm(server.network(), mood_named, lambda _: None)
    server.trouble = []

    first = fetch_tags(path, asks)
    assert next(first) == (1, 3, {"sad": 1.0})
    first.close()  # as Ctrl-C would
    server.trouble = [26]
    with pytest.raises(TagServiceError):
        list(fetch_tags(path, asks))
    assert [found for *_, found in fetch_tags(path, asks)] == [{}, {}]
    assert list(fetch_tags(path, asks)) == []

    assert server.asked == [("A", "one"), ("A", "two"), ("A", "two"), ("B", "three")]
    with closing(Database(path)) as database:
        assert MoodTags(database).strongest() == {1: "sad"}
