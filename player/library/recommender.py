"""The next track: nearest to the target mood, with variety, and never nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from player.errors import NoMusicError
from player.library.records import Play
from player.settings import ChoiceSettings
from player.types import Choice, Target, Track

_UNANALYSED = 10.0
"""Distance given to a track without a mood: farther than any other, so that it comes last."""
_SHORTEST_WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a track must satisfy to come next. Rules give way in this order: artist gap, window, avoid."""

    window_s: float
    artists: frozenset[str]
    """Of the last plays, case-folded; empty where the artist gap has given way."""
    avoid: Collection[Path]

    def allow(self, track: Track, heard_s: float | None) -> bool:
        """Whether a track last heard `heard_s` seconds ago (None: never) may come next."""
        return (
            (heard_s is None or heard_s >= self.window_s)
            and track.artist.casefold() not in self.artists
            and track.path not in self.avoid
        )


class Recommender:
    """Chooses tracks. Under `settings.seed` the same calls give the same choices."""

    def __init__(self, settings: ChoiceSettings) -> None:
        self._settings = settings
        self._random = np.random.default_rng(settings.seed)

    def choose(
        self,
        tracks: Sequence[Track],
        target: Target,
        history: Sequence[Play],
        now: datetime,
        avoid: Collection[Path] = (),
    ) -> Choice:
        """The next track for a target mood; `now` is timezone-aware.

        A random number below `settings.variety` is added to each distance, so that tracks about equally
        near take turns. A track without a mood comes after all others. Where no track satisfies the rules,
        they give way step by step: the artist gap, then the window by halves (so that what was heard
        longest ago comes back first), each half with the artist gap and without; last of all `avoid`.
        Raises NoMusicError only where `tracks` is empty.
        """
        if not tracks:
            raise NoMusicError("There is no playable music: put some into a folder of library.folders.")
        distances = mood_distances(tracks, target)
        order = np.argsort(distances + self._random.random(len(tracks)) * self._settings.variety)
        heard = {play.path: max(0.0, (now - play.started_at).total_seconds()) for play in _by_time(history)}
        full = self._rules(history, avoid)
        for rules in _relaxing(full):
            for index in order:
                track = tracks[index]
                if rules.allow(track, heard.get(track.path)):
                    return self._choice(track, distances, int(index), target, heard.get(track.path), full)
        raise AssertionError("without rules every track is allowed")

    def _rules(self, history: Sequence[Play], avoid: Collection[Path]) -> Rules:
        gap = self._settings.artist_gap
        last = _by_time(history)[-gap:] if gap else []
        artists = frozenset(play.artist.casefold() for play in last) - {""}
        return Rules(self._settings.track_window_s, artists, frozenset(avoid))

    @staticmethod
    def _choice(
        track: Track,
        distances: npt.NDArray[np.float64],
        index: int,
        target: Target,
        heard_s: float | None,
        rules: Rules,
    ) -> Choice:
        relaxed = tuple(
            name
            for name, broken in (
                ("artist gap", track.artist.casefold() in rules.artists),
                ("track window", heard_s is not None and heard_s < rules.window_s),
                ("avoid", track.path in rules.avoid),
            )
            if broken
        )
        if track.mood is None:
            distance = None
            reason = f"not analysed yet, one of {len(distances)}"
        else:
            distance = float(distances[index])
            rank = 1 + int(np.count_nonzero(distances < distance))
            nearest = "closest" if rank == 1 else f"number {rank} in closeness"
            reason = f"{nearest} to {target.name} (distance {distance:.2f}) of {len(distances)}"
        if heard_s is not None:
            reason += f"; not heard for {_span(heard_s)}"
        if relaxed:
            reason += f"; gave way: {', '.join(relaxed)}"
        return Choice(track, reason, distance, len(distances), relaxed)


def mood_distances(tracks: Sequence[Track], target: Target) -> npt.NDArray[np.float64]:
    """Distance of each track's mood to the target, (n,) float64; _UNANALYSED where it has none."""
    nowhere = complex(np.nan, np.nan)
    points = np.fromiter(
        (nowhere if (mood := track.mood) is None else complex(mood.valence, mood.energy) for track in tracks),
        dtype=np.complex128,
        count=len(tracks),
    )
    distances = np.abs(points - complex(target.point.valence, target.point.energy))
    return np.nan_to_num(distances, nan=_UNANALYSED)


def _relaxing(rules: Rules) -> Iterator[Rules]:
    """The rules as they are, and then ever weaker, down to none."""
    windows = [rules.window_s]
    while windows[-1] > 0:
        half = windows[-1] / 2
        windows.append(half if half >= _SHORTEST_WINDOW_S else 0.0)
    for avoid in (rules.avoid, frozenset[Path]()):
        for window_s in windows:
            for artists in (rules.artists, frozenset[str]()):
                yield Rules(window_s, artists, avoid)


def _by_time(history: Sequence[Play]) -> list[Play]:
    return sorted(history, key=lambda play: play.started_at)


def _span(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172800 else f"{seconds / 86400:.0f} days"
