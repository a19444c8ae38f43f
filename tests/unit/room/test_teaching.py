"""An owner teaches a room: moments are kept, counted where they belong, and taken back."""

import errno
import logging
from pathlib import Path

import pytest

from player.errors import ControlError, MissingError
from player.room.teaching import MOST, MOVED, Teaching, without_teaching
from player.state.taught_moments import TaughtFile
from player.types import Look, Mood, MoodPoint

MOOD = Mood(0.1, -0.4, mood7="calm")
HERE = tuple([1.0, 0.0] * 192)
ELSEWHERE = tuple([0.0, 1.0] * 192)


def look(people: float, made_by: str = "these") -> Look:
    return Look((0.1, 0.2, people), made_by)


def taught(keeper: TaughtFile) -> Teaching:
    """A room that was taught three times each that it is quiet, and lively."""
    teaching = Teaching(keeper)
    for second in range(6):
        teaching.correct(MOOD, look(second % 2 + second / 1000), HERE, second)
        teaching.teach("lively" if second % 2 else "quiet", None, second, 1e9 + second)
    return teaching


def test_the_reading_follows_after_a_restart_too(tmp_path: Path) -> None:
    keeper = TaughtFile(tmp_path / "state.taught.json")
    for teaching in (taught(keeper), Teaching(keeper)):
        assert teaching.correct(MOOD, look(1.0), HERE, 10).energy > 0
        assert teaching.correct(MOOD, look(0.0), HERE, 11).energy < -0.3
        assert "as you taught this room (6 moments" in teaching.reason
        assert teaching.status().counting == 6
    assert (tmp_path / "state.taught.json").stat().st_mode & 0o077 == 0


def test_reset_and_forget_take_back(tmp_path: Path) -> None:
    teaching = taught(TaughtFile(tmp_path / "state.taught.json"))
    assert teaching.forget(2).word == "lively"
    with pytest.raises(MissingError, match="no moment 2 was taught"):
        teaching.forget(2)
    assert teaching.correct(MOOD, look(1.0), HERE, 10).energy > 0
    assert teaching.reset() == 5
    assert (teaching.status().weight, teaching.reason) == (0, "")
    assert teaching.still_there(11) == MOOD, "at the look that there was, without another"
    assert teaching.correct(MOOD, look(1.0), HERE, 12) == MOOD
    assert Teaching(TaughtFile(tmp_path / "state.taught.json")).moments() == []


def test_what_is_forgotten_counts_no_more_at_once(tmp_path: Path) -> None:
    teaching = taught(TaughtFile(tmp_path / "state.taught.json"))
    before = teaching.correct(MOOD, look(1.0), HERE, 10)
    weight = teaching.status().weight
    teaching.forget(2)
    assert teaching.status().counting == 5
    assert 0 < teaching.status().weight < weight
    assert teaching.still_there(11) not in (before, MOOD, None)


def test_a_camera_that_has_moved_is_read_as_before_until_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    teaching = taught(TaughtFile(tmp_path / "state.taught.json"))
    for second in range(10, 15):
        assert teaching.correct(MOOD, look(1.0), ELSEWHERE, second) == MOOD
    assert teaching.status().problem == MOVED
    assert caplog.text.count(MOVED) == 1
    assert teaching.reason == ""
    assert teaching.correct(MOOD, look(1.0), HERE, 20).energy > 0
    assert teaching.status().problem is None


def test_a_pin_or_a_new_moment_does_not_bring_back_what_was_taught_elsewhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    teaching = taught(TaughtFile(tmp_path / "state.taught.json"))
    for second in range(10, 15):
        teaching.correct(MOOD, look(1.0), ELSEWHERE, second)
    teaching.conclude("pin: calm", MoodPoint(0.4, -0.7), 15, 1e9)
    assert teaching.correct(MOOD, look(1.0), ELSEWHERE, 16) == MOOD
    assert teaching.status().problem == MOVED

    teaching.teach("lively", None, 16, 1e9)
    assert teaching.correct(MOOD, look(1.0), ELSEWHERE, 17) == MOOD
    assert teaching.status().problem is None
    assert [moment.number for moment in teaching.moments_here()] == [7, 8]
    assert "is used again" not in caplog.text
    assert teaching.correct(MOOD, look(1.0), HERE, 18).energy > 0


def test_moments_of_other_models_are_kept_aside_and_spoken_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    teaching = taught(TaughtFile(tmp_path / "state.taught.json"))
    for second in range(3):
        assert teaching.correct(MOOD, look(1.0, "others"), HERE, second) == MOOD
    assert caplog.text.count("6 taught moments are of earlier models") == 1
    assert "earlier models" in (teaching.status().problem or "")
    assert len(teaching.moments()) == 6


def test_a_room_that_is_not_seen_cannot_be_taught() -> None:
    teaching = without_teaching()
    with pytest.raises(ControlError, match="nothing was taught"):
        teaching.teach("quiet", None, 0.0, 0.0)
    teaching.correct(MOOD, look(1.0), HERE, 0.0)
    with pytest.raises(ControlError, match="nothing was taught"):
        teaching.teach("quiet", None, 3600.0, 0.0)
    teaching.still_there(3599.0)
    teaching.teach("quiet", None, 3600.0, 0.0)


def test_what_cannot_be_written_is_not_taught(tmp_path: Path) -> None:
    teaching = Teaching(TaughtFile(tmp_path / "nowhere" / "state.taught.json"))
    teaching.correct(MOOD, look(1.0), HERE, 0.0)
    with pytest.raises(ControlError, match="nothing was changed"):
        teaching.teach("quiet", None, 0.0, 0.0)
    assert teaching.moments() == []


@pytest.mark.parametrize("text", ["{", '{"version": 2}', '{"version": 1, "moments": [{"number": 1}]}', "[]"])
def test_a_file_that_makes_no_sense_is_kept_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.taught.json"
    path.write_text(text)
    assert TaughtFile(path).load() == []
    assert not path.exists()
    assert len([*tmp_path.iterdir()]) == 1


def test_pins_and_wrong_moods_count_less_and_go_first() -> None:
    teaching = without_teaching()
    teaching.conclude("pin: calm", MoodPoint(0.5, -0.5), 0.0, 0.0)
    teaching.correct(MOOD, look(1.0), HERE, 0.0)
    teaching.conclude("pin: calm", MoodPoint(0.5, -0.5), 0.0, 0.0)
    assert teaching.moments() == [], "who never taught has nothing kept"
    for _ in range(6):
        teaching.teach("quiet", None, 0.0, 0.0)
    teaching.conclude("pin: calm", MoodPoint(0.5, -0.5), 0.0, 0.0)
    teaching.conclude_wrong(MoodPoint(0.0, 0.6), 0.0, 0.0)
    *_, pinned, wrong = teaching.moments()
    assert (pinned.energy, pinned.weight) == (-0.5, 0.3)
    assert wrong.energy == pytest.approx(-0.7)
    for _ in range(MOST):
        teaching.teach("quiet", None, 0.0, 0.0)
    assert len(teaching.moments()) == MOST
    assert all(moment.is_taught for moment in teaching.moments())


@pytest.mark.parametrize(
    ("word", "kept", "at_least"), [("pin: calm", 1, 0.3), ("pin: calm, evening {}", 4, 0.15)]
)
def test_a_month_of_daily_pins_does_not_outweigh_what_was_taught(
    word: str, kept: int, at_least: float
) -> None:
    teaching, mood = without_teaching(), Mood(0.1, -0.1)
    for second in range(12):
        teaching.correct(mood, look(second % 2 + second / 100), HERE, second)
        teaching.teach("lively" if second % 2 else "quiet", None, second, 1e9 + second)
    for day in range(30):
        teaching.correct(mood, look(1.0 + day / 100), HERE, day)
        teaching.conclude(word.format(day), MoodPoint(0.4, -0.7), day, 1e9 + day)
    concluded = [moment.word for moment in teaching.moments() if not moment.is_taught]
    assert concluded == [word.format(day) for day in range(30 - kept, 30)]
    assert len(teaching.moments()) == 12 + kept
    assert teaching.correct(mood, look(1.0), HERE, 40).energy > at_least
    assert teaching.correct(mood, look(0.0), HERE, 41).energy < -0.3


def test_what_was_concluded_in_another_view_stays_there() -> None:
    teaching = without_teaching()
    for view in (HERE, ELSEWHERE):
        teaching.correct(MOOD, look(1.0), view, 0.0)
        teaching.teach("quiet", None, 0.0, 0.0)
        teaching.conclude("pin: calm", MoodPoint(0.4, -0.7), 0.0, 0.0)
    assert [moment.word for moment in teaching.moments()] == ["quiet", "pin: calm"] * 2


def test_a_file_that_cannot_be_read_for_a_moment_is_neither_lost_nor_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A loose card, a state folder on a network: what was taught over months is read as soon as it can be."""
    path = tmp_path / "state.taught.json"
    taught(TaughtFile(path))
    before, teaching = path.read_bytes(), Teaching(TaughtFile(path))

    def fails(*_: object, **__: object) -> object:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as loose:
        loose.setattr(Path, "open", fails)
        for second in (10, 11):
            assert teaching.correct(MOOD, look(1.0), HERE, second) == MOOD
        for change in (lambda: teaching.teach("quiet", None, 12, 1e9), teaching.reset):
            with pytest.raises(ControlError, match="cannot be read at present: nothing was changed"):
                change()
    assert path.read_bytes() == before
    assert caplog.text.count("it is tried again") == 1
    assert teaching.correct(MOOD, look(1.0), HERE, 13).energy > 0
