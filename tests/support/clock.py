"""A daemon whose wall clock the test sets, by libfaketime; its monotonic clock is the real one.

Its decks keep the real clock: they never ask for the time of day, and libVLC does not survive libfaketime.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from time import monotonic, time


class WallClock:
    """`env` makes a daemon believe it; `set` sets it while that runs."""

    def __init__(self, folder: Path, shows: datetime) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        assert found, "libfaketime is missing: sudo apt install faketime"
        self._file = folder / "offset"
        self.env = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "PYTHONPATH": str(Path(__file__).parent / "only_here"),
            # Both spellings: versions differ.
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self._ahead_s = 0.0
        self.set(shows)

    def set(self, shows: datetime) -> float:
        """Set the clock, from where it goes on; returns the seconds by which it jumps, below 0 if back."""
        before_s, self._ahead_s = self._ahead_s, shows.timestamp() - time()
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._ahead_s:+.3f}", encoding="ascii")
        os.replace(new, self._file)
        return self._ahead_s - before_s

    def monotonic(self, shown: datetime) -> float:
        """When, on the monotonic clock, it showed a time since it was set."""
        return shown.timestamp() - self._ahead_s - time() + monotonic()
