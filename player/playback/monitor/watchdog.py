"""The watchdog: compares what the player claims with what is heard, and says what to do about silence.

Pure logic: no clock, no process, no sound. What it is told comes from silence_monitor.py, what it says is
done by the controller.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from player.config.settings.playback import WatchdogSettings
from player.status import WatchdogStep
from player.system.backoff import doubled_s
from player.types import Track

START_S = 20.0
"""So much longer may the first sound take: a cold libVLC on a slow card needs seconds."""
STEADY_S = 10.0
"""Sound of so many seconds in all, and the next silence is a new trouble."""
LEAST_LUFS = -66.0
"""Music that should be quieter than this cannot be told from silence: volumes below some 16 %."""
MARGIN_S = 1.0
"""What is heard lags behind the position by the output's buffers."""
PAUSE_MAX_S = 600.0
HOUR_S = 3600.0


LADDER = tuple(WatchdogStep)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the player says of itself."""

    due: bool
    """Whether music should be heard: neither stopped nor paused, and no reason known why there is none."""
    starting: bool = False
    """Whether nothing has been on the air yet."""
    resting: bool = False
    """Whether the music itself is silent here, as the library knows."""
    loudness_lufs: float = math.inf
    """What the music should have at the output: the target, and what the volume and the like take off it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What really goes out."""

    sounds: bool
    muted: str = ""
    """What somebody else has switched off, if that is why nothing can be heard."""


def silent_at(track: Track, position_s: float) -> bool:
    """Whether the track itself is silent there, as far as the library knows."""
    if track.music_start_s > 0 and position_s < track.music_start_s + MARGIN_S:
        return True
    if track.music_end_s is not None and position_s > track.music_end_s - MARGIN_S:
        return True
    return any(begin_s - MARGIN_S < position_s < end_s + MARGIN_S for begin_s, end_s in track.silences)


class Watchdog:
    """`update` it often.

    restarted_at  when the player was restarted because of silence, also in earlier lives (monotonic)
    """

    def __init__(self, settings: WatchdogSettings, restarted_at: Sequence[float] = ()) -> None:
        self._settings = settings
        self._restarts = list(restarted_at)
        self._due = False
        self._silent_since = self._waits_since = self._now = 0.0
        self._sounded_s = 0.0
        self._rung = self._round = 0
        self._last: tuple[WatchdogStep, float] | None = None
        self.steps: Counter[WatchdogStep] = Counter()
        """How often each step was taken."""

    def configure(self, settings: WatchdogSettings) -> None:
        """Go on with other settings."""
        self._settings = settings

    @property
    def silent_s(self) -> float:
        """For how long nothing has been heard that should have been."""
        return max(0.0, self._now - self._silent_since) if self._due else 0.0

    @property
    def last(self) -> tuple[WatchdogStep, float] | None:
        """The last step, and when it was taken."""
        return self._last

    @property
    def restarted_at(self) -> tuple[float, ...]:
        """The restarts of the last hour: what the next life should know."""
        return tuple(at for at in self._restarts if 0 <= self._now - at < HOUR_S)

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long: that is no silence."""
        self._silent_since += seconds
        self._waits_since += seconds

    def update(self, now: float, claim: Claim, heard: Heard) -> WatchdogStep | None:
        """Compare; the step to be taken now, if any."""
        passed_s, self._now = min(1.0, max(0.0, now - self._now)), now
        began, self._due = claim.due and not self._due, claim.due
        if began:
            self._silent_since, self._waits_since = now, now + START_S
        if not claim.due:
            return None
        if not claim.starting:
            self._waits_since = min(self._waits_since, now)
        if heard.sounds:
            self._silent_since = self._waits_since = now
            self._sounded_s += passed_s
            if self._sounded_s >= STEADY_S:
                self._rung = self._round = 0
            return None
        if claim.resting or heard.muted or claim.loudness_lufs < LEAST_LUFS:
            self._silent_since = max(now, self._silent_since)
            self._waits_since = max(now, self._waits_since)
            return None
        if now - self._waits_since < self._patience_s:
            return None
        return self._climb(now)

    @property
    def _patience_s(self) -> float:
        """The ladder is climbed at an even pace, and each time round more slowly."""
        silent_s = self._settings.silent_s
        return doubled_s(silent_s, self._round, max(silent_s, PAUSE_MAX_S))

    def _climb(self, now: float) -> WatchdogStep:
        step = LADDER[self._rung]
        if step is WatchdogStep.RESTART and len(self.restarted_at) >= self._settings.restarts_per_hour:
            self._rung, self._round = 0, self._round + 1
            step = LADDER[0]
        self._rung += 1
        if step is WatchdogStep.RESTART:
            self._restarts = [*self.restarted_at, now]
            self._rung, self._round = 0, self._round + 1  # if nobody restarts it, it goes on from below
        self._waits_since, self._sounded_s = now, 0.0
        self._last = step, now
        self.steps[step] += 1
        return step
