"""The commands on library and play history as they come over the socket, on a real library."""

import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from player.config.settings.config import Config
from player.emotions import find
from player.errors import ArgumentError, ControlError, MissingError, WishError
from player.interfaces import socket as control
from player.interfaces.command_table import read_request
from player.interfaces.commands import CommandHandler
from player.interfaces.handlers.library import LibraryCommands
from player.interfaces.pictures.covers import Cover
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue
from player.library.index.track_index import TrackIndex
from player.library.models import Analysis
from player.library.rules import compile_rules
from player.library.search_text import names_text
from player.mood.reader import MoodReader
from player.mood.wishes import read_wish
from player.privacy.redaction import learn
from player.types import Choice, Json
from tests.unit.library import files

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 600


class Covers:
    def cover(self, track_id: int) -> Cover:
        if track_id != 1:
            raise MissingError(f"there is no track with the number {track_id}.")
        return Cover(JPEG, "abc", 600, 300)


def nobody() -> MoodReader:
    raise ControlError("a sentence cannot be read now.")


class Selection:
    def __init__(self) -> None:
        self.rules = compile_rules(Config().rules, Config().dayparts)
        self.rests: frozenset[int] = frozenset()

    def resting(self) -> frozenset[int]:
        return self.rests


class House:
    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        for name in ("a", "b"):
            files.mp3(self.music / f"{name}.mp3")
        self.library = Library(folder / "library.db")
        self.library.scan([self.music])
        for track in self.library.tracks():
            self.library.save(track.path, Analysis(0.5, 0.5, "Q1", {"joyful": 1.0}, -18, -3, 120, 2.0, 5.0))
        self.selection = Selection()
        self.zone: tzinfo = UTC
        self.index = TrackIndex(self.library, self.selection.rules, 1)
        self.write_queue = WriteQueue(self.library.database.together)
        self.commands = CommandHandler(
            [
                LibraryCommands(
                    self.library.database.path,
                    self.library,
                    Covers(),
                    lambda: self.zone,
                    self.selection,
                    lambda text: read_wish(text, nobody),
                    self.write_queue.settle,
                )
            ]
        )

    def ask(self, name: str, **fields: Any) -> Json:
        answer = self.commands.execute(read_request(name, more=fields))
        return dict(answer.as_json())  # type: ignore[union-attr]

    def chosen_by(self, track_id: int) -> tuple[float, float, float]:
        """Mood and confidence that the next choice goes by."""
        table = self.index.now(NOON - timedelta(days=1)).table
        (row,) = table[table["id"] == track_id]
        return round(float(row["valence"]), 3), round(float(row["energy"]), 3), float(row["confidence"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.library.close()


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/Los_Angeles", "Europe/Berlin"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-05-01"])
def test_since_and_until_one_day_is_that_day_of_the_house(house: House, zone: str, day: str) -> None:
    house.zone = ZoneInfo(zone)
    begin = datetime.fromisoformat(day).replace(tzinfo=house.zone)
    end = begin + timedelta(days=1)  # by the house's clock, whatever the clocks do meanwhile
    moments = [begin - timedelta(seconds=1), begin, begin.replace(hour=23, minute=59, second=59), end]
    track = house.library.tracks()[0]
    for at in moments:
        house.library.record_play(Choice(track, "because"), at, {})
    found = house.ask("history", since=day, until=day)["plays"]
    assert [play["started_at"] for play in found] == [at.isoformat() for at in (moments[2], moments[1])]


def test_who_asks_for_the_history_has_what_waits_to_be_written(house: House) -> None:
    track, now = house.library.tracks()[0], datetime.now().astimezone()
    house.write_queue.start()
    house.write_queue.write(
        lambda: house.library.record_play(Choice(track, "because"), now, {}), within_s=3600
    )
    assert len(house.ask("history")["plays"]) == 1
    house.write_queue.stop()


def test_the_ledger_has_what_has_ended_in_its_order(house: House) -> None:
    """Also one that the power cut short: it never ends, and counts once two more have begun."""
    track, now = house.library.tracks()[0], datetime.now().astimezone()
    cut, fading, playing = (
        house.library.record_play(Choice(track, "because"), now - timedelta(minutes=9 - n), {})
        for n in range(3)
    )

    def ids(after: int = 0, limit: int = 50) -> list[int]:
        return [play["id"] for play in house.ask("ledger", after=after, limit=limit)["plays"]]

    assert ids() == [cut]
    house.library.finish_play(fading, now, True)
    assert ids() == [cut], "it may be heard a little longer"
    house.library.finish_play(fading, now - timedelta(minutes=5), True)
    assert ids() == [cut, fading]
    assert ids(after=cut) == [fading]
    assert ids(limit=1) == [cut]
    house.library.finish_play(playing, now - timedelta(minutes=2), True)
    assert ids(after=playing) == []


def test_a_correction_is_taken_back_over_the_wire(house: House) -> None:
    assert house.ask("set_mood", id=1, valence=-0.25, energy=-0.75)["left"] == 1
    assert house.ask("set_mood", id=1, valence=0.75, energy=0.75)["left"] == 2
    answer = house.ask("set_mood", id=1, undo=True)
    assert (answer["mood"]["valence"], answer["left"]) == (-0.25, 1)
    assert house.chosen_by(1) == (-0.25, -0.75, 1.0)
    assert house.ask("set_mood", id=1, undo=True)["mood"]["by"] == "analysis"
    with pytest.raises(ControlError, match="no change of the mood"):
        house.ask("set_mood", id=1, undo=True)
    with pytest.raises(MissingError):
        house.ask("set_mood", id=99, undo=True)
    with pytest.raises(ArgumentError, match="a mood or undo, not both"):
        house.ask("set_mood", id=1, undo=True, mood="calm")


def test_the_map_and_the_problems_of_the_library_come_over_the_wire(house: House) -> None:
    answer = house.ask("map")
    assert (answer["scale"], answer["ids"], answer["valence"], answer["corrected"]) == (
        1000,
        [1, 2],
        [500] * 2,
        [],
    )
    again = house.ask("map", known=answer["version"])
    assert (again["version"], again["ids"]) == (answer["version"], None)
    path = house.music / "a.mp3"
    house.library.mark_unreadable(path, f"{path} holds no sound: replace or remove it.")
    (file,) = house.ask("problems")["files"]
    assert (file["problem"], file["kind"]) == ("It holds no sound.", "unreadable")
    assert len(house.ask("map", known=answer["version"])["ids"]) == 1


def test_the_collection_is_told_again_only_if_it_has_changed(house: House) -> None:
    answer = house.ask("collection")
    assert [(each["artist"], each["album"], each["tracks"]) for each in answer["albums"]] == [("", "", 2)]
    newest = max((house.music / f"{name}.mp3").stat().st_mtime for name in ("a", "b"))
    assert datetime.fromisoformat(answer["changed"]).timestamp() == int(newest)
    assert 0 <= answer["running_s"] < 3600
    again = house.ask("collection", known=answer["version"])
    assert (again["version"], again["albums"], again["changed"]) == (answer["version"], None, None)
    house.library.mark_unreadable(house.music / "a.mp3", "It holds no sound.")
    assert house.ask("collection", known=answer["version"])["albums"][0]["tracks"] == 1


def test_the_collection_says_how_much_was_heard_since_the_start(house: House) -> None:
    track, now = house.library.tracks()[0], datetime.now(UTC)
    for at, heard_s in ((now - timedelta(days=1), 50.0), (now + timedelta(seconds=1), 30.0)):
        play = house.library.record_play(Choice(track, "because"), at, {})
        house.library.note_heard(play, heard_s)
    assert house.ask("collection")["heard_s"] == 30.0


def test_a_corrected_mood_holds_at_once_for_the_next_choice(house: House) -> None:
    before = house.chosen_by(1)
    assert before[:2] == (0.5, 0.5)
    answer = house.ask("set_mood", id=1, valence=-0.25, energy=-0.75)
    assert (answer["mood"]["valence"], answer["mood"]["energy"], answer["mood"]["by"]) == (
        -0.25,
        -0.75,
        "owner",
    )
    assert house.chosen_by(1) == (-0.25, -0.75, 1.0)
    assert house.chosen_by(2) == before
    house.library.scan([house.music])
    house.library.give_moods({})
    assert house.chosen_by(1) == (-0.25, -0.75, 1.0)

    calm = find("calm")
    assert calm is not None
    assert house.ask("set_mood", id=1, mood="Calm")["mood"]["valence"] == pytest.approx(
        calm.point.valence, abs=1e-3
    )
    assert house.chosen_by(1)[1] == pytest.approx(calm.point.energy, abs=1e-3)
    assert house.ask("set_mood", id=1, mood=None)["mood"]["by"] == "analysis"
    assert house.chosen_by(1) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"id": 1, "valence": 0.5},
        {"id": 1, "energy": "0.5"},
        {"id": 1, "mood": "calm", "valence": 0.5, "energy": 0.5},
        {"id": 1, "valence": 1.5, "energy": 0},
        {"id": 1, "valence": "nan", "energy": 0},
        {"id": 1, "valence": True, "energy": 0},
        {"id": 1, "mood": ""},
        {"id": 1, "mood": "x" * 501},
        {"id": 1, "mood": {"valence": 1}},
        {"id": 0, "mood": "calm"},
        {"id": "one", "mood": "calm"},
        {"id": 2**63, "mood": "calm"},
        {"id": 1, "feeling": "calm"},
        {"mood": "calm"},
    ],
)
def test_a_mood_that_is_none_changes_nothing(house: House, fields: Json) -> None:
    with pytest.raises(ArgumentError, match=r"^set_mood takes [^\n]+\.$"):
        house.ask("set_mood", **fields)
    assert house.ask("track", id=1)["track"]["mood"]["by"] == "analysis"


def test_a_track_that_rests_says_so(house: House) -> None:
    assert house.ask("track", id=1)["track"]["excluded"] == ()
    house.selection.rests = frozenset({1})
    (why,) = house.ask("track", id=1)["track"]["excluded"]
    assert "left alone" in why


def test_numbers_may_be_typed(house: House) -> None:
    answer = house.ask("set_mood", id="2", valence="-0.5", energy="+0.25")
    assert (answer["mood"]["valence"], answer["mood"]["energy"]) == (-0.5, 0.25)


def test_what_cannot_be_found_or_read(house: House) -> None:
    for name in ("track", "set_mood", "cover"):
        with pytest.raises(MissingError, match="there is no track with the number 99"):
            house.ask(name, id=99)
    with pytest.raises(ControlError, match="cannot be read now"):
        house.ask("set_mood", id=1, mood="rain on a tin roof")
    with pytest.raises(WishError, match="no mood is said there"):
        house.ask("set_mood", id=1, mood="12:30")
    assert house.ask("track", id=1)["track"]["mood"]["by"] == "analysis"


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("history", {"limit": 0}),
        ("history", {"limit": 201}),
        ("history", {"since": "soon"}),
        ("history", {"until": 5}),
        ("history", {"before": "x"}),
        ("history", {"text": "x" * 201}),
        ("history", {"text": ["x"]}),
        ("library", {"after": "[]"}),
        ("library", {"after": 5}),
        ("library", {"limit": "many"}),
        ("library", {"before": "x"}),
    ],
)
def test_a_question_that_does_not_fit_is_refused_in_one_sentence(
    house: House, command: str, fields: Json
) -> None:
    with pytest.raises(ArgumentError) as refusal:
        house.ask(command, **fields)
    assert str(refusal.value).count("\n") == 0


def test_over_the_socket_all_stays_on_a_line_and_a_picture_is_whole(house: House, tmp_path: Path) -> None:
    """What looks like a secret in base64 is none."""
    encoded = house.ask("cover", id=1)["jpeg"]
    learn(f"rtsp://me:{encoded[100:116]}@host/s")
    title = "제목" * 500
    renamed = "UPDATE tracks SET title = ?1, artist = ?1, album = ?1, names = ?2"
    house.library.database.write(renamed, title, names_text(title))
    track = house.library.track(1)
    assert track is not None
    for number in range(100):
        house.library.record_play(Choice(track, ""), NOON + timedelta(minutes=number), {}, title[:200])
    with ExitStack() as stack:
        listening = control.LocalSocket(tmp_path / "control.sock", house.commands.execute)
        listening.start()
        stack.callback(listening.stop)
        connection = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
        connection.connect(str(tmp_path / "control.sock"))
        lines = connection.makefile("rb")

        def ask(**line: Any) -> tuple[Json, int]:
            connection.sendall(json.dumps(line).encode() + b"\n")
            answer = lines.readline()
            return json.loads(answer), len(answer)

        seen, before = 0, None
        while True:
            answer, size = ask(command="history", limit=200, before=before)
            assert answer["ok"], answer
            assert size < 65_536
            seen, before = seen + len(answer["plays"]), answer["next"]
            if before is None:
                break
        assert seen == 100
        answer, size = ask(command="library", value=title[:50])
        assert (len(answer["tracks"]), size < 65_536) == (2, True)
        assert ask(command="track", id=1)[1] < 65_536
        assert b64decode(ask(command="cover", id=1)[0]["jpeg"]) == JPEG
        assert ask(command="cover", id=2)[0]["code"] == "missing"
        assert ask(command="library", text="x" * 500)[0]["code"] == "argument"
