"""A connection to a broker that is made again whenever it ends."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from player.interfaces.front.mqtt.broker import Broker, BrokerConnection, BrokerError, Will
from player.interfaces.front.tasks import first_end
from player.log import EventLog
from player.system.backoff import BackOff

STEADY_S = 30.0
"""A connection that has lasted so long was a good one."""
ENDED = "The broker has ended the connection; it is tried again."
RETRY_S = 1.0, 60.0
"""The first pause between two tries, and the longest."""
Part = Callable[[BrokerConnection], Awaitable[None]]


class BrokerLink:
    """Runs for ever, through every absence of the broker; on the event loop's thread alone.

    first    what is done with each connection before it counts as one, such as to subscribe
    parts    what is done with it then, side by side; the first that ends, ends it
    back     the line for the log when the broker is reached
    rival    what may be the matter if a connection is lost again and again
    retry_s  the pauses between tries: the first, and the longest
    spread   whether many come back at the same time, and better do not
    told     hears how the connection is: what is wrong with it, or None
    """

    def __init__(
        self,
        broker: Broker,
        will: Will | None,
        first: Part,
        parts: Sequence[Part],
        log: EventLog,
        back: str,
        rival: str = "",
        retry_s: tuple[float, float] = RETRY_S,
        spread: bool = False,
        clock: Callable[[], float] = time.monotonic,
        told: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._broker, self._will, self._first, self._parts = broker, will, first, tuple(parts)
        self._told = told
        self._log, self._back, self._rival = log, back, rival
        self._back_off, self._spread, self._clock = BackOff(*retry_s), spread, clock
        self._said: str | None = ""
        self.problem: str | None = None
        """Why there is no connection, once one has been tried."""
        self.connected = False

    async def run(self) -> None:
        """Keep the connection."""
        while True:
            since = self._clock()
            try:
                async with self._broker.connect(self._will) as connection:
                    reason = await self._use(connection)
                if self._clock() - since < STEADY_S and self._rival:
                    reason = f"{reason} {self._rival}"
            except BrokerError as error:
                reason = str(error)
            finally:
                self.connected = False
            if self._clock() - since > STEADY_S:
                self._back_off.worked()
            self.problem = reason
            self._told(reason)
            if reason != self._said:
                self._said = reason
                self._log.warning("%s", reason)
            pause_s = self._back_off.failed(self._clock())
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0) if self._spread else pause_s)

    async def _use(self, connection: BrokerConnection) -> str:
        """Use it to its end; returns why it has ended."""
        await self._first(connection)
        if self._said is not None:
            self._log.info("%s", self._back)
        self._said = self.problem = None
        self.connected = True
        self._told(None)
        error = await first_end(part(connection) for part in self._parts)
        if error is not None and not isinstance(error, BrokerError):
            raise error
        return str(error or ENDED)
