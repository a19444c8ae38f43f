"""Pages from templates: in the reader's language, for their role, with what every page has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from player import __version__
from player.interfaces.command_table import Role
from player.interfaces.front.web.page import static_files
from player.interfaces.front.web.page.formatting import FILTERS
from player.interfaces.front.web.page.languages import COOKIE, OWN_NAMES, Language, catalogue, chosen
from player.interfaces.front.web.security.authenticator import Identity, may

if TYPE_CHECKING:  # two megabytes, until somebody opens a page
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
NO_STORE = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"}


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the menu.

    path   below the page's own address
    label  a key of the catalogue
    role   who sees it
    """

    name: str
    path: str
    label: str
    role: Role


@dataclass(frozen=True)
class Site:
    """What a program's pages are made of: `app.state.site`, the player's where none is set.

    templates  folders: what the first lacks is in the next
    places     the menu
    paths      the pages' own addresses, to which strangers come
    """

    templates: tuple[Path, ...]
    places: tuple[MenuEntry, ...]
    paths: frozenset[str]


@dataclass(frozen=True)
class PageReader:
    """For whom a page is made.

    prefix  the path below which a proxy shows the player, "" if none
    csrf    what a change sends along, "" if it need not
    nonce   what scripts and htmx's attributes of this answer carry
    """

    language: Language
    identity: Identity | None
    prefix: str
    csrf: str
    nonce: str

    @classmethod
    def of(cls, request: Request) -> PageReader:
        """Whoever sends this request."""
        identity: Identity | None = request.state.identity
        return cls(
            language=chosen(request.cookies.get(COOKIE), request.headers.get("accept-language", "")),
            identity=identity,
            prefix=request.state.asker.prefix,
            csrf=identity.csrf if identity else "",
            nonce=request.state.nonce,
        )

    def may(self, role: Role) -> bool:
        """Whether they have at least this role."""
        return self.identity is not None and may(self.identity.role, role)


def page(request: Request, template: str, facts: Mapping[str, Any], status: int = 200) -> Response:
    """A whole page, or a part of one, for whoever asks. `facts` are what the template speaks of."""
    reader = PageReader.of(request)
    return HTMLResponse(rendered(template, reader, facts, site_of(request)), status, NO_STORE)


def site_of(request: Request) -> Site:
    """Whose pages are asked for."""
    found: Site = getattr(request.app.state, "site", SITE)
    return found


def rendered(template: str, reader: PageReader, facts: Mapping[str, Any], site: Site | None = None) -> str:
    """The template's text for this reader."""
    made = _environment(reader.language, site or SITE)
    return made.get_template(template).render(reader=reader, **facts)


@cache
def _environment(language: Language, site: Site) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    made = Environment(
        loader=FileSystemLoader(site.templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update({name: _in(language, made_by) for name, made_by in FILTERS.items()})
    made.globals.update(
        asset=static_files.address,
        modules=static_files.modules,
        places=site.places,
        language=language,
        languages=OWN_NAMES,
        Role=Role,
        version=__version__,
    )
    return made


def _in(language: Language, filter_of: Any) -> Any:
    def applied(value: Any, *more: Any) -> Any:
        return filter_of(value, language, *more)

    return applied


def _(label: str) -> str:
    """Marks a label for the catalogue."""
    return label


PLACES = (
    MenuEntry("now", "/", _("Now"), Role.STAFF),
    MenuEntry("photo", "/photo", _("Photo"), Role.STAFF),
    MenuEntry("day", "/day", _("Day"), Role.OWNER),
    MenuEntry("library", "/library", _("Library"), Role.STAFF),
    MenuEntry("rules", "/rules", _("Rules"), Role.OWNER),
    MenuEntry("setup", "/setup", _("Set-up"), Role.OWNER),
    MenuEntry("people", "/people", _("People"), Role.OWNER),
    MenuEntry("help", "/help", _("Help"), Role.OWNER),
    MenuEntry("screen", "/screen", _("Screen"), Role.STAFF),
)
"""The menu."""

SITE = Site(
    (TEMPLATES,),
    PLACES,
    frozenset(
        (
            *("/login", "/manifest.webmanifest"),
            *(place.path for place in PLACES),
            *(f"/language/{language}" for language in Language),
        )
    ),
)
