"""Who says an announcement: a deck that plays a file, or a command of the owner's."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from player.playback.deck import Cue, Deck, Died, Ended, Failed, NoOutput, Playing, Position, Prepared
from player.system import child_process

OPEN_S = 12.0
"""A deck needs a second to start up and to open a file; one that takes this long will not."""
STALL_S = 5.0
FADE_MS = 30
"""A file that begins in the middle of a sound would click."""
FOLLOW_MS = 500


class AnnouncementState(StrEnum):
    """How far an announcement has come."""

    OPENING = "opening"
    READY = "ready"
    """It waits for `begin`."""
    SPEAKING = "speaking"
    OVER = "over"
    """`problem` says why, if it is not simply its end."""


class AnnouncementPlayer(Protocol):
    """One announcement, from its opening to its end. No method waits."""

    problem: str

    def step(self, now: float) -> AnnouncementState:
        """Move on."""
        ...

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long."""
        ...

    def begin(self, at: float) -> None:
        """Be heard from the moment `at` on."""
        ...

    def close(self) -> None:
        """End at once."""
        ...


class FilePlayer:
    """A file on a deck of its own, which is closed with it.

    gain  the one that the music has outside of announcements, which is followed
    """

    def __init__(self, deck: Deck, cue: Cue, gain: Callable[[], float], now: float) -> None:
        self.problem = ""
        self._deck, self._cue, self._house_gain = deck, cue, gain
        self._gain = -1.0
        self._loaded = False
        self._state = AnnouncementState.OPENING
        self._patient_until = now + OPEN_S
        self._position_s = -1.0

    def step(self, now: float) -> AnnouncementState:
        """See AnnouncementPlayer."""
        for event in self._deck.poll(now):
            match event:
                case Prepared():
                    self._state, self._patient_until = AnnouncementState.READY, now + OPEN_S
                case Playing() | Position() if event.position_s != self._position_s:
                    self._position_s, self._patient_until = event.position_s, now + STALL_S
                case Ended():
                    self._state = AnnouncementState.OVER
                case Failed(reason) | NoOutput(reason) | Died(reason):
                    self._state, self.problem = AnnouncementState.OVER, reason
        if self._state is not AnnouncementState.OVER and now > self._patient_until:
            self._state, self.problem = AnnouncementState.OVER, "it stands still"
        if self._deck.ready:
            self._follow_volume()
            if not self._loaded:
                self._loaded = True
                self._deck.load(self._cue)
        return self._state

    def slept(self, seconds: float) -> None:
        """See AnnouncementPlayer."""
        self._patient_until += seconds

    def begin(self, at: float) -> None:
        """See AnnouncementPlayer."""
        self._state, self._patient_until = AnnouncementState.SPEAKING, at + STALL_S
        self._deck.begin(at)
        self._deck.fade(1.0, at, FADE_MS)

    def close(self) -> None:
        """See AnnouncementPlayer."""
        self._deck.close()

    def _follow_volume(self) -> None:
        if (gain := self._house_gain()) != self._gain:
            self._deck.set_volume(gain, 0 if self._gain < 0 else FOLLOW_MS)
            self._gain = gain


class CommandPlayer:
    """A command line for the shell; what it writes goes nowhere."""

    def __init__(self, command: str) -> None:
        self.problem = ""
        self._command = command
        self._at: float | None = None
        self._process: child_process.Process | None = None

    def step(self, now: float) -> AnnouncementState:
        """See AnnouncementPlayer."""
        if self._at is None:
            return AnnouncementState.READY
        if self._process is None:
            if now < self._at:
                return AnnouncementState.SPEAKING
            try:
                self._process = child_process.start_shell(self._command)
            except OSError as error:
                self.problem = str(error)
                return AnnouncementState.OVER
        code = self._process.poll()
        if code is None:
            return AnnouncementState.SPEAKING
        if code:
            self.problem = f"the command ended with {code}"
        return AnnouncementState.OVER

    def slept(self, seconds: float) -> None:
        """See AnnouncementPlayer; the announcer alone has a limit for a command."""

    def begin(self, at: float) -> None:
        """See AnnouncementPlayer."""
        self._at = at

    def close(self) -> None:
        """See AnnouncementPlayer; what the command has started goes with it."""
        if self._process is None or self._process.poll() is not None:
            return
        child_process.kill_session(self._process)
        child_process.wait(self._process, 0.5)
