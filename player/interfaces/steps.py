"""An answer of several lines, each made if the one before has been taken."""

from __future__ import annotations

import os
from collections.abc import Iterator

from player.interfaces.answers import done, failed, line_of
from player.interfaces.messages.base import Answer


class Steps:
    """A Stream of what is made on the thread of its reader; a step that raises is the last line."""

    def __init__(self, made: Iterator[Answer]) -> None:
        self._made = made
        self._ready = os.eventfd(1, os.EFD_CLOEXEC)
        """Readable for ever: the next line is made if it is asked for."""
        self._ended = False

    def fileno(self) -> int:
        """See Stream."""
        return self._ready

    def line(self) -> bytes | None:
        """See Stream."""
        try:
            answer = next(self._made, None)
        except Exception as error:  # noqa: BLE001 - as of any command
            self._ended = True
            return line_of(failed(error))
        self._ended = answer is None
        return line_of(done(answer)) if answer is not None else None

    def wait_s(self) -> float:
        """See Stream."""
        return 0.0

    @property
    def ended(self) -> bool:
        """See Stream."""
        return self._ended

    def close(self) -> None:
        """See Stream."""
        os.close(self._ready)
