"""Who is connected over MPD's protocol: so many at a time, and who goes if there are more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

MOST, MOST_FROM_ONE = 32, 16


class Guest(Protocol):
    """Who holds a place."""

    address: str

    @property
    def is_let_in(self) -> bool:
        """Whether it may ask: it has given the password, or none is needed."""
        ...

    def end(self) -> None:
        """Disconnect it."""
        ...


class ClientPlaces:
    """As many as there are. Strangers, who have not given the password, hold theirs until it is needed."""

    def __init__(self) -> None:
        self._guests: list[Guest] = []
        """The oldest first."""

    def crowd(self, address: str) -> Sequence[Guest]:
        """Those of whom one must go before another from this address has a place; none while there is one."""
        from_there = [one for one in self._guests if one.address == address]
        if len(from_there) >= MOST_FROM_ONE:
            return from_there
        return self._guests if len(self._guests) >= MOST else ()

    def take(self, guest: Guest) -> bool:
        """Give a place, if need be that of a stranger: the oldest from the address that sends most of them,
        so that whoever sends many does not drive out those who are about to give the password.
        """
        if crowd := self.crowd(guest.address):
            strangers = [one for one in crowd if not one.is_let_in]
            if not strangers:
                return False
            sent = Counter(one.address for one in strangers)
            stranger = max(strangers, key=lambda one: sent[one.address])  # the first of equals
            self.leave(stranger)
            stranger.end()
        self._guests.append(guest)
        return True

    def leave(self, guest: Guest) -> None:
        """Give a place back, if it is held."""
        if guest in self._guests:
            self._guests.remove(guest)

    @property
    def is_full(self) -> bool:
        """Whether somebody would have to go before another has a place."""
        return any(self.crowd(address) for address in {one.address for one in self._guests})

    def end(self) -> None:
        """Disconnect all."""
        for one in self._guests:
            one.end()
