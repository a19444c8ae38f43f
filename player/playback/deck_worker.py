"""What a deck does with its player: loads, fades, holds and follows one track. deck_child.py runs it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, assert_never

from player.errors import OutputError
from player.playback.fades import Envelope
from player.playback.failure_reasons import NO_MUSIC
from player.playback.file_check import file_trouble
from player.playback.playhead import Playhead
from player.playback.vlc import VlcEvent, VlcEventKind, is_stream
from player.system.child_side import Command, Report

STEP_S = 0.01
"""Between two steps of a fade: at 6 s a step changes the level by less than libVLC's own grain."""
REST_S = 0.05
REPORT_S = 0.25
RUNNING_S = 0.02
"""A track runs once its position has moved this far and sound has gone to the output."""
HELD_S = 0.7
"""A file that is not prepared by then (a slow disk, no sound in it) is let run in silence, as a stream is."""
HOLD_S = 0.25
OUTPUT_ERRORS = 8
"""So many errors of the output within a second mean that it is gone; it says a few while it starts."""


class MediaPlayer(Protocol):
    """What the deck needs of libVLC; VlcDeck says what each member does."""

    @property
    def position_s(self) -> float: ...  # noqa: D102
    @property
    def duration_s(self) -> float: ...  # noqa: D102
    @property
    def blocks_played(self) -> int: ...  # noqa: D102
    @property
    def wrong_sink(self) -> str: ...  # noqa: D102
    def load(  # noqa: D102
        self, path: str, start_s: float, bass_db: float, ahead_ms: int, no_vlc: bool = False
    ) -> None: ...
    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def set_gain(self, gain: float) -> bool: ...  # noqa: D102
    def events(self) -> list[VlcEvent]: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


class DeckState(StrEnum):
    """What a deck does with its track."""

    IDLE = "idle"
    SETTLING = "settling"
    """For the output."""
    OPENING = "opening"
    PREPARED = "prepared"
    WAITING = "waiting"
    """For its moment."""
    HELD = "held"
    """Paused before its moment."""
    STARTING = "starting"
    PLAYING = "playing"
    PAUSING = "pausing"
    PAUSED = "paused"


class DeckWorker:
    """The deck's state: at most one track, and the four gains that make its level.

    settle_s  asked before each track: in how many seconds the output is ready for it
    """

    def __init__(
        self, player: MediaPlayer, say: Callable[[Report], None], settle_s: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._player = player
        self._say = say
        self._settle_s = settle_s
        self._load = 0
        self._state = DeckState.IDLE
        self._stream = False
        self._gain, self._limit = 1.0, 2.0
        self._fade, self._volume, self._hold = Envelope(0.0), Envelope(0.0), Envelope(1.0)
        self._fading = False
        self._gliding = False
        self._begin_at = self._loaded_at = self._settled_at = 0.0
        self._from_s = 0.0
        self._head = Playhead()
        self._next_report_at = 0.0
        self._errors: deque[tuple[float, str]] = deque(maxlen=OUTPUT_ERRORS)

    def patience_s(self, now: float) -> float:
        """How long the deck may wait for a command before its next `tick`."""
        if self._state == DeckState.WAITING:
            return min(STEP_S, max(0.0, self._begin_at - now))
        if self._state == DeckState.SETTLING:
            return min(REST_S, max(0.0, self._settled_at - now))
        return STEP_S if self._gliding else REST_S if self._state != DeckState.IDLE else REPORT_S

    def obey(self, command: Command, now: float) -> None:
        """Do one command; a command that makes no sense in the present state is let pass."""
        match command["do"]:
            case "load":
                self._take(command, now)
            case "begin" if self._state == DeckState.PREPARED:
                self._begin_at, self._state = command["at"], DeckState.WAITING
            case "fade" if self._state != DeckState.IDLE:
                self._fade.ramp(command["to"], command["start_at"], command["duration_ms"] / 1000)
                self._fading = True
            case "volume":
                self._volume.ramp(command["gain"], now, command["duration_ms"] / 1000, "linear")
            case "pause":
                self._pause(now)
            case "resume":
                self._resume(now)
            case "stop":
                self._rest()
        self.tick(now)

    def tick(self, now: float) -> None:
        """Move the fades on, hear what libVLC says, report."""
        if self._state == DeckState.SETTLING and now >= self._settled_at:
            self._open(now)
        if self._state != DeckState.IDLE:
            self._listen(now)
        if self._state != DeckState.IDLE:
            gains = (self._fade, self._volume, self._hold)
            gain = self._gain * math.prod(gain.gain(now) for gain in gains)
            self._player.set_gain(min(gain, self._limit))
            self._gliding = not all(gain.settled(now) for gain in gains)
            if self._state == DeckState.WAITING and now >= self._begin_at:
                self._release(now)
            if self._fading and self._fade.settled(now):
                self._fading = False
                self._report("faded")
            if self._state == DeckState.PAUSING and self._hold.settled(now):
                self._player.pause()
                self._head.hold(now)
                self._state = DeckState.PAUSED
            self._follow(now)
        if now >= self._next_report_at:
            self._next_report_at = now + REPORT_S
            if self._state == DeckState.PLAYING:
                self._report("position", **self._whereabouts(now))
            else:
                self._say({"say": "alive"})

    def _take(self, command: Command, now: float) -> None:
        self._rest()
        self._load, self._gain, self._limit = command["load"], command["gain"], command["limit"]
        self._fade, self._hold = Envelope(0.0), Envelope(1.0)
        self._path, self._stream = command["path"], is_stream(command["path"])
        self._from_s = 0.0 if self._stream else command["start_s"]
        self._head = Playhead(self._from_s)
        trouble = "" if self._stream else file_trouble(command["path"])
        if trouble and trouble != NO_MUSIC:
            self._report("failed", reason=trouble)
            return
        # Behind text (what a server said, a page) there may be music: who decodes it here follows no address.
        self._how = (self._from_s, command["bass_db"], command["ahead_ms"], trouble == NO_MUSIC)
        self._settled_at = now + self._settle_s()
        self._state = DeckState.SETTLING

    def _open(self, now: float) -> None:
        try:
            self._player.load(self._path, *self._how)
        except OutputError as error:
            self._no_output(str(error))
            return
        self._state, self._loaded_at = DeckState.OPENING, now

    def _pause(self, now: float) -> None:
        if self._state == DeckState.WAITING:
            self._state = DeckState.HELD
        elif self._state in {DeckState.STARTING, DeckState.PLAYING}:
            self._hold.ramp(0.0, now, HOLD_S)
            self._state = DeckState.PAUSING

    def _resume(self, now: float) -> None:
        if self._state == DeckState.HELD:
            self._begin_at, self._state = now, DeckState.WAITING
        elif self._state in {DeckState.PAUSING, DeckState.PAUSED}:
            self._release(now)
            self._hold.ramp(1.0, now, HOLD_S)

    def _release(self, now: float) -> None:
        """Let libVLC play."""
        self._player.resume()
        self._head.run(now)
        self._from_s = self._player.position_s
        self._state = DeckState.STARTING

    def _listen(self, now: float) -> None:
        try:
            events = self._player.events()
        except OutputError as error:
            self._no_output(str(error))
            return
        for event in events:
            match event.kind:
                case VlcEventKind.OUTPUT_ERROR:
                    self._errors.append((now, event.text))
                case VlcEventKind.PREPARED:
                    if self._state == DeckState.OPENING and not self._stream:
                        self._be_prepared()
                case VlcEventKind.ENDED | VlcEventKind.ERROR:
                    self._end(event, now)
                    return
                case _:
                    assert_never(event.kind)
        if len(self._errors) == OUTPUT_ERRORS and now - self._errors[0][0] < 1.0:
            self._no_output(f"no audio device: {self._errors[0][1]}")
        elif self._player.wrong_sink:
            self._no_output(self._player.wrong_sink)

    def _no_output(self, reason: str) -> None:
        self._rest()
        self._report("no_output", reason=reason)

    def _be_prepared(self) -> None:
        self._state = DeckState.PREPARED
        self._report("prepared", duration_s=self._player.duration_s)

    def _end(self, event: VlcEvent, now: float) -> None:
        heard = self._player.blocks_played > 0
        ended = event.kind is VlcEventKind.ENDED and heard
        if ended and self._state == DeckState.STARTING:  # it was so short that nobody had noticed it run
            self._report("playing", **self._whereabouts(now))
        self._rest()
        if ended:
            self._report("ended")
        else:
            trouble = "" if self._stream else file_trouble(self._path)
            self._report("failed", reason=trouble or "libVLC finds no sound in it that it can play")

    def _follow(self, now: float) -> None:
        """Keep the position, and notice when sound really goes out."""
        if self._state not in {DeckState.OPENING, DeckState.STARTING, DeckState.PLAYING}:
            return
        if self._state == DeckState.OPENING and not self._stream and now - self._loaded_at > HELD_S:
            self._stream = True
            self._player.resume()
        position_s = self._player.position_s
        self._head.hear(position_s, now)
        if self._state == DeckState.PLAYING or self._player.blocks_played == 0:
            return
        if abs(position_s - self._from_s) >= RUNNING_S:
            if self._state == DeckState.OPENING:
                self._be_prepared()
            else:
                self._state = DeckState.PLAYING
                self._report("playing", **self._whereabouts(now))

    def _whereabouts(self, now: float) -> Report:
        return {
            "at": now,
            "position_s": self._head.at(now),
            "duration_s": self._player.duration_s,
            "blocks": self._player.blocks_played,
        }

    def _rest(self) -> None:
        self._player.release()
        self._errors.clear()
        self._fading = False
        self._state = DeckState.IDLE

    def _report(self, say: str, **more: object) -> None:
        self._say({"say": say, "load": self._load, **more})
