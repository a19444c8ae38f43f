"""A playlist that grows, track by track, until it is about as long as was asked for."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from player.emotions import describe_music
from player.errors import LibraryError
from player.library.index.track_table import GONE, TrackTable, artist_number
from player.selection import bridge
from player.selection.playlist import PlaylistTrack, RunnerUp, tracks
from player.selection.recommender import Candidate, Pick, Recommender
from player.types import Target, Track

NEAR_S = 30.0
"""So near to the length that was asked for nothing shorter is looked for."""
ENDING_S = 600.0
"""With no more than this left, what fits the rest best of all that fit the mood is taken."""
TRIES = 10
"""So often, near the end, other candidates are asked for if all were too long."""
FITS = 0.5
"""Music farther from the target than this, in mood distance, is other music."""
LONGEST_S = 360_000.0
"""100 h: longer than any file of music."""
MOST_MISSING = 20
"""After so many files that are not there, the disk with the music is what is not there."""
SHOWN = 5
"""Runners-up kept with each track."""
HARD = {"include lists", "daypart pool"}
"""The player lets these give way rather than be silent; a list ends."""
Option = tuple[Pick, Candidate, Track]
"""A track that may come next: the choice that it came from, and what counted for it there."""
NO_FILE, NO_END, NO_LENGTH = "their file is not there", "a station has no end", "their length is not known"


class Source(Protocol):
    """Where tracks come from; playlist_planner.py says what each does."""

    def choose(self, draft: Draft, target: Target) -> Pick | None: ...  # noqa: D102
    def recommender(self) -> Recommender: ...  # noqa: D102
    def last_artists(self, now: datetime) -> deque[int]: ...  # noqa: D102
    def track(self, track_id: int) -> Track | None: ...  # noqa: D102
    def exists(self, track: Track) -> bool: ...  # noqa: D102


def _is_length(seconds: object) -> bool:
    """What was rescued of a damaged library may be no number."""
    return isinstance(seconds, int | float) and 0 < seconds < LONGEST_S


class Draft:
    """A list that grows."""

    def __init__(
        self,
        source: Source,
        columns: TrackTable,
        now: datetime,
        asked_s: float,
        after: Track | None,
        most: int | None = None,
    ) -> None:
        """`most`: it ends with so many tracks, if it does not with the time."""
        self.most = most
        self._source, self._now, self.asked_s = source, now, asked_s
        self.columns, self.recommender = columns, source.recommender()
        self.artists, self.last = source.last_artists(now), after
        self.steps: list[PlaylistTrack] = []
        self.length_s = 0.0
        self._left_out: Counter[str] = Counter()
        self._missing_from: Path | None = None
        self._ended = False
        if after is not None:
            self._lose(after.id)
            self.artists.append(artist_number(after.artist))

    @property
    def at(self) -> datetime:
        """When the next track begins."""
        return self._now + timedelta(seconds=self.length_s)

    @property
    def _is_full(self) -> bool:
        return self.most is not None and len(self.steps) >= self.most

    @property
    def left_s(self) -> float:
        """What is still to be filled."""
        return self.asked_s - self.length_s

    def lead(self, way: bridge.MoodPath) -> None:
        """The tracks of a bridge; if nothing stands at one of its steps it leads nowhere."""
        for target in way.steps:
            if self._is_full:
                return
            found = self._next(target)
            if found is None:
                return
            pick, best, track = found
            if not way.carries(target, track.mood) or track.duration_s > self.left_s:
                return
            self._take(target, pick, best, track, f"{target.reason}: {pick.reason}")

    def fill(self, target: Target) -> None:
        """Tracks for a target until the length is near what was asked for, or there are no more."""
        tries = TRIES
        shortest: Option | None = None
        while self.left_s > 0 and tries and not self._is_full:
            found = self._next(target)
            if found is None:
                self._ended = self.left_s > NEAR_S
                break
            pick, _, track = found
            if track.duration_s <= self.left_s:
                self._take(target, *found, pick.reason)
                continue
            options = self._options(found)
            best = self._fitting(options)
            if best is not None:
                self._take(target, *best, self._reason(pick, best))
                continue
            if self.steps and self.left_s <= NEAR_S:
                break
            tries -= 1
            shortest = min((*options, *filter(None, [shortest])), key=lambda option: option[2].duration_s)
            for _, candidate, _ in options:
                self._lose(candidate.id)
        if not self.steps and shortest is not None:
            self._take(target, *shortest, self._reason(shortest[0], shortest))

    def _next(self, target: Target) -> Option | None:
        """The best track that can be listed."""
        while (pick := self._source.choose(self, target)) is not None:
            if (track := self._usable(pick.id)) is not None:
                best = Candidate(pick.id, pick.distance, pick.relaxed, pick.score)
                return pick, best, track
        return None

    def _options(self, found: Option) -> list[Option]:
        """What was found, and the runners-up that can be listed under the same rules."""
        pick = found[0]
        others = (
            (pick, other, track)
            for other in pick.runners_up
            if not HARD & set(other.relaxed) and (track := self._usable(other.id)) is not None
        )
        return [found, *others]

    def _fitting(self, options: list[Option]) -> Option | None:
        """The option that brings the length nearest to what was asked for; None if stopping is nearer."""
        inside = [option for option in options if option[2].duration_s <= self.left_s]
        if inside and self.left_s > ENDING_S:
            return inside[0]
        best = min(options, key=lambda option: abs(self.left_s - option[2].duration_s))
        return best if abs(self.left_s - best[2].duration_s) < self.left_s else None

    def _reason(self, pick: Pick, option: Option) -> str:
        if option[1].id == pick.id:
            return pick.reason
        return f"of the {1 + len(pick.runners_up)} that came nearest, its length fits what is left"

    def _usable(self, track_id: int) -> Track | None:
        """The track, if it can be listed; what cannot is not asked about again."""
        track = self._source.track(track_id)
        if track is not None:
            why = (
                NO_END if track.url
                else NO_LENGTH if not _is_length(track.duration_s)
                else NO_FILE if not self._source.exists(track)
                else ""
            )  # fmt: skip
            if not why:
                return track
            self._left_out[why] += 1
            if why == NO_FILE:
                self._missing_from = track.path.parent
            if self._left_out[NO_FILE] >= MOST_MISSING:
                raise LibraryError(self.why_none())
        self.columns.lose(track_id)
        return None

    def _take(self, target: Target, pick: Pick, chosen: Candidate, track: Track, reason: str) -> None:
        mood = track.mood or target.point
        step = PlaylistTrack(
            id=track.id,
            path=str(track.path),
            title=track.title,
            artist=track.artist,
            album=track.album,
            genres=track.genres or tuple(filter(None, [track.genre])),
            duration_s=round(track.duration_s, 3),
            starts_s=round(self.length_s, 3),
            valence=round(mood.valence, 4),
            energy=round(mood.energy, 4),
            looked_for=describe_music(target.point),
            reason=reason,
            distance=round(chosen.distance or 0.0, 4),
            candidates=pick.candidates,
            relaxed=chosen.relaxed,
            score=chosen.score,
            runners_up=tuple(self._shown(pick, chosen)),
        )
        self.steps.append(step)
        self.columns.hear(track.id, self.at.timestamp(), newest=True)
        self.artists.append(artist_number(track.artist))
        self.last = track
        self.length_s += track.duration_s
        self._lose(track.id)

    def _shown(self, pick: Pick, chosen: Candidate) -> Iterator[RunnerUp]:
        others = [other for other in pick.runners_up if other.id != chosen.id]
        for other in others[:SHOWN]:
            if (track := self._source.track(other.id)) is not None:
                distance = None if other.distance is None else round(other.distance, 4)
                yield RunnerUp(other.id, track.title, track.artist, distance, other.score)

    def _lose(self, track_id: int) -> None:
        """It does not come again, nor another copy of the recording."""
        for copy in self.columns.copies({track_id}):
            self.columns.lose(copy)

    def why_none(self) -> str:
        """What to do about a list that has no track, in a sentence."""
        if self._missing_from is not None:
            folder = self._missing_from
            return f"The music is not where the library has it ({folder}): is its disk connected?"
        if ((self.columns.table["bits"] & GONE) == 0).any():  # there is music, and none of it was chosen
            return "No music may be listed: see `rules` and the pool of this part of the day."
        if self._left_out[NO_END]:
            return "Only stations could be listed, and a station has no end: name music in library.folders."
        if self._left_out[NO_LENGTH]:
            return (
                "The length of the music is not known, so none can be listed: see what `library scan` says."
            )
        return "There is no other music to be listed: what there is plays before it, or could not be played."

    def notes(self, target: Target, pending: int) -> list[str]:
        """What the list is not, a sentence each."""
        notes, word, count = [], describe_music(target.point), len(self.steps)
        far = [step for step in self.steps if step.looked_for == word and step.distance > FITS]
        if far and len(far) == count:
            notes.append(f"There is no {word} music in the library: what comes nearest was taken.")
        elif far:
            notes.append(f"Not really {word}: {len(far)} of {tracks(count)}, as there is no more that is.")
        if self._ended:
            notes.append("The list is shorter than asked for: no other music may be listed.")
        gave_way = Counter(name for step in self.steps for name in step.relaxed)
        notes += [
            f"The {name} gave way for {number} of {tracks(count)}." for name, number in gave_way.items()
        ]
        notes += [f"Left out: {number}, as {why}." for why, number in self._left_out.items()]
        if pending:
            notes.append(f"Not chosen from, as nobody has listened to them yet: {tracks(pending)}.")
        return notes
