"""What a start does by the hours, with decks of the test."""

import json
import threading
import wave
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player import app, components
from player.app import App
from player.clock import HouseClock
from player.components import Components
from player.config.settings.config import Config
from player.library.database.store import Library
from player.playback.monitor.audio_monitor import NullMonitor
from player.playback.service import PlaybackService
from player.room.mood_state import MoodState
from player.state.state_file import DATABASE, STATE
from player.types import Choice
from tests.fakes.playback import FakeDeck


class Shop:
    """A player that is started and stopped at once, by a clock that the test moves."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)
        self.told: list[object] = []
        """What the music was told: the file, where in it and the fade of each start, and pauses."""
        self.closed: list[bool] = []
        """What the room's mood was told of the hours."""
        self.state, self.song = folder / "state", folder / "music" / "song.wav"
        for made in (self.state, self.song.parent):
            made.mkdir()
        with wave.open(str(self.song), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(16000))
        self._parts: list[Components] = []
        build = components.build

        def noted(*given: object) -> Components:
            self._parts.append(build(*given))
            return self._parts[-1]

        monkeypatch.setattr(app, "build", noted)
        monkeypatch.setattr(components, "spawn_decks", lambda _: (FakeDeck("A", {}), FakeDeck("B", {})))
        monkeypatch.setattr(components, "AudioMonitorProcess", NullMonitor)
        monkeypatch.setattr(HouseClock, "__call__", lambda _: self.now)
        monkeypatch.setattr(MoodState, "close", lambda _, closed: self.closed.append(closed))
        monkeypatch.setattr(PlaybackService, "start", self._start)
        monkeypatch.setattr(PlaybackService, "pause", lambda _: self.told.append("pause"))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))

    def _start(
        self, first: Choice | None = None, position_s: float = 0.0, *, fade_s: float | None = None
    ) -> None:
        self.told.append((first and first.track.path, position_s, fade_s))

    def played(self, saved_at: datetime, **more: object) -> None:
        """What the player remembers: the song, in its middle, at that time."""
        with closing(Library(self.state / DATABASE)) as library:
            library.scan([self.song.parent])
        said = {"path": str(self.song), "position_s": 0.5, "saved_at": saved_at.timestamp()}
        (self.state / STATE).write_text(json.dumps(said | more))

    def run(self, hours: str, meanwhile: Callable[[Components], object] = lambda _: None) -> None:
        """One life of the player, in which this happens once the music has had its start."""
        config = Config.model_validate(
            {
                "state_dir": str(self.state),
                "library": {"folders": [str(self.song.parent)]},
                "timezone": "UTC",
                "hours": {"open": {"daily": hours}},
            }
        )

        class Over(threading.Event):
            def wait(over, timeout: float | None = None) -> bool:  # noqa: N805
                meanwhile(self._parts[-1])
                return True

        over = Over()
        over.set()
        assert not App(config, lambda: config).run(over)

    def start_in_1970(self, right: datetime) -> None:
        """One life of the player, open from eight to eight; the clock is set while it waits for that."""
        self.now = datetime(1970, 1, 1, tzinfo=UTC)

        def set_the_clock(parts: Components) -> None:
            assert self.told == []
            self.now = right
            parts.venue_schedule.reconcile(right)

        self.run("08:00-20:00", set_the_clock)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, monkeypatch)


@pytest.mark.parametrize(("hours", "told"), [("closed", [True]), ("open", [])])
def test_what_is_usual_is_not_learnt_of_a_venue_that_is_closed_at_the_start(
    shop: Shop, hours: str, told: list[bool]
) -> None:
    shop.run(hours)
    assert shop.closed == told


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("hour", [12, 21], ids=["open", "open by hand"])
def test_a_start_in_1970_goes_on_as_before_once_the_clock_is_set(shop: Shop, hour: int, paused: bool) -> None:
    right = shop.now.replace(hour=hour)
    by_hand = datetime(2026, 5, 2, 8, tzinfo=UTC).timestamp() if hour == 21 else None
    shop.played(right - timedelta(minutes=1), paused=paused, open_by_hand=by_hand)
    shop.start_in_1970(right)
    assert shop.told == [(shop.song, 0.5, 8.0), *["pause"] * paused]


@pytest.mark.parametrize("lives", [1, 2])
def test_a_pause_outlives_a_start_in_1970_that_ends_before_the_clock_is_set(shop: Shop, lives: int) -> None:
    right = shop.now
    shop.played(right - timedelta(minutes=5), paused=True)
    for _ in range(lives):
        shop.now = datetime(1970, 1, 1, tzinfo=UTC)
        shop.run("08:00-20:00")
    assert shop.told == []
    shop.now = right
    shop.run("08:00-20:00")
    assert shop.told == [(shop.song, 0.5, None), "pause"]


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("in_1970", [False, True])
def test_after_a_night_off_the_day_begins_with_music_of_its_own(
    shop: Shop, in_1970: bool, paused: bool
) -> None:
    morning = shop.now.replace(hour=8, minute=5)
    shop.played(morning - timedelta(hours=11, minutes=35), paused=paused)
    if in_1970:
        shop.start_in_1970(morning)
    else:
        shop.now = morning
        shop.run("08:00-20:00")
    assert shop.told == [(None, 0.0, 8.0 if in_1970 else None)]


@pytest.mark.parametrize(
    ("hours", "paused", "resumes"),
    [(12, False, False), (12, True, True), (24, False, True), (0.5, False, True)],
    ids=["another part of the day", "a pause holds", "the same part", "soon after"],
)
def test_a_venue_that_never_closes_takes_no_music_up_in_another_part_of_the_day(
    shop: Shop, hours: float, paused: bool, resumes: bool
) -> None:
    shop.now = shop.now.replace(hour=11, minute=10)  # the day begins at eleven
    shop.played(shop.now - timedelta(hours=hours), paused=paused)
    shop.run("open")
    first = (shop.song, 0.5, None) if resumes else (None, 0.0, None)
    assert shop.told == [first, *["pause"] * paused]
