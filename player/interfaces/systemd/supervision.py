"""Keeps systemd informed: READY with the first sound, a line on what plays, pings while the music is right.

A ping says: the playback thread turns, and the music can be heard or there is a known reason why not. Where
neither holds, pings stop, and systemd (WatchdogSec) ends the player and starts it again.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

from player.config.settings.playback import WatchdogSettings
from player.interfaces.systemd import notify
from player.log import EventLog, LogEvent
from player.status import PlaybackStatus, PlayerState

log = EventLog(__name__, LogEvent.SYSTEMD)

WANTED = (PlayerState.STARTING, PlayerState.PLAYING, PlayerState.SILENT)
"""In these states music is to be heard."""
LOOK_S = 1.0
LATE_S = 3.0
"""A look that comes so long after the one before: this process was stopped, or the machine slept."""
LADDER_STEPS = 8
"""So many times `silent_s` the player's own watchdog has for its steps before systemd takes over."""


class Watched(Protocol):
    """What of the playback service is looked at."""

    turned_at: float
    """When the playback thread last finished a turn, monotonic seconds."""

    def status(self) -> PlaybackStatus: ...  # noqa: D102


def excuse(playback: PlaybackStatus) -> str | None:
    """Why nothing can be heard, if that is known and nothing a restart would mend; None otherwise."""
    state = playback.state
    if state not in WANTED:
        return str(state)
    if playback.silent_reason:  # no sound device, no music: looked for again and again
        return playback.silent_reason
    if playback.volume == 0:
        return "the volume is 0"
    return playback.audible.problem  # somebody has muted it: not for us to mend


def has_started(playback: PlaybackStatus) -> bool:
    """Whether the start is over: music, or a known reason for none; not while the first track is chosen."""
    if playback.state is PlayerState.STOPPED:
        return False
    return playback.state is PlayerState.PLAYING or excuse(playback) is not None


def audible(playback: PlaybackStatus) -> bool:
    """Whether music is heard: as the player's watchdog hears it, or as the deck says if that is deaf."""
    heard = playback.audible.audible
    return playback.state is PlayerState.PLAYING if heard is None else heard


def summary(playback: PlaybackStatus) -> str:
    """One line for `systemctl status`."""
    track, why = playback.track, excuse(playback)
    if track is None or why:
        return why or str(playback.state)
    by = f" by {track.artist}" if track.artist else ""
    return f"{playback.state}: {track.title}{by}"


def patience_s(settings: WatchdogSettings) -> float:
    """How long a silence without a reason may last: the player's own watchdog has its steps first.

    What a restart did not mend is not restarted more often than the venue allows.
    """
    per_hour = settings.restarts_per_hour
    return max(LADDER_STEPS * settings.silent_s, 3600 / per_hour) if per_hour else float("inf")


class Pulse:
    """Decides whether systemd is to be told that all is well. Times are monotonic seconds.

    hang_s  the playback thread may take so long for one turn
    """

    def __init__(self, hang_s: float, now: float) -> None:
        self._hang_s, self._well_at = hang_s, now
        self._awake_since = now

    def beats(
        self, playback: PlaybackStatus, settings: WatchdogSettings, turned_at: float, now: float
    ) -> bool:
        """Whether a ping is right now; `turned_at` is when the playback thread last finished a turn."""
        turned_at = max(turned_at, self._awake_since)
        if audible(playback) or excuse(playback) is not None:
            self._well_at = now
        return now - turned_at < self._hang_s and now - self._well_at < patience_s(settings)

    def slept(self, seconds: float, now: float) -> None:
        """Nothing was run for so long until `now`: the playback thread has a turn's time from here on."""
        self._well_at += seconds
        self._awake_since = now


class Supervision:
    """The thread that talks to systemd; if there is none, it is not even started."""

    def __init__(self, playback: Watched, settings: WatchdogSettings) -> None:
        self._playback, self._settings = playback, settings
        self._interval_s = notify.watchdog_s()
        half_s = (self._interval_s or 2 * LOOK_S) / 2
        self._look_s = min(LOOK_S, half_s / 2)
        self._ping_every_s = half_s
        self._pulse = Pulse(half_s, time.monotonic())
        self._ready = False
        self._said = ""
        self._ping_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="systemd", daemon=True)

    def start(self) -> None:
        """Begin to tell systemd."""
        if notify.listens():
            self._thread.start()

    def configure(self, settings: WatchdogSettings) -> None:
        """Go by other settings from the next look on."""
        self._settings = settings

    def stop(self) -> None:
        """Say that the player stops; no more pings."""
        self._stop.set()
        notify.notify("STOPPING=1", notify.status("stopping"))

    def look(self, now: float) -> None:
        """One look at the player, and what systemd should know of it; said again if it was not heard."""
        playback, turned_at = self._playback.status(), self._playback.turned_at
        lines = []
        ready = self._ready or has_started(playback)
        if ready and not self._ready:
            lines.append("READY=1")
        if (text := summary(playback)) != self._said:
            lines.append(notify.status(text))
        well = self._pulse.beats(playback, self._settings, turned_at, now)
        if ping := bool(self._interval_s and well and now >= self._ping_at):
            lines.append("WATCHDOG=1")
        if lines and notify.notify(*lines):
            self._ready, self._said = ready, text
            if ping:
                self._ping_at = now + self._ping_every_s - self._look_s / 2

    def _run(self) -> None:
        looked_at = time.monotonic()
        while not self._stop.wait(self._look_s):
            before, looked_at = looked_at, time.monotonic()
            if (slept_s := looked_at - before) > LATE_S:
                self._pulse.slept(slept_s, looked_at)
            try:
                self.look(looked_at)
            except Exception:
                log.exception("systemd could not be told how the music is.")
