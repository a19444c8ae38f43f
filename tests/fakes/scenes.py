"""Rooms and lenses drawn by numbers: enough for what looks at luma and structure only."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image

WIDTH, HEIGHT = 320, 240

Luma = npt.NDArray[np.float32]


def plain(luma: float) -> Luma:
    """One tone, 0 to 1."""
    return np.full((HEIGHT, WIDTH), luma, np.float32)


def room(light: float = 1.0) -> Luma:
    """Wall, floor, a window, a counter, tables; `light` scales it from day (1) towards night."""
    luma = plain(0.6)
    luma[150:] = 0.4
    cv2.rectangle(luma, (30, 30), (90, 100), 0.9, -1)
    cv2.rectangle(luma, (200, 90), (300, 180), 0.25, -1)
    for x in (40, 110, 180):
        cv2.ellipse(luma, (x, 200), (25, 10), 0, 0, 360, 0.7, -1)
    return luma * np.float32(light)


def with_person(luma: Luma, x: int = 140, clothes: float = 0.15) -> Luma:
    """Somebody stands there, on 3 % of the picture, in clothes of this luma by day."""
    luma = luma.copy()
    tone = float(clothes * luma.max() / 0.9)
    cv2.rectangle(luma, (x - 13, 100), (x + 13, 190), tone, -1)
    cv2.circle(luma, (x, 92), 9, tone * 1.5, -1)
    return luma


def white_wall() -> Luma:
    """A wall close to the lens, its plaster lit from the side."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.float32(0.8) + np.float32(0.04) * np.sin(x / 9) * np.sin(y / 11)


def night_with_lamps() -> Luma:
    """Black but for five lamps and the light around them."""
    luma = plain(0.01)
    for x, y in ((40, 60), (120, 50), (200, 70), (260, 40), (300, 120)):
        cv2.circle(luma, (x, y), 3, 1.0, -1)
    return np.maximum(luma, np.asarray(cv2.GaussianBlur(luma, (0, 0), 4), np.float32))


def hand() -> Luma:
    """A palm on the lens: dim, and light from a side."""
    return np.asarray(np.linspace(0.08, 0.3, WIDTH, dtype=np.float32)[None, :].repeat(HEIGHT, 0), np.float32)


def photographed(luma: Luma, noise: float = 0.0, seed: int = 0, gain: float = 1.0) -> Image:
    """What a camera makes of it: exposed by `gain`, with sensor noise of this standard deviation (0 to 1)."""
    exposed = np.repeat(luma[..., None] * np.float32(gain), 3, axis=2)
    if noise:
        exposed += np.random.default_rng(seed).standard_normal(exposed.shape, np.float32) * np.float32(noise)
    return (np.clip(exposed, 0, 1) * 255).astype(np.uint8)
