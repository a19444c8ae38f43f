"""What `rules.exclude` promises, on files with the tags that taggers write."""

import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from os.path import realpath
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TCON, TIT2, TPE1, TPE2, TXXX, Encoding

from player.config.settings.library import RuleSettings
from player.library import path_patterns
from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.rules import EXCLUDED, NOT_INCLUDED, compile_rules
from player.library.scan.tags import read_track
from tests.unit.library import files
from tests.unit.library.database.test_store import ANALYSIS

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.db")
    yield made
    made.close()


def excluded(library: Library, folders: Sequence[Path] = (), /, **exclude: list[str]) -> bool:
    """Whether the only track of a library is, by its row and by itself."""
    rules = compile_rules(RuleSettings.model_validate({"exclude": exclude}), (), folders)
    index = TrackIndex(library, rules)
    (row,) = index.now(NOW).table
    (track,) = library.tracks()
    assert index.permits(track, EXCLUDED) is not bool(row["bits"] & EXCLUDED)
    return bool(row["bits"] & EXCLUDED)


def vorbis(path: Path, **comments: str | list[str]) -> None:
    file = FLAC(files.flac(path))
    file.update(comments)
    file.save()


def id3(path: Path, *frames: Any, version: int = 4) -> None:
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(files.mp3(path), v2_version=version, v23_sep=None if version == 3 else "/")


UTF8 = Encoding.UTF8
UTF16 = Encoding.UTF16
NOBODY_AS_TAGGED = (
    "V.A", "Various Artist", "[unknown]", "Artiste inconnu", "Άγνωστος καλλιτέχνης",
    "Неизвестный исполнитель", "Bilinmeyen sanatçı", "不明なアーティスト", "알 수 없는 음악가",
)  # fmt: skip


@pytest.mark.parametrize(
    ("comments", "exclude"),
    [
        ({"genre": ["Pop", "Christmas"]}, {"genres": ["christmas"]}),
        ({"genre": "Pop/Christmas"}, {"genres": ["christmas"]}),
        ({"genre": "Pop,Christmas"}, {"genres": ["christmas"]}),
        ({"genre": "Pop;Christmas"}, {"genres": ["christmas"]}),
        ({"genre": "17"}, {"genres": ["rock"]}),
        ({"genre": ["Pop", "Christmas"]}, {"tags": ["christm*"]}),
        ({"artist": ["A", "MC Rude"]}, {"artists": ["mc rude"]}),
        ({"artist": "A feat. MC Rude"}, {"artists": ["MC Rude"]}),
        ({"artist": "A", "title": "Song (feat. MC Rude)"}, {"artists": ["MC Rude"]}),
        ({"artist": "A", "albumartist": "MC Rude"}, {"artists": ["MC Rude"]}),
        ({"artist": "A", "album artist": "MC Rude"}, {"artists": ["MC Rude"]}),
        ({"artist": "A & B", "artists": ["A", "MC, Rude"]}, {"artists": ["MC, Rude"]}),
        ({"artist": "AC/DC"}, {"artists": ["ac/dc"]}),
        ({"artist": "Earth, Wind & Fire"}, {"artists": ["Earth, Wind & Fire"]}),
        ({"artist": "Earth, Wind & Fire"}, {"artists": ["Earth*Fire"]}),
        ({"artist": "[spunge]"}, {"artists": ["[spunge]"]}),
        ({"artist": "A]B"}, {"artists": ["a]b"]}),
        ({"artist": "Therapy?"}, {"artists": ["therapy?"]}),
        ({"artist": "Mötley Crüe"}, {"artists": ["MÖTLEY CRÜE"]}),
        ({"artist": unicodedata.normalize("NFD", "방탄소년단")}, {"artists": ["방탄소년단"]}),
        ({"artist": "방탄소년단"}, {"artists": [unicodedata.normalize("NFD", "방탄*")]}),
        ({"artist": "Guns N’ Roses"}, {"artists": ["guns n' roses"]}),
        ({"artist": "Nina  Simone"}, {"artists": [" nina simone "]}),
        ({"artist": "ＢＴＳ"}, {"artists": ["BTS"]}),
        ({"artist": "Beatles, The"}, {"artists": ["The Beatles"]}),
        ({"artist": "The Beatles"}, {"artists": ["Beatles, The"]}),
        ({"artist": "Various Artists", "title": "MC Rude - Song"}, {"artists": ["MC Rude"]}),
        ({"artist": "V.A.", "title": "A & MC Rude – Song"}, {"artists": ["MC Rude"]}),
        ({"title": "01 - MC Rude - Song"}, {"artists": ["MC Rude"]}),
        *(
            ({"artist": nobody, "title": "MC Rude - Song"}, {"artists": ["MC Rude"]})
            for nobody in NOBODY_AS_TAGGED
        ),
        ({"artist": "Simon and Garfunkel"}, {"artists": ["Simon & Garfunkel"]}),
        ({"artist": "Simon & Garfunkel"}, {"artists": ["simon and garf*"]}),
        ({"artist": "Simon&Garfunkel"}, {"artists": ["Simon & Garfunkel"]}),
        ({"artist": "Florence + The Machine"}, {"artists": ["Florence and the Machine"]}),
        ({"genre": "Drum and Bass"}, {"genres": ["Drum & Bass"]}),
        ({"genre": "Pop\tChristmas"}, {"genres": ["christmas"]}),
    ],
)
def test_exclusions_hold_for_vorbis_comments(
    comments: dict[str, Any], exclude: dict[str, list[str]], library: Library, tmp_path: Path
) -> None:
    vorbis(tmp_path / "a.flac", **comments)
    library.scan([tmp_path])
    assert excluded(library, **exclude)


@pytest.mark.parametrize(
    ("frames", "version", "exclude"),
    [
        ([TCON(UTF8, ["Pop", "Christmas"])], 4, {"genres": ["christmas"]}),
        ([TCON(UTF16, ["Pop", "Christmas"])], 3, {"genres": ["christmas"]}),
        ([TCON(UTF16, "Pop/Christmas")], 3, {"genres": ["christmas"]}),
        ([TCON(Encoding.LATIN1, "(4)Eurodisco")], 3, {"genres": ["disco"]}),
        ([TCON(Encoding.LATIN1, "(4)Eurodisco")], 3, {"genres": ["eurodisco"]}),
        ([TCON(Encoding.LATIN1, "RX")], 4, {"genres": ["remix"]}),
        ([TPE1(UTF8, ["A", "MC Rude"])], 4, {"artists": ["mc rude"]}),
        ([TPE1(UTF16, "A/MC Rude")], 3, {"artists": ["mc rude"]}),
        ([TPE1(UTF8, "A"), TPE2(UTF8, "MC Rude")], 4, {"artists": ["mc rude"]}),
        ([TPE1(UTF8, "A"), TXXX(UTF8, "ARTISTS", ["A", "MC Rude"])], 4, {"artists": ["mc rude"]}),
        ([TPE1(UTF8, "A"), TIT2(UTF8, "B [ft. MC Rude]")], 4, {"artists": ["mc rude"]}),
    ],
)
def test_exclusions_hold_for_id3(
    frames: list[Any], version: int, exclude: dict[str, list[str]], library: Library, tmp_path: Path
) -> None:
    id3(tmp_path / "a.mp3", *frames, version=version)
    library.scan([tmp_path])
    assert excluded(library, **exclude)


@pytest.mark.parametrize(
    ("comments", "exclude"),
    [
        ({"artist": "spunge"}, {"artists": ["[spunge]"]}),
        ({"artist": "s"}, {"artists": ["[spunge]"]}),
        ({"artist": "Acid Jazz"}, {"artists": ["jazz"]}),
        ({"genre": "Acid Jazz"}, {"genres": ["jazz"]}),
        ({"genre": "Rock & Roll"}, {"genres": ["rock"]}),
        ({"artist": "Malcolm X"}, {"artists": ["Malcolm"]}),
        ({}, {"artists": ["?*"], "genres": ["?*"]}),
        ({"artist": "Grimes", "title": "Genesis - Remastered"}, {"artists": ["Genesis"]}),
        ({"title": "Dusk - Genesis"}, {"artists": ["Genesis"]}),
    ],
)
def test_what_is_not_meant_plays(
    comments: dict[str, Any], exclude: dict[str, list[str]], library: Library, tmp_path: Path
) -> None:
    vorbis(tmp_path / "a.flac", **comments)
    library.scan([tmp_path])
    assert not excluded(library, **exclude)


@pytest.mark.parametrize(
    "name",
    ["MC Rude - Song", "03 MC Rude - Song", "03. MC Rude – Song", "MC_Rude_-_Song", "1-03 MC Rude -- Song"],
)
def test_the_name_of_an_untagged_file_excludes_it_and_includes_it_nowhere(
    name: str, library: Library, tmp_path: Path
) -> None:
    files.flac(tmp_path / f"{name}.flac")
    library.scan([tmp_path])
    assert excluded(library, artists=["mc rude"])
    rules = compile_rules(RuleSettings.model_validate({"include": {"artists": ["mc rude"]}}), ())
    assert not TrackIndex(library, rules).permits(library.tracks()[0], NOT_INCLUDED)


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        (unicodedata.normalize("NFD", "크리스마스"), "크리스마스/*", True),
        ("크리스마스", unicodedata.normalize("NFD", "크리스마스/*"), True),
        ("[2019] Live", "[2019] Live/*", True),
        ("2", "[2019] Live/*", False),
        ("Christmas", "Christmas", True),
        ("Christmas", "Christmas/", True),
        ("Christmas songs", "Christmas", False),
        ("Christmas", "./Christmas", True),
        ("Christmas", " Christmas ", True),
        ("Christmas", "Christmas//*", True),
        ("Christmas", "{}//Christmas", True),
        ("Christmas", "/{}/Christmas", True),
        ("Christmas", "{}/./Christmas/", True),
        ("Christmas", "{}/Pop/../Christmas", True),
        ("Christmas", "{}/Christmas/../Pop", False),
        ("Kids", "Kids/**/*.flac", True),
        ("Kids", "Kids/**/a.flac", True),
        ("Kids", "Kids/**", True),
        ("Kids", "{}/**/Kids", True),
        ("Kids/B/C", "Kids/**/*.flac", True),
        ("Kids/B/C", "Kids/**/a.flac", True),
        ("Kids/B/C", "**/Kids/**/C/**", True),
        ("Kids/B/C", "{}/**/**/C", True),
        ("Kids/B/C", "{}/**/B/**/C/**/a.flac", True),
        ("Kids", "Kids/**/C", False),
        ("Kids", "Kids/**/*.mp3", False),
        ("Kids/XC", "Kids/**/C", False),
    ],
)
def test_folders_are_excluded(
    name: str, pattern: str, expected: bool, library: Library, tmp_path: Path
) -> None:
    (tmp_path / name).mkdir(parents=True)
    files.flac(tmp_path / name / "a.flac")
    library.scan([tmp_path])
    assert excluded(library, paths=[pattern.format(tmp_path)]) is expected


def test_links_to_an_excluded_folder_and_its_songs_lead_nowhere(library: Library, tmp_path: Path) -> None:
    music = tmp_path / "music"
    for folder in ("All", "Christmas"):
        (music / folder).mkdir(parents=True)
    files.flac(music / "Christmas" / "x.flac")
    (music / "All" / "Best").symlink_to("../Christmas")
    (music / "All" / "y.flac").symlink_to("../Christmas/x.flac")
    library.scan([music])
    assert excluded(library, paths=["Christmas"]), "it is one track, where it really lies"


@pytest.mark.parametrize(
    ("folder", "pattern", "expected"),
    [
        ("link", "{}/disk/Kids", True),
        ("link", "{}/disk/*", True),
        ("link", "{}/di?k/Kids/a.*", True),
        ("link", "{}/other/Kids", True),
        ("link", "disk/Kids", True),
        ("link", "{}/link/Kids", True),
        ("link/Kids", "{}/disk/Kids/*", True),
        ("disk", "{}/link/Kids", True),
        ("disk", "{}/link/*", True),
        ("disk", "{}/link/Kids/a.flac", True),
        ("link", "{}/disk/Pop", False),
        ("disk", "{}/link/Pop", False),
        ("link", "disk/Pop", False),
    ],
)
def test_a_folder_behind_a_link_is_excluded_by_either_name(
    folder: str, pattern: str, expected: bool, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "disk" / "Kids").mkdir(parents=True)
    files.flac(tmp_path / "disk" / "Kids" / "a.flac")
    (tmp_path / "link").symlink_to("disk")
    (tmp_path / "other").symlink_to(tmp_path / "link")
    music = [tmp_path / folder]
    library.scan(music)
    assert excluded(library, music, paths=[pattern.format(tmp_path)]) is expected


def test_a_disk_that_does_not_answer_keeps_no_rule_from_holding(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()

    def real(path: str) -> str:
        if "dead" in path:
            answer.wait()
        return realpath(path)

    monkeypatch.setattr(path_patterns, "realpath", real)
    monkeypatch.setattr(path_patterns, "ANSWER_S", 1.0)
    files.flac(tmp_path / "a.flac")
    library.scan([tmp_path])
    try:
        assert excluded(library, [tmp_path], paths=["/dead/Kids", f"{tmp_path}/*"])
    finally:
        answer.set()


def test_an_old_library_keeps_the_promise_and_reads_all_names_at_its_next_scan(tmp_path: Path) -> None:
    music, path = tmp_path / "music", tmp_path / "library.db"
    music.mkdir()
    vorbis(music / "a.flac", artist=["A feat. B", "C"], genre=["Pop", "Jazz"])
    with closing(Library(path)) as library:
        library.scan([music])
        library.save(music / "a.flac", ANALYSIS)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE tracks SET artists = NULL, genres = NULL")

    with closing(Library(path)) as library:
        assert excluded(library, artists=["b"])
        assert not excluded(library, artists=["c"])
        library.scan([music])
        assert excluded(library, artists=["c"])
        assert excluded(library, genres=["jazz"])
        assert library.counts().analysed == 1, "what it sounds like is still known"


def webm(path: Path, **tags: str) -> Path:
    """Music in a container that mutagen does not know."""
    with av.open(str(path), "w", format="webm") as container:
        container.metadata.update(tags)
        stream = container.add_stream("libopus", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), "flt", "mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def info_wav(path: Path, **tags: str) -> Path:
    """A WAV with its tags in an INFO chunk, in Latin-1 as old editors write it."""
    fields = {"artist": "IART", "genre": "IGNR", "composer": "IMUS", "title": "INAM"}
    written = {fields[name]: text.encode("latin-1") for name, text in tags.items() if name in fields}
    return files.with_info(path, **written)


FFMPEGS_ALONE = [("a.opus", webm), ("a.wav", info_wav), ("a.mp3", info_wav)]
"""Files whose tags only ffmpeg reads."""


@pytest.mark.parametrize(("name", "make"), FFMPEGS_ALONE)
def test_the_tags_that_only_ffmpeg_reads_count(
    name: str, make: Callable[..., Path], library: Library, tmp_path: Path
) -> None:
    make(tmp_path / name, title="Été (feat. D)", artist="Beyoncé & C", genre="Christmas; Pop")
    library.scan([tmp_path])
    for artist in ("beyoncé", "c", "d", "beyoncé & c"):
        assert excluded(library, artists=[artist])
    for genre in ("Christmas", "pop"):
        assert excluded(library, genres=[genre])
    assert not excluded(library, artists=["e"], genres=["jazz"])


@pytest.mark.parametrize(("name", "make"), FFMPEGS_ALONE)
def test_files_that_an_earlier_version_took_in_without_their_names_are_read_again(
    name: str, make: Callable[..., Path], tmp_path: Path
) -> None:
    music, path = tmp_path / "music", tmp_path / "library.db"
    music.mkdir()
    make(music / name, artist="A; B", genre="Christmas")
    known = "" if make is info_wav else ", artist = 'A; B', genre = 'Christmas'"
    with closing(Library(path)) as library:
        library.scan([music])
        library.save(music / name, ANALYSIS)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"UPDATE tracks SET artists = '[\"\"]', genres = '[\"\"]', artist = ''{known}")
        database.execute("PRAGMA user_version = 7")

    with closing(Library(path)) as library:
        library.scan([music])
        assert excluded(library, artists=["b"])
        assert excluded(library, genres=["christmas"])
        assert library.counts().analysed == 1, "what it sounds like is still known"


@pytest.mark.parametrize("version", [8, 9])
def test_names_that_an_earlier_version_missed_are_read_again(version: int, tmp_path: Path) -> None:
    music, path = tmp_path / "music", tmp_path / "library.db"
    music.mkdir()
    vorbis(music / "a.flac", artist="A (with B)", genre="Pop - Jazz")
    with closing(Library(path)) as library:
        library.scan([music])
        library.save(music / "a.flac", ANALYSIS)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE tracks SET artists = '[\"a (with b)\"]', genres = '[\"pop - jazz\"]'")
        database.execute(f"PRAGMA user_version = {version}")

    with closing(Library(path)) as library:
        library.scan([music])
        assert excluded(library, artists=["b"])
        assert excluded(library, genres=["jazz"])
        assert library.counts().analysed == 1, "what it sounds like is still known"


def test_marked_as_explicit_where_only_ffmpeg_reads_it(library: Library, tmp_path: Path) -> None:
    webm(tmp_path / "a.opus", explicit="1", title="A")
    library.scan([tmp_path])
    assert library.tracks()[0].explicit


def test_a_file_without_a_library_is_judged_by_all_its_names(library: Library, tmp_path: Path) -> None:
    vorbis(tmp_path / "a.flac", artist=["A", "B"])
    rules = compile_rules(RuleSettings.model_validate({"exclude": {"artists": ["b"]}}), ())
    assert not TrackIndex(library, rules).permits(read_track(tmp_path / "a.flac"), EXCLUDED)
