"""A broker behind aiomqtt."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from player.config.settings.broker import BrokerSettings
from player.interfaces.front.mqtt.broker import BrokerError, Connection, Message, Will

QOS = 1
KEEPALIVE_S = 30
ANSWER_S = 15.0
"""A broker that has not taken a message for so long is as good as gone."""
MOST_WAITING = 32
"""Messages that came and were not worked off, or are to go; of those that came, the newest are kept."""
NOT_AUTHORIZED = {134, 135, 4, 5}
"""Codes of a refused user or password: of MQTT 5, into which paho turns them, and of 3.1.1."""


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


class AiomqttConnection(Connection):
    """See Connection."""

    def __init__(self, client: aiomqtt.Client, where: str) -> None:
        self._client, self._lost = (
            client,
            f"The broker at {where} has ended the connection; it is tried again.",
        )

    async def publish(self, topic: str, payload: bytes, retain: bool) -> None:
        """See Connection."""
        try:
            await self._client.publish(topic, payload, qos=QOS, retain=retain)
        except aiomqtt.MqttError as error:
            raise BrokerError(self._lost) from error

    async def subscribe(self, *topics: str) -> None:
        """See Connection."""
        try:
            for topic in topics:
                await self._client.subscribe(topic, qos=QOS)
        except aiomqtt.MqttError as error:
            raise BrokerError(self._lost) from error

    async def messages(self) -> AsyncIterator[Message]:
        """See Connection."""
        try:
            async for one in self._client.messages:
                payload = one.payload if isinstance(one.payload, bytes) else b""
                yield Message(str(one.topic), payload, bool(one.retain))
        except aiomqtt.MqttError as error:
            raise BrokerError(self._lost) from error


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
        self._where = f"{settings.host}, port {settings.port}"

    @asynccontextmanager
    async def connect(self, will: Will | None = None) -> AsyncIterator[Connection]:
        """See Broker."""
        settings = self._settings
        client = aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.user or None,
            password=settings.password or None,
            identifier=self._client_id,
            will=aiomqtt.Will(will.topic, will.payload, QOS, retain=True) if will else None,
            timeout=ANSWER_S,
            keepalive=self._keepalive_s,
            queue_type=WaitingMessages,
            max_queued_incoming_messages=self._most_waiting,
            max_queued_outgoing_messages=MOST_WAITING,
            tls_context=self._tls(),
            logger=_silent(),
        )
        try:
            await client.__aenter__()
        except MqttConnectError as error:
            raise BrokerError(self._refusal(error)) from error
        except aiomqtt.MqttError as error:
            await self._reach()
            nobody = f"What answers at {self._where} is no broker"
            raise BrokerError(f"{nobody}; see {self._section}.port and {self._section}.tls.") from error
        try:
            yield AiomqttConnection(client, self._where)
        finally:
            with suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    async def _reach(self) -> None:
        """Find out whether there is anybody, in words that paho does not have. Raises BrokerError."""
        settings, of = self._settings, self._section
        try:
            async with asyncio.timeout(ANSWER_S):
                _, writer = await asyncio.open_connection(settings.host, settings.port, ssl=self._tls())
            writer.close()
        except socket.gaierror:
            raise BrokerError(f"Nobody knows a machine called {settings.host}; see {of}.host.") from None
        except ssl.SSLCertVerificationError as error:
            why = f"The broker's certificate is not believed ({error.verify_message})"
            raise BrokerError(f"{why}; see {of}.tls and {of}.ca_file.") from None
        except TimeoutError:
            raise BrokerError(f"The broker at {self._where} does not answer; see {of}.host.") from None
        except OSError as error:
            if settings.tls and isinstance(error, ssl.SSLError | ConnectionResetError):
                why = f"The broker at {self._where} does not speak TLS"
                raise BrokerError(f"{why}; see {of}.port and {of}.tls.") from None
            why = f"No broker can be reached at {self._where} ({error.strerror or error})"
            raise BrokerError(f"{why}; see {of}.host and {of}.port.") from None

    def _tls(self) -> ssl.SSLContext | None:
        if not self._settings.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self._settings.ca_file)
        except OSError as error:  # an SSLError is one, too
            of = self._section
            raise BrokerError(f"{of}.ca_file cannot be read ({error.strerror or 'no PEM file'}).") from None

    def _refusal(self, error: MqttConnectError) -> str:
        if getattr(error.rc, "value", error.rc) in NOT_AUTHORIZED:
            of = self._section
            return f"The broker at {self._where} refuses the player; see {of}.user and {of}.password."
        return f"The broker at {self._where} refuses the connection ({error})."


def _silent() -> logging.Logger:
    """What the library says is for programmers."""
    logger = logging.getLogger("mqtt.silent")
    logger.setLevel(logging.CRITICAL)
    return logger
