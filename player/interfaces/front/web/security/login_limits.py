"""How often may be tried to log in: from one address, and in all. Bounded in memory, whoever asks."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

from player.interfaces.front.web.security.access import ip_address

PER_ADDRESS, ADDRESS_REFILL_S = 10, 30.0
"""So many at once, and one more every 30 s: 2,900 a day from one address."""
IN_ALL, TOTAL_REFILL_S = 60, 2.0
"""Over all addresses that have not logged in before."""
MOST_ADDRESSES = 2000
MOST_OF_HOUSEHOLD = 16
"""Addresses of one IPv6 network that are known at a time: a few devices, each with some."""


@dataclass
class _Bucket:
    """Fills by one every `refill_s`, up to `size`."""

    size: int
    refill_s: float
    left: float
    at_s: float

    def wait_s(self, now_s: float) -> float:
        """How long until one can be taken; 0 if it can be now."""
        self.left = min(self.size, self.left + max(0.0, now_s - self.at_s) / self.refill_s)
        self.at_s = now_s
        return max(0.0, (1 - self.left) * self.refill_s)


@dataclass
class _Known:
    """An address from which somebody has logged in."""

    household: str
    bucket: _Bucket


class LoginLimits:
    """Counts tries. An address that has logged in before has its own limit only: no flood locks it out, and
    nobody who shares its network does. Strangers of one network count as one.
    """

    def __init__(self, now_s: float) -> None:
        self._total = _Bucket(IN_ALL, TOTAL_REFILL_S, IN_ALL, now_s)
        self._strangers: OrderedDict[str, _Bucket] = OrderedDict()
        """By household."""
        self._known: OrderedDict[str, _Known] = OrderedDict()
        """By address; the one that has logged in last is the last."""

    def claim(self, address: str, now_s: float) -> float:
        """Count a try; returns 0 if it may be made, else for how many seconds there is no use in trying."""
        known = self._known.get(_exact(address))
        buckets = [known.bucket] if known else [self._stranger(household(address), now_s), self._total]
        wait_s = max(one.wait_s(now_s) for one in buckets)
        if wait_s == 0:
            for one in buckets:
                one.left -= 1
        return wait_s

    def _stranger(self, household: str, now_s: float) -> _Bucket:
        bucket = self._strangers.get(household)
        if bucket is None:
            bucket = self._strangers[household] = _Bucket(PER_ADDRESS, ADDRESS_REFILL_S, PER_ADDRESS, now_s)
        self._strangers.move_to_end(household)
        if len(self._strangers) > MOST_ADDRESSES:
            self._strangers.popitem(last=False)
        return bucket

    def succeeded(self, address: str) -> None:
        """Somebody there knows a password. Only this try is given back: they may guess at another role's."""
        who = _exact(address)
        known = self._known.get(who)
        if known is None:
            known = self._introduced(who, household(address))
        known.bucket.left += 1
        self._known.move_to_end(who)

    def _introduced(self, who: str, household: str) -> _Known:
        """One more that is known: it goes on with what its household has left.

        The household itself does not get its try back, and few of it are known at a time: who knows one
        password could else guess at another from ever new addresses.
        """
        self._total.left += 1
        left = self._strangers[household].left if household in self._strangers else 0.0
        bucket = _Bucket(PER_ADDRESS, ADDRESS_REFILL_S, left, self._total.at_s)
        made = self._known[who] = _Known(household, bucket)
        of_it = [one for one, each in self._known.items() if each.household == household]
        for one in of_it[:-MOST_OF_HOUSEHOLD]:
            del self._known[one]
        if len(self._known) > MOST_ADDRESSES:
            self._known.popitem(last=False)
        return made


def _exact(address: str) -> str:
    found = ip_address(address)
    return str(found or address[:100])


def household(address: str) -> str:
    """Who shares an address: with IPv6, one customer has a network of 2^64."""
    found = ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return _exact(address)
