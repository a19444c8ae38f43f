"""A Scene becomes a Mood; moods over time become shifts; the venue's policy makes a Target.

As a package, without a daemon: `from player.mood import read_mood`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from player.types import Mood

__all__ = ["read_mood"]


def read_mood(text: str) -> Mood:
    """The atmosphere of a place from an English or Korean sentence about it, by the bundled reader.

    Any text will do, of any length (of which the first 500 characters are read); one that says nothing
    is neutral. Ranges are in Mood. The first call opens the model, which takes a fifth of a second and stays;
    calls from several threads are fine. Raises ModelError and its children if the model cannot be opened.
    """
    from player.mood.api import read_one  # noqa: PLC0415 - importing the package must stay cheap

    return read_one(text)
