"""Small geometry of the circumplex, where every result stays within [-1, 1] on both axes."""

from __future__ import annotations

from player.types import MoodPoint


def clipped(valence: float, energy: float) -> MoodPoint:
    """The point, or the nearest one on the plane."""
    return MoodPoint(min(1.0, max(-1.0, valence)), min(1.0, max(-1.0, energy)))


def moved(point: MoodPoint, offset: MoodPoint) -> MoodPoint:
    """The point displaced by an offset, as far as the plane goes."""
    return clipped(point.valence + offset.valence, point.energy + offset.energy)


def between(start: MoodPoint, end: MoodPoint, share: float) -> MoodPoint:
    """The point that lies `share` (0 to 1) of the way from start to end."""
    return clipped(
        start.valence + share * (end.valence - start.valence),
        start.energy + share * (end.energy - start.energy),
    )


def within(point: MoodPoint, valence: tuple[float, float], energy: tuple[float, float]) -> MoodPoint:
    """The point, or the nearest one whose axes lie in the two ranges (low, high)."""
    return MoodPoint(
        min(valence[1], max(valence[0], point.valence)), min(energy[1], max(energy[0], point.energy))
    )
