"""An answer of many lines that a test has written."""

import json
import os
from collections.abc import Sequence

from player.types import Json


class Lines:
    """Says these, and ends."""

    def __init__(self, said: Sequence[Json]) -> None:
        self._left = [json.dumps({"ok": True, **line}).encode() + b"\n" for line in said]
        self._bell = os.eventfd(1, os.EFD_NONBLOCK)

    def fileno(self) -> int:
        return self._bell

    def line(self) -> bytes | None:
        return self._left.pop(0) if self._left else None

    def wait_s(self) -> float:
        return 0.0

    @property
    def ended(self) -> bool:
        return not self._left

    def close(self) -> None:
        os.close(self._bell)
