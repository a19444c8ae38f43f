"""Keeps the process small over months: glibc gives every thread a heap of its own, and keeps what it had."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""mallopt(3)."""
ARENAS = 2
"""Enough for threads that mostly wait; by default there may be eight per core."""


def limit_arenas() -> bool:
    """Have all threads share ARENAS heaps; False where the C library knows no such thing (macOS, musl)."""
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError):
        return False
