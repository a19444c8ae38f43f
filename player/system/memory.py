"""Memory that is free again goes back to the machine."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable


def _found() -> Callable[[int], int] | None:
    """malloc_trim(3), which glibc has and others lack."""
    if sys.platform != "linux":
        return None
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


_TRIM = _found()


def give_back() -> None:
    """Hand free memory between what is in use back to the kernel; takes milliseconds.

    glibc keeps it by itself, for each thread that ever asked for any: tens of megabytes after large
    computations. Does nothing where the C library is another.
    """
    if _TRIM is not None:
        _TRIM(0)
