"""The ImageNet tagger: EfficientNet-Lite2, its thousand classes gathered into concepts."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from player.models import open_session
from player.types import Image
from player.vision.compact.vocabulary import concepts

MODEL = "tagger.onnx"
SIZE = 260

Floats = npt.NDArray[np.float32]


def gather(probabilities: Floats, threshold: float) -> dict[str, float]:
    """(1000,) class probabilities -> concept -> confidence (`threshold` to 1), the surest first."""
    sums = {name: float(probabilities[list(concept.classes)].sum()) for name, concept in concepts().items()}
    sure = [(name, min(total, 1.0)) for name, total in sums.items() if total >= threshold]
    return dict(sorted(sure, key=lambda item: -item[1]))


def to_input(image: Image) -> Floats:
    """(H, W, 3) uint8 BGR -> (1, 3, 260, 260) float32 RGB in [-1, 1].

    The whole picture, squeezed to a square: the edges of a room say as much as its middle.
    """
    # Averaged down first: blobFromImage alone would skip pixels.
    shrunk = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    blob = cv2.dnn.blobFromImage(shrunk, 1 / 128, (SIZE, SIZE), (127, 127, 127), swapRB=True)
    return np.asarray(blob, dtype=np.float32)


class Tagger:
    """Says what kind of place or thing a picture shows as a whole."""

    def __init__(self, threads: int) -> None:
        """Raises ModelError and its children if tagger.onnx cannot be used."""
        self._session = open_session(MODEL, threads)

    def __call__(self, image: Image, threshold: float) -> tuple[dict[str, float], Floats]:
        """Concepts (concepts.toml) seen with at least `threshold` (0 to 1) confidence, the surest first.

        And what they were told from: (1280, 9, 9) float32, the features of a grid over the picture.
        """
        inputs = {"image": to_input(image)}
        probabilities, features = self._session.run(["probabilities", "features"], inputs)
        return gather(probabilities[0], threshold), features[0]
