"""What the venue makes of the room's mood: policy, dayparts, limits, and the moods it never plays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import time

from player.config.settings.dayparts import Daypart, holding
from player.config.settings.mood import MoodSettings
from player.emotions import Named, describe_music, describe_room, find, vocabularies
from player.errors import ConfigError
from player.mood.circumplex import between, moved, within
from player.status import RangeStatus
from player.types import Mood, MoodPoint, Target

NO_OFFSET = MoodPoint(0.0, 0.0)

LED = 0.2
"""Share of `lift_s` after which one can speak of leading."""

STEPS = 50
"""In how many steps the way out of a forbidden neighbourhood is searched."""


def _common(venue: tuple[float, float], part: tuple[float, float]) -> tuple[float, float]:
    """What a part of the day has of the venue's range; if nothing, the end of the venue's that is nearest."""
    least, greatest = (min(max(end, venue[0]), venue[1]) for end in part)
    return least, greatest


def _known(key: str, name: str) -> Named:
    named = find(name)
    if named is None:
        raise ConfigError([f"{key}: {name!r} is not the name of a mood; `ambient-player moods` lists them."])
    return named


class HousePolicy:
    """The owner's rules, as pure functions of the room's mood and the daypart.

    Raises ConfigError if a daypart's mood or one of `never` is unknown, or `never` leaves no feeling over.
    """

    def __init__(self, settings: MoodSettings, dayparts: Sequence[Daypart]) -> None:
        self._settings = settings
        self._dayparts = sorted(dayparts, key=lambda part: part.start)
        self._defaults = {part.start: _known(f"dayparts: {part.name}: mood", part.mood) for part in dayparts}
        never = [_known("mood.never", name) for name in settings.never]
        banned = {named.name for named in never if named.vocabulary == "feelings"}
        feelings = vocabularies()["feelings"]
        self._allowed = {name: named.point for name, named in feelings.items() if name not in banned}
        if not self._allowed:
            raise ConfigError(["mood.never: all 13 feelings are forbidden; leave some."])
        self._never = [named.point for named in never]

    def daypart(self, local: time) -> Daypart:
        """The daypart that holds at a local time of day; before the first start the last one still does."""
        return holding(self._dayparts, local)

    def default(self, daypart: Daypart) -> MoodPoint:
        """The mood that a daypart starts with."""
        return self._defaults[daypart.start].point

    def range(self, daypart: Daypart | None = None) -> RangeStatus:
        """What a target keeps within: the venue's range, and in a daypart that daypart's part of it."""
        axes = [
            (self._settings.valence, daypart and daypart.valence),
            (self._settings.energy, daypart and daypart.energy),
        ]
        return RangeStatus(*(_common(venue, part or venue) for venue, part in axes))

    def target(
        self,
        room: MoodPoint | None,
        daypart: Daypart,
        offset: MoodPoint = NO_OFFSET,
        held_s: float = math.inf,
        sensed: MoodPoint = NO_OFFSET,
    ) -> Target:
        """What to play for a room in a daypart; `room` None if it has not asked for a mood.

        `offset` is added to the room's mood first (Baseline.offset). `match` takes the mood as it is,
        `steady` stays with the daypart's. `lift` starts where the room is and leads from there towards the
        daypart's mood (the iso principle of music therapy): evenly, until after `settings.lift_s` it has
        gone `settings.lift` of the way. `held_s`: for how long the room has had its mood. `sensed` is what
        the venue's sensors add, to the room's mood or else to the daypart's; to `steady` they add nothing.

        The result is then kept within the daypart's envelope, within the venue's range, which wins if the
        two disagree, and out of the neighbourhood of every mood in `never`.
        """
        goal = self.default(daypart)
        music = f"{describe_music(goal)} music"
        if room is None or self._settings.policy == "steady":
            why = "until the room asks for another" if room is None else "whatever the room is like"
            wanted = goal if self._settings.policy == "steady" else moved(goal, sensed)
            return self._kept(wanted, daypart, f"{daypart.name} has {music}, {why}")
        heard = moved(room, offset)
        reason = f"the room is {describe_room(room)}"
        if offset.distance(NO_OFFSET) > 0.1 and describe_room(heard) != describe_room(room):
            reason += f", which for this room is {describe_room(heard)}"
        if self._settings.policy == "lift":
            share = min(1.0, held_s / self._settings.lift_s) if self._settings.lift_s > 0 else 1.0
            heard = between(heard, goal, share * self._settings.lift)
            led = "and the music leads on" if share >= LED else "so the music meets it there, then leads on"
            reason += f", {led} towards {music}"
        return self._kept(moved(heard, sensed), daypart, reason)

    def pinned(self, mood: Mood, name: str) -> Target:
        """The target of `pin`: any daypart, but still within the venue's range and never a forbidden mood."""
        wanted = MoodPoint(mood.valence, mood.energy)
        point = self._permitted(self._in_range(wanted), self._in_range)
        inside = "" if point.distance(wanted) < 0.01 else ", as near as the limits in mood allow"
        return Target(point, name, f"pinned by hand: {name}{inside}")

    def _kept(self, wanted: MoodPoint, daypart: Daypart, reason: str) -> Target:
        def inner(point: MoodPoint) -> MoodPoint:
            return self._in_range(within(point, daypart.valence, daypart.energy))

        inside = inner(wanted)
        if inside.distance(wanted) > 0.01:
            reason += f", kept within the limits of {daypart.name}"
        # Out of a forbidden neighbourhood within the envelope if there is a way, else out of that too.
        point = self._permitted(self._permitted(inside, inner), self._in_range)
        if point.distance(inside) > 0.01:
            reason += ", kept clear of what mood.never forbids"
        name = min(self._allowed, key=lambda feeling: self._allowed[feeling].distance(point))
        return Target(point, name, reason)

    def _in_range(self, point: MoodPoint) -> MoodPoint:
        return within(point, self._settings.valence, self._settings.energy)

    def _forbidden(self, point: MoodPoint) -> bool:
        """Is a forbidden mood as near as the nearest allowed feeling?"""
        if not self._never:
            return False
        nearest = min(place.distance(point) for place in self._allowed.values())
        return any(place.distance(point) <= nearest for place in self._never)

    def _permitted(self, point: MoodPoint, inner: Callable[[MoodPoint], MoodPoint]) -> MoodPoint:
        """The point, or the first permitted one on the way to the nearest allowed feeling that has one.

        `inner` brings a point into the range that must not be left: the way ends in it and so, the range
        being convex, lies in it. The point itself if the whole range is forbidden.
        """
        if not self._forbidden(point):
            return point
        ends = [inner(place) for place in self._allowed.values()]
        for end in sorted(ends, key=point.distance):
            for step in range(1, STEPS + 1):
                stop = between(point, end, step / STEPS)
                if not self._forbidden(stop):
                    return stop
        return point
