"""The plan's table: its seven columns, out and in again."""

import csv
import io
from contextlib import closing
from pathlib import Path

import pytest

from player.cli.mood_table import COLUMNS, read_table, write_table
from player.errors import LibraryError
from player.library.database.store import Library
from player.types import Mood, Track
from tests.unit.cli.conftest import Command
from tests.unit.library import files

TRACKS = [
    Track(Path("a"), "밤, 그리고 \"별\"", "가수", duration_s=181.6, mood=Mood(0.1, 0, {"dreamy": 1}), id=1),
    Track(Path("b"), "Ça va (feat. Someone)", "AC/DC", mood=Mood(-0.6, -0.5, {"sad": 1.0}), id=2),
    Track(Path("c"), "Unheard", id=3),
]  # fmt: skip


def written(tags: dict[int, str]) -> str:
    out = io.StringIO()
    assert write_table(TRACKS, tags, out) == len(TRACKS)
    return out.getvalue()


def test_the_columns_are_the_plans():
    rows = {row["music_name"]: row for row in csv.DictReader(io.StringIO(written({2: "lonely"})))}
    assert tuple(rows["Unheard"]) == COLUMNS
    assert rows["Unheard"]["mood_EN"] == ""
    song = rows['밤, 그리고 "별"']
    assert (song["duration"], song["mood_EN"], song["mood_KOR"]) == ("182", "dreamy", "몽환적인")
    tagged = rows["Ça va (feat. Someone)"]
    assert (tagged["mood_EN"], tagged["mood_KOR"]) == ("lonely", "외로운")
    assert tagged["lastfm_url"].startswith("https://www.last.fm/music/AC%2FDC/_/")


def test_out_and_in_and_out_again_is_the_same():
    first = written({2: "lonely"})
    moods, problems = read_table(io.StringIO(first), TRACKS)
    assert (moods, problems) == ({1: "dreamy", 2: "lonely"}, [])
    assert written(moods) == first


@pytest.mark.parametrize(
    ("line", "moods", "problem"),
    [
        ("ac/dc,C\u0327A VA ft. X,,,,Sad,", {2: "sad"}, None),
        ("AC/DC,ça va,,,,,외로운", {2: "lonely"}, None),
        ("AC/DC,ça va,,,,,", {}, None),
        ("AC/DC,ça va,,,,blurple,", {}, "line 2: blurple is no mood"),
        ("Nobody,Nothing,,,,Sad,", {}, "line 2: Nobody - Nothing is not in the library"),
        ("AC/DC", {}, "line 2: AC/DC -  is not in the library"),
    ],
)
def test_a_line_finds_its_track_or_says_why_not(line, moods, problem):
    found, problems = read_table(io.StringIO(f"{','.join(COLUMNS)}\n{line}\n"), TRACKS)
    assert found == moods
    assert [p[: len(problem or "")] for p in problems] == ([problem] if problem else [])


def test_a_table_without_the_columns_is_refused():
    for table in ("x,y\n1,2\n", ""):
        with pytest.raises(LibraryError, match="does not name artist, mood_EN, music_name"):
            read_table(io.StringIO(table), TRACKS)


def test_a_table_that_is_another_ones_ends_an_import_with_1(command: Command, tmp_path: Path):
    (tmp_path / "config.yaml").write_text(f"state_dir: {tmp_path / 'state'}\n")
    (tmp_path / "table.csv").write_text("x,y\n1,2\n")
    words = ("library", "import", "--csv", str(tmp_path / "table.csv"), "-c", str(tmp_path / "config.yaml"))
    code, out, err = command(*words)
    assert (code, out) == (1, "")
    assert err.startswith("ambient-player: The table's first line does not name artist")


def test_names_are_no_formulas_and_find_their_tracks_again():
    tracks = [
        Track(Path("a"), "=HYPERLINK(1)", "@band", mood=Mood(0.1, 0, {"dreamy": 1}), id=1),
        Track(Path("b"), "-1", "A", mood=Mood(0.1, 0, {"sad": 1}), id=2),
    ]
    out = io.StringIO()
    write_table(tracks, {}, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert {(row["artist"], row["music_name"]) for row in rows} == {
        ("'@band", "'=HYPERLINK(1)"),
        ("A", "'-1"),
    }
    assert read_table(io.StringIO(out.getvalue()), tracks) == ({1: "dreamy", 2: "sad"}, [])
    by_hand = out.getvalue().replace("'=", "=").replace("'@", "@")
    assert read_table(io.StringIO(by_hand), tracks) == ({1: "dreamy", 2: "sad"}, [])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """That of a library of one song, which is called 밤."""
    files.wav(tmp_path / "밤.wav")
    with closing(Library(tmp_path / "state" / "library.db")) as library:
        library.scan([tmp_path])
    (tmp_path / "config.yaml").write_text(f"state_dir: {tmp_path / 'state'}\n")
    return tmp_path / "config.yaml"


def test_spreadsheets_see_by_a_mark_that_a_table_is_utf_8(command: Command, config: Path, tmp_path: Path):
    assert command("library", "export", "--csv", str(tmp_path / "out.csv"), "-c", str(config))[0] == 0
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfartist,")


@pytest.mark.parametrize(
    ("encoding", "sign"),
    [("utf-8-sig", ","), ("utf-8", ";"), ("cp949", ","), ("cp949", ";"), ("utf-16", "\t")],
)
def test_a_table_comes_in_as_a_spreadsheet_saves_it(
    command: Command, config: Path, tmp_path: Path, encoding: str, sign: str
):
    lines = [sign.join(COLUMNS), sign.join(("", "밤", "", "", "", "", "외로운")), ""]
    (tmp_path / "table.csv").write_bytes("\r\n".join(lines).encode(encoding))
    code, out, err = command("library", "import", "--csv", str(tmp_path / "table.csv"), "-c", str(config))
    assert (code, err) == (0, "")
    assert out.endswith("table.csv: 1 track got a mood, 0 lines were passed over\n")


def test_a_table_that_is_not_there_is_one_sentence_and_makes_no_library(command: Command, tmp_path: Path):
    (tmp_path / "config.yaml").write_text(f"state_dir: {tmp_path / 'state'}\n")
    table = tmp_path / "none.csv"
    code, out, err = command("library", "import", "--csv", str(table), "-c", str(tmp_path / "config.yaml"))
    assert (code, out) == (1, "")
    assert err == f"ambient-player: {table} cannot be read (No such file or directory): name a CSV table.\n"
    assert not (tmp_path / "state" / "library.db").exists()
