"""What happens to a fixed camera's pictures although nobody moves: light, shadows, screens, weather, noise.

Each takes an (H, W, 3) uint8 BGR picture and the number of the frame (at 2 frames a second), and gives what
the camera would have delivered. tests/ and scripts/evaluate/anomalies.py hold the signals against them.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image

Disturbance = Callable[[Image, int], Image]
Plane = npt.NDArray[np.float32]

ON_AT = 6
"""The frame at which a lamp or the infrared light goes on."""


def _random(frame: int) -> np.random.Generator:
    return np.random.default_rng(frame)


def _exposed(light: npt.NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(light, 0, 255), np.uint8)


def _grid(image: Image) -> tuple[Plane, Plane]:
    """Place of each pixel, from 0 to 1 across and down."""
    height, width = image.shape[:2]
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    return across / width, down / height


def sensor(image: Image, frame: int) -> Image:
    """Nothing but the noise of a webcam by day."""
    return _exposed(image + _random(frame).normal(0, 4, image.shape))


def lamp(image: Image, frame: int) -> Image:
    """A warm lamp goes on and lights a part of the room two and a half times as bright."""
    if frame < ON_AT:
        return sensor(image, frame)
    x, y = _grid(image)
    glow = 1.6 * np.exp(-(((x - 0.3) / 0.25) ** 2 + ((y - 0.35) / 0.3) ** 2))
    return sensor(_exposed(image * (1 + glow[..., None] * np.array([0.6, 1, 1.3]))), frame)


def hunting(image: Image, frame: int) -> Image:
    """An exposure that finds no rest: 40 % up and down within three seconds."""
    return sensor(_exposed(image * (1 + 0.4 * np.sin(1.3 * frame))), frame)


def night_vision(image: Image, frame: int) -> Image:
    """The camera goes over to infrared: grey, other tones, a spot of light, gain and noise up."""
    if frame < ON_AT:
        return sensor(image, frame)
    x, y = _grid(image)
    infrared = np.power(image.astype(np.float32) @ np.array([0.15, 0.15, 0.7], np.float32) / 255, 0.7)
    settling = min(1.3, 0.5 + 0.3 * (frame - ON_AT))
    spot = np.clip(1.3 - 3 * ((x - 0.5) ** 2 + (y - 0.5) ** 2), 0.3, 1.3)
    grey = 255 * settling * spot * infrared + _random(frame).normal(0, 14, infrared.shape)
    return np.repeat(_exposed(grey)[..., None], 3, axis=2)


def screen(image: Image, frame: int) -> Image:
    """A television on the wall, with a cut in every frame."""
    height, width = image.shape[:2]
    film = _random(frame).integers(0, 256, (5, 8, 3), np.uint8)
    top, left, size = height // 6, width // 2, (width // 5, height // 5)
    shown = sensor(image, frame)
    shown[top : top + size[1], left : left + size[0]] = cv2.resize(film, size)
    return shown


def shadow(image: Image, frame: int) -> Image:
    """A soft shadow, a third of the picture wide, passes within eight seconds, again and again."""
    x, _ = _grid(image)
    centre = 0.09 * (frame % 18) - 0.3
    inside = 1 / (1 + np.exp((np.abs(x - centre) - 0.18) / 0.02))
    return sensor(_exposed(image * (1 - 0.55 * inside[..., None])), frame)


def rain(image: Image, frame: int) -> Image:
    """A wet night: a third of the light, 250 streaks in each picture, the gain's noise."""
    height, width = image.shape[:2]
    random, streaks = _random(frame), np.zeros((height, width), np.uint8)
    shine = round(110 * min(1.0, width / 640))  # a streak thinner than a pixel lights a part of it
    for x, y, length in zip(
        *(random.integers(0, n, 250) for n in (width, height, height // 12)), strict=True
    ):
        cv2.line(streaks, (int(x), int(y)), (int(x + length // 5), int(y + length)), shine, 1)
    return _exposed(image * 0.35 + streaks[..., None] + random.normal(0, 12, image.shape))


def flicker(image: Image, frame: int) -> Image:
    """Bands of light from the mains wander down the picture."""
    _, y = _grid(image)
    return sensor(_exposed(image * (1 + 0.25 * np.sin(9 * y + 1.9 * frame))[..., None]), frame)


def dusk(image: Image, frame: int) -> Image:
    """A third of the light is left."""
    return sensor(_exposed(image * 0.35), frame)


def crowd(image: Image, frame: int) -> Image:
    """Fourteen people sway and walk: this one does read as a party."""
    return people(image, frame, 14)


def people(image: Image, frame: int, count: int) -> Image:
    """So many drawn people sway and walk."""
    height, width = image.shape[:2]
    shown = sensor(image, frame)
    for number in range(count):
        random = _random(number)
        left, top, pace, phase = random.uniform((0, 0.1, 0.05, 0), (0.9, 0.5, 0.3, 6))
        clothes = [int(c) for c in random.integers(20, 230, 3)]
        x, y = round((left + 0.06 * np.sin(6 * frame * pace + phase)) * width), round(top * height)
        cv2.rectangle(shown, (x, y), (x + width // 14, y + height // 3), clothes, -1)
        cv2.circle(shown, (x + width // 28, y - height // 30), height // 22, (120, 150, 190), -1)
    return shown


HARMLESS: tuple[Disturbance, ...] = (sensor, lamp, hunting, night_vision, screen, shadow, rain, flicker)
