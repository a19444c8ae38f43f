"""The sentences that the mood reader is trained on: what is written by hand can go wrong anywhere."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from player.emotions import MOOD7

PATH = Path(__file__).resolve().parents[3] / "scripts" / "data" / "mood_sentences.tsv"

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    with PATH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_label_is_one(rows: Rows) -> None:
    for row in rows:
        assert None not in row, row
        for reader in ("", "2"):
            assert row[f"mood{reader}"] in MOOD7, row
            assert row[f"valence{reader}"] in "123456789", row
            assert row[f"energy{reader}"] in "123456789", row


def test_no_sentence_stands_there_twice(rows: Rows) -> None:
    assert max(Counter(row["id"] for row in rows).values()) == 1
    often = Counter(row["caption"].lower().rstrip(" .") for row in rows)
    assert [sentence for sentence, count in often.items() if count > 1] == []


def test_no_mood_is_rare(rows: Rows) -> None:
    counts = Counter(row["mood"] for row in rows)
    assert min(counts.values()) > 0.07 * len(rows), counts


def test_the_two_readers_agree_as_far_as_readers_do(rows: Rows) -> None:
    """By Pearson's correlation and equal moods; they did not see each other's labels."""
    for axis in ("valence", "energy"):
        first, second = (np.array([int(row[axis + reader]) for row in rows]) for reader in ("", "2"))
        assert np.corrcoef(first, second)[0, 1] > 0.9, axis
    same = [row["mood"] == row["mood2"] for row in rows]
    assert 0.85 < np.mean(same) < 1
