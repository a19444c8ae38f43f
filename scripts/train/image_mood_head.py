"""What reads valence and energy off a photo's numbers, for image_mood.py: kernel ridge regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEATURES = 3840
"""The tagger's, pooled; what the tuned blocks say comes after them."""
DIRECTIONS = 192
"""Principal directions of the features that are kept."""
EMPHASIS = 2.0
"""How far apart two photos are by what the blocks say of them, beside 1 by the tagger's own features: the
square of it is as if each of their 386 numbers were there four times."""
FAR = 6.0
"""Standard deviations at which a feature is clipped: a room may look like no photo of the training set."""
LANDMARKS = 1500
SHARPNESS = 1.0
"""exp(-SHARPNESS) is the kernel of two photos at the median distance."""
RIDGE, JITTER = 0.5, 1e-4
GOLD, JUDGED, FOREIGN = 0, 1, 2
"""The 1,000 photos of Flickr8k, the 7,091 of photos_pseudo, and OASIS."""

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Data:
    """All sets of photos in one."""

    features: Array
    """(n, 3840 + 386): the tagger's, pooled, and what the blocks say."""
    labels: Array
    """(n, 2). Those of each set have the mean and the spread of the judged ones of Flickr8k."""
    counts: Array
    """(n,) what each photo counts."""
    origin: Rows
    """(n,) GOLD, JUDGED or FOREIGN."""
    sentences: Array
    """(n, 2): what the mood reader makes of the compact reader's sentences."""


@dataclass(frozen=True)
class Space:
    """Features -> a few principal directions."""

    mean: Array
    scale: Array
    directions: Array
    """Of the features in units of their spread, those that the blocks say EMPHASIS times as long."""

    def __call__(self, features: Array) -> Array:
        standard = np.clip((features - self.mean) / self.scale, -FAR, FAR)
        return np.asarray(standard @ self.directions)


@dataclass(frozen=True)
class Head:
    """Kernel ridge regression: its columns are valence and energy."""

    space: Space
    known: Array
    sharpness: float
    columns: Array
    offset: Array

    def __call__(self, features: Array) -> Array:
        """(n, features) -> (n, 2)."""
        return kernel(self.space(features), self.known, self.sharpness) @ self.columns + self.offset


def squared_distances(a: Array, b: Array) -> Array:
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)


def kernel(a: Array, b: Array, sharpness: float) -> Array:
    return np.asarray(np.exp(-sharpness * squared_distances(a, b)))


def fit_space(features: Array, counts: Array) -> Space:
    mean, scale = np.average(features, axis=0, weights=counts), features.std(0) + 1e-6
    emphasis = np.where(np.arange(features.shape[1]) < FEATURES, 1.0, EMPHASIS)
    standard = np.clip((features - mean) / scale, -FAR, FAR) * emphasis
    _, vectors = np.linalg.eigh((standard * counts[:, None]).T @ standard / counts.sum())
    return Space(mean, scale, emphasis[:, None] * vectors[:, -DIRECTIONS:])


def fit(data: Data, rows: Rows) -> Head:
    """Train on these photos."""
    counts = data.counts[rows]
    space = fit_space(data.features[rows], counts)
    places = space(data.features[rows])
    known = places[np.random.default_rng(0).permutation(len(places))[:LANDMARKS]]
    near = known[:800]
    sharpness = SHARPNESS / float(np.median(squared_distances(near, near)))
    offset = np.average(data.labels[rows], axis=0, weights=counts)
    gram, weighted = kernel(places, known, sharpness), (data.labels[rows] - offset) * counts[:, None]
    square = gram.T @ (gram * counts[:, None]) + RIDGE * kernel(known, known, sharpness)
    columns = np.linalg.solve(square + JITTER * np.eye(len(known)), gram.T @ weighted)
    return Head(space, known, sharpness, columns, offset)
