"""So many of something, in words."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """1 track, 2 tracks, 0 tracks: with the noun's plural, which ends in s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
