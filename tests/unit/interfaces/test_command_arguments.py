"""What commands take, as it is typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from player.interfaces import command_arguments


@pytest.mark.parametrize("take", [command_arguments.sentence, command_arguments.spoken])
@pytest.mark.parametrize("text", ["조용", "초기화", "잊기 3"])
def test_korean_in_its_parts_is_the_same_text(take: Callable[[object], object], text: str) -> None:
    assert take(unicodedata.normalize("NFD", text)) == text
