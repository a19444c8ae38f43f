"""Commands to the running player, and its status: one place, whoever asks (socket, schedule, signals)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

from player.emotions import describe_music
from player.errors import ControlError
from player.events import CommandDone, Publish
from player.library.database.feedback import Kind
from player.log import EventLog, LogEvent, event
from player.room.mood_state import MoodState
from player.types import Json, Mood, Track

log = EventLog(__name__, LogEvent.COMMAND)

Command = Callable[[Any], Json]


class PlaybackCommands(Protocol):
    """What commands need of the playback service; playback/service.py says what each does."""

    def skip(self) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def shift(self, reason: str) -> None: ...  # noqa: D102
    def seek(self, position_s: float) -> None: ...  # noqa: D102
    def set_volume(self, percent: int) -> None: ...  # noqa: D102
    def status(self) -> Json: ...  # noqa: D102


class PerceptionCommands(Protocol):
    """What commands need of perception; room/perception.py says what each does."""

    def enable(self, on: bool) -> None: ...  # noqa: D102
    def read_mood(self, text: str) -> Mood: ...  # noqa: D102
    def status(self) -> Json: ...  # noqa: D102


class HasStatus(Protocol):
    """Anything that has a status."""

    def status(self) -> Json: ...  # noqa: D102


class FeedbackCommands(Protocol):
    """What commands need of the selection; selection/selector.py says what it does."""

    def record_feedback(self, kind: Kind) -> Track: ...  # noqa: D102


class HoursCommands(Protocol):
    """What commands need of the venue schedule; schedule/venue_schedule.py says what each does."""

    def override_closed(self) -> bool: ...  # noqa: D102
    def status(self) -> Json: ...  # noqa: D102


class CommandHandler:
    """Executes commands. Each returns at once (the work is posted to its thread) but for `pin`, which may
    wait until the mood model has loaded.
    """

    def __init__(
        self,
        room: MoodState,
        playback: PlaybackCommands,
        perception: PerceptionCommands,
        music: HasStatus,
        selection: FeedbackCommands,
        set_night: Callable[[str], None],
        hours: HoursCommands,
        announce: Callable[[str], None],
        publish: Publish = lambda _: None,
    ) -> None:
        """`set_night` takes on, off or auto, `announce` a file; they raise ControlError for anything else.

        `publish` is told of each command that may have changed what a restart must find again.
        """
        self._room, self._playback, self._selection, self._publish = room, playback, selection, publish
        self._set_night = set_night
        self._hours, self._announce = hours, announce
        self.perception, self.music = perception, music
        """Others take their place when the config is reloaded."""
        self.problems: list[str] = []
        """What is wrong with this machine since the start, a sentence each."""
        self.commands: dict[str, Command] = {
            "status": lambda _: self.status(),
            "next": lambda _: self._wake() or self._do(playback.skip, "next track"),
            "pause": lambda _: self._do(playback.pause, "paused"),
            "resume": lambda _: self._wake() or self._do(playback.resume, "playing on"),
            "like": self._like,
            "wrong": self._wrong,
            "pin": self._pin,
            "unpin": self._unpin,
            "volume": self._volume,
            "night": self._night,
            "seek": self._seek,
            "camera": self._camera,
            "announce": self._announcement,
        }

    def execute(self, name: str, value: Any = None) -> Json:
        """Run a command; the answer always says in `message` what was done.

        Raises ControlError for an unknown command or a value that does not fit.
        """
        command = self.commands.get(name)
        if command is None:
            raise ControlError(f"there is no command {name!r}; there are {', '.join(self.commands)}.")
        answer = command(value)
        if name != "status":
            self._publish(CommandDone(name))
        return answer

    def status(self) -> Json:
        """All that the player knows about itself, for people and programs."""
        playback, hours = self._playback.status(), self._hours.status()
        if playback["state"] == "stopped" and not hours["open"]:
            playback = playback | {"state": "closed"}
        return {
            "playback": playback,
            "room": self._room.status(),
            "eyes": self.perception.status(),
            "library": self.music.status(),
            "hours": hours,
            "problems": list(self.problems),
        }

    def _wake(self) -> Json | None:
        """Music in spite of the hours, where it is them that keep it silent."""
        if not self._hours.override_closed():
            return None
        return {"message": "it is closed, but the music plays until the next closing"}

    def _do(self, post: Callable[[], None], message: str) -> Json:
        post()
        log.info("%s", message, extra=event(LogEvent.COMMAND))
        return {"message": message}

    def _like(self, _: Any) -> Json:
        track = self._selection.record_feedback(Kind.LIKED)
        return self._do(lambda: None, f"liked: {track.title}")

    def _wrong(self, _: Any) -> Json:
        track = self._selection.record_feedback(Kind.WRONG_MOOD)
        return self._do(self._playback.skip, f"wrong mood: {track.title}; playing another track")

    def _pin(self, value: Any) -> Json:
        text = str(value or "").strip()
        if not text:
            raise ControlError("pin needs a mood's name or a sentence.")
        target = self._room.pin(self.perception.read_mood(text), text)
        self._playback.shift(target.reason)
        message = f"pinned to {text}: {describe_music(target.point)} music until unpin"
        log.info("%s", message, extra=event(LogEvent.PIN, text=text))
        return {"message": message, "target": target.name}

    def _unpin(self, _: Any) -> Json:
        if not self._room.unpin():
            return {"message": "nothing was pinned"}
        message = "the music follows the room again"
        self._playback.shift(message)
        log.info("%s", message, extra=event(LogEvent.PIN))
        return {"message": message}

    def _volume(self, value: Any) -> Json:
        try:
            percent = int(value)
        except (TypeError, ValueError):
            percent = -1
        if not 0 <= percent <= 100:
            raise ControlError(f"volume takes a whole number from 0 to 100, not {value!r}.")
        return self._do(lambda: self._playback.set_volume(percent), f"volume {percent}")

    def _night(self, value: Any) -> Json:
        return self._do(lambda: self._set_night(str(value)), f"night mode {value}")

    def _seek(self, value: Any) -> Json:
        try:
            position_s = float(value)
        except (TypeError, ValueError):
            position_s = math.nan
        if not 0 <= position_s < math.inf:
            raise ControlError(f"seek takes a place in the track in seconds, not {value!r}.")
        place = f"{int(position_s) // 60}:{int(position_s) % 60:02d}"
        return self._do(lambda: self._playback.seek(position_s), f"to {place}")

    def _announcement(self, value: Any) -> Json:
        name = str(value or "")
        return self._do(lambda: self._announce(name), f"announcing {name}")

    def _camera(self, value: Any) -> Json:
        if value not in ("on", "off"):
            raise ControlError(f"camera takes on or off, not {value!r}.")
        return self._do(lambda: self.perception.enable(value == "on"), f"camera {value}")
