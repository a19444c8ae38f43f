"""Which track comes next, and the ledger of what was played and why."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from player.errors import AudioFileError, ControlError, LibraryError, NoMusicError
from player.learning import Learning
from player.library.bridge import Bridge, plan
from player.library.catalogue import Catalogue
from player.library.columns import artist_number
from player.library.demo import demo_folder
from player.library.feedback import Feedback, Kind
from player.library.recommender import Moment, Recommender
from player.library.rules import compile_rules
from player.library.scan import first_playable
from player.library.store import Library
from player.library.tags import read_track
from player.log import event
from player.playback.output import Audible, PlaybackEvent, Silent, TrackEnded, TrackFailed, TrackStarted
from player.room import Room, local_now
from player.settings import Config
from player.types import Choice, Json, Target, Track

log = logging.getLogger(__name__)

LESSONS = {"next": Kind.FINISHED, "skip": Kind.SKIPPED}
"""What the end of a track says about it. A shift, a stop and an error say nothing."""

STATION_REST = timedelta(minutes=10)
"""A station that cannot be heard is left alone for so long."""

_RESERVE = 8
"""Tracks kept in memory for when the database cannot be read."""


class Selection:
    """Chooses for the jukebox, from what the library holds and what the room wants."""

    def __init__(
        self,
        config: Config,
        library: Library,
        room: Room,
        folders: Callable[[], tuple[Path, ...]],
        wall: Callable[[], datetime] = local_now,
        learning: Learning | None = None,
    ) -> None:
        self._settings, self._library, self._room = config.choice, library, room
        self._folders, self._wall = folders, wall
        self._learning = learning
        self._rules = compile_rules(config.rules, config.dayparts)
        self._catalogue = Catalogue(library, self._rules, config.choice.seed)
        self._recommender = Recommender(config.choice, self._rules)
        self._chooses_by = (config.choice, config.rules, config.dayparts)
        self._lock = threading.Lock()
        self._target: Target | None = None
        self._bridge: Bridge | None = None
        self._reserve: list[Track] = []
        self._artists = deque(self._last_artists(), maxlen=self._settings.artist_gap)
        self._playing: Choice | None = None
        self._play_id: int | None = None
        self._aim: tuple[str, Target | None] = ("", None)
        self._judged = False
        self._unheard: dict[int, datetime] = {}

    def prepare(self, config: Config) -> Callable[[], None]:
        """Get ready to choose by other settings; what is returned makes them hold, on the playback thread.

        Raises LibraryError.
        """
        if self._chooses_by == (config.choice, config.rules, config.dayparts):
            return lambda: None
        rules = compile_rules(config.rules, config.dayparts)
        catalogue = Catalogue(self._library, rules, config.choice.seed)
        recommender = Recommender(config.choice, rules)

        def take_over() -> None:
            self._settings, self._rules = config.choice, rules
            self._catalogue, self._recommender = catalogue, recommender
            self._artists = deque(self._artists, maxlen=config.choice.artist_gap)
            self._chooses_by = (config.choice, config.rules, config.dayparts)

        return take_over

    def choose(self, why: str) -> Choice:
        """The next track for the present target; `why` is start, next, shift, skip or error.

        A shift to a mood far away begins a bridge, whose tracks come first, unless the mood is pinned.
        Raises NoMusicError where there is not one file to play.
        """
        target, now = self._room.target(), self._wall()
        step = self._next_step(target, why)
        choice = None if step is None else self._bridging(step, now)
        if choice is None:
            choice = self._nearest(target, now)
        choice = _limited(choice)
        log.debug("chose %s for %s: %s", choice.track.title, why, choice.reason)
        with self._lock:
            self._target = target
        return choice

    def resumed(self, path: Path) -> Choice | None:
        """The track that played before a restart, if it is still there and the rules allow it."""
        track = self._library.track_at(path)
        if track is None or not (track.url or path.is_file()):
            return None
        if not self._catalogue.permits(track, self._rules.never(self._room.daypart().name)):
            return None
        return _limited(Choice(track, "it was playing before the restart"))

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

    def _last_artists(self) -> list[int]:
        """Of what was played before this start."""
        try:
            plays = self._library.recent_plays(self._wall() - timedelta(days=1))
        except LibraryError:
            return []
        return [artist_number(play.artist) for play in plays]

    def _next_step(self, target: Target, why: str) -> Target | None:
        """The bridging mood to play now; None where the target itself is due."""
        playing, bridge = self._playing, self._bridge
        if why == "shift":
            bridge = None
            if playing is not None and playing.track.mood is not None and not self._room.pinned():
                called = self._target.name if self._target else playing.track.mood.name
                bridge = plan(self._settings, playing.track.mood, called, target)
        elif bridge is not None and not bridge.leads_to(target, self._settings.bridge_distance / 2):
            bridge = None
        if bridge is None or not bridge.steps:
            self._bridge = None
            return None
        self._bridge = bridge.rest()
        return bridge.steps[0]

    def _bridging(self, step: Target, now: datetime) -> Choice | None:
        """A track for a step of the bridge, which does not last long; None where there is none near it."""
        choice, bridge = self._nearest(step, now), self._bridge
        if bridge is None or not bridge.carries(step, choice.track.mood):
            self._bridge = None
            return None
        until_s = choice.track.music_start_s + self._settings.bridge_s if self._settings.bridge_s else None
        return replace(choice, reason=f"{step.reason}: {choice.reason}", until_s=until_s)

    def _nearest(self, target: Target, now: datetime) -> Choice:
        """A choice for a target, from wherever there is music."""
        try:
            return self._from_library(target, now)
        except NoMusicError:
            return self._unscanned()
        except LibraryError as error:
            log.warning("the library cannot be read, the music goes on from memory: %s", error)
            return self._from_memory()

    def _from_library(self, target: Target, now: datetime) -> Choice:
        """The recommender's choice, read from the database."""
        columns = self._catalogue.now(now - timedelta(seconds=self._settings.track_window_s))
        moment = self._moment(now)
        while True:
            pick = self._recommender.choose(columns, target, moment)
            track = self._library.track(pick.id)
            if track is not None:
                break
            columns.lose(pick.id)
        others = (self._library.track(other) for other in pick.others[: _RESERVE - 1])
        self._reserve = [track, *(other for other in others if other is not None)]
        return Choice(track, pick.reason, pick.distance, pick.candidates, pick.relaxed, pick.score)

    def _moment(self, now: datetime) -> Moment:
        playing = self._playing.track if self._playing else None
        if playing is not None and not playing.id:  # it was played before the library knew it
            playing = self._library.track_at(playing.path) or playing
        return Moment(
            now=now,
            daypart=self._room.daypart().name,
            playing=playing,
            taste=self._learning.opinion if self._learning else None,
            artists=frozenset(self._artists) - {0},
            avoid=frozenset({playing.id} if playing else ()) | self._resting(now),
        )

    def _resting(self, now: datetime) -> frozenset[int]:
        """Stations that could not be heard a short while ago."""
        self._unheard = {number: until for number, until in self._unheard.items() if until > now}
        return frozenset(self._unheard)

    def _from_memory(self) -> Choice:
        """What came near in the last choice, one after the other."""
        playing = self._playing.track.path if self._playing else None
        self._reserve.sort(key=lambda track: track.path == playing)
        if not self._reserve:
            return self._unscanned()
        track = self._reserve.pop(0)
        self._reserve.append(track)
        return Choice(track, "from memory: the library cannot be read")

    def _note(self, what: PlaybackEvent) -> None:
        match what:
            case TrackStarted(choice, position_s):
                self._started(choice, position_s)
            case TrackEnded(_, audible, why):
                self._ended(audible, why)
            case TrackFailed(choice, reason):
                path = choice.track.path
                log.warning("%s cannot be played (%s): going on", path, reason, extra=event("track"))
                if choice.track.url:  # it may well be back soon
                    self._unheard[choice.track.id] = self._wall() + STATION_REST
                else:
                    self._library.mark_unreadable(path, reason)
            case Silent(reason):
                log.error(
                    "silent: %s Trying again.", reason.rstrip(".") + ".", extra=event("silent", reason=reason)
                )
            case Audible():
                log.info("there is sound again", extra=event("audible"))

    def _started(self, choice: Choice, position_s: float) -> None:
        track, target, now = choice.track, self._target, self._wall()
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
        aim["score"] = dict(choice.score)
        log.info("%s%s: %s", track.title, by, choice.reason, extra=event("track", **fields, **aim))
        self._artists.append(artist_number(track.artist))
        self._catalogue.hear(track.id, now)
        with self._lock:
            self._playing, self._judged = choice, False
            self._aim = (self._room.daypart().name, target)
            self._play_id = self._library.record_play(choice, now, aim)

    def _ended(self, audible: bool, why: str) -> None:
        with self._lock:
            if self._play_id is None:
                return
            play_id, self._play_id = self._play_id, None
            self._library.finish_play(play_id, self._wall(), audible)
            cut_short = why == "next" and self._playing is not None and self._playing.until_s is not None
            if audible and not self._judged and not cut_short and why in LESSONS:
                self._learn(LESSONS[why])

    def _learn(self, kind: Kind) -> None:
        """Keep one judgement on the track that plays, with the lock held."""
        if self._learning is None or self._playing is None or not self._playing.track.id:
            return
        daypart, target = self._aim
        point = None if target is None else target.point
        self._learning.note(Feedback(self._playing.track.id, self._wall(), kind, daypart, point))

    def _unscanned(self) -> Choice:
        """Where the library has nothing: any one file before the first scan, else the demo music."""
        folders = self._folders()
        path = first_playable(folders)
        if path is None:
            raise NoMusicError("there is no music in " + ", ".join(map(str, folders)))
        if (track := _read(path)) is not None and self._may_play(track):
            return Choice(track, "the first file found; the library is still being read")
        demo = demo_folder()
        path = first_playable((demo,)) if demo else None
        if path is None or (track := _read(path)) is None:
            raise NoMusicError("there is no music that can be played and that the rules allow")
        return Choice(track, "the demo music: nothing else can be played, or the house rules forbid it")

    def _may_play(self, track: Track) -> bool:
        try:
            return self._catalogue.permits(track, self._rules.never(self._room.daypart().name))
        except LibraryError:
            return self._rules.bits == "0"


def _limited(choice: Choice) -> Choice:
    """A station gives way to the next track after its time, which the library keeps as `fade_out_s`."""
    track = choice.track
    return replace(choice, until_s=choice.until_s or track.fade_out_s) if track.url else choice


def _read(path: Path) -> Track | None:
    try:
        return read_track(path)
    except AudioFileError as error:
        log.warning("%s", error)
        return None
