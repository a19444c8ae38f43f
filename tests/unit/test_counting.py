"""So many of something: one is not many."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.counting import counted

PLAYER = Path(__file__).resolve().parents[2] / "player"
NOUNS = re.compile(
    r" (changes|days|entries|files|folders|judgements|lines|minutes|moments|people|photos|playlists|plays"
    r"|requests|restarts|songs|stations|steps|times|tracks)\b"
)
NEVER_ONE = (
    ("cli/doctor.py", "len(names)"),  # the bundled models' files
    ("mood/llm/reader.py", "self._settings.per_hour"),  # 10 at least
)


@pytest.mark.parametrize(("number", "said"), [(0, "0 tracks"), (1, "1 track"), (2, "2 tracks")])
def test_one_is_not_many(number: int, said: str) -> None:
    assert counted(number, "track") == said


def plurals(tree: ast.AST, is_chosen: bool = False) -> Iterator[ast.expr]:
    """What a sentence counts with a plural behind it, unless a condition has chosen that sentence."""
    is_chosen = is_chosen or isinstance(tree, ast.IfExp)
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr) and not is_chosen:
            for number, words in zip(node.values, node.values[1:], strict=False):
                behind = str(words.value) if isinstance(words, ast.Constant) else ""
                if NOUNS.match(behind) and isinstance(number, ast.FormattedValue):
                    yield number.value
        yield from plurals(node, is_chosen)


def test_every_sentence_that_counts_knows_of_one() -> None:
    found = [
        (str(path.relative_to(PLAYER)), ast.unparse(number))
        for path in sorted(PLAYER.rglob("*.py"))
        for number in plurals(ast.parse(path.read_text(encoding="utf-8")))
        if not any(part.isupper() for part in ast.unparse(number).split())
    ]
    assert sorted(found) == sorted(NEVER_ONE), "counted() says 1 track and 2 tracks"
