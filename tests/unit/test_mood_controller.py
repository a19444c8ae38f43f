"""What the parts of the day ask of the loudspeaker."""

import re
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import cast

import pytest

from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart
from player.config.settings.playback import PlaybackSettings
from player.config.settings.room_noise import RoomNoiseSettings
from player.emotions import FEELINGS
from player.errors import NoMusicError
from player.events import CommandDone, DaypartChanged, LensChanged, MoodShifted, RoomNoise, SceneRead
from player.mood.tracker import MoodTracker
from player.mood_controller import MoodController
from player.playback.loudness import volume_gain
from player.playback.service import PlaybackService
from player.room.mood_state import MoodState
from player.selection.selector import Selector
from player.status import LensState, TransitionStatus
from player.types import Choice, Json, Light, Mood, NightMode, Scene, Target, Track, Transition
from tests.fakes.playback import FakeDeck

DAY = Daypart(name="day", start=time(8), mood="joyful", transition="cut", volume=60)
NIGHT = Daypart(name="night", start=time(22), mood="calm", night=True, crossfade_s=12, energy=(-1, 0))


SONG = Track(Path("song"), "Song", duration_s=600.0, loudness_lufs=-18.0, peak_dbfs=-3.0)


def nothing(why: str) -> Choice:
    raise NoMusicError("there is no music")


class Listening:
    """A selection to which no music ever fits already."""

    def fits(self, target: Target, within: float) -> bool:
        return False


class House:
    """A mood controller with a room, by a clock of the test's, and a playback service on fake decks."""

    def __init__(
        self,
        hour: int,
        mood: str = "joyful",
        selection: Listening | None = None,
        volume: int | None = DAY.volume,
    ) -> None:
        day = DAY.model_copy(update={"mood": mood, "volume": volume})
        config = self.config = Config(dayparts=(day, NIGHT))
        self.hour, self.now = hour, 0.0
        wall: Callable[[], datetime] = lambda: datetime(2026, 5, 1, self.hour).astimezone()  # noqa: E731
        tracker = MoodTracker(config.mood, config.dayparts)
        room = self.room = MoodState(tracker, clock=lambda: self.now, wall=wall)
        self.decks = FakeDeck("A", {SONG.path: 600.0}), FakeDeck("B", {})
        self.playback = PlaybackService(config.playback, self.decks, nothing)
        self.mood_controller = MoodController(config, room, cast(Selector, selection), self.playback)

    def see(self, mood: Mood, caption: str) -> None:
        """The room reads so for half a minute."""
        for _ in range(4):
            self.now += 10
            scene = Scene(caption, 2, Light(0.5, 0, 0.2, 0.2), 0.0, self.now, "compact", 1.0)
            update = self.room.update(mood, self.now)
            self.mood_controller.on_scene(SceneRead(scene, mood, update.hint.reasons))
            if update.shift is not None:
                self.mood_controller.on_shift(MoodShifted(update.shift, update.hint.reasons))

    def play(self, seconds: float) -> float:
        """Let the song play for so long; how loud it is then, as a linear gain."""
        for _ in range(round(seconds / 0.05)):
            self.now += 0.05
            self.playback.step(self.now)
        return max(deck.level() for deck in self.decks)

    def status(self) -> Json:
        self.playback.step(0.0)
        return self.playback.status()


def test_each_part_of_the_day_has_its_transitions_and_its_night() -> None:
    house = House(hour=12)
    house.mood_controller.on_daypart(DaypartChanged("day"))
    status = house.status()
    assert (status.volume, status.night) == (60, False)
    assert status.transition == TransitionStatus(Transition.CUT, 6)
    house.hour = 23
    house.mood_controller.on_daypart(DaypartChanged("night"))
    status = house.status()
    assert (status.volume, status.night) == (40, True), "the night's ceiling"
    assert status.transition == TransitionStatus(Transition.CROSSFADE, 12)


def test_a_command_wins_over_the_part_of_the_day_until_auto() -> None:
    house = House(hour=12)
    house.mood_controller.set_night(NightMode.ON)
    assert house.status().night
    house.hour = 23
    house.mood_controller.set_night(NightMode.OFF)
    house.mood_controller.on_daypart(DaypartChanged("night"))
    assert not house.status().night
    house.mood_controller.set_night(NightMode.AUTO)
    assert house.status().night


def another_part(house: House) -> None:
    house.hour = 12
    house.mood_controller.on_daypart(DaypartChanged("day"))


def edited(house: House) -> None:
    house.hour = 12
    house.mood_controller.configure(house.config, NightMode.AUTO)


def commanded(house: House) -> None:
    house.mood_controller.set_night(NightMode.OFF)


@pytest.mark.parametrize(("end", "within_s"), [(another_part, 20.0), (edited, 20.0), (commanded, 2.0)])
def test_the_end_of_a_night_is_heard_slowly_unless_somebody_wants_it_now(
    end: Callable[[House], None], within_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the day has no volume of its own, too."""
    house = House(hour=23, volume=None)
    house.mood_controller.on_daypart(DaypartChanged("night"))
    house.playback.step(0.0)
    monkeypatch.setattr(house.playback, "run", lambda: None)  # the test takes the steps
    house.playback.start(Choice(SONG, "the test"))
    assert house.play(30) == pytest.approx(volume_gain(40))
    end(house)
    assert house.play(0.4 * within_s) < 0.6 * volume_gain(70)
    assert house.play(0.7 * within_s) == pytest.approx(volume_gain(70))


@pytest.mark.parametrize(("command", "volume"), [("next", 30), ("volume", 35)])
def test_the_volume_edited_by_day_counts_at_night(command: str, volume: int) -> None:
    """The day has its own; a volume by hand is newer still."""
    house = House(hour=12)
    house.mood_controller.on_daypart(DaypartChanged("day"))
    config = Config(dayparts=(DAY, NIGHT), playback=PlaybackSettings(volume=30))
    house.mood_controller.configure(config, NightMode.AUTO)
    house.mood_controller.heed_volume(70)
    assert (house.status().volume, house.mood_controller.general_volume) == (60, 70)
    if command == "volume":
        house.playback.set_volume(volume)
    house.mood_controller.on_command(CommandDone(command))
    house.hour = 23
    house.mood_controller.on_daypart(DaypartChanged("night"))
    assert (house.status().volume, house.mood_controller.general_volume) == (volume, 30)


def test_the_log_speaks_of_the_room_and_of_music_in_plain_words(caplog: pytest.LogCaptureFixture) -> None:
    """Wherever the room goes, and whatever mood the owner gave a part of the day."""
    steps = [step / 2 for step in range(-2, 3)]
    feelings = {name for name in FEELINGS if name not in ("calm", "sad")} | {"erotic", "sexy"}
    for valence, energy in [(0.55, -0.05), *((a, b) for a in steps for b in steps)]:
        house = House(hour=12, mood="sensual", selection=Listening())
        with caplog.at_level("INFO", logger="player"):
            house.mood_controller.on_daypart(DaypartChanged("day"))
            house.see(Mood(valence, energy, {"sensual": 1.0}, "romantic"), "two people at a bar")
    messages = [record.getMessage() for record in caplog.records]
    assert not feelings & set(re.findall(r"\w+", " ".join(messages)))
    moved = r"^the room is lively, unlike the start of day: moving to (upbeat|lively|cheerful) music$"
    assert any(re.search(moved, message) for message in messages)
    assert "two people at a bar: the room is quiet" in messages
    (shift, *_) = (record for record in caplog.records if record.event == "shift")  # type: ignore[attr-defined]
    assert shift.fields["target"] in FEELINGS, "a program reads the machine's name"  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", LensState)
def test_the_log_says_what_becomes_of_the_lens(state: LensState, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="player"):
        House(hour=12).mood_controller.on_lens(LensChanged(state))
    (record,) = (record for record in caplog.records if getattr(record, "event", None) == "lens")
    assert record.fields == {"state": state.value}  # type: ignore[attr-defined]
    assert ("not read until" in record.getMessage()) == (state is not LensState.OK)


def test_the_log_says_why_the_music_is_not_as_the_room_is(caplog: pytest.LogCaptureFixture) -> None:
    house = House(hour=23, selection=Listening())
    with caplog.at_level("INFO", logger="player"):
        house.see(Mood(0.5, 0.9), "a dance floor")
    assert "(kept within the limits of night)" in caplog.records[-1].getMessage()


def test_the_noise_of_the_room_counts_as_a_sensor_if_it_is_to_count() -> None:
    house = House(hour=12)
    house.mood_controller.on_room_noise(RoomNoise(-41.0))
    assert house.room.status().sensors == (), "nobody asked for it"

    follow = RoomNoiseSettings(enabled=True)
    config = Config(playback=PlaybackSettings(follow_noise=follow))
    house.room.follow(MoodTracker(config.mood, config.dayparts, config.senses))
    house.mood_controller.on_room_noise(RoomNoise(-41.0))
    (sensor,) = house.room.status().sensors
    assert (sensor.name, sensor.value, sensor.unit) == ("room noise", -41, "dB")
    deaf = follow.model_copy(update={"energy": 0.0})
    assert Config(playback=PlaybackSettings(follow_noise=deaf)).senses == ()
