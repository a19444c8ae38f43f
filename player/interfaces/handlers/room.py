"""The mood that the music is held at by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from player.emotions import describe_music
from player.interfaces.messages.base import Done, Handler, Request
from player.interfaces.messages.playing import PinAnswer, PinRequest, UnpinRequest
from player.log import EventLog, LogEvent, event
from player.room.mood_state import MoodState
from player.types import Mood

log = EventLog(__name__, LogEvent.PIN)


class MoodReader(Protocol):
    """What these need of perception; room/perception.py says what it does."""

    def read_mood(self, text: str) -> Mood: ...  # noqa: D102


class Music(Protocol):
    """What these need of the playback service; playback/service.py says what it does."""

    def shift(self, reason: str) -> None: ...  # noqa: D102


class RoomCommands:
    """`pin` may wait until the mood model has loaded."""

    def __init__(self, room: MoodState, playback: Music, perception: MoodReader) -> None:
        self._room, self._playback, self._perception = room, playback, perception

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {PinRequest: self._pin, UnpinRequest: self._unpin}

    def _pin(self, request: PinRequest) -> PinAnswer:
        text = request.mood
        target = self._room.pin(self._perception.read_mood(text), text)
        self._playback.shift(target.reason)
        message = f"pinned to {text}: {describe_music(target.point)} music until unpin"
        log.info("%s", message, extra=event(LogEvent.PIN, text=text))
        return PinAnswer(message, target.name)

    def _unpin(self, _: UnpinRequest) -> Done:
        if not self._room.unpin():
            return Done("nothing was pinned")
        message = "the music follows the room again"
        self._playback.shift(message)
        log.info("%s", message, extra=event(LogEvent.PIN))
        return Done(message)
