"""The music: what plays, how loud, and what somebody says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from player.counting import counted
from player.emotions import describe_music
from player.errors import ControlError
from player.interfaces.messages.base import Done, Handler, Request
from player.interfaces.messages.playing import (
    AnnounceRequest,
    LikeRequest,
    NextRequest,
    NightRequest,
    PauseRequest,
    PlayListRequest,
    ResumeRequest,
    SeekRequest,
    VolumeRequest,
    WrongRequest,
)
from player.library.database.feedback import Outcome
from player.log import EventLog, LogEvent
from player.mood.wishes import ReadWish
from player.selection.play_history import Judged
from player.status import PlaybackStatus, PlayerState
from player.types import Mood, NightMode, Track

log = EventLog(__name__, LogEvent.COMMAND)

LATER = "once the music goes on"
"""When a pause lets that be heard which was asked for during it."""


class Playback(Protocol):
    """What these need of the playback service; playback/service.py says what each does."""

    def skip(self) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def seek(self, position_s: float) -> None: ...  # noqa: D102
    def set_volume(self, percent: int) -> None: ...  # noqa: D102
    def status(self) -> PlaybackStatus: ...  # noqa: D102


class FeedbackRecorder(Protocol):
    """What these need of the selection; selection/selector.py says what it does."""

    def record_feedback(self, kind: Outcome) -> Track: ...  # noqa: D102
    def judge(self, kind: Outcome, play_id: int) -> Judged: ...  # noqa: D102

    def judge_track(self, kind: Outcome, track_id: int) -> Judged: ...  # noqa: D102
    def request(self, track_ids: Sequence[int]) -> int: ...  # noqa: D102


class Override(Protocol):
    """What these need of the venue schedule; schedule/venue_schedule.py says what it does."""

    def override_closed(self) -> bool: ...  # noqa: D102


class PlayingCommands:
    """Each returns at once, but for an announcement: the work is posted to its thread.

    announce      takes a file, and says whether it is heard by now; raises ControlError if it cannot be
    read_wish     the mood of a name or a sentence; raises WishError and ControlError
    correct_mood  says what mood a track of the library has
    conclude      what plays is in the wrong mood; room/mood_state.py says what that says of the room
    """

    def __init__(
        self,
        playback: Playback,
        selection: FeedbackRecorder,
        set_night: Callable[[NightMode], None],
        hours: Override,
        announce: Callable[[str], bool],
        read_wish: Callable[[str], ReadWish],
        correct_mood: Callable[[int, Mood], object],
        conclude: Callable[[], None] = lambda: None,
    ) -> None:
        self._playback, self._selection, self._set_night = playback, selection, set_night
        self._hours, self._announce = hours, announce
        self._read_wish, self._correct_mood = read_wish, correct_mood
        self._conclude = conclude

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            NextRequest: self._next,
            PlayListRequest: self._play_list,
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
        return self._wake() or self._go_over("next track")

    def _play_list(self, request: PlayListRequest) -> Done:
        may, asked = self._selection.request(request.tracks), len(request.tracks)
        said = f"playing {counted(may, 'track')}"
        if may < asked:
            said += f"; {asked - may} may not play now"
        return self._wake() or self._go_over(said)

    def _resume(self, _: ResumeRequest) -> Done:
        return self._wake() or _done(self._playback.resume, "playing on")

    def _like(self, request: LikeRequest) -> Done:
        judged = self._judged(Outcome.LIKED, request)
        return _done(lambda: None, f"liked: {judged.title}")

    def _wrong(self, request: WrongRequest) -> Done:
        mood = None if request.mood is None else self._read_wish(request.mood).mood
        judged = self._judged(Outcome.WRONG_MOOD, request)
        message = f"wrong mood: {judged.title}"
        if mood is not None:
            self._correct_mood(judged.track_id, mood)
            message += f", which is {describe_music(mood)}"
        elif judged.playing:  # with a mood it is the track that was misread, and not the room
            self._conclude()
        if not judged.playing:
            return _done(lambda: None, message)
        follows = f"another track plays {LATER}" if self._paused() else "playing another track"
        return _done(self._playback.skip, f"{message}; {follows}")

    def _judged(self, kind: Outcome, request: LikeRequest | WrongRequest) -> Judged:
        if request.play is not None:
            return self._selection.judge(kind, request.play)
        if request.track is not None:
            return self._selection.judge_track(kind, request.track)
        track = self._selection.record_feedback(kind)
        return Judged(track.title, playing=True, track_id=track.id)

    def _volume(self, request: VolumeRequest) -> Done:
        return _done(lambda: self._playback.set_volume(request.percent), f"volume {request.percent}")

    def _seek(self, request: SeekRequest) -> Done:
        track = self._playback.status().track
        if track is None or not track.is_file:
            raise ControlError(
                "nothing plays that has other places, as a station has none: try again with a track."
            )
        position_s = request.position_s
        place = f"{int(position_s) // 60}:{int(position_s) % 60:02d}"
        when = f", {LATER}" if self._paused() else ""
        return _done(lambda: self._playback.seek(position_s), f"to {place}{when}")

    def _night(self, request: NightRequest) -> Done:
        return _done(lambda: self._set_night(request.mode), f"night mode {request.mode}")

    def _announcement(self, request: AnnounceRequest) -> Done:
        heard = self._announce(str(request.file))
        message = f"announcing {request.file}" if heard else f"{request.file} waits for its turn"
        return _done(lambda: None, message)

    def _paused(self) -> bool:
        return self._playback.status().state == PlayerState.PAUSED

    def _go_over(self, said: str) -> Done:
        """To what somebody wants to hear now: a pause ends with that."""
        self._playback.skip()
        return _done(self._playback.resume, said)

    def _wake(self) -> Done | None:
        """Music in spite of the hours, if it is them that keep it silent."""
        if not self._hours.override_closed():
            return None
        return Done("it is closed, but the music plays until the next closing")


def _done(post: Callable[[], None], message: str) -> Done:
    post()
    log.info("%s", message)
    return Done(message)
