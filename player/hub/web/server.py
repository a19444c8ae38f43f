"""Serves the hub's page where its settings say."""

from __future__ import annotations

from pathlib import Path

import uvicorn

from player.config.settings.hub import HubWebSettings
from player.hub.hub import Hub
from player.hub.web.app import make_app
from player.interfaces.front.listening import access_of
from player.interfaces.front.page_server import EmbeddedServer, address, opened
from player.interfaces.front.web.security import secrets_file
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.server_options import server_options
from player.interfaces.recent_log import RecentLog
from player.log import EventLog, LogEvent
from player.types import Json

log = EventLog(__name__, LogEvent.FLEET)

PASSWORD_COMMAND = "ambient-player hub password"


def _of_the_hub(reason: str) -> str:
    """What the player's page says of itself, for the hub's; a colon behind "password" would hide the rest."""
    own = reason.replace(secrets_file.COMMAND, PASSWORD_COMMAND)
    return own.replace("a password: anybody could drive the player.", "a password, as anybody could use it.")


async def serve_page(hub: Hub, web: HubWebSettings, folder: Path, recent: RecentLog) -> None:
    """Serve until cancelled; a port that is taken is tried again. `recent` has the hub's log."""
    said = ""

    def refused(reason: str) -> bool:
        nonlocal said
        if reason != said:
            said = reason
            log.error("The hub's page cannot be reached: %s", _of_the_hub(reason))
        return True

    bound = await opened(web, folder, refused)
    assert bound is not None, "it is tried until it can be had"
    access = access_of(web, bound.getsockname()[1])
    app = make_app(hub, folder, access, Logins.of(access, folder, PASSWORD_COMMAND), recent)
    config = uvicorn.Config(app, loop="asyncio", lifespan="off", log_config=None, **server_options(access))

    def say(_: Json) -> None:
        log.info("The hub can be reached at %s", address(web, access.port))

    await EmbeddedServer(config, say, {}).serve([bound])
