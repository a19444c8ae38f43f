"""The demo's photos, which tests may use."""

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.types import Image


def photo(name: str) -> Image:
    """A photo of scikit-image's, (H, W, 3) uint8 BGR; the test is skipped where they are not installed."""
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None:
        pytest.skip("the demo's photos (scikit-image) are not installed")
    image = cv2.imread(str(Path(package.origin).parent / "data" / name))
    assert image is not None
    return np.asarray(image, np.uint8)
