"""Which reader reads moods: the bundled ones, or a language model with those as fallback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from player.config.settings.mood import MoodSettings
from player.models import MODELS_DIR
from player.mood.bundled_reader import BundledMoodReader
from player.mood.reader import MoodReader

CACHE_FILE = "mood_llm.jsonl"


def open_reader(
    settings: MoodSettings, state_dir: Callable[[], Path], models_dir: Path = MODELS_DIR
) -> MoodReader:
    """The reader that `mood.reader` asks for; a language model's answers are remembered in `state_dir()`.

    Raises ModelError and its children if the bundled model cannot be used, for it is the fallback too, and
    StateError.
    """
    bundled = BundledMoodReader(settings, models_dir)
    if settings.reader == "onnx":
        return bundled
    # Imported here: who asks no language model need not wait for ssl.
    from player.mood.llm.reader import LlmMoodReader  # noqa: PLC0415

    return LlmMoodReader(settings.llm, bundled, state_dir() / CACHE_FILE)
