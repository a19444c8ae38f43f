"""What stands behind `player.mood.read_mood`."""

from __future__ import annotations

import threading
from functools import cache

from player.config.settings.mood import MoodSettings
from player.mood.bundled_reader import BundledMoodReader
from player.types import Mood

_opening = threading.Lock()


def read_one(text: str) -> Mood:
    """See `player.mood.read_mood`."""
    with _opening:
        reader = _reader()
    return reader.read([text])[0]


@cache
def _reader() -> BundledMoodReader:
    return BundledMoodReader(MoodSettings())
