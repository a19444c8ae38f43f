"""What opening and closing do, and who hears of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from player.config.settings.config import Config
from player.events import DaypartChanged, Event, HoursChanged
from player.schedule.opening_actions import OpeningActions
from player.schedule.venue_schedule import VenueSchedule
from player.status import PlayerState
from tests.fakes.playback import Studio


class FakeMusic:
    """The playback service's switch, noted."""

    def __init__(self) -> None:
        self.done: list[tuple[str, float]] = []

    def start(self, *, fade_s: float) -> None:
        self.done.append(("start", fade_s))

    def stop(self, fade_s: float) -> None:
        self.done.append(("stop", fade_s))


def test_the_music_comes_and_goes_by_the_settings_in_force_and_all_hear_of_it() -> None:
    music, events = FakeMusic(), list[Event]()
    actions = OpeningActions(music, 8.0, events.append, lambda _: None)
    actions.open(resumes=False)
    actions.configure(2.0)
    actions.close()
    actions.enter_daypart("evening")
    assert music.done == [("start", 8.0), ("stop", 2.0)]
    assert events == [HoursChanged(open=True), HoursChanged(open=False), DaypartChanged("evening")]


class Venue:
    """A house with hours, and a studio whose music they switch, each by the clock of the test."""

    def __init__(self, now: str, **hours: str) -> None:
        zone = ZoneInfo("Europe/Berlin")
        self.now = datetime.fromisoformat(now).replace(tzinfo=zone)
        self.studio = Studio({"a": 100_000.0})
        config = Config.model_validate({"hours": {"open": hours}})
        actions = OpeningActions(self, 8.0, lambda _: None, lambda _: None)
        self.schedule = VenueSchedule(config, zone, actions, lambda: self.studio.now)
        if self.schedule.begin(self.now):
            self.start(fade_s=0)

    def start(self, *, fade_s: float) -> None:
        self.studio.controller.start(None, 0, self.studio.now, fade_s)

    def stop(self, fade_s: float) -> None:
        self.studio.controller.stop(fade_s, self.studio.now)

    def later(self, minutes: float) -> PlayerState:
        """Let time pass; returns what the music does then."""
        for _ in range(round(minutes * 4)):
            self.now += timedelta(seconds=15)
            self.schedule.reconcile(self.now)
            self.studio.run(15, step_s=0.5)
        return self.studio.controller.status().state


def test_a_pause_made_while_it_plays_by_hand_ends_with_the_opening() -> None:
    venue = Venue("2026-05-04T07:30", daily="08:00-22:00")
    assert venue.later(minutes=1) == PlayerState.STOPPED
    venue.schedule.override_closed()
    assert venue.later(minutes=15) == PlayerState.PLAYING
    venue.studio.controller.pause()
    assert venue.later(minutes=13) == PlayerState.PAUSED, "it is not open yet"
    assert venue.later(minutes=2) == PlayerState.PLAYING
    venue.studio.controller.pause()
    assert venue.later(minutes=60) == PlayerState.PAUSED, "a pause while it is open holds"


def test_a_pause_of_yesterday_ends_with_the_opening_that_the_machine_slept_through() -> None:
    venue = Venue("2026-05-04T20:00", daily="08:00-22:00")
    assert venue.later(minutes=1) == PlayerState.PLAYING
    venue.studio.controller.pause()
    assert venue.later(minutes=10) == PlayerState.PAUSED
    venue.now += timedelta(hours=14)
    assert venue.later(minutes=1) == PlayerState.PLAYING
