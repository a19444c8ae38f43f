"""What happens in the player, as everyone may hear it: typed events, and the bus that hands them on.

A new interface subscribes to what it wants to know; nobody who publishes knows who listens.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from player.log import EventLog, LogEvent
from player.status import LensState, WatchdogStep
from player.types import ChangeReason, Choice, Mood, MoodShift, Scene

log = EventLog(__name__, LogEvent.PLAYER)


class Event:
    """Something that has happened; the kinds are below, each a frozen dataclass."""

    __slots__ = ()


class PlaybackEvent(Event):
    """What the loudspeaker does; published on the playback thread."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TrackStarted(PlaybackEvent):
    """A chosen track is on the air: its fade-in has begun."""

    choice: Choice
    position_s: float


@dataclass(frozen=True, slots=True)
class TrackEnded(PlaybackEvent):
    """A track is no longer the one that plays; `audible` says whether it was to be heard at all."""

    choice: Choice
    audible: bool
    why: ChangeReason = ChangeReason.NEXT


@dataclass(frozen=True, slots=True)
class TrackHeard(PlaybackEvent):
    """For so long the track on the air has been heard by now, without pauses and silence.

    `leaving`: it is of the track before that one, which has faded out since it ended.
    """

    heard_s: float
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class TrackFailed(PlaybackEvent):
    """A track could not be played, and why."""

    choice: Choice
    reason: str
    lasting: bool = True
    """Whether it is the file's own fault; not if it is not there now, or a deck got stuck on it."""


@dataclass(frozen=True, slots=True)
class Silent(PlaybackEvent):
    """Nothing can be heard though something should be, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Audible(PlaybackEvent):
    """Sound goes out again after Silent."""


@dataclass(frozen=True, slots=True)
class Alarm(PlaybackEvent):
    """The music should be heard and was not for `silent_s`; this is done about it."""

    step: WatchdogStep
    silent_s: float


@dataclass(frozen=True, slots=True)
class Muted(PlaybackEvent):
    """Somebody has muted the music outside the player; a sentence says where; empty when it is over."""

    place: str


@dataclass(frozen=True, slots=True)
class Announced(PlaybackEvent):
    """An announcement begins."""

    title: str


@dataclass(frozen=True, slots=True)
class RoomNoise(Event):
    """How loud the room is beside the music, now and then while a microphone hears it."""

    level_db: float
    """As loud as an ear has it, in dB below the microphone's full scale."""


class RoomEvent(Event):
    """What the camera sees; published on the pipeline's thread."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class LensChanged(RoomEvent):
    """The camera sees the room (again), or no longer."""

    state: LensState


@dataclass(frozen=True, slots=True)
class SceneRead(RoomEvent):
    """The models have looked at the room."""

    scene: Scene
    mood: Mood
    unusual: tuple[str, ...] = ()
    """What is not as usual here, in words."""


@dataclass(frozen=True, slots=True)
class MoodShifted(RoomEvent):
    """The room's mood over time is another one now."""

    shift: MoodShift
    unusual: tuple[str, ...] = ()
    """How the room differed from its own usual, in words."""


@dataclass(frozen=True, slots=True)
class HoursChanged(Event):
    """There may be music from now on, or no longer, by the opening hours or by hand."""

    open: bool


@dataclass(frozen=True, slots=True)
class DaypartChanged(Event):
    """Another part of the day has begun."""

    name: str


@dataclass(frozen=True, slots=True)
class PinEnded(Event):
    """The mood is no longer held by hand: the time that it was to be held for is over."""


@dataclass(frozen=True, slots=True)
class CommandDone(Event):
    """A command other than `status` was carried out; it may have changed anything."""

    name: str


@dataclass(frozen=True, slots=True)
class SettingsReloaded(Event):
    """config.yaml was read again and holds; `changed` names the sections that differ."""

    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileMissing(Event):
    """A file is not where the library has it, or does not answer."""

    path: Path


@dataclass(frozen=True, slots=True)
class LibraryReopened(Event):
    """The library's database can be used again, after it could not."""


Publish = Callable[[Event], None]
"""Takes an event; returns at once and never raises: EventBus.publish, or what stands in for it."""
Kind = TypeVar("Kind", bound=Event)


class EventBus:
    """Hands each event to all who have subscribed to its kind, on the thread that publishes it.

    They get it in the order in which they subscribed, and the events of one thread in the order in which that
    published them, also if a listener publishes another one. A listener returns at once: it posts what
    takes time to a thread of its own. From any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[tuple[type[Event], Callable[[Any], None]], ...] = ()
        self._waiting = threading.local()

    def subscribe(self, kind: type[Kind], listener: Callable[[Kind], None]) -> Callable[[], None]:
        """Call `listener` with every event of a kind, or of a family (PlaybackEvent; Event is all).

        Returns what ends that; it may be called more than once.
        """
        subscription = (kind, listener)
        with self._lock:
            self._listeners = (*self._listeners, subscription)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not subscription)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell everyone; a listener that fails is logged and stops nobody."""
        waiting: deque[Event] | None = getattr(self._waiting, "events", None)
        if waiting is not None:  # a listener publishes: the rest of them hear the first event first
            waiting.append(event)
            return
        self._waiting.events = waiting = deque([event])
        try:
            while waiting:
                self._deliver(waiting.popleft())
        finally:
            self._waiting.events = None

    def _deliver(self, event: Event) -> None:
        for kind, listener in self._listeners:
            if isinstance(event, kind):
                try:
                    listener(event)
                except Exception:
                    log.exception("%s was not taken note of; all else goes on", type(event).__name__)
