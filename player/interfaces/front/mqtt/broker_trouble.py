"""Why a broker cannot be used, in words that the client library does not have."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

from player.config.settings.broker import BrokerSettings
from player.interfaces.front.mqtt.broker import BrokerError

LOOK_S = 1.0
"""A broker that is full ends a connection at once; any other waits for us to speak."""
EXPIRED, NOT_YET_VALID, OTHER_NAMES, UNKNOWN_AUTHORITIES = (10,), (9,), (62, 64), (2, 18, 19, 20, 21)
"""Of a certificate, OpenSSL's X509_V_ERR numbers."""


def where(settings: BrokerSettings) -> str:
    """The broker, as sentences call it."""
    return f"{settings.host}, port {settings.port}"


def tls_context(settings: BrokerSettings, section: str) -> ssl.SSLContext | None:
    """How the broker is believed; None without TLS. Raises BrokerError."""
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:  # an SSLError is one, too
        raise BrokerError(f"{section}.ca_file cannot be read ({error.strerror or 'no PEM file'}).") from None


async def look(settings: BrokerSettings, section: str, patience_s: float) -> BrokerError:
    """Find out what is wrong with a broker to which the client found no way.

    section  of the config, where these settings stand
    """
    at = where(settings)
    try:
        async with asyncio.timeout(patience_s):
            if await _hangs_up(settings, min(LOOK_S, patience_s / 2)):
                return BrokerError(
                    f"What answers at {at} ends the connection at once: it is no broker, or it takes no more "
                    "connections (max_connections of mosquitto)."
                )
            tls = tls_context(settings, section)
            if tls is not None:
                _, writer = await asyncio.open_connection(settings.host, settings.port, ssl=tls)
                writer.close()
    except (OSError, BrokerError) as error:  # a TimeoutError is an OSError, too
        return _unreachable(error, settings, section)
    return BrokerError(f"What answers at {at} is no broker; see {section}.port and {section}.tls.")


async def _hangs_up(settings: BrokerSettings, look_s: float) -> bool:
    """Whether a connection ends before anything is said. Raises OSError."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    try:
        async with asyncio.timeout(look_s):
            return not await reader.read(1)
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _unreachable(error: Exception, settings: BrokerSettings, section: str) -> BrokerError:
    at = where(settings)
    match error:
        case BrokerError():
            return error
        case socket.gaierror():
            said = f"Nobody knows a machine called {settings.host}; see {section}.host."
        case ssl.SSLCertVerificationError():
            said = _not_believed(error, settings, section)
        case TimeoutError():
            said = f"The broker at {at} does not answer; see {section}.host."
        case ssl.SSLError() | ConnectionResetError() if settings.tls:
            said = f"The broker at {at} does not speak TLS; see {section}.port and {section}.tls."
        case OSError():
            why = f"No broker can be reached at {at} ({error.strerror or error})"
            said = f"{why}; see {section}.host and {section}.port."
        case _:
            raise error
    return BrokerError(said)


def _not_believed(error: ssl.SSLCertVerificationError, settings: BrokerSettings, section: str) -> str:
    whose = f"The certificate of the broker at {where(settings)}"
    if error.verify_code in EXPIRED:
        return f"{whose} has expired: renew it there, or set this machine's clock if it is wrong."
    if error.verify_code in NOT_YET_VALID:
        return f"{whose} is not valid yet: set this machine's clock, or make a new one."
    if error.verify_code in OTHER_NAMES:
        return f"{whose} is for another name; see {section}.host, or make it for this one."
    if error.verify_code in UNKNOWN_AUTHORITIES:
        return f"{whose} is of an authority that this machine does not know; see {section}.ca_file."
    why = f"The broker's certificate is not believed ({error.verify_message})"
    return f"{why}; see {section}.tls and {section}.ca_file."
