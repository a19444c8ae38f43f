"""Keeps the newest frame of the camera in a slot, for as long as it takes.

One thread supervises. Each opening of the camera gets a reader thread of its own, which makes, opens, reads
and closes its source: drivers are bound to threads, and some never return. A driver that hangs holds up
neither stop() nor enable(False) nor the next try: its reader is left behind (a daemon thread, which closes
its source should the driver ever answer), the camera counts as lost, and a new reader tries again. Until the
driver answers or the program ends, the device may stay in use, and status() says so.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from player.camera.connection_state import ConnectionState
from player.camera.frame_slot import LatestFrame
from player.camera.source import LONGEST_READ_S, FrameSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError, EndOfFrames
from player.log import EventLog, LogEvent
from player.status import CameraState, CameraStatus
from player.types import Image

log = EventLog(__name__, LogEvent.CAMERA)

OPENS_WITHIN_S = 30.0
"""Longer than any driver's own limit on opening."""
CLOSES_WITHIN_S = 3.0
"""A device opened again while its last reader still closes it would count as busy."""
LATE_S = 5.0
"""A look that comes so much later than planned: this process was stopped, or the machine slept."""
MOST_HUNG = 3
"""Readers left behind in drivers at the same time; after that, one has to return before the next try."""


@dataclass(eq=False)
class _Reader:
    """One opening of the camera."""

    heard_at: float
    """When the driver last answered."""
    is_open: bool = False
    due: float = -math.inf


class Capture:
    """The camera of the player: opened, watched, lost, found again, switched off."""

    def __init__(
        self,
        make: Callable[[], FrameSource],
        settings: CameraSettings,
        slot: LatestFrame,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`make` gives a fresh source for each try."""
        self._make = make
        self._settings = settings
        self._slot = slot
        self._clock = clock
        self._health = ConnectionState(settings.retry_first_s, settings.retry_max_s)
        self._changed = threading.Condition()  # guards all below, and is notified when any of it changes
        self._enabled = settings.enabled
        self._stopping = False
        self._supervisor: threading.Thread | None = None
        self._reader: _Reader | None = None  # the only one whose frames and errors count
        self._inside: set[_Reader] = set()  # those whose thread still holds its source
        self._left_at = -math.inf
        self._retry_at = -math.inf
        self._had_lens = False  # ever: a camera that rests at night and is missing in the morning is lost

    def start(self) -> None:
        """Start watching, if the camera is enabled; harmless if it has been started."""
        with self._changed:
            if self._supervisor is None:
                self._stopping = False
                self._supervisor = threading.Thread(target=self._supervise, name="camera", daemon=True)
                self._supervisor.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Stop, and wait up to timeout_s seconds for the device to be released."""
        with self._changed:
            self._stopping = True
            self._leave()
            supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.join(timeout_s)
        with self._changed:
            if not self._changed.wait_for(lambda: not self._inside, timeout_s):
                log.warning("the camera's driver does not answer: the device stays in use until it does")

    def enable(self, on: bool) -> None:
        """Switch the camera on or off; off forgets the last frame and releases the device within a moment."""
        with self._changed:
            if on != self._enabled:
                self._enabled = on
                self._leave()
                log.info("camera switched %s", "on" if on else "off")
            self._changed.notify_all()

    def status(self) -> CameraStatus:
        """What a person wants to know; it never holds a password."""
        with self._changed:
            status = self._health.status(self._clock())
            stuck = status.state is CameraState.OFF and self._inside
            error = "The driver has not released the device yet." if stuck else status.error
            return replace(status, enabled=self._enabled, error=error, dropped=self._slot.dropped)

    # ---- the supervisor ----

    def _supervise(self) -> None:
        with self._changed:
            while not self._stopping:
                wait_s = self._step(self._clock())
                planned = math.inf if wait_s is None else self._clock() + wait_s
                self._changed.wait(wait_s)
                now = self._clock()
                if self._reader is not None and now - planned > LATE_S:
                    self._reader.heard_at = now  # the driver had no time to answer either

    def _step(self, now: float) -> float | None:
        """Do what is due at `now`; return the seconds until more may be, None if only news matters."""
        if not self._enabled or self._health.state == CameraState.ENDED:
            return None
        if self._reader is None:
            wait_s = self._blocked_s(now)
            if wait_s is not None:
                return wait_s
            self._begin(now)
        assert self._reader is not None
        reads_within_s = self._settings.stale_s + LONGEST_READ_S
        limit_s = reads_within_s if self._reader.is_open else OPENS_WITHIN_S
        left_s = self._reader.heard_at + limit_s - now
        if left_s > 0:
            return left_s
        self._lose(self._reader, f"its driver has not answered for {limit_s:.0f} s")
        return 0.0

    def _blocked_s(self, now: float) -> float | None:
        """Seconds until the camera may be opened, or this be asked again; None if it may be now."""
        wait_s = self._retry_at - now
        if self._inside:
            wait_s = max(wait_s, self._left_at + CLOSES_WITHIN_S - now)
        if wait_s > 0:
            return wait_s
        return CLOSES_WITHIN_S if len(self._inside) >= MOST_HUNG else None

    def _begin(self, now: float) -> None:
        self._reader = reader = _Reader(heard_at=now)
        self._inside.add(reader)
        self._health.opening()
        threading.Thread(target=self._serve, args=(reader,), name="camera reader", daemon=True).start()

    def _leave(self) -> None:
        """Forget the reader, whose thread closes its source as soon as it notices, and start from nothing."""
        self._health.off()
        self._slot.clear()
        self._reader = None
        self._left_at, self._retry_at = self._clock(), -math.inf
        self._changed.notify_all()

    def _lose(self, reader: _Reader, reason: str) -> None:
        with self._changed:
            if reader is self._reader:
                now = self._clock()
                self._retry_at = now + self._health.lost(reason, now)
                self._reader, self._left_at = None, now
                self._changed.notify_all()

    # ---- a reader's thread ----

    def _serve(self, reader: _Reader) -> None:
        source: FrameSource | None = None
        try:
            source = self._make()
            source.open()
            self._admit(reader, source)
            while self._keep(reader, source, source.read()):
                pass
        except EndOfFrames as error:
            with self._changed:
                if reader is self._reader:
                    self._reader = None
                    self._health.ended(str(error))
        except CameraError as error:
            self._lose(reader, str(error))
        except Exception as error:  # noqa: BLE001 - a driver may raise anything, and the camera must come back
            self._lose(reader, f"{type(error).__name__}: {error}")
        self._release(reader, source)

    def _admit(self, reader: _Reader, source: FrameSource) -> None:
        with self._changed:
            if reader is not self._reader:
                return
            if self._had_lens and not source.live:
                raise CameraError(f"only the {source.name} is left, which is no stand-in for a lost camera")
            reader.is_open, reader.heard_at = True, self._clock()
            self._changed.notify_all()

    def _keep(self, reader: _Reader, source: FrameSource, image: Image) -> bool:
        """Put a frame into the slot if one is due; False if this reader is no longer wanted."""
        with self._changed:
            if reader is not self._reader:
                return False
            now = self._clock()
            reader.heard_at = now
            self._had_lens |= source.live
            if now >= reader.due:  # below 1 fps, sources are read more often than frames are wanted
                reader.due = now + 0.9 / self._settings.fps
                self._slot.put(image, now, source.name, source.live)
                self._health.frame(source.name, now)
            return True

    def _release(self, reader: _Reader, source: FrameSource | None) -> None:
        try:
            if source is not None:
                source.close()
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("the camera could not be closed: %s", error)
        with self._changed:
            self._inside.discard(reader)
            self._changed.notify_all()
