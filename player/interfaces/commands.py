"""Carries out the commands of command_table.py, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import singledispatchmethod
from typing import Protocol

from player.emotions import describe_music
from player.errors import ControlError
from player.events import CommandDone, Publish
from player.interfaces.command_table import BY_REQUEST
from player.interfaces.messages import (
    AnnounceRequest,
    Answer,
    CameraRequest,
    Done,
    LikeRequest,
    NextRequest,
    NightRequest,
    OnOff,
    PauseRequest,
    PinAnswer,
    PinRequest,
    ReloadAnswer,
    ReloadRequest,
    Request,
    ResumeRequest,
    SeekRequest,
    StatusAnswer,
    StatusRequest,
    UnpinRequest,
    VolumeRequest,
    WrongRequest,
)
from player.library.database.feedback import Kind
from player.log import EventLog, LogEvent, event
from player.room.mood_state import MoodState
from player.status import (
    HoursStatus,
    LibraryStatus,
    PerceptionStatus,
    PlaybackStatus,
    PlayerState,
    PlayerStatus,
)
from player.types import Mood, Track

log = EventLog(__name__, LogEvent.COMMAND)


class PlaybackCommands(Protocol):
    """What commands need of the playback service; playback/service.py says what each does."""

    def skip(self) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def shift(self, reason: str) -> None: ...  # noqa: D102
    def seek(self, position_s: float) -> None: ...  # noqa: D102
    def set_volume(self, percent: int) -> None: ...  # noqa: D102
    def status(self) -> PlaybackStatus: ...  # noqa: D102


class PerceptionCommands(Protocol):
    """What commands need of perception; room/perception.py says what each does."""

    def enable(self, on: bool) -> None: ...  # noqa: D102
    def read_mood(self, text: str) -> Mood: ...  # noqa: D102
    def status(self) -> PerceptionStatus: ...  # noqa: D102


class HasStatus(Protocol):
    """Anything that has a status."""

    def status(self) -> LibraryStatus: ...  # noqa: D102


class FeedbackCommands(Protocol):
    """What commands need of the selection; selection/selector.py says what it does."""

    def record_feedback(self, kind: Kind) -> Track: ...  # noqa: D102


class HoursCommands(Protocol):
    """What commands need of the venue schedule; schedule/venue_schedule.py says what each does."""

    def override_closed(self) -> bool: ...  # noqa: D102
    def status(self) -> HoursStatus: ...  # noqa: D102


class CommandHandler:
    """Carries out commands. Each returns at once (the work is posted to its thread) but for `pin`, which may
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
        self._reload: Callable[[], Sequence[str]] | None = None

    def reload_with(self, reload: Callable[[], Sequence[str]]) -> None:
        """From now on `reload` reads the config again with this, which returns the sections that changed."""
        self._reload = reload

    def execute(self, request: Request) -> Answer:
        """Carry out a command. Raises ControlError if it cannot be done now."""
        answer = self._carry_out(request)
        spec = BY_REQUEST[type(request)]
        if spec.changes:
            self._publish(CommandDone(spec.name))
        return answer

    def status(self) -> PlayerStatus:
        """All that the player knows about itself, for people and programs."""
        playback, hours = self._playback.status(), self._hours.status()
        if playback.state is PlayerState.STOPPED and not hours.open:
            playback = replace(playback, state=PlayerState.CLOSED)
        return PlayerStatus(
            playback=playback,
            room=self._room.status(),
            perception=self.perception.status(),
            library=self.music.status(),
            hours=hours,
            problems=tuple(self.problems),
        )

    @singledispatchmethod
    def _carry_out(self, request: Request) -> Answer:
        """By the type of the request: one method for each, below."""
        raise NotImplementedError(type(request).__name__)

    @_carry_out.register
    def _status(self, _: StatusRequest) -> StatusAnswer:
        return StatusAnswer(self.status())

    @_carry_out.register
    def _next(self, _: NextRequest) -> Done:
        return self._wake() or self._done(self._playback.skip, "next track")

    @_carry_out.register
    def _pause(self, _: PauseRequest) -> Done:
        return self._done(self._playback.pause, "paused")

    @_carry_out.register
    def _resume(self, _: ResumeRequest) -> Done:
        return self._wake() or self._done(self._playback.resume, "playing on")

    @_carry_out.register
    def _like(self, _: LikeRequest) -> Done:
        track = self._selection.record_feedback(Kind.LIKED)
        return self._done(lambda: None, f"liked: {track.title}")

    @_carry_out.register
    def _wrong(self, _: WrongRequest) -> Done:
        track = self._selection.record_feedback(Kind.WRONG_MOOD)
        return self._done(self._playback.skip, f"wrong mood: {track.title}; playing another track")

    @_carry_out.register
    def _pin(self, request: PinRequest) -> PinAnswer:
        text = request.mood
        target = self._room.pin(self.perception.read_mood(text), text)
        self._playback.shift(target.reason)
        message = f"pinned to {text}: {describe_music(target.point)} music until unpin"
        log.info("%s", message, extra=event(LogEvent.PIN, text=text))
        return PinAnswer(message, target.name)

    @_carry_out.register
    def _unpin(self, _: UnpinRequest) -> Done:
        if not self._room.unpin():
            return Done("nothing was pinned")
        message = "the music follows the room again"
        self._playback.shift(message)
        log.info("%s", message, extra=event(LogEvent.PIN))
        return Done(message)

    @_carry_out.register
    def _volume(self, request: VolumeRequest) -> Done:
        return self._done(lambda: self._playback.set_volume(request.percent), f"volume {request.percent}")

    @_carry_out.register
    def _night(self, request: NightRequest) -> Done:
        return self._done(lambda: self._set_night(request.mode), f"night mode {request.mode}")

    @_carry_out.register
    def _seek(self, request: SeekRequest) -> Done:
        position_s = request.position_s
        place = f"{int(position_s) // 60}:{int(position_s) % 60:02d}"
        return self._done(lambda: self._playback.seek(position_s), f"to {place}")

    @_carry_out.register
    def _announcement(self, request: AnnounceRequest) -> Done:
        name = str(request.file)
        return self._done(lambda: self._announce(name), f"announcing {name}")

    @_carry_out.register
    def _camera(self, request: CameraRequest) -> Done:
        on = request.state is OnOff.ON
        return self._done(lambda: self.perception.enable(on), f"camera {request.state}")

    @_carry_out.register
    def _read_config_again(self, _: ReloadRequest) -> ReloadAnswer:
        if self._reload is None:
            raise ControlError("the player is still starting; try again in a moment.")
        changed = tuple(self._reload())
        said = f"changed: {', '.join(changed)}" if changed else "nothing has changed"
        return ReloadAnswer(f"config.yaml was read again; {said}", changed)

    def _wake(self) -> Done | None:
        """Music in spite of the hours, if it is them that keep it silent."""
        if not self._hours.override_closed():
            return None
        return Done("it is closed, but the music plays until the next closing")

    def _done(self, post: Callable[[], None], message: str) -> Done:
        post()
        log.info("%s", message)
        return Done(message)
