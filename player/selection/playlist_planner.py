"""Plans a playlist: as the player would choose for a mood that stays, track after track, with the clock
running on from now. No recording comes twice, and what the venue leaves out stays out.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from player.clock import time_of_day
from player.config.settings import Config
from player.emotions import describe_music
from player.errors import LibraryError, NoMusicError, WishError
from player.library.database.store import Library
from player.library.index.candidates import Taste
from player.library.index.track_index import TrackIndex
from player.library.index.track_table import GONE, TrackTable, artist_number
from player.library.rules import compile_rules
from player.mood.policy import HousePolicy
from player.selection import bridge
from player.selection.playlist import (
    LEAST_MIN,
    MOST_MIN,
    MoodStep,
    Playlist,
    RunnerUp,
    Seen,
    Step,
    TargetStep,
    Wish,
    tracks,
)
from player.selection.recommender import Candidate, Moment, Pick, Recommender
from player.system.probes import is_there
from player.types import Target, Track

READ_S = 60.0
"""A library of a million tracks is read for choosing within this."""
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


class PlaylistPlanner:
    """Plans playlists from a library. Under `choice.seed` a wish gives the same list each time."""

    def __init__(
        self,
        config: Config,
        library: Library,
        taste: Taste | None = None,
        resting: frozenset[int] = frozenset(),
        exists: Callable[[Path], bool] = is_there,
    ) -> None:
        """`resting`: ids of tracks that could not be played a while ago."""
        self._config, self._library = config, library
        self._taste, self._resting, self._exists = taste, resting, exists
        self._house = HousePolicy(config.mood, config.dayparts)
        self._rules = compile_rules(config.rules, config.dayparts)

    def plan(self, wish: Wish, minutes: int, now: datetime, after: Track | None = None) -> Playlist:
        """A list of about so many minutes (1 to 600) that begins at `now`, timezone-aware.

        `after`: what plays before it, which it goes on from; to a mood far from that one it leads in steps.
        Raises WishError, NoMusicError or LibraryError, in one sentence, if there can be none.
        """
        if not LEAST_MIN <= minutes <= MOST_MIN:
            raise WishError(f"a playlist has {LEAST_MIN} to {MOST_MIN} minutes, not {minutes}.")
        target = self._target(wish)
        draft = _Draft(self, self._music(now), now, minutes * 60.0, after)
        if after is not None and after.mood is not None:
            draft.lead(bridge.plan(self._config.choice, after.mood, after.mood, target))
        draft.fill(target)
        if not draft.steps:
            raise NoMusicError("No music may be listed: see `rules` and the pool of this part of the day.")
        return self._finished(wish, target, draft, now)

    def _target(self, wish: Wish) -> Target:
        """The wish within the venue's limits: its moods never give way."""
        target = self._house.pinned(wish.mood, wish.mood.name)
        music = f"{describe_music(target.point)} music"
        kept = target.point.distance(wish.mood) >= 0.01
        limits = ", as near as the limits in `mood` allow" if kept else ""
        return Target(target.point, target.name, f"{music} is looked for{limits}")

    def _music(self, now: datetime) -> TrackTable:
        """What may be listed: all tracks with a mood but those that rest."""
        index = TrackIndex(self._library, self._rules, self._config.choice.seed)
        since = now - timedelta(seconds=self._config.choice.track_window_s)
        index.now(since)  # a large library is read in the background
        if not index.wait(READ_S):
            raise LibraryError(f"The library could not be read within {READ_S:.0f} s: try again.")
        table = index.now(since).table
        if not len(table):
            raise NoMusicError(
                "The library is empty: name your music in library.folders, then run `library scan`."
            )
        heard = ~np.isnan(table["valence"]) & ~np.isnan(table["energy"])
        if not heard.any():
            raise NoMusicError(
                f"None of the library's {len(table)} tracks has been listened to yet, so their moods are not"
                " known: run `ambient-player library analyze`, or let the player run for a while."
            )
        columns = TrackTable(table[heard & ((table["bits"] & GONE) == 0)])
        for track_id in self._resting:
            columns.lose(track_id)
        return columns

    def _finished(self, wish: Wish, target: Target, draft: _Draft, now: datetime) -> Playlist:
        scene, point = wish.scene, target.point
        return Playlist(
            wish=wish.text,
            seen=Seen(scene.caption, scene.people, scene.reader) if scene else None,
            mood=MoodStep(round(wish.mood.valence, 4), round(wish.mood.energy, 4), wish.mood.name, wish.why),
            target=TargetStep(
                round(point.valence, 4), round(point.energy, 4), describe_music(point), target.reason
            ),
            made_at=now.isoformat(timespec="seconds"),
            daypart=self._house.daypart(time_of_day(now)).name,
            asked_s=draft.asked_s,
            length_s=round(draft.length_s, 3),
            steps=tuple(draft.steps),
            notes=tuple(draft.notes(target, self._library.counts().pending)),
        )

    # ---- what a draft asks for ----

    def choose(self, draft: _Draft, target: Target) -> Pick | None:
        """The next track; None if the venue's rules leave none."""
        daypart = self._house.daypart(time_of_day(draft.at)).name
        moment = Moment(draft.at, daypart, draft.last, self._taste, artists=frozenset(draft.artists) - {0})
        try:
            pick = draft.recommender.choose(draft.columns, target, moment)
        except NoMusicError:
            return None
        return None if HARD & set(pick.relaxed) else pick

    def recommender(self) -> Recommender:
        """One whose random numbers start afresh."""
        return Recommender(self._config.choice, self._rules)

    def last_artists(self, now: datetime) -> deque[int]:
        """Of what was played in the day before."""
        plays = self._library.recent_plays(now - timedelta(days=1))
        return deque((artist_number(play.artist) for play in plays), maxlen=self._config.choice.artist_gap)

    def track(self, track_id: int) -> Track | None:
        """By its number."""
        return self._library.track(track_id)

    def exists(self, track: Track) -> bool:
        """Whether its file is there."""
        return self._exists(track.path)


def _is_length(seconds: object) -> bool:
    """What was rescued of a damaged library may be no number."""
    return isinstance(seconds, int | float) and 0 < seconds < LONGEST_S


class _Draft:
    """A list that grows."""

    def __init__(
        self,
        planner: PlaylistPlanner,
        columns: TrackTable,
        now: datetime,
        asked_s: float,
        after: Track | None,
    ) -> None:
        self._planner, self._now, self.asked_s = planner, now, asked_s
        self.columns, self.recommender = columns, planner.recommender()
        self.artists, self.last = planner.last_artists(now), after
        self.steps: list[Step] = []
        self.length_s = 0.0
        self._left_out: Counter[str] = Counter()
        self._ended = False
        if after is not None:
            self._lose(after.id)
            self.artists.append(artist_number(after.artist))

    @property
    def at(self) -> datetime:
        """When the next track begins."""
        return self._now + timedelta(seconds=self.length_s)

    @property
    def left_s(self) -> float:
        """What is still to be filled."""
        return self.asked_s - self.length_s

    def lead(self, way: bridge.Bridge) -> None:
        """The tracks of a bridge; if nothing stands at one of its steps it leads nowhere."""
        for target in way.steps:
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
        while self.left_s > 0 and tries:
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
        while (pick := self._planner.choose(self, target)) is not None:
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
        track = self._planner.track(track_id)
        if track is not None:
            why = (
                NO_END if track.url
                else NO_LENGTH if not _is_length(track.duration_s)
                else NO_FILE if not self._planner.exists(track)
                else ""
            )  # fmt: skip
            if not why:
                return track
            self._left_out[why] += 1
            if self._left_out[NO_FILE] >= MOST_MISSING:
                raise LibraryError(
                    f"The music is not where the library has it ({track.path.parent}): is its disk connected?"
                )
        self.columns.lose(track_id)
        return None

    def _take(self, target: Target, pick: Pick, chosen: Candidate, track: Track, reason: str) -> None:
        mood = track.mood or target.point
        step = Step(
            id=track.id,
            path=str(track.path),
            title=track.title,
            artist=track.artist,
            album=track.album,
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
            if (track := self._planner.track(other.id)) is not None:
                distance = None if other.distance is None else round(other.distance, 4)
                yield RunnerUp(other.id, track.title, track.artist, distance, other.score)

    def _lose(self, track_id: int) -> None:
        """It does not come again, nor another copy of the recording."""
        for copy in self.columns.copies({track_id}):
            self.columns.lose(copy)

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
