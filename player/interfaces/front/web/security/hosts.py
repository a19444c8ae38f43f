"""Which names the player answers to, and from whose pages it takes requests.

A website that somebody of the house visits must not drive the player: neither by posting to it, nor by having
its own name lead to 127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.access import ANY, Access, ip_address
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.refusal import forbidden, malformed
from player.interfaces.front.web.security.request_head import Head

HOST = re.compile(
    r"(?P<name>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_-][A-Za-z0-9._-]{0,252})(?::(?P<port>\d{1,5}))?"
)
USUAL_PORTS = {"http": 80, "https": 443}


def check_host(head: Head, asker: Asker, access: Access) -> None:
    """Raises Problem if the request asks for a host that the player is not."""
    found = HOST.fullmatch(asker.host)
    if found is None:
        raise malformed("the request's host is none.")
    name, port = _name(found["name"]), int(found["port"] or USUAL_PORTS[asker.scheme])
    own = head.server[1] if head.server and head.server[1] else access.port
    is_own_port = port in (own, access.port)
    if name in _own_names(head, access) and is_own_port:
        return
    # Which port a proxy listens on is its own matter.
    if name in map(_name, access.hosts) and (is_own_port or access.trusts(head.peer)):
        return
    raise Problem(
        HTTPStatus.MISDIRECTED_REQUEST,
        "host",
        "the player is not known by that name: add the name to web.hosts if it is one of its own.",
        {"connection": "close"},
    )


def check_origin(head: Head, asker: Asker, is_stream: bool) -> None:
    """Raises Problem if another site's page sends the request.

    A browser says so itself (Origin, Sec-Fetch-Site); programs that are no browsers say nothing of the kind.
    """
    told = forbidden("this request comes from another website; only the player's own pages may send it.")
    site, origin = head.get("sec-fetch-site").lower(), head.get("origin")
    if origin and origin.lower() != asker.origin and origin.lower() != _with_port(asker):
        raise told
    if head.changes or is_stream:
        if site not in ("", "same-origin"):
            raise told
        referer = head.get("referer")
        if not origin and not site and referer and not _is_own(referer, asker):
            raise told
        return
    opens_a_page = head.get("sec-fetch-mode") == "navigate" and head.get("sec-fetch-dest") == "document"
    if site not in ("", "same-origin", "none") and not opens_a_page:
        raise told


def _own_names(head: Head, access: Access) -> set[str]:
    names = {"127.0.0.1", "localhost", "::1"}
    if access.listen not in ANY:
        names.add(_name(access.listen))
    elif head.server:
        # The address by which it was reached is its own: an attacker's name is no address.
        address = ip_address(head.server[0])
        names.add(_name(str(address)) if address else "")
    return names


def _name(host: str) -> str:
    """A name as it is compared: small, without brackets, addresses in their usual form."""
    text = host.strip("[]").lower().removesuffix(".")
    address = ip_address(text)
    return str(address) if address else text


def _with_port(asker: Asker) -> str:
    """A browser leaves out the usual port of an origin; some programs write it."""
    usual = f":{USUAL_PORTS[asker.scheme]}"
    return asker.origin.removesuffix(usual) if asker.origin.endswith(usual) else asker.origin + usual


def _is_own(referer: str, asker: Asker) -> bool:
    try:
        parts = urlsplit(referer)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}".lower() in (asker.origin, _with_port(asker))
