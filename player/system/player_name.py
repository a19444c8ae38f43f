"""Which of several players on this machine: AMBIENT_PLAYER_NAME, which --name sets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from player.errors import ConfigError

VARIABLE = "AMBIENT_PLAYER_NAME"
OPTION = "--name"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]|[a-z]")
"""It becomes part of a folder, a socket, a unit, a bus name and a topic: what all of them take."""


def player_name(env: Mapping[str, str] = os.environ) -> str:
    """The name of the player that is meant; empty for the one without. Raises ConfigError."""
    return checked(name, VARIABLE) if (name := env.get(VARIABLE, "")) else ""


def checked(name: str, said_by: str = OPTION) -> str:
    """The same name. Raises ConfigError if it is none."""
    if not _NAME.fullmatch(name):
        shown = ascii(name if len(name) <= 40 else f"{name[:40]}...")
        raise ConfigError(
            [
                f"{said_by}: found {shown}; allowed is a name such as terrace or room-2: "
                "1 to 32 small letters, figures and hyphens, a letter first."
            ]
        )
    return name


def named_in(words: Iterable[str], environ: Mapping[str, str]) -> str:
    """Which player a command line means, with the environment it was started in."""
    waiting = iter(words)
    for word in waiting:
        if word == OPTION:
            return next(waiting, "")
        if word.startswith(f"{OPTION}="):
            return word.partition("=")[2]
    return environ.get(VARIABLE, "")


def suffix(name: str) -> str:
    """What tells it apart at the end of a file's or a topic's name: "-terrace"; nothing without a name."""
    return f"-{name}" if name else ""
