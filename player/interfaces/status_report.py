"""All that the player knows about itself, put together from what its parts say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from player import __version__
from player.status import (
    FrontStatus,
    HoursStatus,
    LibraryStatus,
    PerceptionStatus,
    PlaybackStatus,
    PlayerState,
    PlayerStatus,
    RoomStatus,
    TrackStatus,
)
from player.types import NightMode


class _Playback(Protocol):
    def status(self) -> PlaybackStatus: ...


class _Room(Protocol):
    def status(self) -> RoomStatus: ...


class _Perception(Protocol):
    def status(self) -> PerceptionStatus: ...


class _Music(Protocol):
    def status(self) -> LibraryStatus: ...


class _Hours(Protocol):
    def status(self) -> HoursStatus: ...


class _Night(Protocol):
    @property
    def night(self) -> NightMode: ...


class _Front(Protocol):
    def status(self) -> FrontStatus: ...


class StatusReport:
    """Makes the status whenever it is called. From any thread."""

    def __init__(
        self,
        playback: _Playback,
        room: _Room,
        perception: _Perception,
        music: _Music,
        hours: _Hours,
        front: _Front,
        forecast: Callable[[], tuple[TrackStatus, ...]] = tuple,
        night: _Night | None = None,
        numbered: Callable[[PlaybackStatus], PlaybackStatus] = lambda playback: playback,
    ) -> None:
        """`forecast`: the next tracks as they would be chosen now. `numbered`: with what was learnt since."""
        self._playback, self._room, self._perception = playback, room, perception
        self._music, self._hours, self._front, self._forecast = music, hours, front, forecast
        self._night, self._numbered = night, numbered
        self._problems: tuple[str, ...] = ()
        self._changing = threading.Lock()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with this machine, a sentence each."""
        return self._problems

    def add_problem(self, problem: str) -> None:
        """Something is wrong with this machine from now on."""
        with self._changing:
            self._problems = (*self._problems, problem)

    def remove_problem(self, problem: str) -> None:
        """It is so no longer; nothing if it was not."""
        with self._changing:
            self._problems = tuple(each for each in self._problems if each != problem)

    def __call__(self) -> PlayerStatus:
        """How everything is at this moment."""
        playback = self._numbered(self._playback.status())
        hours, front = self._hours.status(), self._front.status()
        if playback.state is PlayerState.STOPPED and not hours.open:
            playback = replace(playback, state=PlayerState.CLOSED)
        return PlayerStatus(
            playback=replace(
                playback,
                coming=self._coming(playback),
                night_mode=self._night.night if self._night else NightMode.AUTO,
            ),
            room=self._room.status(),
            perception=self._perception.status(),
            library=self._music.status(),
            hours=hours,
            front=front,
            problems=(
                *self._problems,
                *filter(None, (front.problem, front.mqtt.problem, front.snapcast.problem)),
            ),
            version=__version__,
        )

    def _coming(self, playback: PlaybackStatus) -> tuple[TrackStatus, ...]:
        """What has been chosen comes first, whatever was foreseen a moment ago."""
        if playback.state in (PlayerState.STOPPED, PlayerState.CLOSED):
            return ()
        foreseen, chosen = self._forecast(), playback.next
        if chosen is None:
            return foreseen
        return (chosen, *(track for track in foreseen if track.path != chosen.path))[: max(1, len(foreseen))]
