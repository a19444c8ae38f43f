"""The venue's taste without a running player: shown, exported, forgotten."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

import numpy as np

from player.cli.library_reading import open_to_read
from player.config.settings.config import Config
from player.library.database.store import Library
from player.selection.learning import Learning
from player.selection.taste import NAMES, TasteModel
from player.state import state_file
from player.types import Json

_WORDS = {
    "valence": ("happier music", "sadder music"),
    "energy": ("livelier music", "calmer music"),
    "tempo": ("faster music", "slower music"),
    "loudness": ("louder music", "quieter music"),
    "happier than asked": ("happier than the room", "sadder than the room"),
    "livelier than asked": ("livelier than the room", "calmer than the room"),
    "distance": ("farther from the mood", "closer to the mood"),
}
COLUMNS = ("track_id", "track", "at", "kind", "daypart", "target_valence", "target_energy")
"""Of `feedback_rows`."""
_WORTH_SAYING = 0.03
"""A change of the chance to be heard to the end, per unit of a feature."""


def described(settings: Config) -> Json:
    """feedback, kinds, learnt_from (how much of it), usual, weights per daypart, these in `plain` words."""
    with closing(open_to_read(settings)) as library:
        training_data = library.feedback.training_data(10**9)
        learning = Learning(settings.choice, library)
        learning.learn_now()
        taste = learning.taste
    return {
        "feedback": len(training_data.feedback),
        "kinds": dict(Counter(one.kind.value for one in training_data.feedback)),
        "learnt_from": taste.learnt_from,
        "usual": round(taste.usual, 3),
        "weights": {
            daypart or "whole day": dict(zip(NAMES, np.round(weights, 4).tolist(), strict=True))
            for daypart, weights in taste.weights.items()
        },
        "plain": _plain(taste),
    }


def feedback_rows(settings: Config) -> list[Json]:
    """All feedback, oldest first, under COLUMNS; `at` is ISO 8601."""
    with closing(open_to_read(settings)) as library:
        training_data = library.feedback.training_data(10**9)
    rows = []
    for one, title in zip(training_data.feedback, training_data.titles, strict=True):
        target = (None, None) if one.target is None else (one.target.valence, one.target.energy)
        values = (one.track_id, title, one.at.isoformat(), one.kind.value, one.daypart, *target)
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def forget(settings: Config) -> int:
    """Forget all feedback; returns how much there was. A running player notices with its next track."""
    with closing(Library(state_file.database_path(settings))) as library:
        return library.feedback.clear()


def _plain(taste: TasteModel) -> dict[str, list[str]]:
    return {daypart or "whole day": _sentences(weights) for daypart, weights in taste.weights.items()}


def _sentences(weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    said = []
    for name, weight in sorted(zip(NAMES, weights.tolist(), strict=True), key=lambda pair: -abs(pair[1])):
        if name in _WORDS and abs(weight) >= _WORTH_SAYING:
            more, less = _WORDS[name]
            said.append(f"{more if weight > 0 else less} ({weight:+.2f})")
    timbre = float(np.linalg.norm(weights[len(_WORDS) :]))
    if timbre >= _WORTH_SAYING:
        said.append(f"certain sounds (up to {timbre:.2f} either way)")
    return said or ["nothing in particular"]
