"""The status for all who watch: made once for all of them, when it changes, and not at all for nobody."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from player.interfaces.messages.watching import StatusLine
from player.log import EventLog, LogEvent
from player.privacy.redaction import cleaned
from player.status import PlayerState, PlayerStatus, as_json
from player.types import Json, json_text

log = EventLog(__name__, LogEvent.COMMAND)

LEAST_S = 0.2
"""Between two lines."""
LOOK_S = 1.0
"""Between two looks for what no event tells of."""
SETTLE_S = 1.0
"""So long after an event it is looked as often as allowed: what was posted to a thread takes a moment."""
HEARTBEAT_S = 10.0
JUMP_S = 1.5
"""A player's clock and the sound's are never so far apart: more is another place in the track."""
RUNNING = (
    "playback.position_s",
    "playback.audible.heard_db",
    "playback.audible.silent_s",
    "playback.audible.last_step.ago_s",
    "room.target.valence",
    "room.target.energy",
    "room.read_s",
    "perception.camera.frames",
    "perception.camera.dropped",
    "perception.camera.last_frame_age_s",
    "perception.scene.motion",
    "perception.gate",
    "library.analysis.current",
    "library.analysis.paused",
)
"""What changes by itself: no reason for a line, but in it."""


class StatusFeed:
    """From any thread.

    make  the status at this moment; it costs a millisecond or two
    """

    def __init__(self, make: Callable[[], PlayerStatus], clock: Callable[[], float] = monotonic) -> None:
        self._make, self._clock = make, clock
        self._boot, self._seq = secrets.token_hex(4), 0
        self._lock = threading.Lock()
        """Of all below; held for moments only."""
        self._looking = threading.Lock()
        """Of making a status: whoever else wants one then takes that."""
        self._looked_at = float("-inf")
        self._status: PlayerStatus | None = None
        self._steady: Json = {}
        self._line = self._heartbeat = b""
        self._watchers: set[Watcher] = set()
        self._watched, self._woken, self._stop = threading.Event(), threading.Event(), threading.Event()

    def start(self) -> None:
        """Look from now on, while somebody watches."""
        threading.Thread(target=self._run, name="status feed", daemon=True).start()

    def stop(self) -> None:
        """End, and with it every watcher."""
        self._stop.set()
        self._watched.set()
        self._woken.set()
        self._tell()

    def wake(self, _: object = None) -> None:
        """Something has happened. Returns at once."""
        self._woken.set()

    def watch(self, since: str | None) -> Watcher:
        """A stream of lines, which gives the present one at once if it is not the one of this id."""
        self.look()
        with self._lock:
            watcher = Watcher(self, self._seq if since == self._id else None)
            self._watchers.add(watcher)
            self._watched.set()
            return watcher

    def leave(self, watcher: Watcher) -> None:
        """This one watches no more."""
        with self._lock:
            self._watchers.discard(watcher)
            if not self._watchers and not self._stop.is_set():
                self._watched.clear()

    def look(self) -> None:
        """Make the status unless that was done a moment ago, and tell the watchers if it is another one."""
        with self._looking:
            if self._clock() - self._looked_at < LEAST_S:
                return
            status, now = self._make(), self._clock()
            steady = _steady(as_json(status))
            jumped = self._status is not None and _is_jump(self._status, status, now - self._looked_at)
            if changed := jumped or steady != self._steady:
                line = self._encoded(StatusLine(f"{self._boot}-{self._seq + 1}", status))
            with self._lock:
                self._looked_at, self._status, self._heartbeat = self._clock(), status, b""
                if changed:
                    self._steady, self._line, self._seq = steady, line, self._seq + 1
        if changed:
            self._tell()

    def line(self, seen: int | None, quiet_s: float) -> tuple[bytes | None, int | None]:
        """What comes after line number `seen`, with its own number; a heartbeat after so long without one."""
        with self._lock:
            if seen != self._seq:
                return self._line, self._seq
        return (self._beat() if quiet_s >= HEARTBEAT_S else None), seen

    @property
    def now(self) -> float:
        """On the feed's clock."""
        return self._clock()

    @property
    def ended(self) -> bool:
        """Whether no more lines come."""
        return self._stop.is_set()

    @property
    def _id(self) -> str:
        return f"{self._boot}-{self._seq}"

    def _beat(self) -> bytes:
        """A heartbeat with the newest numbers, one for all whose time has come since the last look."""
        with self._looking:
            if not self._heartbeat and self._status is not None:
                self._heartbeat = self._encoded(StatusLine(self._id, self._status, heartbeat=True))
            return self._heartbeat

    @staticmethod
    def _encoded(line: StatusLine) -> bytes:
        return json_text({"ok": True, **cleaned(line.as_json())}, default=str).encode() + b"\n"

    def _tell(self) -> None:
        with self._lock:
            for watcher in self._watchers:
                watcher.wake()

    def _run(self) -> None:
        settled_at = float("-inf")
        while True:
            self._watched.wait()
            if self._stop.is_set():
                return
            try:
                self.look()
            except Exception:  # watchers see no news until it can be made again
                log.exception("the status could not be made; it is tried again")
            if self._stop.wait(LEAST_S):
                return
            if self._clock() >= settled_at and self._woken.wait(LOOK_S - LEAST_S):
                self._woken.clear()
                settled_at = self._clock() + SETTLE_S


class Watcher:
    """One reader's place in the feed: a Stream. Used on that reader's thread, but for `wake`."""

    def __init__(self, feed: StatusFeed, seen: int | None) -> None:
        self._feed, self._seen = feed, seen
        self._said_at = feed.now
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def wake(self) -> None:
        """There may be a line."""
        os.eventfd_write(self._bell, 1)

    def fileno(self) -> int:
        """See Stream."""
        return self._bell

    def line(self) -> bytes | None:
        """See Stream."""
        with suppress(BlockingIOError):
            os.eventfd_read(self._bell)
        now = self._feed.now
        found, self._seen = self._feed.line(self._seen, now - self._said_at)
        if found is not None:
            self._said_at = now
        return found

    def wait_s(self) -> float:
        """See Stream."""
        return max(0.0, self._said_at + HEARTBEAT_S - self._feed.now)

    @property
    def ended(self) -> bool:
        """See Stream."""
        return self._feed.ended

    def close(self) -> None:
        """See Stream."""
        self._feed.leave(self)
        os.close(self._bell)


def _is_jump(before: PlayerStatus, after: PlayerStatus, passed_s: float) -> bool:
    """Whether the music is at another place of the same track than the time that has passed explains."""
    was, now = before.playback, after.playback
    if was.track is None or now.track is None or was.track.path != now.track.path:
        return False
    if was.position_s is None or now.position_s is None:
        return False
    runs = PlayerState.PLAYING in (was.state, now.state)
    return not -JUMP_S < now.position_s - was.position_s < (passed_s if runs else 0.0) + JUMP_S


def _steady(status: Json) -> Json:
    """The status without what changes by itself; takes it out of this one."""
    for path in RUNNING:
        *parents, name = path.split(".")
        place: Any = status
        for parent in parents:
            place = place.get(parent) or {}
        place.pop(name, None)
    for sensor in (status.get("room") or {}).get("sensors") or ():
        for name in ("age_s", "value", "usual", "contribution"):
            sensor.pop(name, None)
    return status
