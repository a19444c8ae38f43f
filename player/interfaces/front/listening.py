"""Where the front listens, and whether it may: asked by the daemon before settings hold, and by the front."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from player.config.settings.web import WebSettings
from player.errors import ControlError
from player.interfaces.front.mdns import names
from player.interfaces.front.web.security.access import Access, network
from player.interfaces.front.web.security.secrets_file import NAME, SecretsError, SecretsFile

BACKLOG = 256
SEND_BUFFER = 128 * 1024
"""Bytes that the system keeps for a slow reader."""
UNACKNOWLEDGED_MS = 30_000
"""A reader that takes nothing for so long is disconnected by the system."""


def access_of(settings: WebSettings, port: int | None = None) -> Access:
    """The settings as the checks need them; `port` is where it really listens."""
    return Access(
        listen=settings.listen,
        port=settings.port if port is None else port,
        base_path=settings.base_path,
        hosts=(
            *settings.hosts,
            *(() if settings.loopback else names.of_machine()),
            *((names.host(),) if names.is_announced(settings) else ()),
        ),
        proxies=tuple(network(text) for text in settings.proxies),
        staff_volume=settings.staff_volume,
        session_days=settings.session_days,
    )


def check_opening(settings: WebSettings, folder: Path) -> None:
    """Whether the front may listen. `folder` has the player's state.

    Raises ControlError, in one sentence, if anybody could drive the player.
    """
    try:
        has_password = bool(SecretsFile(folder / NAME).read().passwords)
    except SecretsError:
        has_password = True  # it lets nobody in, and says so to who asks
    if refusal := access_of(settings).refusal(has_password):
        raise ControlError(refusal)


def check_change(old: WebSettings, new: WebSettings, folder: Path) -> None:
    """Whether it could go on with other settings. Raises ControlError if nobody would reach it any more."""
    if not new.enabled or new == old:
        return
    check_opening(new, folder)
    if (new.listen, new.port) == (old.listen, old.port):
        return
    # The port that is ours already is only free for us once we have left it.
    tried = new if new.port != old.port or not old.enabled else new.model_copy(update={"port": 0})
    listen(tried).close()


def listen(settings: WebSettings) -> socket.socket:
    """A socket that listens. Raises ControlError, in one sentence."""
    try:
        return _bound(settings)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ControlError(
                f"port {settings.port} of {settings.listen} is in use, by another program or another player "
                "on this machine; give this player another web.port."
            ) from error
        why = f"cannot listen on {settings.listen}, port {settings.port} ({error.strerror or error})"
        raise ControlError(f"{why}; see web.listen and web.port.") from error


def _bound(settings: WebSettings) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        settings.listen, settings.port, type=socket.SOCK_STREAM
    )[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made
