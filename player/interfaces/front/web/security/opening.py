"""Who may ask at all, as it is decided when the front starts."""

from __future__ import annotations

from pathlib import Path

from player.config.settings.web import WebSettings
from player.errors import ControlError
from player.interfaces.front.web.security.access import Access, network
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.secrets_authenticator import SecretsAuthenticator
from player.interfaces.front.web.security.secrets_file import NAME, SecretsError, SecretsFile
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.WEB)


def access_of(settings: WebSettings, port: int | None = None) -> Access:
    """The settings as the checks need them; `port` is where it really listens."""
    return Access(
        listen=settings.listen,
        port=settings.port if port is None else port,
        base_path=settings.base_path,
        hosts=settings.hosts,
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
    except SecretsError as error:
        log.error("%s", error)
        has_password = True  # it lets nobody in, and says so to who asks
    if refusal := access_of(settings).refusal(has_password):
        raise ControlError(refusal)


def logins(access: Access, folder: Path) -> Logins:
    """Those who may ask, and how they log in."""
    file = SecretsFile(folder / NAME)
    return Logins(file, SecretsAuthenticator(file, access), access)
