"""The demo camera: free photos that come inside the package scikit-image."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

from player.camera.sources.photos import PhotosSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError

SEQUENCE = ("coffee.png", "chelsea.png", "motorcycle_left.png", "rocket.jpg")
"""Calm, calm, lively, lively: two photos each, so that a mood lasts long enough for the music to follow."""


def demo_source(
    settings: CameraSettings,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> PhotosSource:
    """The photos of SEQUENCE, round and round."""
    endless = settings.model_copy(update={"loop": True})
    return PhotosSource("demo camera", demo_photos, endless, clock, sleep)


def demo_photos() -> list[Path]:
    """Where the photos lie; raises CameraError if the extra is not installed."""
    package = importlib.util.find_spec("skimage")  # found, not imported: that would bring SciPy along
    roots = [] if package is None else package.submodule_search_locations or []
    photos = [Path(root) / "data" / name for root in roots for name in SEQUENCE]
    found = [photo for photo in photos if photo.is_file()]
    if not found:
        raise CameraError(
            "The demo camera has no photos: install the player again with its extra demo (docs/install.md)."
        )
    return found
