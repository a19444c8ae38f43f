"""`ambient-player history`, with no player running."""

import csv
import io
import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player.cli.remote_player import RemotePlayer
from player.config.settings.config import Config
from player.interfaces.messages.library import HistoryAnswer
from player.library.database.schema import MIGRATIONS
from player.library.database.store import Library
from player.state import places
from player.types import Choice, Json, Track
from tests.fakes.answers_of_player import play
from tests.unit.cli.conftest import Command

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Run = Callable[..., str]


@pytest.fixture
def run(command: Command, tmp_path: Path) -> Run:
    """Runs `ambient-player history`; gives what it printed, and fails if it fails."""
    config = tmp_path / "config.yaml"
    config.write_text(f"timezone: Asia/Seoul\nstate_dir: {tmp_path / 'state'}\n", encoding="utf-8")

    def history(*arguments: str, code: int = 0) -> str:
        ended, printed, said = command("history", *arguments, "--config", str(config))
        assert ended == code, said
        return said if code else printed

    return history


@pytest.fixture
def played(tmp_path: Path) -> None:
    with closing(Library(tmp_path / "state" / "library.db")) as library:
        for number in range(3):
            track = Track(Path(f"/m/{number}"), f"노래 {number}", "=Ärtist", id=number + 1)
            line = library.record_play(Choice(track, ""), NOON + timedelta(days=number), {}, "Café")
            if number:
                library.note_heard(line, 60 * number + 5)
                library.finish_play(line, NOON + timedelta(days=number, minutes=2), True)


@pytest.mark.usefixtures("played")
def test_what_was_played_for_a_person(run: Run) -> None:
    assert run().splitlines() == [
        "2026-05-03 12:00  =Ärtist - 노래 2  heard 2:05",
        "2026-05-02 12:00  =Ärtist - 노래 1  heard 1:05",
        "2026-05-01 12:00  =Ärtist - 노래 0",
    ]


@pytest.mark.usefixtures("played")
def test_filters_and_json(run: Run) -> None:
    def titles(*arguments: str) -> list[str]:
        return [json.loads(line)["title"] for line in run("--json", *arguments).splitlines()]

    assert titles("--since", "2026-05-02") == ["노래 2", "노래 1"]
    assert titles("--until", "2026-05-01") == ["노래 0"]
    assert titles("--text", "artist 1") == ["노래 1"]
    assert titles("--text", "nobody") == []


@pytest.mark.usefixtures("played")
def test_tables_go_to_files_and_to_standard_output(run: Run, tmp_path: Path) -> None:
    assert run("--csv", "-").startswith("\ufeffstarted_at,title,")
    out, report = tmp_path / "out.csv", tmp_path / "out.txt"
    run("--csv", str(out), "--sound-exchange", str(report), "--category", "j")
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [row["artist"] for row in rows] == ["'=Ärtist"] * 3
    assert len(report.read_bytes().split(b"\r\n")) == 5
    assert "^Café^|^J^|^=Ärtist^|^노래 0^" in report.read_text(encoding="utf-8")
    assert "cannot be written" in run("--csv", str(tmp_path / "none" / "out.csv"), code=1)


@pytest.mark.parametrize("arguments", [("--since", "soon"), ("--until", "2026-99-01"), ("--category", "AB")])
def test_a_mistake_is_one(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments, code=2)


def test_before_anything_was_played(run: Run) -> None:
    assert run() == ""


def test_the_library_of_an_earlier_version_is_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    """Whatever was known of its plays is in their lines."""
    (tmp_path / "state").mkdir()
    with closing(sqlite3.connect(tmp_path / "state" / "library.db")) as old:
        old.executescript(f"{''.join(MIGRATIONS[:5])}; PRAGMA user_version = 5;")
        old.execute(
            "INSERT INTO tracks (id, path, size, mtime_ns, title, artist, album, genre, duration_s, isrc)"
            " VALUES (3, '/m/a', 1, 2, 'now', 'now', 'Album', '', 200, 'USRC17607839')"
        )
        for track_id in (3, None):
            old.execute(
                "INSERT INTO plays (path, title, artist, started_at, why, track_id)"
                " VALUES ('/m/a', 'then', 'Ä', 1777604400, '{}', ?)",
                (track_id,),
            )
        old.commit()
    lines = [json.loads(line) for line in run("--json", "--text", "a then").splitlines()]
    kept = ("title", "album", "isrc", "duration_s", "audible_s", "started_at", "venue")
    assert [tuple(line[name] for name in kept) for line in lines] == [
        ("then", "", "", None, None, "2026-05-01T12:00:00+09:00", ""),
        ("then", "Album", "USRC17607839", 200.0, None, "2026-05-01T12:00:00+09:00", ""),
    ]


@pytest.mark.usefixtures("played")
def test_a_damaged_library_is_left_to_the_player_that_has_it_open(run: Run, tmp_path: Path) -> None:
    """Damaged where the player has not come across it; and what it plays meanwhile is not lost."""
    path = tmp_path / "state" / "library.db"
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'tracks_by_content'"
        (root,) = database.execute(query).fetchone()
    with closing(Library(path)) as player:
        player.record_play(Choice(Track(Path("/m/9"), "last"), ""), NOON + timedelta(days=9), {})
        with path.open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)
        assert len(run().splitlines()) == 4
        assert not list(path.parent.glob("*.corrupt-*"))
        player.record_play(Choice(Track(Path("/m/10"), "later"), ""), NOON + timedelta(days=10), {})
    assert [json.loads(line)["title"] for line in run("--json").splitlines()][:2] == ["later", "last"]


@pytest.mark.parametrize(
    "words",
    [
        ("history",),
        ("library", "list"),
        ("library", "map", "map.svg"),
        ("library", "export", "--csv", "out.csv"),
        ("library", "taste", "show"),
        ("library", "taste", "export"),
    ],
)
def test_what_only_reads_leaves_the_library_to_a_player_that_runs(
    words: tuple[str, ...], command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To bring one of an earlier version up to date is the player's own."""
    monkeypatch.chdir(tmp_path)
    state = tmp_path / "state"
    config = tmp_path / "config.yaml"
    config.write_text(f"state_dir: {state}\n", encoding="utf-8")
    Library(state / "library.db").close()
    with closing(sqlite3.connect(state / "library.db")) as old:
        old.execute("PRAGMA user_version = 7")
    (listens,) = (path for path in places.sockets(Config(state_dir=state)) if path.is_relative_to(state))
    with socket.socket(socket.AF_UNIX) as player:
        player.bind(str(listens))
        player.listen()
        ended, _, said = command(*words, "--config", str(config))
    assert ended == 1, said
    assert "is of an earlier version" in said
    before = state / "library.db.version-7"
    assert not before.exists()
    assert command(*words, "--config", str(config))[0] == 0
    assert before.exists()


def test_the_history_of_another_machines_player_comes_page_by_page(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Json] = []

    def answer(_: RemotePlayer, name: str, fields: Json) -> Json:
        assert name == "history"
        asked.append(fields)
        last = fields.get("before") == "second"
        return HistoryAnswer((play(2 if last else 1),), None if last else "second").as_json()

    monkeypatch.setattr(RemotePlayer, "command", answer)
    words = ("--text", "노래", "--csv", "-", "--url", "http://127.0.0.1:9", "--token", "t")
    ended, printed, said = command("history", *words)
    assert (ended, said) == (0, "")
    assert len(list(csv.DictReader(io.StringIO(printed)))) == 2
    assert asked == [{"text": "노래", "limit": 200}, {"text": "노래", "limit": 200, "before": "second"}]
    assert command("history", "--token", "t")[0] == 2
