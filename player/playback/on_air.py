"""What is on the air: what its deck says of it, who is told, and what follows when something fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from player.events import Audible, PlaybackEvent, Silent, TrackEnded, TrackFailed, TrackStarted
from player.playback.failure_reasons import NO_FILE, NOT_NOW
from player.playback.heard_time import HeardTime
from player.playback.mixer_events import Lost, MixerEvent, OutputLost, RanOut, Started, Unplayable
from player.playback.queue import Queue
from player.playback.volume import HouseVolume
from player.playback.volume_ramp import VolumeRamp
from player.types import ChangeReason, Choice

NEAR_END_S = 10.0
"""A track that was left so close to its end is taken up from its beginning."""

ASKED = (ChangeReason.SKIP, ChangeReason.SHIFT)
"""Reasons for which another track was asked for."""


class OnAir:
    """The present track, from its first sound to its last; `hear` it what the mixer says."""

    def __init__(
        self, queue: Queue, volume: HouseVolume, ramp: VolumeRamp, tell: Callable[[PlaybackEvent], None]
    ) -> None:
        self._queue, self._volume, self._ramp, self._tell = queue, volume, ramp, tell
        self.position_s = self.duration_s = 0.0
        """Of the present track, or the last one."""
        self.why = ChangeReason.START
        """Why it was chosen, or, as soon as that begins to come in, the one that follows it."""
        self._ends = ChangeReason.START
        """Why it gives way to that one: if that was asked for when it was as good as over, it has ended."""
        self.due = False
        """Whether anything is to be heard at all."""
        self.asked: ChangeReason | None = None
        """A change that has to wait for its moment; None if there is none."""
        self.silent = ""
        """Why nothing can be heard; empty while something can, and if nothing should."""
        self._told_silent = False
        """Whether everybody believes that nothing can be heard: a stop takes no word of that back."""
        self._began_s = 0.0
        self._heard: bool | None = None
        self._heard_time = HeardTime(tell)

    def listened(self, sounds: bool | None, fading: bool | None, runs: bool, now: float) -> None:
        """Whether it was heard just now, None if nobody can tell; and the one that fades out, if any.

        `runs`: whether any track is past its first moment and is not to fade out.
        """
        self._heard = sounds if self._heard is None else self._heard or sounds is True
        on_air, audible = self._queue.current is not None, self._volume.percent > 0
        # Where nothing runs, the track on the air fades out and what follows is not heard yet.
        current, leaving = (sounds, fading) if runs or not on_air else (fading, None)
        self._heard_time.step(
            now,
            current=audible and on_air and current is True,
            leaving=audible and leaving is True,
            gone=fading is None,
        )

    def hear(self, event: MixerEvent, now: float) -> None:
        """Take in what has happened on the decks."""
        match event:
            case Started(_, position_s):
                self._started(position_s, now)
            case RanOut():
                self.ended(self._queue.take(current=True), ChangeReason.NEXT)
                self._queue.output.worked()
            case Unplayable(_, reason, current):
                self._failed(reason, current, now, lasting=reason not in (NO_FILE, NOT_NOW))
            case Lost(_, position_s, reason, current, crashed):
                choice = self._queue.current if current else self._queue.coming
                if choice is not None and crashed and self._queue.crashed(choice, position_s):
                    taken = self._queue.take(current)
                    self.ended(taken if current else None, ChangeReason.ERROR)
                    if not current:
                        self._queue.why = self.why
                else:
                    self._failed(reason, current, now, lasting=False)
            case OutputLost(reason, current):
                self._mute(reason, current, now)
            case _:
                assert_never(event)

    def followed(self, why: ChangeReason) -> None:
        """Another one comes in, for this reason: now, that is, while the present one's place is known."""
        nearly_over = 0 < self.duration_s < self.position_s + NEAR_END_S
        self.why, self._ends = why, ChangeReason.NEXT if nearly_over and why in ASKED else why

    def ended(self, choice: Choice | None, why: ChangeReason) -> None:
        """The track that was on the air, if any, is so no longer."""
        if choice is not None:
            self._heard_time.over()
            played = self._volume.percent > 0 and self.position_s > self._began_s
            self._tell(TrackEnded(choice, played if self._heard is None else self._heard, why))
            self._heard = None

    def fall_silent(self, reason: str) -> None:
        """Nothing can be heard, for this reason: told once."""
        if reason != self.silent:
            self.silent, self._told_silent = reason, True
            self._tell(Silent(reason))

    def _started(self, position_s: float, now: float) -> None:
        self.ended(self._queue.started(), self._ends)
        choice = self._queue.current
        assert choice is not None
        self._began_s = self.position_s = position_s
        if self._told_silent:
            self.silent, self._told_silent = "", False
            self._tell(Audible())
        self._ramp.on_air(now)
        self._tell(TrackStarted(choice, position_s))

    def _failed(self, reason: str, current: bool, now: float, *, lasting: bool) -> None:
        choice = self._queue.take(current)
        if choice is None:
            return
        self.ended(choice if current else None, ChangeReason.ERROR)
        self._queue.failed(now)
        if not current and self.why in ASKED:  # and is still
            self.asked = self.why
        self._tell(TrackFailed(choice, reason, lasting))
        if self._queue.files.exhausted and self._queue.current is None:
            failures = self._queue.files.failures
            last = "last track" if failures == 1 else f"last {failures} tracks"
            self.fall_silent(f"the {last} could not be played")

    def _mute(self, reason: str, all_mute: bool, now: float) -> None:
        """Keep the track and its place for the moment at which there is an output for it."""
        current = self._queue.take(current=True) if all_mute else None
        coming = self._queue.take(current=False)
        if coming is not None:
            self._queue.again = (coming, self._queue.coming_from_s)
        elif current is not None:
            self._queue.again = (current, self.position_s)
        self._queue.output.failed(now)
        if all_mute:
            self.ended(current, ChangeReason.ERROR)
            if self.due:
                self.fall_silent(reason)
