"""The machine's time zone, as the C library has it: TZ in all its forms, else /etc/localtime."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.CLOCK)

LOCALTIME, TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")
USUAL_RULE = ",M3.2.0,M11.1.0"
"""Of a POSIX zone with summer time that does not say when it is: glibc's, which are New York's days."""
_NOT_FOUND = (LookupError, ValueError, OSError)
"""ZoneInfo's, for a name that is none, a file that is none, and one that cannot be read."""


def machine_zone(
    env: Mapping[str, str] = os.environ, localtime: Path = LOCALTIME, timezone: Path = TIMEZONE
) -> tzinfo:
    """The zone that other programs on this machine go by; UTC, with a word in the log, if none is said."""
    said = env.get("TZ")
    if said is not None:
        return _named(said.strip().removeprefix(":")) or _none(f"TZ={said!r} is no time zone")
    return _of_file(localtime) or _configured(timezone) or _none("this machine has no time zone")


def _none(why: str) -> tzinfo:
    log.warning("%s: using UTC; set timezone in config.yaml.", why)
    return UTC


def _named(said: str) -> tzinfo | None:
    """What TZ means: nothing, a file, a name, or the rule itself (POSIX.1, 8.3)."""
    if not said:
        return UTC
    if said.startswith("/"):
        return _of_file(Path(said))
    try:
        return ZoneInfo(said)
    except _NOT_FOUND:
        return _by_rule(said) or (_by_rule(said + USUAL_RULE) if "," not in said else None)


def _configured(timezone: Path) -> tzinfo | None:
    """Debian's own note, which counts if there is no /etc/localtime."""
    try:
        return ZoneInfo(timezone.read_text(encoding="utf-8").strip())
    except _NOT_FOUND:
        return None


def _of_file(path: Path) -> tzinfo | None:
    """A compiled zone, with its name if its place tells it."""
    _, found, name = os.path.realpath(path).rpartition("zoneinfo/")
    try:
        with path.open("rb") as file:
            return ZoneInfo.from_file(file, key=name if found else None)
    except _NOT_FOUND:
        return None


def _by_rule(rule: str) -> tzinfo | None:
    """The zone of a rule such as CET-1CEST,M3.5.0,M10.5.0/3; None if it is none."""
    names, comma, _ = rule.partition(",")
    try:
        zone = _compiled(rule)
        # An offset of a day or more shows only while it holds: for hours a year, by some rules.
        usual = _compiled(names + USUAL_RULE) if comma else zone
        for month in (1, 7):
            datetime(2026, month, 1, tzinfo=usual).utcoffset()
    except _NOT_FOUND:
        return None
    return zone


def _compiled(rule: str) -> tzinfo:
    """The last line of a compiled zone (RFC 8536) that has nothing else. Raises ValueError."""
    header = b"TZif2" + bytes(15 + 3 * 4 + 4) + (1).to_bytes(4, "big") + (4).to_bytes(4, "big")
    one_type = bytes(6) + b"UTC\0"
    footer = b"\n" + rule.encode("ascii") + b"\n"
    return ZoneInfo.from_file(io.BytesIO((header + one_type) * 2 + footer))
