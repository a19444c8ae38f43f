"""A broker behind aiomqtt."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from player.config.settings.broker import BrokerSettings
from player.interfaces.front.mqtt import broker_trouble
from player.interfaces.front.mqtt.broker import BrokerConnection, BrokerError, ForbiddenError, Message, Will

QOS = 1
KEEPALIVE_S = 30
ANSWER_S = 15.0
"""A broker that has not taken a message for so long is as good as gone."""
GOODBYE_S = 0.2
"""The process of the front has not much longer."""
SLOWEST_BYTES_A_S = 1000
"""A long message over a slow line has the time for it."""
MOST_WAITING = 32
"""Messages that came and were not worked off, or are to go; of those that came, the newest are kept."""
NOT_AUTHORIZED = {134, 135, 4, 5}
"""Codes of a refused user or password: of MQTT 5, and of 3.1.1."""
OTHER_PROTOCOL = {132, 1}
"""Codes of a broker that does not know MQTT 5."""
FORBIDDEN = 135
MOST_BYTES = 1_048_576
"""Of a message; a larger one the broker is to keep to itself. A retained one of 200 MB would take three times
as much memory here, at every connection. The largest of ours, a fleet's, have a quarter of this."""
V5, V311 = aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311


def _code(reason: object) -> int:
    """The number of a reason that paho has as a number or as an object."""
    found = getattr(reason, "value", reason)
    return found if isinstance(found, int) else 0


class _Client(aiomqtt.Client):
    """Hears what a broker that speaks MQTT 5 says of each message; aiomqtt itself drops that."""

    refusal: int | None = None
    """The code for the last message, if the broker did not take it."""

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        if getattr(reason_code, "is_failure", False):
            self.refusal = _code(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


class WaitingMessages(asyncio.Queue[aiomqtt.Message]):
    """A queue that is never full: it drops the oldest message of the newcomer's topic, or else the oldest.

    So a topic that is flooded loses what is out of date anyway, and takes no room from the others.
    """

    def _init(self, maxsize: int) -> None:  # noqa: ARG002 - asyncio.Queue's own
        self._queue: deque[aiomqtt.Message] = deque()

    def put_nowait(self, item: aiomqtt.Message) -> None:
        """Add a message, whatever must go for it."""
        if self.full():
            topic = str(item.topic)
            same = (at for at, one in enumerate(self._queue) if str(one.topic) == topic)
            del self._queue[next(same, 0)]
        super().put_nowait(item)


class AiomqttConnection(BrokerConnection):
    """See BrokerConnection.

    where  the broker, as sentences call it
    who    which settings name the user there
    """

    def __init__(self, client: _Client, where: str, who: str) -> None:
        self._client, self._where, self._who = client, where, who
        self._lost = f"The broker at {where} has ended the connection; it is tried again."
        self._one_by_one = asyncio.Lock()

    async def publish(self, topic: str, payload: bytes, retain: bool) -> None:
        """See BrokerConnection."""
        async with self._one_by_one:
            self._client.refusal = None
            try:
                await self._client.publish(
                    topic, payload, QOS, retain, timeout=ANSWER_S + len(payload) / SLOWEST_BYTES_A_S
                )
            except aiomqtt.MqttError as error:
                raise BrokerError(self._lost) from error
            refusal = self._client.refusal
        if refusal == FORBIDDEN:
            raise ForbiddenError(self._forbidden("write to", topic))
        if refusal is not None:
            said = f"The broker at {self._where} does not take what is for {topic} (code {refusal})."
            raise ForbiddenError(said)

    async def subscribe(self, *topics: str) -> None:
        """See BrokerConnection."""
        refused = []
        try:
            for topic in topics:
                codes = await self._client.subscribe(topic, qos=QOS)
                refused += [topic] * any(_code(code) >= 128 for code in codes)
        except aiomqtt.MqttError as error:
            raise BrokerError(self._lost) from error
        if refused:
            raise ForbiddenError(self._forbidden("read", refused[0]))

    async def messages(self) -> AsyncIterator[Message]:
        """See BrokerConnection."""
        try:
            async for one in self._client.messages:
                payload = one.payload if isinstance(one.payload, bytes) else b""
                yield Message(str(one.topic), payload, bool(one.retain))
        except aiomqtt.MqttError as error:
            raise BrokerError(self._lost) from error

    def _forbidden(self, what: str, topic: str) -> str:
        why = f"The broker at {self._where} does not let this user {what} {topic}"
        return f"{why}; see its access list and {self._who}."


class AiomqttBroker:
    """See Broker; a connection is made with these settings.

    client_id     as the broker is to know it
    section       where in the config these settings stand, for what is said of them
    most_waiting  messages that came and were not worked off; of more, the newest are kept
    """

    def __init__(
        self,
        settings: BrokerSettings,
        client_id: str,
        section: str = "mqtt",
        keepalive_s: int = KEEPALIVE_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._settings, self._client_id, self._section = settings, client_id, section
        self._keepalive_s, self._most_waiting = keepalive_s, most_waiting
        self._protocol = V5

    @asynccontextmanager
    async def connect(self, will: Will | None = None) -> AsyncIterator[BrokerConnection]:
        """See Broker."""
        settings = self._settings
        client = await self._entered(will)
        try:
            where = broker_trouble.where(settings)
            yield AiomqttConnection(client, where, f"{self._section}.user")
        finally:
            with suppress(aiomqtt.MqttError):
                if will is not None:  # which the broker says of a connection that breaks, and of no other
                    await client.publish(will.topic, will.payload, QOS, retain=True, timeout=GOODBYE_S)
            with suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    async def _entered(self, will: Will | None) -> _Client:
        """A client that is connected; with MQTT 5 unless the broker is too old for it. Raises BrokerError."""
        while True:
            client = self._client(will)
            try:
                await client.__aenter__()
            except MqttConnectError as error:
                if _code(error.rc) not in OTHER_PROTOCOL or self._protocol == V311:
                    raise BrokerError(self._refusal(error)) from error
                self._protocol = V311
            except aiomqtt.MqttError as error:
                raise await broker_trouble.look(self._settings, self._section, ANSWER_S) from error
            else:
                return client

    def _client(self, will: Will | None) -> _Client:
        settings = self._settings
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = MOST_BYTES
        return _Client(
            settings.host,
            settings.port,
            username=settings.user or None,
            password=settings.password or None,
            identifier=self._client_id,
            protocol=self._protocol,
            will=aiomqtt.Will(will.topic, will.payload, QOS, retain=True) if will else None,
            timeout=ANSWER_S,
            keepalive=self._keepalive_s,
            queue_type=WaitingMessages,
            max_queued_incoming_messages=self._most_waiting,
            max_queued_outgoing_messages=MOST_WAITING,
            tls_context=broker_trouble.tls_context(settings, self._section),
            logger=_silent(),
            properties=limits if self._protocol == V5 else None,
        )

    def _refusal(self, error: MqttConnectError) -> str:
        at = broker_trouble.where(self._settings)
        if _code(error.rc) in NOT_AUTHORIZED:
            of = self._section
            return f"The broker at {at} refuses the player; see {of}.user and {of}.password."
        return f"The broker at {at} refuses the connection ({error})."


def _silent() -> logging.Logger:
    """What the library says is for programmers."""
    logger = logging.getLogger("mqtt.silent")
    logger.setLevel(logging.CRITICAL)
    return logger
