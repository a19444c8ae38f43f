"""A connection of which the broker forbids some topics: the others go on, and what is forbidden is said."""

from __future__ import annotations

from collections.abc import AsyncIterator

from player.interfaces.front.mqtt.broker import BrokerConnection, ForbiddenError, Message
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.FLEET)

ALLOWED = "the broker takes everything of this room's again"


class Permitted:
    """A BrokerConnection that raises no ForbiddenError, for one event loop; `begin` takes the next one."""

    def __init__(self) -> None:
        self._connection: BrokerConnection | None = None
        self._forbidden: dict[str, str] = {}
        """What the broker does not take or tell, by topic, and the sentence about it."""
        self._kept: dict[str, bytes] = {}
        """What it was to keep of that."""

    @property
    def problem(self) -> str | None:
        """The sentence about one topic that is forbidden."""
        return next(iter(self._forbidden.values()), None)

    def begin(self, connection: BrokerConnection) -> None:
        """Go on with a connection of which nothing is known yet."""
        self._connection = connection
        self._forbidden.clear()
        self._kept.clear()

    async def publish(self, topic: str, payload: bytes, retain: bool) -> None:
        """See BrokerConnection; what is forbidden is dropped, or said again by `retry` if it is to stay."""
        assert self._connection is not None
        try:
            await self._connection.publish(topic, payload, retain)
        except ForbiddenError as error:
            if retain:
                self._kept[topic] = payload
            self._forbid(topic, str(error))
        else:
            self._kept.pop(topic, None)
            if self._forbidden.pop(topic, None) and not self._forbidden:
                log.info("%s", ALLOWED)

    async def subscribe(self, *topics: str) -> None:
        """See BrokerConnection."""
        assert self._connection is not None
        try:
            await self._connection.subscribe(*topics)
        except ForbiddenError as error:
            self._forbid("", str(error))

    def messages(self) -> AsyncIterator[Message]:
        """See BrokerConnection."""
        assert self._connection is not None
        return self._connection.messages()

    async def retry(self) -> None:
        """Say again what the broker was to keep and did not take."""
        for topic, payload in list(self._kept.items()):
            await self.publish(topic, payload, retain=True)

    def _forbid(self, topic: str, why: str) -> None:
        if not self._forbidden:
            log.warning("%s", why)
        self._forbidden[topic] = why
