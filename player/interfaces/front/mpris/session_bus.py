"""Where the session bus is: the desktop says it in the environment, or it is in the user's runtime folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote


def is_possible(environ: Mapping[str, str]) -> bool:
    """Whether this user may have a session bus, now or later: a system service has none."""
    return bool(environ.get("DBUS_SESSION_BUS_ADDRESS") or environ.get("XDG_RUNTIME_DIR"))


def address(environ: Mapping[str, str]) -> str | None:
    """The bus's address; None while there is none. What would lead to another machine is none."""
    if named := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return ";".join(one for one in named.split(";") if one.startswith("unix:")) or None
    path = Path(environ.get("XDG_RUNTIME_DIR") or "/nonexistent", "bus")
    return f"unix:path={quote(str(path))}" if path.is_socket() else None
