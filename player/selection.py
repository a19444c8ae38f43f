"""Which track comes next."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import choice as one_of

from player.annals import Annals
from player.clock import Wall, local_now
from player.errors import AudioFileError, LibraryError, NoMusicError
from player.folders import is_there
from player.learning import Learning
from player.library.bridge import Bridge, plan
from player.library.catalogue import Catalogue
from player.library.columns import artist_number
from player.library.demo import demo_folder
from player.library.feedback import Kind
from player.library.recommender import Moment, Recommender
from player.library.rules import compile_rules
from player.library.scan import Walk, first_playable
from player.library.store import Library
from player.library.tags import read_track
from player.log import event
from player.playback.output import (
    Alarm,
    Audible,
    Muted,
    PlaybackEvent,
    Silent,
    TrackEnded,
    TrackFailed,
    TrackStarted,
)
from player.playback.reasons import CRASHED, NO_FILE
from player.room import Room
from player.settings import Config
from player.types import Choice, Json, Target, Track

log = logging.getLogger(__name__)

REST = timedelta(minutes=10)
"""A station that cannot be heard, or a file that a deck got stuck on, is left alone for so long."""
RESTS = {NO_FILE: timedelta(minutes=1), CRASHED: timedelta(days=1)}
"""But a minute where it is not there, as a scan knows by then, and a day where decks crashed on it."""
MOST_STUCK = 3
"""After so many stuck tracks in a row their disk is not asked any more until something has played."""
HURRY_S = 1.0
"""The playback thread waits for the database at most so long: a choice is made that much before it is due."""

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
        wall: Wall = local_now,
        learning: Learning | None = None,
        on_missing: Callable[[], None] = lambda: None,
        dead: Callable[[], bool] = lambda: False,
    ) -> None:
        """`on_missing` is told when a file is not where the library has it, or does not answer; `dead` says
        whether the disk with the music does not.
        """
        self._settings, self._library, self._room = config.choice, library, room
        self._folders, self._wall = folders, wall
        self._learning, self._on_missing, self._dead = learning, on_missing, dead
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
        self._unheard: dict[int, datetime] = {}
        self._stuck = 0
        """So many tracks in a row got stuck, and none has played since."""
        self.annals = Annals(library, learning, wall)

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
        """The next track for the present target; `why` is start, next, shift, skip, error, alarm or safe.

        A shift to a mood far away begins a bridge, whose tracks come first, unless the mood is pinned.
        "safe" is for when nothing else could be heard: music that the owner knows to be good.
        Raises NoMusicError where there is not one file to play.
        """
        with self._library.database.in_a_hurry(HURRY_S):
            return self.choose_safe() if why == "safe" else self._choose(why)

    def _choose(self, why: str) -> Choice:
        if self._stuck >= MOST_STUCK or self._dead():
            demo = self._demo("the disk with the music does not answer")
            if demo is not None:
                return demo
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

    def choose_safe(self) -> Choice:
        """Some piece of the daypart's safe folder, else of the demo music.

        Raises NoMusicError where neither has any.
        """
        for folder in filter(None, (self._room.daypart().safe_folder, demo_folder())):
            if choice := self._piece_of(folder, f"safe music, as nothing else could be heard ({folder})"):
                return choice
        raise NoMusicError("there is no safe music: neither a safe_folder of this daypart nor the demo music")

    def resumed(self, path: Path) -> Choice | None:
        """The track that played before a restart, if it is still there and the rules allow it."""
        track = self._library.track_at(path)
        if track is None or not (track.url or is_there(path)):
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

        Raises ControlError where nothing plays that the library knows.
        """
        return self.annals.judge(kind)

    def heard(self, what: PlaybackEvent) -> None:
        """Note in the ledger and the log what the loudspeaker does. Called on the playback thread."""
        match what:
            case TrackStarted(choice, position_s):
                self._started(choice, position_s)
            case TrackEnded(_, audible, why):
                self.annals.ended(audible, why)
            case TrackFailed(choice, reason, lasting):
                self._failed(choice, reason, lasting)
            case Silent(reason):
                log.error(
                    "silent: %s Trying again.", reason.rstrip(".") + ".", extra=event("silent", reason=reason)
                )
            case Audible():
                log.info("there is sound again", extra=event("audible"))
            case Alarm(step, silent_s):
                log.warning(
                    "nothing was heard for %.0f s of music that should play; what is done: %s",
                    silent_s,
                    step,
                    extra=event("watchdog", step=step, silent_s=round(silent_s, 1)),
                )
            case Muted(place):
                said = place or "nobody mutes the music any more"
                log.log(logging.WARNING if place else logging.INFO, said, extra=event("muted", place=place))

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

    def _failed(self, choice: Choice, reason: str, lasting: bool) -> None:
        """A file at fault is marked; what is away or got stuck is left alone for a while."""
        track = choice.track
        log.warning("%s cannot be played (%s): going on", track.path, reason, extra=event("track"))
        if lasting and not track.url:
            self.annals.unreadable(track.path, reason)
            return
        self._unheard[track.id] = self._wall() + RESTS.get(reason, REST)
        if reason != NO_FILE:
            self._stuck += 1
        if reason != CRASHED:
            self._on_missing()

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
        self._playing, self._stuck = choice, 0
        self.annals.started(choice, self._room.daypart().name, target)

    def _unscanned(self) -> Choice:
        """Where the library has nothing: any one file before the first scan, else the demo music."""
        folders = self._folders()
        path = first_playable(folders)
        if path is None:
            raise NoMusicError("there is no music in " + ", ".join(map(str, folders)))
        if (track := _read(path)) is not None and self._may_play(track):
            return Choice(track, "the first file found; the library is still being read")
        demo = self._demo("nothing else can be played, or the house rules forbid it")
        if demo is None:
            raise NoMusicError("there is no music that can be played and that the rules allow")
        return demo

    def _demo(self, why: str) -> Choice | None:
        folder = demo_folder()
        return self._piece_of(folder, f"the demo music: {why}") if folder else None

    def _piece_of(self, folder: Path, reason: str) -> Choice | None:
        """Some piece of music in a folder, another one than the last."""
        paths = [found.path for found in Walk((folder,))]
        others = [path for path in paths if self._playing is None or path != self._playing.track.path]
        track = _read(one_of(others or paths)) if paths else None
        return Choice(track, reason) if track else None

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
