"""Measure the bundled reader of Korean on the sentences that it has never seen.

    python -m scripts.evaluate.mood_korean

Spearman of valence and energy, and how often the mood7 is right: on every seventh line of
scripts/data/mood_sentences_ko.tsv, on its messages (another style), on a fifth of the Korean scenes of
mood_sentences.tsv (labelled by two readers), and on all of these. Only run-time packages are needed.
"""

from __future__ import annotations

import statistics
import time

from player.mood.korean_reader import opened
from scripts.train.mood_korean_data import scores, sentences


def main() -> None:
    model = opened()
    out = [row for row in sentences() if row.split != "train"]
    print("held out     n  valence  energy  mood7")
    for split in ("test", "other", "captions", "all"):
        rows = [row for row in out if split in (row.split, "all")]
        found = scores(model, rows)
        print("{:<9} {:>4}  {:>7.3f} {:>7.3f}  {:>5.3f}".format(split, len(rows), *found.values()))
    elapsed_ms = []
    for row in out:
        started = time.perf_counter()
        model.read(row.text)
        elapsed_ms.append(1000 * (time.perf_counter() - started))
    print(f"{statistics.median(elapsed_ms):.1f} ms a sentence (median)")


if __name__ == "__main__":
    main()
