"""Lines of the play history, as licensing asks for them: kept as they were, whatever becomes of the file."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from player.config.settings.config import Config
from player.config.settings.library import ChoiceSettings
from player.errors import ControlError, MissingError
from player.library.database.diary import Minute
from player.library.database.feedback import Outcome
from player.library.database.store import Library
from player.library.queries.history import FADED_S
from player.selection.learning import Learning
from player.selection.play_history import HEARD_S, Judged, PlayHistory
from player.types import ChangeReason, Choice, MoodPoint, Target, Track
from tests.support.waiting import wait_for

SEOUL = timezone(timedelta(hours=9))
NOON = datetime(2026, 5, 1, 12, tzinfo=SEOUL)
SONG = Track(
    Path("/m/a.mp3"),
    "봄날",
    "가수",
    "앨범",
    duration_s=180,
    recording_ids=("", "USRC17607839"),
    composer="A; B",
    label="L",
    id=7,
)


def config(venue: str, zone: str = "Asia/Seoul") -> Config:
    return Config.model_validate({"venue": {"name": venue}, "timezone": zone})


class House:
    def __init__(self, path: Path) -> None:
        self.path, self.now = path, NOON
        self.library = Library(path)
        self.history = PlayHistory(self.library, None, lambda: self.now.astimezone(UTC), config("Café"))

    def lines(self) -> list[sqlite3.Row]:
        with sqlite3.connect(self.path) as database:
            database.row_factory = sqlite3.Row
            return list(database.execute("SELECT * FROM plays ORDER BY id"))

    def play(self, choice: Choice, heard_s: float, why: ChangeReason = ChangeReason.NEXT) -> None:
        self.history.started(choice, "day", None)
        self.now += timedelta(seconds=heard_s)
        self.history.heard(heard_s, leaving=False)
        self.history.ended(audible=True, why=why)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "library.db")
    yield made
    made.library.close()


def test_a_line_keeps_the_track_as_it_was(house: House) -> None:
    house.play(Choice(SONG, "because"), 100)
    house.library.database.write("UPDATE tracks SET title = 'other'")
    (line,) = house.lines()
    kept = ("title", "artist", "album", "isrc", "composer", "label", "duration_s", "venue", "heard_s")
    assert tuple(line[name] for name in kept) == (
        *("봄날", "가수", "앨범", "USRC17607839", "A; B", "L", 180, "Café", 100),
    )
    assert (line["started_at"], line["utc_offset_s"]) == (NOON.timestamp(), 9 * 3600)


def test_what_fades_out_is_added_when_the_next_track_is_on_the_air(house: House) -> None:
    first, second = Choice(SONG, "1"), Choice(replace(SONG, id=8), "2")
    house.play(first, 100)
    house.history.started(second, "day", None)
    house.history.heard(108.25, leaving=True)
    house.history.heard(30, leaving=False)
    assert [line["heard_s"] for line in house.lines()] == [108.2, 30]


@pytest.mark.parametrize("why", [ChangeReason.SEEK, ChangeReason.OUTPUT, ChangeReason.ERROR])
def test_the_same_choice_at_another_place_is_the_same_play(house: House, why: ChangeReason) -> None:
    choice = Choice(SONG, "because")
    house.play(choice, 40, why)
    house.play(choice, 60)
    (line,) = house.lines()
    assert line["heard_s"] == 100
    assert line["ended_at"] == (NOON + timedelta(seconds=100)).timestamp()


def test_the_same_track_chosen_again_is_another_play(house: House) -> None:
    house.play(Choice(SONG, "because"), 40)
    house.play(Choice(SONG, "because"), 60)
    assert [line["heard_s"] for line in house.lines()] == [40, 60]


def test_another_venue_holds_from_the_next_track_on(house: House) -> None:
    house.play(Choice(SONG, "1"), 40)
    house.history.configure(config("Bar", "Europe/Berlin"))
    house.play(Choice(SONG, "2"), 40)
    kept = [(line["venue"], line["utc_offset_s"]) for line in house.lines()]
    assert kept == [("Café", 9 * 3600), ("Bar", 2 * 3600)]


@pytest.fixture
def school(tmp_path: Path) -> Iterator[House]:
    """A house that learns, with one track in its library."""
    made = House(tmp_path / "library.db")
    learning = Learning(ChoiceSettings(), made.library)
    made.history = PlayHistory(made.library, learning, lambda: made.now.astimezone(UTC), config("Café"))
    made.library.database.write(
        "INSERT INTO tracks (id, path, size, mtime_ns, title, artist, album, genre, duration_s)"
        " VALUES (7, '/m/a.mp3', 1, 1, 'a', '', '', '', 180)"
    )
    yield made
    made.library.close()


TARGET = Target(MoodPoint(0.5, -0.25), "calm", "it is quiet")


def test_a_beginning_and_what_somebody_says_are_written_at_once_and_the_rest_with_them(school: House) -> None:
    def written() -> tuple[int, int]:
        """Plays, and judgements, as another process finds them: what is committed."""
        with sqlite3.connect(school.path) as other:
            return other.execute(
                "SELECT (SELECT count(*) FROM plays), (SELECT count(*) FROM feedback)"
            ).fetchone()

    database, queue = school.library.database, school.history.write_queue
    queue.start()
    school.history.started(Choice(SONG, "1"), "morning", TARGET)
    wait_for(lambda: written() == (1, 0), 5, "the beginning")
    before = database.written
    school.history.heard(30.0, leaving=False)
    school.history.record_feedback(Outcome.LIKED)
    wait_for(lambda: written() == (1, 1), 5, "the judgement")
    school.history.heard(60.0, leaving=False)
    school.history.ended(audible=True, why=ChangeReason.NEXT)
    school.history.started(Choice(replace(SONG, title="2"), "2"), "morning", TARGET)
    wait_for(lambda: written() == (2, 2), 5, "the next one, and that the first was finished")
    assert database.written - before == 2, "two commits, whatever else was told"
    first = school.lines()[0]
    assert (first["heard_s"], first["audible"]) == (60.0, 1)
    queue.stop()


def test_who_reads_the_ledger_waits_until_what_was_heard_is_written() -> None:
    longest_fade_s = 60.0
    assert longest_fade_s + HEARD_S <= FADED_S


def said(house: House) -> list[tuple[Outcome, int | None, str, MoodPoint | None]]:
    rows = house.library.database.rows("SELECT play_id FROM feedback ORDER BY at, id")
    lessons = house.library.feedback.training_data(99).feedback
    return [
        (lesson.kind, row["play_id"], lesson.daypart, lesson.target)
        for lesson, row in zip(lessons, rows, strict=True)
    ]


def test_a_past_play_is_judged_for_what_the_house_wanted_then(school: House) -> None:
    school.history.started(Choice(SONG, "because"), "morning", TARGET)
    school.history.ended(audible=True, why=ChangeReason.SHIFT)
    school.play(Choice(SONG, "because"), 60, ChangeReason.SHIFT)
    school.now += timedelta(hours=10)
    assert school.history.judge(Outcome.LIKED, 1) == Judged("봄날", playing=False, track_id=7)
    assert said(school) == [(Outcome.LIKED, 1, "morning", TARGET.point)]


def test_the_last_word_on_a_play_counts_and_it_was_not_finished_because_it_was_liked(school: House) -> None:
    school.history.started(Choice(SONG, "because"), "morning", TARGET)
    school.history.ended(audible=True, why=ChangeReason.NEXT)
    assert [kind for kind, *_ in said(school)] == [Outcome.FINISHED]
    for _ in range(2):
        school.now += timedelta(minutes=1)
        school.history.judge(Outcome.LIKED, 1)
    assert [kind for kind, *_ in said(school)] == [Outcome.FINISHED, Outcome.LIKED]
    school.history.judge(Outcome.WRONG_MOOD, 1)
    assert said(school) == [(Outcome.WRONG_MOOD, 1, "morning", TARGET.point)]


def test_the_play_on_the_air_is_judged_as_what_plays(school: House) -> None:
    school.history.started(Choice(SONG, "because"), "morning", TARGET)
    assert school.history.judge(Outcome.WRONG_MOOD, 1) == Judged("봄날", playing=True, track_id=7)
    school.history.ended(audible=True, why=ChangeReason.SKIP)
    assert said(school) == [(Outcome.WRONG_MOOD, 1, "morning", TARGET.point)]


def test_what_was_seen_a_moment_ago_is_judged_though_another_has_begun(school: House) -> None:
    """A dialog stands open while a song ends: what is said there is not said of the next one."""
    school.history.started(Choice(SONG, "because"), "morning", TARGET)
    assert school.history.judge_track(Outcome.LIKED, 7) == Judged("봄날", playing=True, track_id=7)
    with pytest.raises(MissingError, match="track 8 was not played yet"):
        school.history.judge_track(Outcome.LIKED, 8)
    school.history.ended(audible=True, why=ChangeReason.SHIFT)
    school.history.started(Choice(replace(SONG, id=8), "because"), "morning", TARGET)
    assert school.history.judge_track(Outcome.WRONG_MOOD, 7) == Judged("봄날", playing=False, track_id=7)
    assert said(school) == [(Outcome.WRONG_MOOD, 1, "morning", TARGET.point)]


def test_a_play_of_an_earlier_version_is_judged_by_its_hour_and_the_curves(school: House) -> None:
    school.now = NOON.replace(hour=8)
    number = school.library.record_play(Choice(SONG, "because"), school.now, {})
    school.library.diary.add_minute(school.now, Minute(target_valence=0.1, target_energy=0.2))
    school.history.judge(Outcome.LIKED, number)
    assert said(school) == [(Outcome.LIKED, number, "morning", MoodPoint(0.1, 0.2))]


def test_what_played_before_the_first_scan_is_known_by_its_path(school: House) -> None:
    school.play(Choice(replace(SONG, id=0), "because"), 60, ChangeReason.SHIFT)
    school.history.judge(Outcome.LIKED, 1)
    assert [kind for kind, *_ in said(school)] == [Outcome.LIKED]


def test_only_a_play_of_a_track_that_is_known_can_be_judged(school: House) -> None:
    with pytest.raises(MissingError, match="no play with the number 99"):
        school.history.judge(Outcome.LIKED, 99)
    school.play(Choice(replace(SONG, id=8), "because"), 60, ChangeReason.SHIFT)
    with pytest.raises(ControlError, match="does not know 봄날 any more"):
        school.history.judge(Outcome.LIKED, 1)
    assert said(school) == []
