"""Plans a playlist: as the player would choose for a mood that stays, track after track, with the clock
running on from now. No recording comes twice, and what the venue leaves out stays out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from player.clock import time_of_day
from player.config.settings.config import Config
from player.config.settings.library import ExcludeSettings, FilterSettings, RuleSettings
from player.emotions import describe_music
from player.errors import LibraryError, NoMusicError, WishError
from player.library.database.store import Library
from player.library.index.candidates import Taste
from player.library.index.track_index import TrackIndex
from player.library.index.track_table import GONE, TrackTable, artist_number
from player.library.rules import EXCLUDED, NOT_INCLUDED, compile_rules
from player.mood.policy import HousePolicy
from player.selection import bridge
from player.selection.playlist import (
    ANY,
    LEAST_MIN,
    MOST_MIN,
    MoodStep,
    Narrowing,
    PhotoScene,
    Playlist,
    TargetStep,
    Wish,
    tracks,
)
from player.selection.playlist_draft import HARD, Draft
from player.selection.recommender import ChoiceContext, Pick, Recommender
from player.system.probes import is_there
from player.types import Target, Track

READ_S = 60.0
"""A library of a million tracks is read for choosing within this."""


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
        self._rules = compile_rules(config.rules, config.dayparts, config.library.folders)

    def plan(
        self,
        wish: Wish,
        minutes: int,
        now: datetime,
        after: Track | None = None,
        narrowing: Narrowing = ANY,
    ) -> Playlist:
        """A list of about so many minutes (1 to 600) that begins at `now`, timezone-aware.

        `after`: what plays before it, which it goes on from; to a mood far from that one it leads in steps.
        `narrowing.tracks` takes the place of the minutes.
        Raises WishError, NoMusicError or LibraryError, in one sentence, if there can be none.
        """
        if not LEAST_MIN <= minutes <= MOST_MIN:
            raise WishError(f"a playlist has {LEAST_MIN} to {MOST_MIN} minutes, not {minutes}.")
        target = self._target(wish)
        minutes = MOST_MIN if narrowing.tracks else minutes
        draft = Draft(self, self._music(now, narrowing), now, minutes * 60.0, after, narrowing.tracks)
        if after is not None and after.mood is not None:
            draft.lead(bridge.plan(self._config.choice, after.mood, after.mood, target))
        draft.fill(target)
        if not draft.steps:
            raise NoMusicError(draft.why_none())
        return self._finished(wish, target, draft, now)

    def _target(self, wish: Wish) -> Target:
        """The wish within the venue's limits: its moods never give way."""
        target = self._house.pinned(wish.mood, wish.mood.name)
        music = f"{describe_music(target.point)} music"
        kept = target.point.distance(wish.mood) >= 0.01
        limits = ", as near as the limits in `mood` allow" if kept else ""
        return Target(target.point, target.name, f"{music} is looked for{limits}")

    def _music(self, now: datetime, narrowing: Narrowing) -> TrackTable:
        """What may be listed: all tracks with a mood but those that rest, of the genres that are wanted."""
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
                f"None of the library's music ({tracks(len(table))}) has been listened to yet, so no"
                " moods are known: run `ambient-player library analyze`, or let the player run for a while."
            )
        wanted = heard & ((table["bits"] & GONE) == 0) & self._of_genres(table["id"], narrowing)
        columns = TrackTable(table[wanted])
        if not len(columns.table):
            raise NoMusicError("No track that has been listened to is of these genres.")
        for track_id in self._resting:
            columns.lose(track_id)
        return columns

    def _of_genres(self, ids: NDArray[np.int64], narrowing: Narrowing) -> NDArray[np.bool_]:
        """Which of these tracks are of the genres that are wanted, and of none that is not."""
        if not narrowing.genres and not narrowing.without_genres:
            return np.ones(len(ids), bool)
        wanted = RuleSettings(
            include=FilterSettings(genres=list(narrowing.genres)),
            exclude=ExcludeSettings(genres=list(narrowing.without_genres)),
        )
        index = TrackIndex(self._library, compile_rules(wanted, ()), self._config.choice.seed)
        never = datetime.max.replace(tzinfo=UTC)
        index.now(never)
        if not index.wait(READ_S):
            raise LibraryError(f"The library could not be read within {READ_S:.0f} s: try again.")
        table = index.now(never).table
        return np.isin(ids, table["id"][(table["bits"] & (EXCLUDED | NOT_INCLUDED)) == 0])

    def _finished(self, wish: Wish, target: Target, draft: Draft, now: datetime) -> Playlist:
        point = target.point
        return Playlist(
            wish=wish.text,
            seen=PhotoScene.of(wish.scene) if wish.scene else None,
            mood=MoodStep.of(wish.mood, wish.why),
            target=TargetStep(
                round(point.valence, 4), round(point.energy, 4), describe_music(point), target.reason
            ),
            made_at=now.isoformat(timespec="seconds"),
            daypart=self._house.daypart(time_of_day(now)).name,
            asked_s=round(draft.length_s, 3) if draft.most is not None else draft.asked_s,
            length_s=round(draft.length_s, 3),
            steps=tuple(draft.steps),
            notes=tuple(draft.notes(target, self._library.counts().pending)),
        )

    # ---- what a draft asks for ----

    def choose(self, draft: Draft, target: Target) -> Pick | None:
        """The next track; None if the venue's rules leave none."""
        daypart = self._house.daypart(time_of_day(draft.at)).name
        moment = ChoiceContext(
            draft.at, daypart, draft.last, self._taste, artists=frozenset(draft.artists) - {0}
        )
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
