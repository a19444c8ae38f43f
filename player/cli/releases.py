"""What this machine already knows of newer versions, for each way to install. Nobody is called."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from player import __version__
from player.system import child_process
from player.system.installation import PACKAGE, Installation, Way

ANSWER_S = 20.0
Ask = Callable[[Sequence[str], float], child_process.Said]


@dataclass(frozen=True, slots=True)
class Releases:
    """A sentence on each."""

    installed: str
    """The version that is installed, as its package manager calls it."""
    newer: str
    """What is there and would be taken; empty if nothing is known of one."""
    look: str
    """What would look for one, and take it."""
    back: str
    """How the version of now is taken again afterwards."""
    library: int | None = None
    """The version that the newer one's library has, if it says so."""


def releases(found: Installation, ask: Ask = child_process.ask) -> Releases:
    """What is known of versions, for a player that was installed this way."""
    match found.way:
        case Way.DEBIAN:
            return _debian(ask)
        case Way.CHECKOUT:
            return _checkout(found, ask)
        case Way.IMAGE:
            return _image()
        case _:
            return _wheel(found)


def _debian(ask: Ask) -> Releases:
    policy = _said(ask, "apt-cache", "policy", PACKAGE)
    installed = _field(policy, "Installed") or __version__
    candidate = _field(policy, "Candidate")
    newer, library = "", None
    if candidate not in ("", "(none)", installed):
        newer = f"{candidate} is in apt's lists: `sudo apt install {PACKAGE}` takes it"
        said = _field(_said(ask, "apt-cache", "show", f"{PACKAGE}={candidate}"), "Library-Version")
        library = int(said) if said.isdecimal() else None
    return Releases(
        installed,
        newer,
        "apt's lists know of none: `sudo apt update` looks again, if one of its sources has the package; one"
        " that you have as a file is taken with `sudo apt install ./FILE.deb`",
        f"keep the package of {installed} as a file: `sudo apt install --allow-downgrades ./FILE.deb`",
        library,
    )


def _checkout(found: Installation, ask: Ask) -> Releases:
    git = ("git", "-C", str(found.place))
    place = shlex.quote(str(found.place))
    commit = _said(ask, *git, "rev-parse", "--short", "HEAD").strip()
    if not commit:
        return Releases(
            __version__,
            "",
            f"git knows nothing of {found.place}: unpack a newer version beside it",
            f"keep {found.place} as it is until the newer one plays",
        )
    waiting = _said(ask, *git, "rev-list", "--count", "HEAD..@{upstream}").strip()
    newer = ""
    if waiting.isdecimal() and int(waiting):
        newer = (
            f"{waiting} newer commits were fetched: `git -C {place} pull --ff-only` takes them over, and"
            f" {place}/scripts/run installs what they need"
        )
    return Releases(
        f"{__version__}, commit {commit}",
        newer,
        f"git knows of none: `git -C {place} fetch` looks again",
        f"`git -C {place} checkout {commit}`, then {place}/scripts/run",
    )


def _image() -> Releases:
    return Releases(
        __version__,
        "",
        "a container sees no other images: in a newer checkout, `docker compose -f deploy/compose.yaml build"
        " --pull` builds one, and `docker compose -f deploy/compose.yaml up -d` has it take over",
        f"give the image of now a name first: `docker tag {PACKAGE}:latest {PACKAGE}:{__version__}`",
    )


def _wheel(found: Installation) -> Releases:
    """A wheel comes from a file as a rule: then an index may have a stranger's package of that name."""
    take = {
        Way.PIPX: "pipx install --force",
        Way.UV: "uv tool install --force",
        Way.PIP: f"{shlex.quote(str(found.place / 'bin' / 'python'))} -m pip install",
    }[found.way]
    if found.source:
        look = f"nothing lists newer ones than {found.source}, which this is: `{take} WHEEL` takes another"
    else:
        look = f"pip keeps no list: `pip index versions {PACKAGE}` would ask the package index"
    return Releases(__version__, "", look, f"keep the wheel of {__version__}: `{take} WHEEL` takes it again")


def _said(ask: Ask, *command: str) -> str:
    """What a program says, in English; nothing if it fails or is not there."""
    try:
        done = ask(("env", "LC_ALL=C", *command), ANSWER_S)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def _field(text: str, name: str) -> str:
    found = re.search(rf"^\s*{name}: *(.+?) *$", text, re.MULTILINE)
    return found[1] if found else ""
