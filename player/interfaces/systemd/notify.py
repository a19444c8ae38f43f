"""What systemd is told, if it has started the player: sd_notify(3), which is one datagram to a socket.

Without systemd every function here does nothing. Only the main process speaks (NotifyAccess=main).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from player.log import EventLog, LogEvent
from player.privacy.redaction import redacted

log = EventLog(__name__, LogEvent.SYSTEMD)

WAIT_S = 0.2
"""At boot, systemd may have more to do than to read; no thread that makes music waits here."""


def notify(*lines: str, env: Mapping[str, str] = os.environ) -> bool:
    """Send lines such as READY=1; False if nobody listens, or not within WAIT_S. Never raises."""
    address = env.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):  # Linux's abstract sockets have no file
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.settimeout(WAIT_S)
            connection.sendto("\n".join(lines).encode(errors="replace"), address)
    except OSError as error:
        log.debug("systemd was not told %s (%s)", lines, error)
        return False
    return True


def listens(env: Mapping[str, str] = os.environ) -> bool:
    """Whether there is anybody to tell anything."""
    return bool(env.get("NOTIFY_SOCKET"))


def watchdog_s(env: Mapping[str, str] = os.environ, pid: int | None = None) -> float | None:
    """Seconds without a ping after which systemd kills this process; None if it does not watch it."""
    try:
        meant_for = int(env.get("WATCHDOG_PID") or pid or os.getpid())
        interval_s = int(env["WATCHDOG_USEC"]) / 1e6
    except (KeyError, ValueError):
        return None
    return interval_s if meant_for == (pid or os.getpid()) and interval_s > 0 else None


def supervised(env: Mapping[str, str] = os.environ, pid: int | None = None) -> bool:
    """Whether systemd has started this very process, and so starts it again.

    INVOCATION_ID would not tell: a terminal that systemd has started hands it on to all that runs in it.
    """
    return str(pid or os.getpid()) in (env.get("SYSTEMD_EXEC_PID"), env.get("WATCHDOG_PID"))


def status(text: str) -> str:
    """The line for notify() that `systemctl status` shows."""
    return f"STATUS={redacted(' '.join(text.split()))}"


@contextmanager
def reloading() -> Iterator[None]:
    """Say that the configuration is read again, and when that is done, however it ended."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
    try:
        yield
    finally:
        notify("READY=1")
