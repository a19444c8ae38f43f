import logging
from pathlib import Path

import pytest

from player.config.settings import DEFAULT_DAYPARTS, MoodSettings
from player.emotions import find
from player.errors import ControlError
from player.events import CommandDone, Event
from player.interfaces.commands import CommandHandler
from player.library.database.feedback import Kind
from player.mood.tracker import MoodTracker
from player.room.mood_state import MoodState
from player.types import Json, Mood, Track


class FakePlayer:
    """The playback service's commands, noted."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.state = "playing"

    def skip(self) -> None:
        self.done.append("skip")

    def pause(self) -> None:
        self.done.append("pause")

    def resume(self) -> None:
        self.done.append("resume")

    def shift(self, reason: str) -> None:
        self.done.append(f"shift: {reason}")

    def set_volume(self, percent: int) -> None:
        self.done.append(f"volume {percent}")

    def seek(self, position_s: float) -> None:
        self.done.append(f"seek {position_s:g}")

    def set_night(self, value: str) -> None:
        self.done.append(f"night {value}")

    def status(self) -> Json:
        return {"state": self.state}


class FakePerception:
    """Perception without a model for sentences."""

    def __init__(self) -> None:
        self.on = True

    def enable(self, on: bool) -> None:
        self.on = on

    def read_mood(self, text: str) -> Mood:
        named = find(text)
        if named is None:
            raise ControlError("a sentence cannot be read now.")
        return named.mood

    def status(self) -> Json:
        return {"camera": {"enabled": self.on}}


class FakeMusic:
    """A library of no interest."""

    def status(self) -> Json:
        return {"tracks": 3}


class FakeSelection:
    """A track plays, and what is said of it is noted."""

    def __init__(self) -> None:
        self.judged: list[Kind] = []
        self.playing: Track | None = Track(Path("a.mp3"), "A Song", id=1)

    def record_feedback(self, kind: Kind) -> Track:
        if self.playing is None:
            raise ControlError("nothing plays")
        self.judged.append(kind)
        return self.playing


class FakeHours:
    """Open, until the test closes it."""

    def __init__(self) -> None:
        self.is_open = True
        self.by_hand = False

    def override_closed(self) -> bool:
        woken = not self.is_open and not self.by_hand
        self.by_hand = self.by_hand or woken
        return woken

    def status(self) -> Json:
        return {"open": self.is_open, "by_hand": self.by_hand, "changes_at": None}


class Desk:
    """Controls over fakes, and a real room."""

    def __init__(self) -> None:
        self.player, self.perception = FakePlayer(), FakePerception()
        self.room = MoodState(MoodTracker(MoodSettings(), DEFAULT_DAYPARTS))
        self.selection = FakeSelection()
        self.hours = FakeHours()
        self.announced: list[str] = []
        self.changes: list[Event] = []
        self.controls = CommandHandler(
            self.room,
            self.player,
            self.perception,
            FakeMusic(),
            self.selection,
            self.player.set_night,
            self.hours,
            self.announced.append,
            self.changes.append,
        )


@pytest.mark.parametrize(
    ("command", "value", "done"),
    [
        ("next", None, ["skip"]),
        ("pause", None, ["pause"]),
        ("resume", None, ["resume"]),
        ("volume", 0, ["volume 0"]),
        ("volume", "100", ["volume 100"]),
        ("night", "on", ["night on"]),
        ("seek", 90, ["seek 90"]),
        ("seek", "0.5", ["seek 0.5"]),
        ("pin", " calm ", ["shift: pinned by hand: calm"]),
        ("unpin", None, []),
    ],
)
def test_a_command_is_handed_on_and_answered(command: str, value: object, done: list[str]) -> None:
    desk = Desk()
    assert desk.controls.execute(command, value)["message"]
    assert desk.player.done == done


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("dance", None),
        ("volume", None),
        ("volume", -1),
        ("volume", 101),
        ("volume", "loud"),
        ("volume", [1]),
        ("pin", ""),
        ("pin", None),
        ("pin", "a sentence that nobody can read now"),
        ("seek", None),
        ("seek", -1),
        ("seek", "nan"),
        ("seek", "inf"),
        ("camera", "perhaps"),
        ("camera", ["on"]),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(command: str, value: object) -> None:
    desk = Desk()
    with pytest.raises(ControlError):
        desk.controls.execute(command, value)
    assert desk.player.done == []
    assert desk.room.status()["pinned"] is None


def test_a_judgement_is_noted_and_a_wrong_mood_moves_on() -> None:
    desk = Desk()
    assert "A Song" in desk.controls.execute("like")["message"]
    assert desk.player.done == []
    assert "A Song" in desk.controls.execute("wrong")["message"]
    assert desk.player.done == ["skip"]
    assert desk.selection.judged == [Kind.LIKED, Kind.WRONG_MOOD]


def test_without_music_nothing_can_be_wrong() -> None:
    desk = Desk()
    desk.selection.playing = None
    with pytest.raises(ControlError):
        desk.controls.execute("wrong")
    assert desk.player.done == []


def test_pin_and_unpin_move_the_music() -> None:
    desk = Desk()
    desk.controls.execute("pin", "joyful")
    assert desk.room.target().name == "joyful"
    desk.controls.execute("unpin")
    assert desk.room.status()["pinned"] is None
    assert len(desk.player.done) == 2


def test_an_announcement_is_handed_on() -> None:
    desk = Desk()
    assert desk.controls.execute("announce", "/music/gong.wav")["message"] == "announcing /music/gong.wav"
    assert desk.announced == ["/music/gong.wav"]


def test_the_camera_is_switched() -> None:
    desk = Desk()
    desk.controls.execute("camera", "off")
    assert not desk.perception.on
    desk.controls.execute("camera", "on")
    assert desk.perception.on


def test_status_brings_all_parts_together() -> None:
    status = Desk().controls.execute("status")
    assert status["playback"] == {"state": "playing"}
    assert set(status) == {"playback", "room", "eyes", "library", "hours", "problems"}


@pytest.mark.parametrize(("command", "does"), [("next", "skip"), ("resume", "resume")])
def test_a_command_by_hand_wakes_a_closed_house(command: str, does: str) -> None:
    desk = Desk()
    desk.hours.is_open, desk.player.state = False, "stopped"
    assert desk.controls.execute("status")["playback"]["state"] == "closed"
    assert "until the next closing" in desk.controls.execute(command)["message"]
    assert desk.hours.by_hand
    assert desk.player.done == [], "opening has started the music"
    desk.controls.execute(command)
    assert desk.player.done == [does]


def test_what_was_done_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Desk().controls.execute("volume", 30)
    assert "volume 30" in caplog.text


def test_what_a_restart_must_find_again_is_told_of() -> None:
    desk = Desk()
    desk.controls.execute("status")
    assert desk.changes == []
    desk.controls.execute("volume", 30)
    desk.controls.execute("pin", "calm")
    assert desk.changes == [CommandDone("volume"), CommandDone("pin")]
