"""The view People: who may do what, who is logged in, and the tokens of programs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.command_table import Role
from player.interfaces.front.web.page.access import OwnerPage
from player.interfaces.front.web.page.live import Facts
from player.interfaces.front.web.page.rendering import page
from player.interfaces.front.web.security.routes import CredentialAnswer, sessions, tokens

router = APIRouter()
BROWSERS = (
    # The first that is found: most of them claim to be some of the others, too.
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Whale", "Whale"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Shown:
    """A session or a token as a person knows it.

    name     of its browser and system, or the token's own
    detail   its address; empty for a token
    used_at  ISO 8601, by the house's clock; None if it never was
    """

    id: str
    role: Role
    name: str
    detail: str
    used_at: str | None
    yours: bool


def device(name: str) -> tuple[str, str]:
    """What the browser of a session is, and its address, from the session's name: `ADDRESS USER-AGENT`."""
    address, _, agent = name.partition(" ")
    found = (
        next((said for mark, said in names if re.search(rf"\b{re.escape(mark)}", agent)), "")
        for names in (BROWSERS, SYSTEMS)
    )
    return ", ".join(filter(None, found)) or agent[:40], address


def _session(one: CredentialAnswer, zone: ZoneInfo | None) -> Shown:
    name, address = device(one.name)
    return Shown(one.id, one.role, name, address, _at(one.used_s or one.created_s, zone), one.yours)


def _token(one: CredentialAnswer, zone: ZoneInfo | None) -> Shown:
    used_at = _at(one.used_s, zone) if one.used_s else None
    return Shown(one.id, one.role, one.name, "", used_at, one.yours)


def _at(seconds: float, zone: ZoneInfo | None) -> str:
    return datetime.fromtimestamp(seconds, zone).isoformat(timespec="seconds")


def _zone(request: Request) -> ZoneInfo | None:
    """The house's; None is this machine's own, as it is for a hub."""
    beside = getattr(request.app.state, "beside", None)
    name = beside.settings.timezone if beside is not None else None
    return ZoneInfo(name) if name else None


async def _facts(request: Request) -> Facts:
    logins = request.app.state.logins
    if logins is None:
        return {"sessions": [], "tokens": [], "has_password": False}
    zone = _zone(request)
    return {
        "sessions": [_session(one, zone) for one in await sessions(request)],
        "tokens": [_token(one, zone) for one in await tokens(request)],
        "has_password": Role.OWNER in logins.authenticator.secrets().passwords,
    }


@router.get("/people", include_in_schema=False)
async def people(request: Request, _: OwnerPage) -> Response:
    """The whole page."""
    return page(request, "people.html", {**await _facts(request), "here": "/people"})


@router.get("/people/lists", include_in_schema=False)
async def people_lists(request: Request, _: OwnerPage) -> Response:
    """The lists, as they are now."""
    return page(request, "people_lists.html", await _facts(request))
