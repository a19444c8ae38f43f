"""Measure a language model as mood reader beside the bundled one, on labelled captions.

    python -m scripts.evaluate.mood_llm --url http://127.0.0.1:8080/v1 --model any [CAPTIONS.tsv]

The captions are of those which the bundled reader has never seen, every Nth, spread over the file. Each is
asked for once, without cache, budget or pauses. Where the model gives no usable answer the bundled reader
steps in, as it does in the player; the last line says how often.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from player.config.settings.mood import LlmSettings, MoodSettings
from player.emotions import MOOD7
from player.mood.llm.client import HttpChatClient
from player.mood.llm.prompt import Prompt
from player.mood.llm.reader import LlmMoodReader
from player.mood.onnx_reader import OnnxMoodReader
from player.types import Mood
from scripts.train.mood_data import CAPTIONS, Labelled, captions, held, table

FIRST_S = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("captions", type=Path, nargs="?", default=CAPTIONS)
    parser.add_argument("--number", type=int, default=60)
    for name, field in LlmSettings.model_fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=field.default)
    given = vars(parser.parse_args())
    number, path = given.pop("number"), given.pop("captions")
    items = [item for item in captions(path) if held(item)]
    measure(LlmSettings.model_validate(given), items[:: max(1, len(items) // number)][:number])


def measure(settings: LlmSettings, items: list[Labelled]) -> None:
    bundled, now = OnnxMoodReader(MoodSettings()), 0.0
    client = HttpChatClient(settings)
    model = LlmMoodReader(settings, bundled, clock=lambda: now, client=client)
    # The server loads the model and reads the examples first: no sentence of the table waits for that.
    client.complete(Prompt().messages("A room."), FIRST_S)
    moods: list[Mood] = []
    elapsed_ms: list[float] = []
    stepped_in = 0
    for item in items:
        now += 3600  # neither a pause nor the budget lasts until the next sentence
        started = time.perf_counter()
        moods += model.read([item.text])
        elapsed_ms.append(1000 * (time.perf_counter() - started))
        if model.note is not None:
            stepped_in += 1
            print(f"{item.text}: {model.note}")
    show(bundled.name, bundled.read([item.text for item in items]), items)
    show(settings.model, moods, items)
    least, middle, most = min(elapsed_ms), statistics.median(elapsed_ms), max(elapsed_ms)
    print(f"{least:.0f} / {middle:.0f} / {most:.0f} ms a sentence (least, median, most)")
    print(f"the bundled reader stepped in {stepped_in} times out of {len(items)}")


def show(name: str, moods: list[Mood], items: list[Labelled]) -> None:
    points = np.array([[mood.valence, mood.energy] for mood in moods])
    print(f"\n{name}\n{table(points, np.array([MOOD7.index(mood.mood7) for mood in moods]), items)}")


if __name__ == "__main__":
    main()
