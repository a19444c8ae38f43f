"""The report for whoever helps: everything about this player on one page of text, without a password."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from player import __version__
from player.interfaces.recent_log import LogLine
from player.privacy.redaction import cleaned, program, redacted
from player.system.machine import free, machine
from player.types import Json

PARTS = ("onnxruntime", "opencv-python-headless", "opencv-python", "python-vlc", "av", "numpy", "pydantic")
"""Packages whose version tells something."""
MOST_LOG = 600_000
"""Letters of the log: a mail takes no more, and it is made while music plays."""


def report(
    now: datetime, status: Json, settings: Iterable[tuple[str, object]], log: Iterable[LogLine], folder: Path
) -> str:
    """The whole of it.

    settings  what config.yaml says, by key, without passwords
    log       the newest first
    folder    has the player's state
    """
    zone = now.tzinfo
    sections = {
        f"ambient-player, a report of {now.isoformat(timespec='seconds')}": (
            "It holds no passwords and no pictures. It does hold names of tracks, folders and rooms:",
            "look through it before you send it.",
        ),
        "Versions": _versions(),
        "Machine": (*machine(), free(folder)),
        "What is wrong now": status.get("problems") or ("nothing that the player knows of",),
        "To look further": (
            "`ambient-player doctor`, on the player's machine, tries sound, camera, models and music.",
        ),
        "Status": json.dumps(cleaned(status), indent=1, ensure_ascii=False, default=str).splitlines(),
        "What config.yaml says (all else is at its default)": (
            f"{name}: {json.dumps(cleaned(_bare(value, name)), ensure_ascii=False, default=str)}"
            for name, value in settings
        ),
        "Log of the last day, the newest first": _log(log, zone),
    }
    lines: list[str] = []
    for title, body in sections.items():
        lines += [title, "=" * len(title), *map(redacted, body), ""]
    return "\n".join(lines)


def _bare(value: object, name: str) -> object:
    """A setting without what programs are told: nobody can say what of it is a key."""
    if isinstance(value, dict):
        return {key: _bare(inner, str(key)) for key, inner in value.items()}
    if name.rpartition(".")[2] == "command" and value:
        first = str(value[0]) if isinstance(value, list | tuple) else str(value)
        return f"{program(first)} ..."
    return [_bare(inner, name) for inner in value] if isinstance(value, list | tuple) else value


def _versions() -> Iterator[str]:
    yield f"ambient-player {__version__}"
    yield f"Python {platform.python_version()}"
    for name in PARTS:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue


def _log(log: Iterable[LogLine], zone: tzinfo | None) -> Iterator[str]:
    letters = 0
    for line in log:
        at = datetime.fromtimestamp(line.at_s, zone).strftime("%d %b %H:%M:%S")
        text = f"{at} {line.name:<7} {line.event:<12} {line.message}"
        yield from (text, *line.detail.splitlines())
        letters += len(text) + len(line.detail)
        if letters > MOST_LOG:
            yield "... and older ones, which are left out."
            return
