"""When a change of the smoothed mood is a shift."""

from __future__ import annotations

from player.mood.vocabulary import vocabularies
from player.settings import ShiftSettings
from player.types import MoodPoint, MoodShift


class ShiftDetector:
    """Reports when the mood has left the anchor, the mood the music was chosen for, and stayed away.

    The smoothed mood must be further than `distance` from it. For at least `dwell_s` the readings themselves
    must have been away too, first further than `distance` and then never again nearer than `distance -
    hysteresis`: so the dwell counts from the first look at a change, before smoothing has followed it, and
    one reading of the old mood ends it. The last shift must be `cooldown_s` ago. The mood at the shift is
    the next anchor.
    """

    def __init__(self, settings: ShiftSettings) -> None:
        self._settings = settings
        self._anchor: MoodPoint | None = None
        self._away_since: float | None = None
        self._shifted_at = float("-inf")
        self._now = float("-inf")

    @property
    def anchor(self) -> MoodPoint | None:
        """The mood the music was chosen for; None before the first update or reset."""
        return self._anchor

    def reset(self, anchor: MoodPoint | None) -> None:
        """The music was chosen for another mood, for another reason than a shift: measure from there."""
        self._anchor, self._away_since = anchor, None

    def update(self, point: MoodPoint, now: float, reading: MoodPoint | None = None) -> MoodShift | None:
        """Take in the smoothed mood at `now` (s, monotonic clock); a shift, or None.

        `reading` is what was last read, unsmoothed; without it the smoothed mood stands for it too. A clock
        that goes back is taken as standing still.
        """
        self._now = now = max(now, self._now)
        if self._anchor is None:
            self._anchor = point
        away = self._anchor.distance(reading or point)
        if away <= max(self._settings.distance - self._settings.hysteresis, 0.0):
            self._away_since = None
        elif away > self._settings.distance and self._away_since is None:
            self._away_since = now
        if self._away_since is None or self._anchor.distance(point) <= self._settings.distance:
            return None
        stayed_s = now - self._away_since
        if stayed_s < self._settings.dwell_s or now - self._shifted_at < self._settings.cooldown_s:
            return None
        shift = MoodShift(self._anchor, point, now, _reason(self._anchor, point, stayed_s))
        self._shifted_at = now
        self.reset(point)
        return shift


def air(point: MoodPoint) -> str:
    """The plain word for the air of a room that is nearest to a point."""
    rooms = vocabularies()["rooms"]
    return min(rooms, key=lambda name: rooms[name].point.distance(point))


def _reason(before: MoodPoint, after: MoodPoint, stayed_s: float) -> str:
    stayed = f"and stayed so for {stayed_s:.0f} s"
    if air(before) != air(after):
        return f"the room went from {air(before)} to {air(after)} {stayed}"
    d_valence, d_energy = after.valence - before.valence, after.energy - before.energy
    if abs(d_energy) >= abs(d_valence):
        how = "more energetic" if d_energy > 0 else "quieter"
    else:
        how = "brighter" if d_valence > 0 else "darker"
    return f"the room, {air(after)} as before, became {how} {stayed}"
