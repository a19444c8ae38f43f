"""When a change of the room's mood is a shift."""

from __future__ import annotations

import math
from dataclasses import dataclass

from player.config.settings.mood import ShiftSettings
from player.emotions import describe_room
from player.mood.circumplex import between, moved
from player.types import MoodPoint, MoodShift

SURE = 2.5
"""By how many standard errors the mean of the readings must be further away than `distance`."""

SCATTER = 0.08
"""What a camera's readings are taken to scatter on each axis before there are enough of them."""

STEADIEST = 0.03
"""No camera is believed to scatter less: a room in which nothing moves for an hour shows nothing of it."""

MEMORY = 120
"""So many readings is the scatter the mean of, the older ones fading; SCATTER counts as a tenth of them."""

FOLLOW_S = 900.0
"""Time constant with which the anchor follows a room that changes too slowly for a shift."""

SAME, SAME_S = 0.05, 15.0
"""A reading nearer than SAME to the one before says the same words. A reader errs in the same way about the
same words, and the gate repeats them: it is another look only by the share of SAME_S that has passed."""

RECENT = 20
"""The mean of a beginning shift is worth at most so many looks: it forgets what was before the change."""

BACK = 2
"""So many readings in a row near the anchor, and the room is what it was; a single one may be odd."""

NOTHING = MoodPoint(0.0, 0.0)

UNDECIDED_S = 300.0
"""Readings that have been away for so long without becoming a shift are how this room is."""


class Scatter:
    """How far the readings of this camera lie from the mood of an unchanged room: sigma on each axis."""

    def __init__(self) -> None:
        self._mean: MoodPoint | None = None
        self._square = 2 * SCATTER**2
        self._count = MEMORY / 10

    @property
    def sigma(self) -> float:
        """STEADIEST or more."""
        return max(math.sqrt(self._square / 2), STEADIEST)

    def restart(self, mean: MoodPoint | None) -> None:
        """The room is another one: this is its mood, or it is not known yet."""
        self._mean = mean

    def update(self, mean: MoodPoint, square: float, count: int) -> None:
        """Take in `count` readings of this mean and of this mean squared distance from it."""
        centre = self._mean or mean
        self._count = min(self._count + count, MEMORY)
        share = min(1.0, count / self._count)
        self._square += (square + centre.distance(mean) ** 2 - self._square) * share
        self._mean = between(centre, mean, share)


@dataclass(slots=True)
class _Away:
    """The readings since the room was first seen away from the anchor."""

    since: float
    mean: MoodPoint
    beside: MoodPoint
    """Mean of what moved the readings beside the room."""
    square: float = 0.0
    """Mean squared distance of the readings from their mean."""
    looks: float = 1.0
    """What the readings are worth, in independent looks."""
    count: int = 1
    backs: int = 0
    """How many of the last ones in a row were back."""

    @property
    def felt(self) -> MoodPoint:
        """The mean with what moved it."""
        return moved(self.mean, self.beside)

    def add(self, reading: MoodPoint, beside: MoodPoint, back: bool, looks: float) -> None:
        """One more."""
        self.count += 1
        self.looks += looks
        share = max(1 / self.count, 2 / RECENT)
        self.square = (1 - share) * (self.square + share * self.mean.distance(reading) ** 2)
        self.mean = between(self.mean, reading, share)
        self.beside = between(self.beside, beside, share)
        self.backs = self.backs + 1 if back else 0


class ShiftDetector:
    """Reports when the room has left the anchor, the mood the music was chosen for, and stayed away.

    A reading further than `distance` from the anchor begins it. From then on the mean of the readings counts:
    for a shift it must be further than `distance` by SURE standard errors, so that a camera whose readings
    scatter needs more of them; it must have been away for at least `dwell_s`, and the last shift be
    `cooldown_s` ago. The mean is then the next anchor. Nothing has happened if the mean comes back
    nearer than `distance - hysteresis`, or two readings in a row do: then it was scatter, and counts as that.

    An anchor that a room gave follows it slowly: at first it is the mean of all readings since the shift,
    later it forgets with FOLLOW_S.

    What moves the mood beside the room (the venue's sensors) counts for distances as if the room were so, but
    is kept apart from it: the anchor is the room's alone. What the music has taken up of it follows with
    FOLLOW_S, too.
    """

    def __init__(self, settings: ShiftSettings) -> None:
        self._settings = settings
        self._scatter = Scatter()
        self._anchor: MoodPoint | None = None
        self._beside = NOTHING
        """What had moved the mood beside the room when the music was chosen."""
        self._anchored_by = 0.0
        """Looks that the anchor is the mean of; 0 if no room gave it, and it stays where it is."""
        self._away: _Away | None = None
        self._last: MoodPoint | None = None
        self._shifted_at = self._settled_at = self._now = float("-inf")

    @property
    def in_doubt(self) -> bool:
        """Whether the room may have changed: another look would help to tell."""
        return self._away is not None

    @property
    def anchor(self) -> MoodPoint | None:
        """The room's mood that the music was chosen for; None before the first update or reset."""
        return self._anchor

    def reset(self, anchor: MoodPoint | None, *, of_room: bool = False, beside: MoodPoint = NOTHING) -> None:
        """The music was chosen for another mood, for another reason than a shift: measure from there.

        `of_room` says that a room was read so, and the anchor follows it; `beside` is as in `update`.
        """
        self._beside = beside
        self._anchor, self._away, self._settled_at = anchor, None, self._now
        self._anchored_by = 1.0 if of_room else 0.0

    def update(self, reading: MoodPoint, now: float, beside: MoodPoint = NOTHING) -> MoodShift | None:
        """Take in what was read at `now` (s, monotonic clock); a shift, or None.

        `beside` is what moves the mood beside the room: no part of the reading, but as good as one.
        A clock that goes back is taken as standing still.
        """
        passed_s, self._now = max(0.0, now - self._now), max(now, self._now)
        looks = self._worth(reading, passed_s)
        if self._anchor is None:
            self.reset(reading, of_room=True, beside=beside)
        anchor = moved(self._anchor or reading, self._beside)
        away, nearer = (
            anchor.distance(moved(reading, beside)),
            self._settings.distance - self._settings.hysteresis,
        )
        if self._away is not None:
            self._away.add(reading, beside, away <= max(nearer, 0.0), looks)
        elif away > self._settings.distance:
            self._away = _Away(self._now, reading, beside)
        else:
            self._settle(_Away(self._now, reading, beside, looks=looks))
            return None
        return self._judge(anchor, self._away)

    def _judge(self, anchor: MoodPoint, run: _Away) -> MoodShift | None:
        """A shift, or the end of a beginning one, or nothing yet."""
        further, stayed_s = anchor.distance(run.felt), self._now - run.since
        sure = further > self._settings.distance + SURE * self._error(run)
        back = further <= max(self._settings.distance - self._settings.hysteresis, 0.0) or run.backs == BACK
        if back or (stayed_s > UNDECIDED_S and not sure):
            self._settle(run)
            return None
        cooled = self._now - self._shifted_at >= self._settings.cooldown_s
        if not sure or run.backs or not cooled or stayed_s < self._settings.dwell_s:
            return None
        shift = MoodShift(anchor, run.felt, self._now, _reason(anchor, run.felt, stayed_s))
        self._shifted_at = self._settled_at = self._now
        self._anchor, self._anchored_by, self._away = run.mean, run.looks, None
        self._beside = run.beside
        self._scatter.restart(run.mean)
        return shift

    def _error(self, run: _Away) -> float:
        """Standard error of the distance between the run's mean and the anchor."""
        looks = 1 / min(run.looks, RECENT) + (1 / self._anchored_by if self._anchored_by else 0.0)
        return self._scatter.sigma * math.sqrt(looks)

    def _worth(self, reading: MoodPoint, passed_s: float) -> float:
        """How many independent looks a reading is worth."""
        same = self._last is not None and self._last.distance(reading) < SAME
        self._last = reading
        return min(passed_s / SAME_S, 1.0) if same else 1.0

    def _settle(self, run: _Away) -> None:
        """Nothing has happened: these readings show how this room scatters around its mood."""
        self._away = None
        self._scatter.update(run.mean, run.square, run.count)
        passed_s, self._settled_at = self._now - self._settled_at, self._now
        follows = 1 - math.exp(-passed_s / FOLLOW_S)
        self._beside = between(self._beside, run.beside, follows)
        if self._anchor is not None and self._anchored_by:
            self._anchored_by += run.looks
            share = max(run.looks / self._anchored_by, follows)
            self._anchor = between(self._anchor, run.mean, share)


def _reason(before: MoodPoint, after: MoodPoint, stayed_s: float) -> str:
    word, stayed = describe_room(after), f"for {stayed_s:.0f} s"
    if describe_room(before) != word:
        return f"the room was {describe_room(before)} and has been {word} {stayed}"
    d_valence, d_energy = after.valence - before.valence, after.energy - before.energy
    if abs(d_energy) >= abs(d_valence):
        how = "livelier" if d_energy > 0 else "quieter"
    else:
        how = "brighter" if d_valence > 0 else "darker"
    return f"the room is still {word}, but has been {how} {stayed}"
