"""What the parts of the day ask of the loudspeaker."""

from collections.abc import Callable
from datetime import datetime, time
from typing import cast

import pytest

from player.config.settings import Config, Daypart
from player.errors import ControlError, NoMusicError
from player.events import DaypartChanged
from player.mood.tracker import MoodTracker
from player.mood_controller import MoodController
from player.playback.service import PlaybackService
from player.room.mood_state import MoodState
from player.selection.selector import Selector
from player.types import Choice, Json
from tests.fakes.playback import FakeDeck

DAY = Daypart(name="day", start=time(8), mood="joyful", transition="cut", volume=60)
NIGHT = Daypart(name="night", start=time(22), mood="calm", night=True, crossfade_s=12)


def nothing(why: str) -> Choice:
    raise NoMusicError("there is no music")


class House:
    """A conductor with a room, by a clock of the test's, and a jukebox on fake decks."""

    def __init__(self, hour: int) -> None:
        config = Config(dayparts=(DAY, NIGHT))
        self.hour = hour
        wall: Callable[[], datetime] = lambda: datetime(2026, 5, 1, self.hour).astimezone()  # noqa: E731
        room = MoodState(MoodTracker(config.mood, config.dayparts), wall=wall)
        self.playback = PlaybackService(config.playback, (FakeDeck("A", {}), FakeDeck("B", {})), nothing)
        self.mood_controller = MoodController(config, room, cast(Selector, None), self.playback)

    def status(self) -> Json:
        self.playback.step(0.0)
        return self.playback.status()


def test_each_part_of_the_day_has_its_transitions_and_its_night() -> None:
    house = House(hour=12)
    house.mood_controller.on_daypart(DaypartChanged("day"))
    status = house.status()
    assert (status["volume"], status["night"]) == (60, False)
    assert status["transition"] == {"kind": "cut", "crossfade_s": 6}
    house.hour = 23
    house.mood_controller.on_daypart(DaypartChanged("night"))
    status = house.status()
    assert (status["volume"], status["night"]) == (40, True), "the night's ceiling"
    assert status["transition"] == {"kind": "crossfade", "crossfade_s": 12}


def test_a_command_wins_over_the_part_of_the_day_until_auto() -> None:
    house = House(hour=12)
    house.mood_controller.set_night("on")
    assert house.status()["night"]
    house.hour = 23
    house.mood_controller.set_night("off")
    house.mood_controller.on_daypart(DaypartChanged("night"))
    assert not house.status()["night"]
    house.mood_controller.set_night("auto")
    assert house.status()["night"]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ControlError, match="night takes auto, on or off, not 'dark'"):
        House(hour=12).mood_controller.set_night("dark")
