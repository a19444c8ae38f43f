"""The way from the music that plays to a mood far away, in steps."""

from __future__ import annotations

from dataclasses import dataclass

from player.config.settings.library import ChoiceSettings
from player.emotions import describe_music
from player.types import MoodPoint, Target

_THREE_FROM = 1.3
"""From this distance on there are three bridging tracks and not two."""

_NEAR_STEP = 0.67
"""A bridging track is at most so much of a stride away from its step."""


@dataclass(frozen=True, slots=True)
class MoodPath:
    """What is left of the way to a target."""

    steps: tuple[Target, ...]
    """Targets of the bridging tracks that are still to come."""
    end: Target
    stride: float = 0.0
    """Mood distance between two steps."""

    def rest(self) -> MoodPath:
        """The way after the next step."""
        return MoodPath(self.steps[1:], self.end, self.stride)

    def carries(self, step: Target, mood: MoodPoint | None) -> bool:
        """Whether a track of this mood stands at a step: if nothing does, a bridge leads nowhere."""
        return mood is not None and step.point.distance(mood) <= _NEAR_STEP * self.stride

    def leads_to(self, target: Target, within: float) -> bool:
        """Whether the way still ends (nearly) where the venue wants to go."""
        return self.end.point.distance(target.point) < within


def plan(settings: ChoiceSettings, at: MoodPoint, left: MoodPoint, target: Target) -> MoodPath:
    """The way to a target from the mood of what plays, `at`, chosen for `left`. No steps if it is near."""
    distance = at.distance(target.point)
    if settings.shift == "direct" or distance < settings.bridge_distance:
        return MoodPath((), target)
    count = 2 if distance < _THREE_FROM else 3
    way = f"from {describe_music(left)} to {describe_music(target.point)} music"
    steps = tuple(
        Target(
            _between(at, target.point, number / (count + 1)),
            target.name,
            f"step {number} of {count} {way}",
        )
        for number in range(1, count + 1)
    )
    return MoodPath(steps, target, distance / (count + 1))


def _between(start: MoodPoint, end: MoodPoint, share: float) -> MoodPoint:
    return MoodPoint(
        start.valence + share * (end.valence - start.valence),
        start.energy + share * (end.energy - start.energy),
    )
