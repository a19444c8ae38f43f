"""Text of tags and names as it may stand on a line: whoever made a file may have put anything into it."""

from __future__ import annotations

import unicodedata

_BREAKS = ("Cc", "Cf", "Zl", "Zp")
"""Controls, directions of writing, ends of lines and paragraphs."""


def printable(text: str) -> str:
    """Text with a space for each character that ends a line or steers a terminal; columns stay."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text)


def on_one_line(text: str) -> str:
    """Text without such characters and with single spaces, in characters that UTF-8 has."""
    return " ".join(printable(text.encode("utf-8", "replace").decode()).split())
