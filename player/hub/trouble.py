"""What does not work at the hub for some time: said once, and so is its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from player.errors import StateError
from player.log import Complaints, EventLog, LogEvent

log = EventLog(__name__, LogEvent.FLEET)


class Trouble:
    """Of one kind, in several things that each work or do not.

    over   the line for the log once all of them work again
    clock  a steady one, in seconds
    """

    def __init__(self, over: str, clock: Callable[[], float]) -> None:
        self._over = over
        self._complaints = Complaints(log, clock)
        self._reasons: dict[str, str] = {}

    @property
    def reason(self) -> str | None:
        """What is wrong, in a sentence; None if all is well."""
        return next(iter(self._reasons.values()), None)

    def fails(self, what: str, reason: str) -> None:
        """This does not work now."""
        if reason not in self._reasons.values():
            self._complaints.say(reason)
        self._reasons[what] = reason

    def works(self, what: str) -> None:
        """This works."""
        if self._reasons.pop(what, None) is not None and not self._reasons:
            self._complaints.mended()
            log.info("%s", self._over)

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Something is tried that works or raises StateError, which is passed on."""
        try:
            yield
        except StateError as error:
            self.fails(what, str(error))
            raise
        self.works(what)
