"""The key of a piece from its pitch classes: the Krumhansl-Schmuckler algorithm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
KEYS = tuple(f"{name} {mode}" for mode in ("major", "minor") for name in NAMES)
"""All 24: C major to B major, then C minor to B minor."""
CLEAR = 0.4
"""A key is named only if the pitch classes agree with it at least so well (Pearson's correlation) ..."""
MARGIN = 0.01
"""... and so much better than with any other key."""
# Krumhansl and Kessler (1982): how well each step of the scale fits a major and a minor key.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_PROFILES = np.array([[np.roll(mode, tonic) for tonic in range(12)] for mode in (_MAJOR, _MINOR)])
_SILENCE = 1e-9


def agreements(classes: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Pearson's correlation of pitch classes, (12,), with the major and minor key on each: (2, 12).

    The tonics are in the order of the classes, whatever the first is; 0 if the classes are all alike.
    """
    profiles = _PROFILES - _PROFILES.mean(axis=2, keepdims=True)
    centred = classes - classes.mean()
    scale = np.linalg.norm(profiles, axis=2) * np.linalg.norm(centred) + _SILENCE
    return np.asarray(profiles @ centred / scale)


def name(classes: npt.NDArray[np.floating]) -> str:
    """The key of pitch classes (12,), A first; empty if none is clear."""
    found = np.roll(agreements(classes), NAMES.index("A"), axis=1).ravel()
    second, best = np.sort(found)[-2:]
    return KEYS[int(found.argmax())] if best >= CLEAR and best - second >= MARGIN else ""
