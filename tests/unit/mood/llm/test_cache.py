import logging
from pathlib import Path

import pytest

from player.mood.llm.cache import ResponseCache, cache_key
from player.mood.llm.response import MoodResponse

CALM, SAD = MoodResponse(mood="calm", valence=7, energy=2), MoodResponse(mood="sad", valence=2.5, energy=2)


def test_what_was_not_used_for_longest_goes() -> None:
    cache = ResponseCache(None, largest=2)
    cache.put("a", CALM)
    cache.put("b", SAD)
    assert cache.get("a") == CALM
    cache.put("c", SAD)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (CALM, None, SAD)


def test_it_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    cache = ResponseCache(path)
    cache.put("a", CALM)
    cache.put("b", SAD)
    again = ResponseCache(path)
    assert (again.get("a"), again.get("b"), again.get("c")) == (CALM, SAD, None)


def test_the_file_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    cache = ResponseCache(path, largest=3)
    for number in range(100):
        cache.put(str(number), CALM)
        assert len(path.read_bytes().splitlines()) <= 6
    again = ResponseCache(path, largest=3)
    assert [again.get(str(number)) for number in range(96, 100)] == [None, CALM, CALM, CALM]


@pytest.mark.parametrize(
    "damage",
    [
        b'\n["b", "ca',
        b'\n["b", "cosy", 5, 5]',
        b'\n["b", "calm", 99, 5]',
        b'\n["b"]',
        b"\n7",
        b"\n\xff\xfe\x00",
        b"\n" + b"[" * 100_000,
    ],
)
def test_a_broken_line_costs_itself_alone(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "cache.jsonl"
    ResponseCache(path).put("a", CALM)
    with path.open("ab") as file:
        file.write(damage)
    ResponseCache(path).put("c", SAD)
    again = ResponseCache(path)
    assert (again.get("a"), again.get("b"), again.get("c")) == (CALM, None, SAD)


def test_without_its_file_it_still_remembers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "missing" / "cache.jsonl"
    cache = ResponseCache(path)
    with caplog.at_level(logging.WARNING):
        cache.put("a", CALM)
        cache.put("b", SAD)
    assert (cache.get("a"), cache.get("b")) == (CALM, SAD)
    assert len(caplog.messages) == 1, "said once"


def test_a_folder_in_its_place_is_no_reason_to_stop(tmp_path: Path) -> None:
    assert ResponseCache(tmp_path).get("a") is None


def test_the_key_tells_apart_whatever_an_answer_depends_on() -> None:
    assert cache_key("model", 1, "a b") == cache_key("model", 1, "a b")
    keys = {cache_key("model", 1, "a b"), cache_key("model", 2, "a b"), cache_key("model", 1, "a", "b")}
    assert len(keys) == 3
    assert "café" not in cache_key("café")
