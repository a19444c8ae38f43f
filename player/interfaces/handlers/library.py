"""What is asked of the library and its play history, and the owner's word on a track's mood."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Protocol

from player.emotions import describe_music, feelings_at
from player.errors import ControlError, MissingError
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.library import (
    CollectionAnswer,
    CollectionRequest,
    CoverAnswer,
    CoverRequest,
    HistoryAnswer,
    HistoryRequest,
    LedgerAnswer,
    LedgerRequest,
    LibraryAnswer,
    LibraryMapAnswer,
    LibraryMapRequest,
    LibraryProblemsAnswer,
    LibraryProblemsRequest,
    LibraryRequest,
    SetMoodAnswer,
    SetMoodRequest,
    TrackAnswer,
    TrackRequest,
)
from player.interfaces.pictures.covers import Cover
from player.library.queries.catalogue import track_card, tracks_page
from player.library.queries.collection import collection
from player.library.queries.history import PlayQuery, ended_plays, moment, plays_page
from player.library.queries.mood_map import SCALE, mood_map
from player.library.queries.problem_files import problem_files
from player.library.queries.records import TrackCard
from player.library.rules import HouseRules
from player.log import EventLog, LogEvent
from player.mood.wishes import ReadWish
from player.types import Mood, MoodPoint

log = EventLog(__name__, LogEvent.COMMAND)

SETTLE_S = 2.0
"""Who asks for the newest plays has all of them, unless the library cannot be written to."""


class Tracks(Protocol):
    """What these change in the library; library/database/store.py says what it does."""

    def correct_mood(self, track_id: int, mood: Mood | None) -> bool: ...  # noqa: D102
    def undo_mood(self, track_id: int) -> int | None: ...  # noqa: D102
    def mood_changes(self, track_id: int) -> int: ...  # noqa: D102


class Covers(Protocol):
    """The pictures; interfaces/pictures/covers.py says what it does."""

    def cover(self, track_id: int) -> Cover: ...  # noqa: D102


class Selection(Protocol):
    """What keeps tracks from being chosen; selection/selector.py says what each is."""

    @property
    def rules(self) -> HouseRules: ...  # noqa: D102
    def resting(self) -> frozenset[int]: ...  # noqa: D102


class LibraryCommands:
    """Each asks the database on the thread that calls, with a connection of its own.

    db_path    the library's file
    zone       the house's time zone
    selection  the house rules, and what rests
    read_wish  the mood of a name or a sentence; raises WishError and ControlError
    settle     waits at most so many seconds until the play history is up to date
    """

    def __init__(
        self,
        db_path: Path,
        tracks: Tracks,
        covers: Covers,
        zone: Callable[[], tzinfo],
        selection: Selection,
        read_wish: Callable[[str], ReadWish],
        settle: Callable[[float], object],
    ) -> None:
        self._path, self._tracks, self._covers = db_path, tracks, covers
        self._zone, self._selection, self._read_wish = zone, selection, read_wish
        self._settle = settle
        self._began_at, self._began = time.time(), time.monotonic()

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            HistoryRequest: self._history,
            LedgerRequest: self._ledger,
            LibraryRequest: self._library,
            TrackRequest: self._track,
            SetMoodRequest: self._set_mood,
            LibraryMapRequest: self._map,
            CollectionRequest: self._collection,
            LibraryProblemsRequest: self._problems,
            CoverRequest: self._cover,
        }

    def _history(self, request: HistoryRequest) -> HistoryAnswer:
        zone = self._zone()
        if request.before is None:
            self._settle(SETTLE_S)
        plays = PlayQuery(
            moment(request.since, zone), moment(request.until, zone, end=True), request.text or ""
        )
        found = plays_page(self._path, plays, request.limit, request.before, zone)
        return HistoryAnswer(found.entries, found.following)

    def _ledger(self, request: LedgerRequest) -> LedgerAnswer:
        return LedgerAnswer(
            ended_plays(self._path, request.after, request.limit, self._zone(), datetime.now(UTC))
        )

    def _library(self, request: LibraryRequest) -> LibraryAnswer:
        found = tracks_page(self._path, request.text or "", request.limit, request.after)
        return LibraryAnswer(found.entries, found.following)

    def _track(self, request: TrackRequest) -> TrackAnswer:
        return TrackAnswer(self._card(request.id))

    def _card(self, track_id: int) -> TrackCard:
        selection = self._selection
        return track_card(self._path, track_id, selection.rules, self._zone(), selection.resting())

    def _set_mood(self, request: SetMoodRequest) -> SetMoodAnswer:
        if request.undo:
            return self._undo_mood(request.id)
        mood = self._said(request)
        if not self._tracks.correct_mood(request.id, mood):
            raise MissingError(f"there is no track with the number {request.id}.")
        track = self._card(request.id)
        if mood is None:
            message = f"the mood of {track.title} is what is heard of it again"
        else:
            message = f"the mood of {track.title}: {describe_music(mood)}"
        log.info("%s", message)
        return SetMoodAnswer(message, track.mood, self._tracks.mood_changes(request.id))

    def _undo_mood(self, track_id: int) -> SetMoodAnswer:
        track = self._card(track_id)
        left = self._tracks.undo_mood(track_id)
        if left is None:
            raise ControlError(f"there is no change of the mood of {track.title} to take back.")
        message = f"the mood of {track.title} is as it was before"
        log.info("%s", message)
        return SetMoodAnswer(message, self._card(track_id).mood, left)

    def _map(self, request: LibraryMapRequest) -> LibraryMapAnswer:
        found = mood_map(self._path, request.text or "", request.known)
        if found.points is None:
            return LibraryMapAnswer(found.version, SCALE, None, None, None, None)
        return LibraryMapAnswer(found.version, SCALE, *found.points, found.corrected)

    def _collection(self, request: CollectionRequest) -> CollectionAnswer:
        found = collection(self._path, request.known, self._began_at, self._zone())
        running_s = round(time.monotonic() - self._began, 1)
        return CollectionAnswer(found.version, found.albums, found.changed, running_s, found.heard_s)

    def _problems(self, request: LibraryProblemsRequest) -> LibraryProblemsAnswer:
        found = problem_files(self._path, request.limit, request.after)
        return LibraryProblemsAnswer(found.entries, found.following)

    def _said(self, request: SetMoodRequest) -> Mood | None:
        if request.valence is not None and request.energy is not None:
            point = MoodPoint(request.valence, request.energy)
            return Mood(point.valence, point.energy, feelings_at(point))
        return None if request.mood is None else self._read_wish(request.mood).mood

    def _cover(self, request: CoverRequest) -> CoverAnswer:
        cover = self._covers.cover(request.id)
        return CoverAnswer(b64encode(cover.jpeg).decode(), cover.etag, cover.width, cover.height)
