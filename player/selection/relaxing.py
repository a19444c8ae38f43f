"""What gives way, and in which order, if no track satisfies all rules of a choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SHORTEST_WINDOW_S = 2.0
"""Whoever presses "next" again and again hears all there is before anything comes again."""


@dataclass(frozen=True, slots=True)
class ChoiceRules:
    """What a track must satisfy to come next, but for what never gives way."""

    window_s: float
    artists: bool = True
    pool: bool = True
    include: bool = True
    avoid: bool = True


def relaxing(window_s: float) -> Iterator[ChoiceRules]:
    """The rules as they are, and then ever weaker.

    In this order: the artist gap; the track window by halves, each half with the artist gap and without, so
    that what was heard longest ago comes back first; the daypart's pool; the venue's include lists; last
    of all, the track that plays may come again. What gives way later does so with the others back in force.
    """
    windows = [window_s]
    while windows[-1] > 0:
        half = windows[-1] / 2
        windows.append(half if half >= _SHORTEST_WINDOW_S else 0.0)
    for pool, include, avoid in (
        (True, True, True), (False, True, True), (False, False, True), (False, False, False),
    ):  # fmt: skip
        for window in windows:
            for artists in (True, False):
                yield ChoiceRules(window, artists, pool, include, avoid)
