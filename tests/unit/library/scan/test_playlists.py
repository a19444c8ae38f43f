"""What playlists name, and the stations that they bring into the library."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from player.cli.arguments import decode
from player.config.settings.library import PlaylistSettings
from player.library.configured_playlists import named_music
from player.library.database.stations import Station
from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.rules import HouseRules
from player.library.scan.playlists import Entry, read_playlist
from player.types import Mood
from tests.unit.library import files
from tests.unit.library.database.test_store import ANALYSIS

RADIO = Station("http://radio.example:8000/jazz?x=1", "Jazz", Mood(0.4, -0.4, {"calm": 1.0}), 900)


def parse(text: str, folder: Path) -> list[Entry]:
    """What a playlist with this text names, in a folder where there is nothing else."""
    (folder / "list.m3u").write_text(text, encoding="utf-8")
    return [replace(entry, missing="") for entry in read_playlist(folder / "list.m3u")]


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("a.mp3", "{}/a.mp3"),
        ("/other/b.flac", "/other/b.flac"),
        ("rock\\c.mp3", "{}/rock/c.mp3"),
        ("file:///x/d%20e.mp3", "/x/d e.mp3"),
    ],
)
def test_an_entry_is_a_file(line: str, source: str, tmp_path: Path) -> None:
    text = f"#EXTM3U\n#EXTINF:-1,A, title\n{line}\n"
    assert parse(text, tmp_path) == [Entry(Path(source.format(tmp_path)), "A, title")]


def test_an_entry_is_an_address(tmp_path: Path) -> None:
    text = "#EXTM3U\n#EXTINF:-1,A, title\nHTTPS://radio.example/live\n"
    assert parse(text, tmp_path) == [Entry("HTTPS://radio.example/live", "A, title")]


@pytest.mark.parametrize("line", ["rtsp://radio.example/live", "http://", "smb://disk/a.mp3"])
def test_what_is_neither_is_said_to_be_missing(line: str, tmp_path: Path) -> None:
    (tmp_path / "list.m3u").write_text(line, encoding="utf-8")
    assert [entry.missing for entry in read_playlist(tmp_path / "list.m3u")] == [line]


@pytest.mark.parametrize("line", ["#a.mp3", "  "])
def test_what_names_nothing_is_left_out(line: str, tmp_path: Path) -> None:
    assert parse(line, tmp_path) == []


@pytest.mark.parametrize(
    ("info", "title"),
    [
        ('-1 tvg-name="a, b" group="c,d",Radio, live', "Radio, live"),
        ('-1 tvg-name="a, b', "b"),
        ('3,7" Mix, long', '7" Mix, long'),
        ("3", ""),
    ],
)
def test_commas_between_quotes_begin_no_title(info: str, title: str, tmp_path: Path) -> None:
    assert parse(f"#EXTINF:{info}\na.mp3", tmp_path) == [Entry(tmp_path / "a.mp3", title)]


def test_a_title_belongs_to_one_entry_alone(tmp_path: Path) -> None:
    text = "#EXTINF:3,One\na.mp3\nb.mp3"
    assert parse(text, tmp_path) == [Entry(tmp_path / "a.mp3", "One"), Entry(tmp_path / "b.mp3")]


def test_pls_goes_by_its_numbers(tmp_path: Path) -> None:
    text = "[Playlist]\nTitle2=Two\nFile10=c.mp3\nfile2 = http://r.example/2\nFile1=a.mp3\nNumberOfEntries=3"
    text += f"\nFile{'9' * 5000}=d.mp3"
    assert parse(text, tmp_path) == [
        Entry(tmp_path / "a.mp3"),
        Entry("http://r.example/2", "Two"),
        Entry(tmp_path / "c.mp3"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_names_in_korean_are_read_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    playlist = tmp_path / "a.m3u"
    playlist.write_bytes("노래.mp3\n".encode(encoding))
    (tmp_path / "노래.mp3").touch()
    assert read_playlist(playlist) == [Entry(tmp_path / "노래.mp3")]


def test_bytes_in_no_encoding_still_are_text() -> None:
    assert decode(b"a\xff\xe9.mp3").endswith(".mp3")


def test_a_station_is_a_track_with_the_mood_it_was_given(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.db")
    library.set_stations([RADIO])
    (track,) = library.tracks()
    assert (track.source, track.title, track.mood) == (RADIO.url, "Jazz", RADIO.mood)
    assert (track.duration_s, track.fade_out_s, track.quadrant) == (0, 900, "Q4")
    assert library.pending() == []


def test_a_scan_lets_stations_be_and_the_config_takes_them_away(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.db")
    library.set_stations([RADIO])
    (before,) = library.tracks()
    library.scan([tmp_path])
    library.restrict([tmp_path])
    assert library.tracks() == [before]
    library.set_stations([])
    assert library.tracks() == []
    library.set_stations([replace(RADIO, title="Jazz again")])
    (again,) = library.tracks()
    assert (again.id, again.title) == (before.id, "Jazz again")


def test_a_playlist_s_files_join_the_library_from_outside_its_folders(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    song = files.wav(outside / "song.wav")
    files.wav(outside / "not named.wav")
    (outside / "list.m3u").write_text("song.wav\ngone.wav\nhttp://radio.example/x\n", encoding="utf-8")
    settings = PlaylistSettings(source=str(outside / "list.m3u"), mood="calm", play_s=60)
    named, stations, *_ = named_music([settings])
    library = Library(tmp_path / "library.db")

    library.scan([inside], extra=named)
    library.restrict([inside], named)

    assert [track.path for track in library.tracks()] == [song]
    assert [(one.url, one.title, one.play_s) for one in stations] == [
        ("http://radio.example/x", "radio.example", 60)
    ]
    library.scan([inside])
    assert library.tracks() == []


def test_a_station_without_a_mood_and_a_lost_playlist_are_told_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.m3u").write_text("http://radio.example/x", encoding="utf-8")
    sources = [str(tmp_path / "a.m3u"), str(tmp_path / "gone.m3u")]
    assert named_music(PlaylistSettings(source=source) for source in sources) == ({}, [], [], True)
    assert ["needs a mood" in text for text in caplog.messages] == [True, False]
    assert ["gone.m3u cannot be read" in text for text in caplog.messages] == [False, True]


def test_a_mood_given_to_a_playlist_goes_before_what_was_heard(tmp_path: Path) -> None:
    song = files.wav(tmp_path / "a.wav")
    (tmp_path / "a.m3u").write_text("a.wav", encoding="utf-8")
    named, *_ = named_music([PlaylistSettings(source=str(tmp_path / "a.m3u"), mood="triumphant")])
    library = Library(tmp_path / "library.db")
    library.scan([tmp_path], extra=named)
    library.give_moods(named)
    library.save(song, ANALYSIS)

    (track,) = library.tracks()
    assert track.mood is not None
    assert (track.mood.name, track.quadrant, track.confidence) == ("triumphant", "Q1", 1.0)
    columns = TrackIndex(library, HouseRules("0", ()), None).now(datetime(2026, 5, 1, tzinfo=UTC))
    assert columns.table["energy"][0] == pytest.approx(track.mood.energy)

    library.give_moods({})
    (track,) = library.tracks()
    assert track.mood is not None
    assert (track.mood.valence, track.quadrant) == (ANALYSIS.valence, "Q4")
