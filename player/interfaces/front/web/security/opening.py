"""Who may ask at all, as it is decided when the front starts."""

from __future__ import annotations

from pathlib import Path

from player.config.settings.web import WebSettings
from player.errors import ControlError
from player.interfaces.front.web.security.authenticator import Authenticator
from player.interfaces.front.web.security.loopback_owner import LoopbackOwner


def authenticator(settings: WebSettings, folder: Path) -> Authenticator:  # noqa: ARG001 - secrets are there
    """Who knows those who ask. `folder` has the player's state.

    Raises ControlError, in one sentence, if nobody may ask like this.
    """
    if not settings.loopback:
        raise ControlError(
            f"web.listen is {settings.listen}, which others reach: that needs a password first."
        )
    return LoopbackOwner()
