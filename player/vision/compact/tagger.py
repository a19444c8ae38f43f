"""The ImageNet tagger: EfficientNet-Lite2, its thousand classes gathered into concepts."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Tagged:
    """What the tagger makes of a picture."""

    concepts: dict[str, float]
    """Concepts (concepts.toml) -> confidence (0 to 1), the surest first."""
    features: Floats
    """(1280, 9, 9): what they were told from, on a grid over the picture."""
    middle: Floats
    """(208, 9, 9): what the last two blocks of the network were given, on the same grid."""


class Tagger:
    """Says what kind of place or thing a picture shows as a whole."""

    def __init__(self, threads: int) -> None:
        """Raises ModelError and its children if tagger.onnx cannot be used."""
        self._session = open_session(MODEL, threads)

    def __call__(self, image: Image, threshold: float) -> Tagged:
        """What is seen in a picture, and the concepts with at least `threshold` (0 to 1) confidence."""
        outputs = ["probabilities", "features", "middle"]
        probabilities, features, middle = self._session.run(outputs, {"image": to_input(image)})
        return Tagged(gather(probabilities[0], threshold), features[0], middle[0])
