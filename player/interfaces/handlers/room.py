"""The mood that the music is held at by hand, and what the venue's sensors say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Protocol

from player.clock import local_now
from player.emotions import describe_music
from player.errors import ControlError
from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Done, Handler, Request
from player.interfaces.messages.playing import PinAnswer, PinRequest, SensorRequest, UnpinRequest
from player.log import EventLog, LogEvent, event
from player.mood.wishes import ReadWish
from player.room.mood_state import MoodState
from player.room.pin import span

log = EventLog(__name__, LogEvent.PIN)


class WishReader(Protocol):
    """What these need of perception; room/perception.py says what it does."""

    def read_wish(self, text: str) -> ReadWish: ...  # noqa: D102


class Music(Protocol):
    """What these need of the playback service; playback/service.py says what it does."""

    def shift(self, reason: str) -> None: ...  # noqa: D102


class RoomCommands:
    """`pin` may wait until the mood model has loaded."""

    def __init__(
        self,
        room: MoodState,
        playback: Music,
        perception: WishReader,
        end_list: Callable[[], bool],
        next_closing: Callable[[], datetime | None],
        wall: Callable[[], datetime] = local_now,
    ) -> None:
        """What these need to know and do beside that.

        end_list      ends a list of tracks that was asked for; whether there was one
        next_closing  when the venue closes next; None if it never does
        """
        self._wall = wall
        self._room, self._playback, self._perception = room, playback, perception
        self._end_list, self._next_closing = end_list, next_closing

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {PinRequest: self._pin, UnpinRequest: self._unpin, SensorRequest: self._take}

    def _pin(self, request: PinRequest) -> PinAnswer:
        text = request.mood
        lasts_s = arguments.span_s(request.lasting) if request.lasting else None
        closes_at = self._closing() if request.lasting == arguments.UNTIL_CLOSING else None
        mood = self._perception.read_wish(text).mood
        target = self._room.pin(mood, text, lasts_s, closes_at)
        self._end_list()
        self._room.teaching.conclude(f"pin: {text}", mood, monotonic(), self._wall().timestamp())
        self._playback.shift(target.reason)
        how_long = "until unpin" if lasts_s is None else f"for {span(lasts_s)}"
        if closes_at is not None:
            how_long = f"until closing ({closes_at:%a %H:%M})"
        message = f"pinned to {text}: {describe_music(target.point)} music {how_long}"
        log.info("%s", message, extra=event(LogEvent.PIN, text=text))
        return PinAnswer(message, target.name, self._room.status().pinned_until)

    def _take(self, request: SensorRequest) -> Done:
        return Done(self._room.take_sensor(request.name, request.says))

    def _closing(self) -> datetime:
        if (closes_at := self._next_closing()) is None:
            raise ControlError(
                "the venue has no closing time: set hours in config.yaml, or pin for a time such as 1h."
            )
        return closes_at

    def _unpin(self, _: UnpinRequest) -> Done:
        unpinned, ended = self._room.unpin(), self._end_list()
        if not (unpinned or ended):
            return Done("nothing was pinned")
        message = "the music follows the room again"
        self._playback.shift(message)
        log.info("%s", message, extra=event(LogEvent.PIN))
        return Done(message)
