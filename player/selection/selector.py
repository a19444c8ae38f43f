"""Which track comes next.

The module is long because looking ahead is choosing, by the same steps and on a copy of the same state.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from player.clock import Wall, local_now
from player.config.settings.config import Config
from player.errors import ControlError, LibraryError, MissingError, NoMusicError
from player.events import (
    FileMissing,
    PlaybackEvent,
    Publish,
    TrackEnded,
    TrackFailed,
    TrackHeard,
    TrackStarted,
)
from player.library.database.feedback import Outcome
from player.library.database.stations import station_ids
from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.index.track_table import artist_number
from player.library.rules import HouseRules, compile_rules
from player.log import EventLog, LogEvent
from player.playback.failure_reasons import CRASHED
from player.playback.pieces import main_piece
from player.room.mood_state import MoodState
from player.selection.bridge import MoodPath, plan
from player.selection.cooldowns import Cooldowns
from player.selection.fallback import NOTHING_ELSE, Fallback
from player.selection.learning import Learning
from player.selection.play_history import Judged, PlayHistory
from player.selection.playback_log import log_playback
from player.selection.recommender import ChoiceContext, Recommender
from player.selection.requested import Requested
from player.system.probes import is_there
from player.types import ChangeReason, Choice, Target, Track

log = EventLog(__name__, LogEvent.SELECTION)

DEADLINE_S = 1.0
"""The playback thread waits for the database at most so long: a choice is made that much before it is due."""

FORESIGHT_S = 0.2
"""What is foreseen is worth so long a wait for the database."""
_RESERVE = 8
"""Tracks kept in memory for when the database cannot be read."""


class Selector:
    """Chooses for the playback service, from what the library holds and what the room wants."""

    def __init__(
        self,
        config: Config,
        library: Library,
        room: MoodState,
        folders: Callable[[], tuple[Path, ...]],
        wall: Wall = local_now,
        learning: Learning | None = None,
        publish: Publish = lambda _: None,
        unresponsive: Callable[[], bool] = lambda: False,
    ) -> None:
        """`publish` is told of each FileMissing; `unresponsive` says whether the disk with the music does not
        answer.
        """
        self._settings, self._library, self._room = config.choice, library, room
        self._wall, self._fallback = wall, Fallback(folders, self._may_play)
        self._learning, self._publish, self._unresponsive = learning, publish, unresponsive
        self._rules = compile_rules(config.rules, config.dayparts, config.library.folders)
        self._track_index = TrackIndex(library, self._rules, config.choice.seed)
        self._recommender = Recommender(config.choice, self._rules)
        self._lock = threading.Lock()
        self._choosing, self._hurry = threading.Lock(), threading.Event()
        """Of what choosing reads and writes; who foresees lets go of it after a track if somebody hurries."""
        self._target: Target | None = None
        self._chosen: Choice | None = None
        """The last choice; it comes as long as it does not play."""
        self._bridge: MoodPath | None = None
        self._reserve: list[tuple[Track, int]] = []
        """Tracks, each with the bits of the rules."""
        self._artists = deque(self._last_artists(), maxlen=self._settings.artist_gap)
        self._playing: Choice | None = None
        self._cooldowns = Cooldowns()
        self._requested = Requested()
        self.play_history = PlayHistory(library, learning, wall, config)

    def prepare(self, config: Config) -> Callable[[], None]:
        """Get ready to choose by other settings; what is returned makes them hold, on the playback thread.

        Raises LibraryError.
        """
        rules = compile_rules(config.rules, config.dayparts, config.library.folders)
        if (self._settings, self._rules) == (config.choice, rules):
            return lambda: None
        index = TrackIndex(self._library, rules, config.choice.seed)
        recommender = Recommender(config.choice, rules)

        def take_over() -> None:
            with self._first():
                self._settings, self._rules = config.choice, rules
                self._track_index, self._recommender = index, recommender
                self._artists = deque(self._artists, maxlen=config.choice.artist_gap)
                self._reserve.clear()  # other rules may forbid them

        return take_over

    @property
    def rules(self) -> HouseRules:
        """Those that hold."""
        return self._rules

    def choose(self, why: ChangeReason) -> Choice:
        """The next track for the present target; `why` is start, next, shift, skip, error, alarm or safe.

        A shift to a mood far away begins a bridge, whose tracks come first, unless the mood is pinned.
        "safe" is for when nothing else could be heard: music that the owner knows to be good.
        Raises NoMusicError if there is not one file to play.
        """
        with self._library.database.deadline(DEADLINE_S), self._first():
            if why is ChangeReason.SAFE:
                self._chosen = self._fallback.safe(self._room.daypart().safe_folder, self._last)
            else:
                self._chosen = self._choose(why)
            return self._chosen

    def foresee(self, count: int) -> list[Choice]:
        """What would come next as things are, at most `count`: what was chosen already, then what would be.

        Nothing comes of it: the same is chosen afterwards as if nobody had asked. From any thread; whoever
        chooses waits for one of these at most. Fewer where that happens, or the library cannot be asked.
        """
        found: list[Choice] = []
        if self._hurry.is_set() or not self._choosing.acquire(timeout=FORESIGHT_S):
            return found
        try:
            with self._library.database.deadline(FORESIGHT_S), closing(self._supposed()) as supposed:
                for choice in supposed:
                    found.append(choice)
                    if len(found) >= count or self._hurry.is_set():
                        break
        except (NoMusicError, LibraryError) as error:
            log.debug("what comes next cannot be foreseen: %s", error)
        finally:
            self._choosing.release()
        return found

    def _supposed(self) -> Generator[Choice]:
        """One choice after the other, supposing that each is played. `_choosing` is held."""
        supposed, at = copy(self), self._wall()
        supposed._artists, supposed._recommender = copy(self._artists), self._recommender.twin()
        supposed._requested, supposed._cooldowns = self._requested.twin(), copy(self._cooldowns)
        if self._cooldowns.all_stuck or self._unresponsive():
            return
        choice = None if self._chosen is self._playing else self._chosen
        self._track_index.now(at - timedelta(seconds=self._settings.track_window_s))
        with self._track_index.supposing() as hear:
            while True:
                if choice is None:
                    target = self._room.target()
                    found = supposed._asked_for(at) or supposed._towards(
                        target, ChangeReason.NEXT, at, supposed._from_library
                    )
                    choice, supposed._target = _limited(found), target
                yield choice
                supposed._artists.append(artist_number(choice.track.artist))
                supposed._playing = choice
                supposed._requested.started(choice.track.id)
                hear(choice.track.id, at)
                at += timedelta(seconds=choice.track.duration_s)
                choice = None

    @contextmanager
    def _first(self) -> Iterator[None]:
        """For the playback thread: it need not wait until all is foreseen, and not at all for a dead disk."""
        self._hurry.set()
        held = self._choosing.acquire(timeout=DEADLINE_S)
        self._hurry.clear()
        try:
            yield
        finally:
            if held:
                self._choosing.release()

    def _choose(self, why: ChangeReason) -> Choice:
        if self._cooldowns.all_stuck or self._unresponsive():
            demo = self._fallback.demo("the disk with the music does not answer", self._last)
            if demo is not None:
                return demo
        target, now = self._room.target(), self._wall()
        choice = _limited(self._asked_for(now) or self._towards(target, why, now, self._nearest))
        if choice.track.url and self._cooldowns.all_unheard:  # though they rest: there is nothing else
            choice = self._fallback.demo(NOTHING_ELSE, self._last) or choice
        log.debug("chose %s for %s: %s", choice.track.title, why, choice.reason)
        with self._lock:
            self._target = target
        return choice

    def request(self, track_ids: Sequence[int]) -> int:
        """Play these next, in this order, and return how many of them may be played. From any thread.

        Raises MissingError for a track that the library does not know, and ControlError if none may play.
        """
        never = self._rules.never(self._room.daypart().name)
        found = [(track_id, self._library.track(track_id)) for track_id in track_ids]
        if unknown := [str(track_id) for track_id, track in found if track is None]:
            raise MissingError(f"the library has no track {', '.join(unknown[:5])}.")
        may = [track_id for track_id, track in found if track and self._track_index.permits(track, never)]
        if not may:
            raise ControlError("none of these tracks may play now: see `rules` in the settings.")
        self._requested.ask(may, self._pinned)
        return len(may)

    def end_list(self) -> bool:
        """Nothing more of such a list; whether there was one. From any thread."""
        return self._requested.clear()

    def _asked_for(self, now: datetime) -> Choice | None:
        """The next track of a list that somebody asked for; None if there is none, or it cannot be played."""
        if not self._requested.holds(self._pinned):
            return None
        never, resting = self._rules.never(self._room.daypart().name), self._cooldowns.now(now)
        try:
            while (taken := self._requested.take()) is not None:
                track = self._library.track(taken[0])
                if (
                    track is not None
                    and track.id not in resting
                    and self._track_index.permits(track, never)
                    and (track.url or is_there(track.path))
                ):
                    return Choice(track, taken[1])
                self._requested.drop(taken[0])
        except LibraryError as error:
            log.warning("the list that was asked for waits: the library cannot be read (%s)", error)
        return None

    def _towards(
        self, target: Target, why: ChangeReason, now: datetime, nearest: Callable[[Target, datetime], Choice]
    ) -> Choice:
        """The next step to a target, or what is nearest to it."""
        step = self._next_step(target, why)
        choice = None if step is None else self._bridging(step, now, nearest)
        return choice or nearest(target, now)

    def resumed(self, path: Path) -> Choice | None:
        """The track that played before a restart, if it is still there and the rules allow it."""
        track = self._library.track_at(path)
        if track is None or not (track.url or is_there(path)):
            return None
        if not self._track_index.permits(track, self._rules.never(self._room.daypart().name)):
            return None
        return _limited(Choice(track, "it was playing before the restart"))

    def fits(self, target: Target, within: float) -> bool:
        """Whether the music was chosen for (nearly) this target already."""
        if self._requested.holds(self._pinned):
            return True
        with self._lock:
            return self._target is not None and self._target.point.distance(target.point) < within

    def resting(self) -> frozenset[int]:
        """Ids of tracks that are left alone for a while. From any thread."""
        return self._cooldowns.resting(self._wall())

    def playing(self) -> Track | None:
        """The track that plays, or did. From any thread."""
        choice = self._playing
        return choice.track if choice else None

    def record_feedback(self, kind: Outcome) -> Track:
        """Note what somebody says of the track that plays, and return it. From any thread.

        Raises ControlError if nothing plays that the library knows.
        """
        return self.play_history.record_feedback(kind)

    def judge(self, kind: Outcome, play_id: int) -> Judged:
        """Note what somebody says of a play of the history. From any thread. As PlayHistory.judge."""
        return self.play_history.judge(kind, play_id)

    def judge_track(self, kind: Outcome, track_id: int) -> Judged:
        """Note what somebody says of a track that plays or did. As PlayHistory.judge_track."""
        return self.play_history.judge_track(kind, track_id)

    def on_playback_event(self, what: PlaybackEvent) -> None:
        """Note in the log, in the play history and for the next choice what the loudspeaker does.

        Called on the playback thread.
        """
        log_playback(what, self._target)
        match what:
            case TrackStarted(choice):
                self._started(choice)
            case TrackEnded(_, audible, why):
                self.play_history.ended(audible, why)
            case TrackHeard(heard_s, leaving):
                self.play_history.heard(heard_s, leaving)
            case TrackFailed(choice, reason, lasting):
                self._failed(choice, reason, lasting)

    def _last_artists(self) -> list[int]:
        """Of what was played before this start."""
        try:
            plays = self._library.recent_plays(self._wall() - timedelta(days=1))
        except LibraryError:
            return []
        return [artist_number(play.artist) for play in plays]

    def _next_step(self, target: Target, why: ChangeReason) -> Target | None:
        """The bridging mood to play now; None if the target itself is due."""
        playing, bridge = self._playing, self._bridge
        if why is ChangeReason.SHIFT:
            bridge = None
            if playing is not None and playing.track.mood is not None and not self._room.pinned():
                left = self._target.point if self._target else playing.track.mood
                bridge = plan(self._settings, playing.track.mood, left, target)
        elif bridge is not None and not bridge.leads_to(target, self._settings.bridge_distance / 2):
            bridge = None
        if bridge is None or not bridge.steps:
            self._bridge = None
            return None
        self._bridge = bridge.rest()
        return bridge.steps[0]

    def _bridging(
        self, step: Target, now: datetime, nearest: Callable[[Target, datetime], Choice]
    ) -> Choice | None:
        """A track for a step of the bridge, which does not last long; None if there is none near it."""
        choice, bridge = nearest(step, now), self._bridge
        if bridge is None or not bridge.carries(step, choice.track.mood):
            self._bridge = None
            return None
        bridge_s = self._settings.bridge_s
        until_s = main_piece(choice.track)[0] + bridge_s if bridge_s else None
        return replace(choice, reason=f"{step.reason}: {choice.reason}", until_s=until_s)

    def _nearest(self, target: Target, now: datetime) -> Choice:
        """A choice for a target, from wherever there is music."""
        try:
            return self._from_library(target, now)
        except NoMusicError:
            return self._fallback.unscanned(self._last)
        except LibraryError as error:
            log.warning("the library cannot be read, the music goes on from memory: %s", error)
            return self._from_memory()

    def _from_library(self, target: Target, now: datetime) -> Choice:
        """The recommender's choice, read from the database."""
        columns = self._track_index.now(now - timedelta(seconds=self._settings.track_window_s))
        moment = self._moment(now)
        while True:
            pick = self._recommender.choose(columns, target, moment)
            track = self._library.track(pick.id)
            if track is not None:
                break
            columns.lose(pick.id)
        others = (self._library.track(other) for other in pick.others[: _RESERVE - 1])
        fallback = [track, *(other for other in others if other is not None)]
        self._reserve = [(one, columns.bits(one.id)) for one in fallback]
        return Choice(track, pick.reason, pick.distance, pick.candidates, pick.relaxed, pick.score)

    def _moment(self, now: datetime) -> ChoiceContext:
        playing = self._playing.track if self._playing else None
        if playing is not None and not playing.id:  # it was played before the library knew it
            playing = self._library.track_at(playing.path) or playing
        return ChoiceContext(
            now=now,
            daypart=self._room.daypart().name,
            playing=playing,
            taste=self._learning.opinion if self._learning else None,
            artists=frozenset(self._artists) - {0},
            avoid=frozenset({playing.id} if playing else ()) | self._cooldowns.now(now),
        )

    @property
    def _pinned(self) -> str | None:
        """What the music is held at; None if it follows the room."""
        return self._room.target().name if self._room.pinned() else None

    @property
    def _last(self) -> Path | None:
        """The track that plays, or did."""
        return self._playing.track.path if self._playing else None

    def _from_memory(self) -> Choice:
        """What came near in the last choice, one after the other."""
        last, never = self._last, self._rules.never(self._room.daypart().name)
        self._reserve.sort(key=lambda fallback: fallback[0].path == last)
        fallback = next((fallback for fallback in self._reserve if not fallback[1] & never), None)
        if fallback is None:
            return self._fallback.unscanned(self._last)
        self._reserve.remove(fallback)
        self._reserve.append(fallback)
        return Choice(fallback[0], "from memory: the library cannot be read")

    def _failed(self, choice: Choice, reason: str, lasting: bool) -> None:
        """A file at fault is marked; what is away or got stuck is left alone for a while."""
        track = choice.track
        if self._chosen is choice:
            self._chosen = self._playing
            self._requested.drop(track.id)
        if lasting and not track.url:
            self.play_history.unreadable(track.path, reason)
            return
        now, database = self._wall(), self._library.database
        with self._first():
            self._cooldowns.failed(track.id, reason, now, is_station=bool(track.url))
            if track.url and self._cooldowns.all_unheard:
                with suppress(LibraryError), database.deadline(DEADLINE_S):
                    self._cooldowns.rest(station_ids(database), now)
        if reason != CRASHED and not track.url:
            self._publish(FileMissing(track.path))

    def _started(self, choice: Choice) -> None:
        track, now = choice.track, self._wall()
        with self._first():
            self._artists.append(artist_number(track.artist))
            self._track_index.hear(track.id, now)
            self._playing = self._chosen = choice
            self._cooldowns.started()
            self._requested.started(track.id)
        self.play_history.started(choice, self._room.daypart().name, self._target)

    def _may_play(self, track: Track) -> bool:
        try:
            return self._track_index.permits(track, self._rules.never(self._room.daypart().name))
        except LibraryError:
            return self._rules.bits == "0"


def _limited(choice: Choice) -> Choice:
    """A station gives way to the next track after its time, which the library keeps as `fade_out_s`."""
    track = choice.track
    return replace(choice, until_s=choice.until_s or track.fade_out_s) if track.url else choice
