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


class LoginLimits:
    """Counts tries. An address that has logged in before has its own limit only: no flood locks it out."""

    def __init__(self, now_s: float) -> None:
        self._total = _Bucket(IN_ALL, TOTAL_REFILL_S, IN_ALL, now_s)
        self._addresses: OrderedDict[str, _Bucket] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()

    def claim(self, address: str, now_s: float) -> float:
        """Count a try; returns 0 if it may be made, else for how many seconds there is no use in trying."""
        who = _household(address)
        bucket = self._addresses.get(who)
        if bucket is None:
            bucket = self._addresses[who] = _Bucket(PER_ADDRESS, ADDRESS_REFILL_S, PER_ADDRESS, now_s)
        self._addresses.move_to_end(who)
        if len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        buckets = [bucket] if who in self._known else [bucket, self._total]
        wait_s = max(one.wait_s(now_s) for one in buckets)
        if wait_s == 0:
            for one in buckets:
                one.left -= 1
        return wait_s

    def succeeded(self, address: str) -> None:
        """Somebody there knows a password. Only this try is given back: they may guess at another role's."""
        who = _household(address)
        if who in self._addresses:
            self._addresses[who].left += 1
        if who not in self._known:
            self._total.left += 1
        self._known[who] = None
        self._known.move_to_end(who)
        if len(self._known) > MOST_ADDRESSES:
            self._known.popitem(last=False)


def _household(address: str) -> str:
    """Who shares an address: with IPv6, one customer has a network of 2^64."""
    found = ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found or address[:100])
