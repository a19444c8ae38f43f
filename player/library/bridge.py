"""The way from the music that plays to a mood far away, in steps."""

from __future__ import annotations

from dataclasses import dataclass

from player.settings import ChoiceSettings
from player.types import MoodPoint, Target

_THREE_FROM = 1.3
"""From this distance on there are three bridging tracks and not two."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """What is left of the way to a target."""

    steps: tuple[Target, ...]
    """Targets of the bridging tracks that are still to come."""
    end: Target

    def rest(self) -> Bridge:
        """The way after the next step."""
        return Bridge(self.steps[1:], self.end)

    def leads_to(self, target: Target, within: float) -> bool:
        """Whether the way still ends (nearly) where the house wants to go."""
        return self.end.point.distance(target.point) < within


def plan(settings: ChoiceSettings, at: MoodPoint, called: str, target: Target) -> Bridge:
    """The way to a target from the mood of what plays: `at`, in words `called`. No steps where it is near."""
    distance = at.distance(target.point)
    if settings.shift == "direct" or distance < settings.bridge_distance:
        return Bridge((), target)
    count = 2 if distance < _THREE_FROM else 3
    steps = tuple(
        Target(
            _between(at, target.point, number / (count + 1)),
            target.name,
            f"bridge {number} of {count} from {called} to {target.name}",
        )
        for number in range(1, count + 1)
    )
    return Bridge(steps, target)


def _between(start: MoodPoint, end: MoodPoint, share: float) -> MoodPoint:
    return MoodPoint(
        start.valence + share * (end.valence - start.valence),
        start.energy + share * (end.energy - start.energy),
    )
