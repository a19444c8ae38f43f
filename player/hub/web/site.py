"""The hub's pages: their menu, and what of the player's page they share."""

from __future__ import annotations

from pathlib import Path

from player.interfaces.command_table import Role
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.rendering import TEMPLATES, MenuEntry, Site


def _(label: str) -> str:
    """Marks a label for the catalogue."""
    return label


PLACES = (
    MenuEntry("rooms", "/", _("Rooms"), Role.STAFF),
    MenuEntry("rules", "/settings", _("Settings"), Role.OWNER),
    MenuEntry("day", "/changes", _("Changes"), Role.OWNER),
    MenuEntry("library", "/plays", _("Plays"), Role.OWNER),
    MenuEntry("people", "/people", _("People"), Role.OWNER),
)
SITE = Site(
    (Path(__file__).with_name("templates"), TEMPLATES),
    PLACES,
    frozenset(
        (
            *("/login", "/manifest.webmanifest"),
            *(place.path for place in PLACES),
            *(f"/language/{language}" for language in Language),
        )
    ),
)


def is_public(path: str) -> bool:
    """Whether a path is a page's: it sends strangers to the login by itself."""
    return path.startswith(("/static/", "/rooms/")) or path in SITE.paths
