"""What the Python API refuses as a picture; what it reads, tests/integration/test_python_api.py."""

import numpy as np
import pytest

from player.vision import read_scene


@pytest.mark.parametrize("image", [None, [[[0, 0, 0]]], object(), "café.jpg"])
def test_what_is_no_array_is_refused_in_words(image: object) -> None:
    with pytest.raises(ValueError, match=r"a picture is a numpy array, not .*cv2\.imread gives None"):
        read_scene(image)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)]
)
def test_another_array_is_refused_in_words(image: object) -> None:
    with pytest.raises(ValueError, match=r"a picture is .* not "):
        read_scene(image)  # type: ignore[arg-type]
