"""Which track comes next, and the ledger of what was played and why."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from player.errors import AudioFileError, ControlError, LibraryError, NoMusicError
from player.learning import Learning
from player.library.feedback import Feedback, Kind
from player.library.recommender import Recommender
from player.library.records import Play
from player.library.scan import first_playable
from player.library.store import Library
from player.library.tags import read_track
from player.log import event
from player.playback.output import Audible, PlaybackEvent, Silent, TrackEnded, TrackFailed, TrackStarted
from player.room import Room, local_now
from player.settings import ChoiceSettings
from player.types import Choice, Json, Target, Track

log = logging.getLogger(__name__)

LESSONS = {"next": Kind.FINISHED, "skip": Kind.SKIPPED}
"""What the end of a track says about it. A shift, a stop and an error say nothing."""


class Selection:
    """Chooses for the jukebox, from what the library holds and what the room wants."""

    def __init__(
        self,
        settings: ChoiceSettings,
        library: Library,
        room: Room,
        folders: Callable[[], tuple[Path, ...]],
        wall: Callable[[], datetime] = local_now,
        learning: Learning | None = None,
    ) -> None:
        self._settings, self._library, self._room = settings, library, room
        self._folders, self._wall = folders, wall
        self._learning = learning
        self._recommender = Recommender(settings)
        self._lock = threading.Lock()
        self._target: Target | None = None
        self._tracks: Sequence[Track] = ()
        self._history: Sequence[Play] = ()
        self._playing: Choice | None = None
        self._play_id: int | None = None
        self._aim: tuple[str, Target | None] = ("", None)
        self._judged = False

    def choose(self, why: str) -> Choice:
        """The next track for the present target; `why` is start, next, shift, skip or error.

        Raises NoMusicError where there is not one file to play.
        """
        target, now = self._room.target(), self._wall()
        self._look_up(now)
        avoid = (self._playing.track.path,) if self._playing else ()
        try:
            choice = self._recommender.choose(self._tracks, target, self._history, now, avoid)
        except NoMusicError:
            choice = self._unscanned()
        log.debug("chose %s for %s: %s", choice.track.title, why, choice.reason)
        with self._lock:
            self._target = target
        return choice

    def resumed(self, path: Path) -> Choice | None:
        """The track that played before a restart, if it is still there."""
        for track in self._library.tracks():
            if track.path == path and path.is_file():
                return Choice(track, "it was playing before the restart")
        return None

    def fits(self, target: Target, within: float) -> bool:
        """Whether the music was chosen for (nearly) this target already."""
        with self._lock:
            return self._target is not None and self._target.point.distance(target.point) < within

    def judge(self, kind: Kind) -> Track:
        """Note what somebody says of the track that plays, and return it. From any thread.

        Raises ControlError where nothing plays that the library knows, and LibraryError.
        """
        with self._lock:
            if self._playing is None or self._play_id is None or not self._playing.track.id:
                raise ControlError(
                    "nothing plays that could be judged: wait until a track of the library does."
                )
            self._judged = kind is Kind.WRONG_MOOD
            self._learn(kind)
            return self._playing.track

    def heard(self, what: PlaybackEvent) -> None:
        """Note in the ledger and the log what the loudspeaker does. Called on the playback thread."""
        try:
            self._note(what)
        except LibraryError as error:
            log.warning("the ledger misses a line, the music goes on: %s", error)

    def _look_up(self, now: datetime) -> None:
        """Fresh tracks and plays, or the last ones: a database in trouble does not stop the music."""
        try:
            self._tracks = self._library.tracks()
            self._history = self._library.recent_plays(now - timedelta(seconds=self._settings.track_window_s))
        except LibraryError as error:
            log.warning("the library cannot be read, the music goes on from memory: %s", error)

    def _note(self, what: PlaybackEvent) -> None:
        match what:
            case TrackStarted(choice, position_s):
                self._started(choice, position_s)
            case TrackEnded(_, audible, why):
                self._ended(audible, why)
            case TrackFailed(choice, reason):
                path = choice.track.path
                log.warning("%s cannot be played (%s): going on", path, reason, extra=event("track"))
                self._library.mark_unreadable(path, reason)
            case Silent(reason):
                log.error(
                    "silent: %s Trying again.", reason.rstrip(".") + ".", extra=event("silent", reason=reason)
                )
            case Audible():
                log.info("there is sound again", extra=event("audible"))

    def _started(self, choice: Choice, position_s: float) -> None:
        track, target = choice.track, self._target
        aim: Json = {"target": target.name, "target_reason": target.reason} if target else {}
        by = f" by {track.artist}" if track.artist else ""
        fields: Json = {
            "path": track.path,
            "position_s": round(position_s, 2),
            "reason": choice.reason,
            "distance": choice.distance,
            "candidates": choice.candidates,
            "relaxed": choice.relaxed,
        }
        log.info("%s%s: %s", track.title, by, choice.reason, extra=event("track", **fields, **aim))
        with self._lock:
            self._playing, self._judged = choice, False
            self._aim = (self._room.daypart().name, target)
            self._play_id = self._library.record_play(choice, self._wall(), aim)

    def _ended(self, audible: bool, why: str) -> None:
        with self._lock:
            if self._play_id is None:
                return
            play_id, self._play_id = self._play_id, None
            self._library.finish_play(play_id, self._wall(), audible)
            if audible and not self._judged and why in LESSONS:
                self._learn(LESSONS[why])

    def _learn(self, kind: Kind) -> None:
        """Keep one judgement on the track that plays, with the lock held."""
        if self._learning is None or self._playing is None or not self._playing.track.id:
            return
        daypart, target = self._aim
        point = None if target is None else target.point
        self._learning.note(Feedback(self._playing.track.id, self._wall(), kind, daypart, point))

    def _unscanned(self) -> Choice:
        """Before the first scan is done: any one file, so that there is music within a second."""
        folders = self._folders()
        path = first_playable(folders)
        if path is None:
            raise NoMusicError("there is no music in " + ", ".join(map(str, folders)))
        try:
            track = read_track(path)
        except AudioFileError as error:
            raise NoMusicError(str(error)) from error
        return Choice(track, "the first file found; the library is still being read")
