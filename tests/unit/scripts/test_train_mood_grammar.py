"""Sentences put together for a larger reader to judge."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scripts.train.mood_grammar import GRAMMAR, composed


def test_every_list_is_used_and_every_name_is_a_list() -> None:
    lists = tomllib.loads(GRAMMAR.read_text(encoding="utf-8"))
    used = set(re.findall(r"\{(\w+)\}", " ".join(lists["sentences"])))
    assert used == set(lists) - {"sentences"}


def test_no_line_of_a_list_is_there_twice() -> None:
    for lines in tomllib.loads(GRAMMAR.read_text(encoding="utf-8")).values():
        assert len(lines) == len(set(lines))


def test_sentences_are_different_and_whole_and_always_the_same() -> None:
    found = composed(2000)
    assert found == composed(2000)
    assert len(set(found)) == 2000
    assert not [text for text in found if set(text) & set("{}")]
    assert not [text for text in found if text[0].islower() and text.endswith(".")]


def test_a_place_at_the_front_is_named_without_its_preposition(tmp_path: Path) -> None:
    path = tmp_path / "grammar.toml"
    path.write_text(
        'sentences = ["{where}, {light}"]\nwhere = ["in a café", "at the bar"]\nlight = ["dim"]\n'
    )
    found = {text.lower().rstrip(".") for text in composed(4, path)}
    assert found == {"a café, dim", "at the bar, dim"}


def test_more_sentences_than_there_are_is_an_error_and_no_endless_loop(tmp_path: Path) -> None:
    path = tmp_path / "grammar.toml"
    path.write_text('sentences = ["one"]\n')
    with pytest.raises(ValueError, match="2"):
        composed(3, path)
