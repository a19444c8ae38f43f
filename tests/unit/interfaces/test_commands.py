import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player.config.settings.dayparts import DEFAULT_DAYPARTS
from player.config.settings.mood import MoodSettings
from player.config.settings.sensors import SensorSettings
from player.errors import ControlError, MissingError, WishError
from player.events import CommandDone, Event
from player.interfaces.command_table import COMMANDS, CommandSpec, read_request
from player.interfaces.commands import CommandHandler
from player.interfaces.handlers.house import HouseCommands
from player.interfaces.handlers.playing import PlayingCommands
from player.interfaces.handlers.room import RoomCommands
from player.interfaces.messages.base import Answer
from player.interfaces.messages.playing import PauseRequest, ReloadAnswer, ReloadRequest
from player.interfaces.status_report import StatusReport
from player.library.database.feedback import Outcome
from player.mood.reader import MoodReader
from player.mood.tracker import MoodTracker
from player.mood.wishes import ReadWish, read_wish
from player.room.mood_state import MoodState
from player.selection.play_history import Judged
from player.status import (
    FrontStatus,
    HoursStatus,
    LibraryStatus,
    PerceptionStatus,
    PlaybackStatus,
    TrackStatus,
)
from player.types import Json, NightMode, Track
from tests.fakes import status
from tests.fakes.readers import FakeMoodReader

WEATHER = SensorSettings(name="weather", kind="weather")


class FakePlayer:
    """The playback service's commands, noted."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.state = "playing"
        self.track: TrackStatus | None = status.SONG
        self.chosen: TrackStatus | None = None

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

    def set_night(self, mode: NightMode) -> None:
        self.done.append(f"night {mode}")

    def status(self) -> PlaybackStatus:
        return status.playback(state=self.state, track=self.track, next=self.chosen)


class FakePerception:
    """Perception without a model for sentences."""

    def __init__(self) -> None:
        self.on, self.can_read = True, False

    def enable(self, on: bool) -> None:
        self.on = on

    def read_wish(self, text: str) -> ReadWish:
        return read_wish(text, FakeMoodReader if self.can_read else self._nobody)

    def _nobody(self) -> MoodReader:
        raise ControlError("a sentence cannot be read now.")

    def status(self) -> PerceptionStatus:
        return status.perception()


class FakeMusic:
    """A library of no interest."""

    def status(self) -> LibraryStatus:
        return status.library()


class FakeSelection:
    """A track plays, and what is said of it is noted."""

    def __init__(self) -> None:
        self.judged: list[Outcome] = []
        self.playing: Track | None = Track(Path("a.mp3"), "A Song", id=1)
        self.requested: list[int] = []

    def record_feedback(self, kind: Outcome) -> Track:
        if self.playing is None:
            raise ControlError("nothing plays")
        self.judged.append(kind)
        return self.playing

    def request(self, track_ids: Sequence[int]) -> int:
        self.requested = list(track_ids)
        return len([track_id for track_id in track_ids if track_id < 100])

    def end_list(self) -> bool:
        ended, self.requested = bool(self.requested), []
        return ended

    def judge(self, kind: Outcome, play_id: int) -> Judged:
        if play_id == 3:
            raise MissingError(f"there is no play with the number {play_id}.")
        self.judged.append(kind)
        return Judged("An Earlier Song" if play_id == 1 else "A Song", playing=play_id == 2, track_id=7)

    def judge_track(self, kind: Outcome, track_id: int) -> Judged:
        self.judged.append(kind)
        playing = self.playing is not None and self.playing.id == track_id
        return Judged("A Song" if playing else "The Song Before", playing, track_id)


class FakeHours:
    """Open, until the test closes it."""

    def __init__(self) -> None:
        self.is_open = True
        self.manual_override = False

    def override_closed(self) -> bool:
        woken = not self.is_open and not self.manual_override
        self.manual_override = self.manual_override or woken
        return woken

    def status(self) -> HoursStatus:
        return status.hours(self.is_open, self.manual_override)


class FakeFront:
    """The page is there."""

    problem: str | None = None

    def status(self) -> FrontStatus:
        return FrontStatus(True, "http://127.0.0.1:8787/", self.problem)


class Desk:
    """Controls over fakes, and a real room."""

    def __init__(self, changed: Sequence[str] = ("mood",)) -> None:
        """A reload finds that these sections have `changed`."""
        self.player, self.perception = FakePlayer(), FakePerception()
        self.room = MoodState(MoodTracker(MoodSettings(), DEFAULT_DAYPARTS, [WEATHER]))
        self.selection = FakeSelection()
        self.hours = FakeHours()
        self.announced: list[str] = []
        self.announces: bool | str = True
        """Whether an announcement is heard at once, or why it is not at all."""
        self.changes: list[Event] = []
        self.closing: datetime | None = None
        self.foreseen: tuple[TrackStatus, ...] = ()
        self.front = FakeFront()
        parts = (self.player, self.room, self.perception, FakeMusic(), self.hours, self.front)
        self.corrected: list[tuple[int, str]] = []
        self.report = StatusReport(*parts, lambda: self.foreseen)
        house = HouseCommands(self.report, self.perception.enable, lambda: changed)
        self.controls = CommandHandler(
            (
                house,
                RoomCommands(
                    self.room,
                    self.player,
                    self.perception,
                    self.selection.end_list,
                    lambda: self.closing,
                ),
                PlayingCommands(
                    self.player,
                    self.selection,
                    self.player.set_night,
                    self.hours,
                    self.announce,
                    self.perception.read_wish,
                    lambda track_id, mood: self.corrected.append((track_id, mood.name)),
                ),
            ),
            self.changes.append,
        )

    def announce(self, name: str) -> bool:
        if isinstance(self.announces, str):
            raise ControlError(self.announces)
        self.announced.append(name)
        return self.announces

    def tell(self, command: str, value: object = None, more: Json | None = None) -> Json:
        """Give a command as the socket does; returns its answer."""
        answer = self.controls.execute(read_request(command, value, more))
        assert isinstance(answer, Answer)
        return answer.as_json()


@pytest.mark.parametrize(
    ("command", "value", "done"),
    [
        ("next", None, ["skip", "resume"]),
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
    assert desk.tell(command, value)["message"]
    assert desk.player.done == done


@pytest.mark.parametrize(
    ("tracks", "said"),
    [
        ([3, 1, 2], "playing 3 tracks"),
        ("3, 1 2", "playing 3 tracks"),
        ([3], "playing 1 track"),
        ([3, 100, 101], "playing 1 track; 2 may not play now"),
    ],
)
def test_a_list_is_played_in_its_order_from_now_on(tracks: object, said: str) -> None:
    desk = Desk()
    assert desk.tell("play_list", tracks)["message"] == said
    assert (
        desk.selection.requested == [3, 1, 2][: len(desk.selection.requested)]
        or desk.selection.requested[0] == 3
    )
    assert desk.player.done == ["skip", "resume"]


@pytest.mark.parametrize(
    "tracks", [[], None, "", "a", [0], [-1], [1.5], {"1": 2}, [True], list(range(1, 102)), [2**60]]
)
def test_a_list_that_is_none_is_refused(tracks: object) -> None:
    desk = Desk()
    with pytest.raises(ControlError):
        desk.tell("play_list", tracks)
    assert desk.player.done == []


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
        desk.tell(command, value)
    assert desk.player.done == []
    assert desk.room.status().pinned is None


def test_a_judgement_is_noted_and_a_wrong_mood_moves_on() -> None:
    desk = Desk()
    assert "A Song" in desk.tell("like")["message"]
    assert desk.player.done == []
    assert "A Song" in desk.tell("wrong")["message"]
    assert desk.player.done == ["skip"]
    assert desk.selection.judged == [Outcome.LIKED, Outcome.WRONG_MOOD]


def test_a_play_of_the_history_is_judged_and_the_music_goes_on() -> None:
    desk = Desk()
    assert desk.tell("wrong", 1)["message"] == "wrong mood: An Earlier Song"
    assert desk.tell("like", more={"play": "1"})["message"] == "liked: An Earlier Song"
    assert desk.player.done == []
    desk.tell("wrong", more={"play": 2})
    assert desk.player.done == ["skip"], "it is the one that plays"
    with pytest.raises(MissingError):
        desk.tell("like", 3)


def test_the_track_that_was_seen_is_judged_though_another_has_begun() -> None:
    desk = Desk()
    assert desk.tell("like", more={"track": "9"})["message"] == "liked: The Song Before"
    desk.tell("wrong", more={"track": 9, "mood": "calm"})
    assert desk.corrected == [(9, "calm")]
    assert desk.player.done == [], "the one that plays is not left for it"
    desk.tell("wrong", more={"track": 1, "mood": "calm"})
    assert desk.corrected[1:] == [(1, "calm")]
    assert desk.player.done == ["skip"]


def test_who_says_which_mood_a_track_has_corrects_it() -> None:
    desk = Desk()
    assert "A Song, which is calm" in desk.tell("wrong", more={"mood": "calm"})["message"]
    desk.tell("wrong", 1, {"mood": "joyful"})
    assert desk.corrected == [(1, "calm"), (7, "joyful")]
    with pytest.raises(ControlError):
        desk.tell("wrong", more={"mood": "a sentence that no model reads"})
    assert len(desk.selection.judged) == 2, "what could not be read is not judged either"


@pytest.mark.parametrize("track", [None, replace(status.SONG, path="station:jazz.example-1a2b")])
def test_what_has_no_places_is_not_sought_in(track: TrackStatus | None) -> None:
    desk = Desk()
    desk.player.track = track
    with pytest.raises(ControlError, match="nothing plays that has other places"):
        desk.tell("seek", 90)
    assert desk.player.done == []


def test_what_waits_for_the_end_of_a_pause_is_said_to_wait() -> None:
    desk = Desk()
    desk.player.state = "paused"
    later = "another track plays once the music goes on"
    assert desk.tell("seek", 90)["message"] == "to 1:30, once the music goes on"
    assert desk.tell("wrong")["message"] == f"wrong mood: A Song; {later}"
    assert (
        desk.tell("wrong", more={"mood": "calm"})["message"] == f"wrong mood: A Song, which is calm; {later}"
    )
    assert desk.player.done == ["seek 90", "skip", "skip"], "neither ends the pause"


def test_without_music_nothing_can_be_wrong() -> None:
    desk = Desk()
    desk.selection.playing = None
    with pytest.raises(ControlError):
        desk.tell("wrong")
    assert desk.player.done == []


def test_pin_and_unpin_move_the_music() -> None:
    desk = Desk()
    desk.tell("pin", "joyful")
    assert desk.room.target().name == "joyful"
    desk.tell("unpin")
    assert desk.room.status().pinned is None
    assert len(desk.player.done) == 2


@pytest.mark.parametrize(
    ("command", "value", "said"),
    [
        ("unpin", None, "the music follows the room again"),
        ("pin", "joyful", "pinned to joyful: cheerful music until unpin"),
    ],
)
@pytest.mark.parametrize("pinned", [False, True], ids=["", "asked for under that pin"])
def test_a_pin_and_its_end_end_a_list(command: str, value: str | None, said: str, pinned: bool) -> None:
    desk = Desk()
    if pinned:
        desk.tell("pin", "joyful")
    desk.tell("play_list", [3, 1])
    desk.player.done.clear()
    assert desk.tell(command, value)["message"] == said
    assert desk.selection.requested == []
    assert [done.partition(":")[0] for done in desk.player.done] == ["shift"]


def test_without_a_pin_or_a_list_there_is_nothing_to_end() -> None:
    desk = Desk()
    assert desk.tell("unpin")["message"] == "nothing was pinned"
    assert desk.player.done == []


@pytest.mark.parametrize("words", ["12:30", "???", "🎉", "ㅋㅋㅋ", "ㅁㄴㅇㄹ ㅠㅠ", "x" * 501])
def test_words_that_say_no_mood_pin_nothing(words: str) -> None:
    """By the rule of playlists for a mood: the reader of sentences finds some mood in anything."""
    desk = Desk()
    desk.perception.can_read = True
    with pytest.raises((WishError, ControlError)):
        desk.tell("pin", words)
    assert desk.room.status().pinned is None
    assert desk.player.done == []
    assert "pinned to a lively evening: " in desk.tell("pin", "a lively evening")["message"]


def test_a_pin_for_a_time_says_until_when() -> None:
    desk = Desk()
    told = desk.tell("pin", "joyful", {"lasting": "1h 30m"})
    assert "for 1 hour and 30 minutes" in told["message"]
    assert told["until"] == desk.room.status().pinned_until
    left = datetime.fromisoformat(told["until"]) - datetime.now(UTC)
    assert timedelta(minutes=89) < left <= timedelta(minutes=90, seconds=1)
    told = desk.tell("pin", "calm")
    assert "until unpin" in told["message"]
    assert told["until"] is desk.room.status().pinned_until is None


def test_a_pin_until_closing_needs_a_closing_time() -> None:
    desk = Desk()
    with pytest.raises(ControlError, match="has no closing time"):
        desk.tell("pin", "joyful", {"lasting": "until closing"})
    assert desk.room.status().pinned is None
    assert desk.player.done == []
    desk.closing = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    told = desk.tell("pin", "joyful", {"lasting": "until closing"})
    assert f"until closing ({desk.closing:%a %H:%M})" in told["message"]
    assert told["until"] == desk.closing.isoformat()


def test_an_announcement_is_handed_on() -> None:
    desk = Desk()
    assert desk.tell("announce", "/music/gong.wav")["message"] == "announcing /music/gong.wav"
    assert desk.announced == ["/music/gong.wav"]
    desk.announces = False
    assert desk.tell("announce", "/music/gong.wav")["message"] == "/music/gong.wav waits for its turn"


def test_an_announcement_that_is_refused_is_not_said_to_be_heard() -> None:
    desk = Desk()
    desk.announces = "/etc/passwd cannot be announced: it is broken."
    with pytest.raises(ControlError, match="cannot be announced"):
        desk.tell("announce", "/etc/passwd")


def test_the_camera_is_switched() -> None:
    desk = Desk()
    desk.tell("camera", "off")
    assert not desk.perception.on
    desk.tell("camera", "on")
    assert desk.perception.on


def test_status_brings_all_parts_together() -> None:
    told = Desk().tell("status")
    assert told["playback"]["state"] == "playing"
    assert json.dumps(told)
    assert set(told) == {"version", "playback", "room", "perception", "library", "hours", "front", "problems"}


def test_what_was_chosen_comes_before_what_is_foreseen() -> None:
    def titles() -> str:
        return "".join(track["title"] for track in desk.tell("status")["playback"]["coming"])

    desk = Desk()
    a, b, c, d = (TrackStatus(f"/{title}", title, "", "", "the test") for title in "abcd")
    assert titles() == ""
    desk.foreseen = (a, b, c)
    assert titles() == "abc"
    desk.player.chosen = a
    assert titles() == "abc"
    desk.player.chosen = d
    assert titles() == "dab", "it was chosen a moment ago"
    desk.player.chosen, desk.player.state = None, "stopped"
    assert titles() == "", "nobody chooses"


def test_what_is_wrong_with_the_machine_stands_in_the_status_until_it_is_over() -> None:
    desk = Desk()
    for problem in ("no home", "no sound server"):
        desk.report.add_problem(problem)
    desk.report.remove_problem("no home")
    desk.report.remove_problem("never said")
    assert desk.tell("status")["problems"] == ("no sound server",)


def test_why_nobody_gets_in_is_a_problem() -> None:
    desk = Desk()
    desk.report.add_problem("no home")
    desk.front.problem = "web_secrets.json is damaged."
    assert desk.tell("status")["problems"] == ("no home", "web_secrets.json is damaged.")


@pytest.mark.parametrize(("command", "does"), [("next", ["skip", "resume"]), ("resume", ["resume"])])
def test_a_command_by_hand_wakes_a_closed_house(command: str, does: list[str]) -> None:
    desk = Desk()
    desk.hours.is_open, desk.player.state = False, "stopped"
    assert desk.tell("status")["playback"]["state"] == "closed"
    assert "until the next closing" in desk.tell(command)["message"]
    assert desk.hours.manual_override
    assert desk.player.done == [], "opening has started the music"
    desk.tell(command)
    assert desk.player.done == does


def test_what_was_done_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Desk().tell("volume", 30)
    assert "volume 30" in caplog.text


def test_what_a_restart_must_find_again_is_told_of() -> None:
    desk = Desk()
    desk.tell("status")
    assert desk.changes == []
    desk.tell("volume", 30)
    desk.tell("pin", "calm")
    assert desk.changes == [CommandDone("volume"), CommandDone("pin")]


@pytest.mark.parametrize(
    "spec", [spec for spec in COMMANDS.values() if spec.request in Desk().controls.requests]
)
def test_a_command_of_the_table_is_carried_out_and_answered_as_it_says(spec: CommandSpec) -> None:
    desk = Desk()
    answer = desk.controls.execute(spec.read(more=spec.example))
    assert type(answer) is spec.answer or spec.streams
    assert bool(desk.changes) is spec.changes


def test_a_program_commands_without_json() -> None:
    desk = Desk()
    desk.controls.execute(PauseRequest())
    assert desk.player.done == ["pause"]


def test_a_reload_says_what_has_changed() -> None:
    answer = Desk(changed=["mood", "log"]).controls.execute(ReloadRequest())
    assert answer == ReloadAnswer("config.yaml was read again; changed: mood, log", ("mood", "log"))
    assert "nothing has changed" in Desk(changed=()).tell("reload")["message"]
