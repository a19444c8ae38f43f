"""The gate: has the scene changed enough to be worth the models' time?

A look costs the models a second or so, a decision here well under a millisecond. The picture is compared
with the one the models saw last, not with the one before: slow drift adds up until the gate opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from player.camera.opencv import Luma, small_luma
from player.camera.overlay import Mask, cells, drawn
from player.config.settings.perception import GateSettings
from player.status import GateStatus
from player.types import Image

GRID = (64, 48)
"""Cells of the small picture, width x height."""
BLOCK = 4
"""Cells on a block's side: 16 x 12 blocks; a person across a room covers a few of them."""
BLOCK_CHANGED = 0.035
"""Mean luma difference at which a block has changed: above compression and noise, below a coat on a wall."""
EXPOSURE = (0.8, 1.25)
"""Global gains that count as the camera adjusting itself; beyond them the light of the room has changed."""
BLACK, WHITE = 0.05, 0.95
"""Luma beyond which a cell says nothing about the gain: a blown-out window stays white at any exposure."""
GLARE = np.ones((5, 5), np.uint8)
"""Cells around a blown-out one, which hold a part of it and follow the gain only half."""


class GateReason(StrEnum):
    """Why the models look, or do not."""

    FIRST = "first"
    CHANGED = "changed"
    REFRESH = "refresh"
    """Nothing has changed for refresh_s."""
    SAME = "same"


@dataclass(frozen=True, slots=True)
class GateDecision:
    """Whether to look, and why."""

    look: bool
    difference: float
    """Share of the picture's blocks that changed since the last look, 0 to 1."""
    reason: GateReason


class ChangeGate:
    """Lets a picture through if it differs from the last one let through."""

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._seen: tuple[Luma, Mask] | None = None
        self._seen_at = 0.0
        self._looked = 0
        self._saved = 0
        self._difference = 0.0

    def decide(self, image: Image, now: float, overlay: Mask | None = None) -> GateDecision:
        """Judge an (H, W, 3) uint8 BGR picture taken at `now`; a look makes it the one to compare with.

        `overlay` is what the camera has drawn into it (overlay.drawn), if that is known already.
        """
        luma = np.asarray(cv2.GaussianBlur(small_luma(image, *GRID), (3, 3), 0), np.float32)
        overlay = cells(drawn(image) if overlay is None else overlay, *GRID)
        if self._seen is None:
            reason, self._difference = GateReason.FIRST, 1.0
        else:
            before, overlay_before = self._seen
            # What looks drawn in one of them only may be somebody in front of a shelf.
            self._difference = changed_share(before, luma, overlay & overlay_before)
            if self._difference >= self._settings.threshold:
                reason = GateReason.CHANGED
            elif now - self._seen_at >= self._settings.refresh_s:
                reason = GateReason.REFRESH
            else:
                reason = GateReason.SAME
        look = reason is not GateReason.SAME
        if look:
            self._seen, self._seen_at = (luma, overlay), now
            self._looked += 1
        else:
            self._saved += 1
        return GateDecision(look, self._difference, reason)

    def forget(self) -> None:
        """Let the next picture through, whatever it shows."""
        self._seen = None

    def status(self) -> GateStatus:
        """Looks taken, looks saved, and the last difference (0 to 1)."""
        return GateStatus(self._looked, self._saved, round(self._difference, 4))


def changed_share(before: Luma, after: Luma, overlay: Mask) -> float:
    """Share of blocks, 0 to 1, whose luma differs once the camera's own exposure is allowed for.

    Both are (48, 64) float32 in 0..1; `overlay` is where both show what the camera draws, a clock. The gain
    is the median ratio of the cells, so that what half the picture agrees on counts as exposure and a person
    in the other half does not.
    """
    lit = (before > BLACK) & (before < WHITE) & (after > BLACK) & (after < WHITE)
    gain = float(np.median(after[lit] / before[lit])) if lit.mean() > 0.1 else 1.0
    expected = np.minimum(before * np.clip(gain, *EXPOSURE), 1)
    difference = np.abs(after - expected)
    blown_out = ((before >= WHITE) & (after >= WHITE)).astype(np.uint8)
    difference[(cv2.dilate(blown_out, GLARE) > 0) | overlay] = 0
    rows, columns = difference.shape
    blocks = difference.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK).mean((1, 3))
    return float((blocks > BLOCK_CHANGED).mean())
