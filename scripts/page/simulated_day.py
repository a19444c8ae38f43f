"""A day in a café, as the player would have kept it: in the play history and the diary of a library.

The room is simulated: the café of scripts/data/days.toml, read every five seconds with the scatter that was
measured (scripts/simulate/days.py). What follows from it is the player's own doing, by a clock that runs
ahead: when the mood shifts, what is wanted, and which song plays. How many people there are, how long a song
is, and what else happens is made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from player.config.settings.config import Config
from player.config.settings.library import ChoiceSettings
from player.config.settings.mood import MoodSettings
from player.diary.looking import MarkKind
from player.events import TrackEnded, TrackHeard, TrackStarted
from player.library.database.diary import Minute
from player.library.database.store import Library
from player.mood.tracker import MoodTracker
from player.room.mood_state import MoodState
from player.selection.selector import Selector
from player.state.state_file import database_path
from player.types import ChangeReason, Choice, Mood
from scripts.simulate.days import (
    INTERVAL_S,
    SCATTERS,
    Day,
    clock,
    measured,
    scene_at,
    scripted_days,
    shifts,
)

ZONE = ZoneInfo("Asia/Seoul")
SEED = 2
LENGTHS_S = 150.0, 270.0
"""Of songs; the demo's music has half a minute."""
VOLUMES = {"night": 40, "morning": 50, "day": 65, "evening": 55}
OPENS, CLOSES = "07:30", "19:00"
MOMENTS = (
    (OPENS, MarkKind.OPEN, "the venue is open"),
    ("18:30", MarkKind.ANNOUNCEMENT, "Last orders"),
    (CLOSES, MarkKind.CLOSED, "the venue is closed"),
)
OUTAGE = "The camera gives no picture."


def play(config: Config, on: date) -> None:
    """Have the scripted café on a date, in the library of these settings, which has been listened to.

    Moods and choice go by the player's defaults, whatever is set.
    """
    config = config.model_copy(update={"mood": MoodSettings(), "choice": ChoiceSettings(seed=SEED)})
    library = Library(database_path(config))
    try:
        _Venue(library, config, on, Random(SEED)).run(script())
    finally:
        library.close()


def script() -> Day:
    """What the café's camera would see."""
    return next(one for one in scripted_days() if one.name == "café")


class _Venue:
    """Plays through the day as its room is read: a Follower of scripts/simulate/days.py."""

    in_doubt = False

    def __init__(self, library: Library, config: Config, on: date, random: Random) -> None:
        self._library, self._config, self._random = library, config, random
        self._midnight = datetime.combine(on, time(), ZONE)
        self._now_s = 0.0
        self._room = MoodState(
            MoodTracker(config.mood, config.dayparts), lambda: self._now_s, self._wall, lambda: self._now_s
        )
        self._selector = Selector(config, library, self._room, lambda: (), self._wall)
        self._choice: Choice | None = None
        self._since_s = self._until_s = 0.0
        self._people = 0.0
        self._part = ""

    def run(self, day: Day) -> None:
        """The whole day, and what lasted or happened in it."""
        self._day, self._now_s = day, day.scenes[0].start_s
        for _ in shifts(day, SCATTERS["measured"], SEED, measured(), self):
            pass
        self._advance(day.end_s)
        self._end(ChangeReason.NEXT)
        diary = self._library.diary
        for said, kind, text in MOMENTS:
            diary.add_mark(kind, self._at(clock(said)), text)
        for start_s, end_s in day.outages:
            diary.end_mark(diary.add_mark(MarkKind.FAULT, self._at(start_s), OUTAGE), self._at(end_s))

    def shifts(self, mood: Mood, now: float) -> bool:
        """Whether the music moves on this reading."""
        self._advance(now)
        update = self._room.update(mood, self._now_s)
        self.in_doubt = update.in_doubt
        if update.shift is None:
            return False
        self._library.diary.add_mark(MarkKind.SHIFT, self._wall(), update.shift.reason)
        if self._is_open and not self._selector.fits(
            self._room.target(), self._config.mood.shift.distance / 2
        ):
            self._start(ChangeReason.SHIFT)
        return True

    def _advance(self, to_s: float) -> None:
        """What time does by itself: songs end, minutes are noted, parts of the day begin."""
        while self._now_s + INTERVAL_S <= to_s:
            self._now_s += INTERVAL_S
            if not self._is_open:
                self._end(ChangeReason.NEXT)
                continue
            if self._now_s >= self._until_s or self._choice is None:
                self._start(ChangeReason.NEXT)
            if self._now_s % 60 < INTERVAL_S:
                self._note()

    def _note(self) -> None:
        part, seen = self._room.daypart().name, self._sees()
        if part != self._part:
            if self._part:
                self._library.diary.add_mark(MarkKind.DAYPART, self._wall(), f"{part} begins")
            self._part = part
        crowd = 12 * scene_at(self._day, self._now_s).looks - 2
        self._people += 0.15 * (crowd + self._random.uniform(-4, 4) - self._people)
        mood, target = self._room.status().mood if seen else None, self._room.target().point
        minute = Minute(
            mood and mood.valence,
            mood and mood.energy,
            target.valence,
            target.energy,
            max(0, round(self._people)) if seen else None,
            VOLUMES[part],
        )
        self._library.diary.add_minute(self._wall(), minute)

    @property
    def _is_open(self) -> bool:
        return clock(OPENS) <= self._now_s < clock(CLOSES)

    def _sees(self) -> bool:
        return not any(start_s <= self._now_s < end_s for start_s, end_s in self._day.outages)

    def _start(self, why: ChangeReason) -> None:
        chosen = self._selector.choose(why)
        self._end(why)
        song = Random(chosen.track.title)
        length_s = song.uniform(*LENGTHS_S)
        self._choice = replace(chosen, track=replace(chosen.track, duration_s=length_s))
        self._since_s, self._until_s = self._now_s, self._now_s + length_s
        self._selector.on_playback_event(TrackStarted(self._choice, 0.0))

    def _end(self, why: ChangeReason) -> None:
        if self._choice is not None:
            self._selector.on_playback_event(TrackHeard(self._now_s - self._since_s))
            self._selector.on_playback_event(TrackEnded(self._choice, True, why))
            self._choice = None

    def _at(self, seconds: float) -> datetime:
        return self._midnight + timedelta(seconds=seconds)

    def _wall(self) -> datetime:
        return self._at(self._now_s)
