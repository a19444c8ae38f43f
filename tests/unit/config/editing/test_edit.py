"""Any YAML, as any program writes it, becomes what is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config import document
from player.config.editing.edit import edited, same

PATH = Path("/srv/config.yaml")
SINGLE = st.sampled_from(
    [
        1,
        2.5,
        True,
        None,
        "x",
        "on",
        "a b",
        "~",
        "12:00",
        "it's",
        'q"',
        "a: b",
        "# c",
        "two\nlines\n",
        "",
        "-",
        "한",
    ]
)
KEYS = st.sampled_from(["a", "b", "c", "d", "on", "1", "e f"])
INNER: st.SearchStrategy[Any] = st.recursive(
    SINGLE, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=3), max_leaves=8
)
WHOLE = st.dictionaries(KEYS, INNER, min_size=1, max_size=4)
"""Keys are the same few, so that one has much in common with another."""


@settings(max_examples=60, deadline=None, database=None)
@given(
    WHOLE,
    WHOLE,
    st.sampled_from([None, False, True]),
    st.sampled_from([None, "'", '"']),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_any_text_becomes_what_is_wanted(
    old: Any, new: Any, flow: bool | None, style: str | None, newline: str, ended: bool
) -> None:
    written = yaml.dump(old, default_flow_style=flow, default_style=style, allow_unicode=True, width=40)
    text = (written if ended else written.rstrip("\n")).replace("\n", newline)
    before = document.parse(PATH, text).values
    assert edited(text, before, before, lambda _: []) == text
    after = document.parse(PATH, edited(text, before, new, lambda _: [])).values
    assert same(after, new)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a:\n  a: []", {"b": 1, "a": {"a": 1, "b": 1}}),
        ("a: 1\nb:\n- 1\n", {"c": 1, "b": [1, 1]}),
        ("c:\n  a: 1\n", {"d": {"e": 1}, "c": {"a": 1, "b": {"f": 1}}}),
    ],
)
def test_of_two_new_lines_at_one_place_the_inner_comes_first(text: str, new: Any) -> None:
    before = document.parse(PATH, text).values
    assert document.parse(PATH, edited(text, before, new, lambda _: [])).values == new
