"""How the camera is doing: a state machine without threads, which says each thing in the log once."""

from __future__ import annotations

from player.log import EventLog, LogEvent
from player.status import CameraState, CameraStatus
from player.system.backoff import BackOff

log = EventLog(__name__, LogEvent.CAMERA)


class ConnectionState:
    """Follows one camera through off, opening, live, lost and ended; times are arguments."""

    def __init__(self, retry_first_s: float, retry_max_s: float) -> None:
        self._back_off = BackOff(retry_first_s, retry_max_s)
        self._state = CameraState.OFF
        self._source = ""
        self._error: str | None = None
        self._frames = 0
        self._lost_count = 0
        self._frame_at: float | None = None
        self._live_since = 0.0
        self._lost_at: float | None = None

    @property
    def state(self) -> CameraState:
        """How it is doing now."""
        return self._state

    def off(self) -> None:
        """Nothing is wanted of the camera; what went wrong before is forgotten."""
        self._state, self._source, self._error = CameraState.OFF, "", None
        self._frame_at = self._lost_at = None
        self._back_off.worked()

    def opening(self) -> None:
        """A source is being opened; during an outage the state stays LOST until a frame comes."""
        if self._lost_at is None:
            self._state = CameraState.OPENING

    def frame(self, source: str, now: float) -> None:
        """A frame came from `source`."""
        self._frames += 1
        self._frame_at = now
        if self._state == CameraState.LIVE:
            return
        if self._lost_at is None:
            log.info("watching through the %s", source)
        else:
            log.info("camera is back after %.0f s: %s", now - self._lost_at, source)
        self._state, self._source, self._error = CameraState.LIVE, source, None
        self._lost_at, self._live_since = None, now

    def lost(self, reason: str, now: float) -> float:
        """The camera cannot be opened, or is gone; returns the seconds to wait before the next try.

        They double from retry_first_s to retry_max_s, and start again once the camera has lived for longer
        than the last wait: a loose contact does not reconnect every second for ever.
        """
        if self._state == CameraState.LIVE and now - self._live_since > self._back_off.pause_s:
            self._back_off.worked()
        self._state, self._error = CameraState.LOST, reason
        if self._lost_at is None:
            self._lost_at = now
            self._lost_count += 1
            log.warning("camera lost: %s; trying again", reason.rstrip("."))
        return self._back_off.failed(now)

    def ended(self, reason: str) -> None:
        """The source has given its last frame; nothing will be tried again."""
        self._state, self._error = CameraState.ENDED, None
        log.info("%s", reason.rstrip("."))

    def status(self, now: float) -> CameraStatus:
        """As far as the connection goes: whether the camera is wanted, others know."""
        age_s = None if self._frame_at is None else round(now - self._frame_at, 3)
        return CameraStatus(
            enabled=True,
            state=self._state,
            source=self._source,
            frames=self._frames,
            lost_count=self._lost_count,
            last_frame_age_s=age_s,
            error=self._error,
        )
