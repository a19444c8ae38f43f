"""What the owner sees while setting up the camera: its newest frame, and what the player thinks of it.

The frame goes from memory to who asked; nothing is kept for this and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from player.errors import ControlError
from player.status import CameraState, GateStatus, LensState, PerceptionStatus
from player.types import Frame

MOST_PIXELS, QUALITY = 640, 80
"""Of each side, and of the JPEG: enough to point a camera, some 60 KB."""
LATE_S = 3.0
"""A frame is waited for so much longer than the camera takes between two."""
LENS = {
    LensState.OK: "the lens sees the room",
    LensState.DARK: "the picture is black: the lights are out, or the lens is covered",
    LensState.COVERED: "nothing stands out in the picture: the lens is covered, or too near to something",
    LensState.FROZEN: "the camera has sent the same picture for long: switch it off and on",
}
"""What the lens check says of a frame."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One frame as a JPEG, and what was made of it."""

    jpeg: bytes
    width: int
    height: int
    age_s: float
    source: str
    lens: LensState
    gate: GateStatus | None
    """None before the first look."""
    message: str


def preview(
    status: Callable[[], PerceptionStatus],
    see: Callable[[float], Frame | None],
    fps: float,
    clock: Callable[[], float],
) -> Preview:
    """The newest frame; `see` waits so many seconds for it. Raises ControlError, with why there is none."""
    from player.camera.pictures import as_jpeg  # noqa: PLC0415 - the first sound waits for no OpenCV

    if reason := _why_not(status()):
        raise ControlError(reason)
    frame = see(1 / fps + LATE_S)
    now = status()
    if reason := _why_not(now):  # switched off meanwhile
        raise ControlError(reason)
    if frame is None:
        raise ControlError("the camera gives no picture just now: try again in a moment.")
    jpeg, width, height = as_jpeg(frame.image, MOST_PIXELS, QUALITY)
    lens = now.lens or LensState.OK
    message = LENS[lens]
    if now.gate is not None:
        message += f"; {now.gate.last_difference:.0%} of it differs from what was last read"
    return Preview(
        jpeg,
        width,
        height,
        round(max(0.0, clock() - frame.captured_at), 2),
        frame.source,
        lens,
        now.gate,
        message,
    )


def _why_not(status: PerceptionStatus) -> str:
    """Why there is no picture; empty if there may be one."""
    camera = status.camera
    if not camera.enabled and not status.suspended:
        return "the camera is off: `ambient-player camera on` uses it again."
    if status.suspended:
        return "the venue is closed, and the camera rests until it opens."
    if status.problem is not None:
        return f"the camera is not used yet ({status.problem})."
    if camera.state in (CameraState.LOST, CameraState.ENDED):
        return f"the camera gives no picture ({camera.error or camera.state})."
    return ""
