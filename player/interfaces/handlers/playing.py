"""The music: what plays, how loud, and what somebody says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from player.interfaces.messages.base import Done, Handler, Request
from player.interfaces.messages.playing import (
    AnnounceRequest,
    LikeRequest,
    NextRequest,
    NightRequest,
    PauseRequest,
    ResumeRequest,
    SeekRequest,
    VolumeRequest,
    WrongRequest,
)
from player.library.database.feedback import Kind
from player.log import EventLog, LogEvent
from player.types import Track

log = EventLog(__name__, LogEvent.COMMAND)


class Playback(Protocol):
    """What these need of the playback service; playback/service.py says what each does."""

    def skip(self) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def seek(self, position_s: float) -> None: ...  # noqa: D102
    def set_volume(self, percent: int) -> None: ...  # noqa: D102


class Feedback(Protocol):
    """What these need of the selection; selection/selector.py says what it does."""

    def record_feedback(self, kind: Kind) -> Track: ...  # noqa: D102


class Override(Protocol):
    """What these need of the venue schedule; schedule/venue_schedule.py says what it does."""

    def override_closed(self) -> bool: ...  # noqa: D102


class PlayingCommands:
    """Each returns at once, but for an announcement: the work is posted to its thread.

    set_night  takes on, off or auto
    announce   takes a file, and says whether it is heard by now; raises ControlError if it cannot be
    """

    def __init__(
        self,
        playback: Playback,
        selection: Feedback,
        set_night: Callable[[str], None],
        hours: Override,
        announce: Callable[[str], bool],
    ) -> None:
        self._playback, self._selection, self._set_night = playback, selection, set_night
        self._hours, self._announce = hours, announce

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            NextRequest: self._next,
            PauseRequest: lambda _: _done(self._playback.pause, "paused"),
            ResumeRequest: self._resume,
            LikeRequest: self._like,
            WrongRequest: self._wrong,
            VolumeRequest: self._volume,
            SeekRequest: self._seek,
            NightRequest: self._night,
            AnnounceRequest: self._announcement,
        }

    def _next(self, _: NextRequest) -> Done:
        return self._wake() or _done(self._playback.skip, "next track")

    def _resume(self, _: ResumeRequest) -> Done:
        return self._wake() or _done(self._playback.resume, "playing on")

    def _like(self, _: LikeRequest) -> Done:
        track = self._selection.record_feedback(Kind.LIKED)
        return _done(lambda: None, f"liked: {track.title}")

    def _wrong(self, _: WrongRequest) -> Done:
        track = self._selection.record_feedback(Kind.WRONG_MOOD)
        return _done(self._playback.skip, f"wrong mood: {track.title}; playing another track")

    def _volume(self, request: VolumeRequest) -> Done:
        return _done(lambda: self._playback.set_volume(request.percent), f"volume {request.percent}")

    def _seek(self, request: SeekRequest) -> Done:
        position_s = request.position_s
        place = f"{int(position_s) // 60}:{int(position_s) % 60:02d}"
        return _done(lambda: self._playback.seek(position_s), f"to {place}")

    def _night(self, request: NightRequest) -> Done:
        return _done(lambda: self._set_night(request.mode), f"night mode {request.mode}")

    def _announcement(self, request: AnnounceRequest) -> Done:
        heard = self._announce(str(request.file))
        message = f"announcing {request.file}" if heard else f"{request.file} waits for its turn"
        return _done(lambda: None, message)

    def _wake(self) -> Done | None:
        """Music in spite of the hours, if it is them that keep it silent."""
        if not self._hours.override_closed():
            return None
        return Done("it is closed, but the music plays until the next closing")


def _done(post: Callable[[], None], message: str) -> Done:
    post()
    log.info("%s", message)
    return Done(message)
