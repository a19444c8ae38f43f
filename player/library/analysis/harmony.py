"""Which chords and steps of the scale a passage is made of: what the mode alone misses.

All of it is the same in every key.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from player.library.analysis import keys

WIDTH = 85
"""Numbers that `describe` gives."""
_CHORDS = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8), (0, 4, 7, 10), (0, 3, 7, 10), (0, 5, 7), (0, 4, 7, 11))
"""Major, minor, diminished, augmented, dominant and minor seventh, suspended, major seventh: semitones."""
_SHARPNESS = 8.0  # how much likelier a triad gets that fits better
_KEY_FRAMES = 62  # some 8 s: a passage has one key
_SILENCE = 1e-6

Doubles = npt.NDArray[np.float64]


def describe(chroma: npt.NDArray[np.floating]) -> Doubles:
    """Pitch classes over time, (frames, 12), A first -> (WIDTH,)."""
    classes: Doubles = chroma.astype(np.float64)
    shapes = _standard(classes)
    mode, tonic = divmod(int(keys.agreements(classes.mean(axis=0)).argmax()), 12)
    relative_major = (tonic + 3 * mode) % 12
    fits = (shapes @ _templates().T / 12).reshape(len(classes), len(_CHORDS), 12)
    triads = np.exp(_SHARPNESS * fits[:, :2]).reshape(len(classes), 24)
    triads /= triads.sum(axis=1, keepdims=True)
    best, major = fits.max(axis=2), triads[:, :12].sum(axis=1)
    doubt = -(triads * np.log(triads + _SILENCE)).sum(axis=1)
    likeliest = triads.argmax(axis=1)
    changes = np.mean(likeliest[1:] != likeliest[:-1]) if len(classes) > 1 else 0.0
    steps = np.roll(triads.mean(axis=0).reshape(2, 12), -relative_major, axis=1).ravel()
    circles = np.abs(np.fft.rfft(classes / (classes.sum(axis=1, keepdims=True) + _SILENCE), axis=1)[:, 1:])
    return np.concatenate([
        best.mean(axis=0), best.std(axis=0),
        [major.mean(), major.std(), changes, doubt.mean(), doubt.std()],
        _leanings(classes),
        np.roll(_standard(classes.mean(axis=0)), -relative_major),
        np.roll(shapes.std(axis=0), -relative_major),
        steps,
        circles.mean(axis=0), circles.std(axis=0),
    ])  # fmt: skip


def _standard(classes: Doubles) -> Doubles:
    """Pitch classes with mean 0 and deviation 1; silence stays 0."""
    centred = classes - classes.mean(axis=-1, keepdims=True)
    return np.asarray(centred / (centred.std(axis=-1, keepdims=True) + _SILENCE))


@lru_cache(maxsize=1)
def _templates() -> Doubles:
    """Each chord on each root: (chords x 12, 12)."""
    steps = np.arange(12)
    notes = np.array([[np.isin(steps, np.add(chord, root) % 12) for root in steps] for chord in _CHORDS])
    return _standard(notes.reshape(-1, 12).astype(np.float64))


def _leanings(chroma: Doubles) -> Doubles:
    """By how much a major key fits better than a minor one, in each 8 s: mean, deviation, ends: (4,)."""
    starts = range(0, max(1, len(chroma) - _KEY_FRAMES // 2), _KEY_FRAMES // 2)
    fits = [keys.agreements(chroma[at : at + _KEY_FRAMES].mean(axis=0)).max(axis=1) for at in starts]
    leaning = np.array([major - minor for major, minor in fits])
    return np.array([leaning.mean(), leaning.std(), leaning.max(), leaning.min()])
