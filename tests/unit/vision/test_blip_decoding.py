"""Greedy and beam search on a model whose every probability is written down."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from player.vision.blip.decoding import Floats, Ints, Search, generate

START, A, B, END = range(4)

Table = Mapping[tuple[int, ...], Sequence[float]]

GARDEN: Table = {
    # The likelier first word leads to the unlikelier sentence: greedy search falls for it.
    (START,): (0, 0.6, 0.4, 0),
    (START, A): (0, 0.4, 0.35, 0.25),
    (START, B): (0, 0.02, 0.03, 0.95),
}
LONGER: Table = {
    (START,): (0, 0.5, 0.0, 0.5),
    (START, A): (0, 0.0, 0.9, 0.1),
    (START, A, B): (0, 0.05, 0.05, 0.9),
}
OTHERWISE = (0, 0.5, 0.3, 0.2)


class TableModel:
    """A NextToken that looks the probabilities up, and checks what it is asked."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.read_so_far: list[tuple[int, ...]] = [()]
        self.calls: list[int] = []

    def read(self, tokens: Ints) -> Floats:
        assert len(tokens) == len(self.read_so_far), "beams were not kept in step"
        self.calls.append(tokens.shape[1])
        self.read_so_far = [
            (*before, *map(int, new)) for before, new in zip(self.read_so_far, tokens, strict=True)
        ]
        rows = [self.table.get(row, OTHERWISE) for row in self.read_so_far]
        return np.log(np.maximum(rows, 1e-30)).astype(np.float32)

    def keep(self, beams: Sequence[int]) -> None:
        self.read_so_far = [self.read_so_far[beam] for beam in beams]


@pytest.mark.parametrize(
    ("table", "search", "expected"),
    [
        (GARDEN, Search(END, 3), [START, A, A]),
        (GARDEN, Search(END, 4), [START, A, A, A]),
        (GARDEN, Search(END, 3, beams=2), [START, B, END]),
        (GARDEN, Search(END, 6, beams=3), [START, B, END]),
        (GARDEN, Search(END, 6, beams=3, early_stopping=True), [START, B, END]),
        (GARDEN, Search(END, 6, beams=3, early_stopping="never"), [START, B, END]),
        ({(START,): (0, 0, 0.1, 0.9)}, Search(END, 10), [START, END]),
        (LONGER, Search(END, 6, beams=2, length_penalty=1.0), [START, A, B, END]),
        (LONGER, Search(END, 6, beams=2, length_penalty=0.0), [START, END]),
        (LONGER, Search(END, 6, beams=2, length_penalty=2.0), [START, A, B, END]),
    ],
)
def test_the_sequence_that_is_found(table: Table, search: Search, expected: list[int]) -> None:
    assert generate(TableModel(table), [START], search) == expected


def test_one_beam_is_greedy_search_and_reads_each_token_once() -> None:
    model = TableModel({})
    assert generate(model, [START, B, B], Search(END, 6)) == [START, B, B, A, A, A]
    assert model.calls == [3, 1, 1]


@pytest.mark.parametrize("beams", [1, 2, 3])
def test_a_prompt_as_long_as_the_limit_is_the_answer(beams: int) -> None:
    model = TableModel({})
    assert generate(model, [START, A, B], Search(END, 3, beams)) == [START, A, B]
    assert model.calls == []


@pytest.mark.parametrize("seed", range(8))
def test_wide_beams_find_the_best_sentence_there_is(seed: int) -> None:
    """With so many beams that nothing is cut off, beam search is exhaustive."""
    random = np.random.default_rng(seed)
    rows = {(START,): random.dirichlet((1, 1, 1, 1))}
    for first in range(3):
        rows[START, first] = random.dirichlet((1, 1, 1, 1))
    table = {key: tuple(map(float, row)) for key, row in rows.items()}
    found = generate(TableModel(table), [START], Search(END, 3, beams=4, length_penalty=0))
    scores = {(START, END): math.log(table[START,][END])}
    for first in range(3):
        for second in range(4):
            sure = table[START,][first] * table[START, first][second]
            scores[START, first, second] = math.log(sure)
    assert tuple(found) == max(scores, key=scores.__getitem__)
