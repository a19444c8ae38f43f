"""Patterns for paths, as SQLite asks them of a track: of the name that it has, and of where that leads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from os.path import expanduser, normpath, realpath
from pathlib import Path

from player.library.scan.tag_names import composed
from player.system.probes import ANSWER_S, run_with_timeout
from player.types import is_utf8

_MOST_DEPTHS = 3
"""Of a pattern so many `/**/` may be no folder; each doubles what is asked."""


class PathPatterns:
    """What rules ask of paths. A music folder that is a link, or lies behind one, goes by either name."""

    def __init__(self, patterns: Iterable[str], folders: Iterable[Path]) -> None:
        """`folders` are the music's. Links are followed now; the disks are waited for ANSWER_S in all."""
        fixed = [_fixed(_normal(pattern)) for pattern in patterns]
        roots = [str(Path(expanduser(folder)).absolute()) for folder in folders]
        self._leads_to = _leads_to([*roots, *filter(None, fixed)]) if fixed else {}
        linked = sorted({root for root in roots if root in self._leads_to}, key=len, reverse=True)
        self.conditions = ("composed(path) GLOB ?", *self._elsewhere(linked))
        """In SQL; each is asked of every one of `globs`."""

    def globs(self, pattern: str) -> tuple[str, ...]:
        """Patterns of SQLite's for one of the owner's: absolute, or with ~, or to be found below any folder.

        A folder is all it holds. Blanks around it do not count; doubled slashes, "." and ".." are what they
        are in any path.
        """
        pattern = _normal(pattern)
        ways = [pattern]
        if (real := self._leads_to.get(fixed := _fixed(pattern))) is not None:
            ways.append(f"{real}{pattern[len(fixed) :]}")
        ways = [depth for way in ways for depth in _depths(way)]
        ways = [way if way.startswith(("/", "*")) else f"*/{way}" for way in ways]
        found = [literal(composed(way).rstrip("/")) for way in ways]
        return tuple(one for way in found for one in (way, f"{way}/*"))

    def _elsewhere(self, linked: list[str]) -> list[str]:
        """The condition on where a path leads that lies in one of these folders."""
        if not linked:
            return []
        cases = " ".join(
            f"WHEN substr(path, 1, {len(root) + 1}) = {_quoted(f'{root}/')}"
            f" THEN {_quoted(self._leads_to[root])} || substr(path, {len(root) + 1})"
            for root in linked
        )
        return [f"composed(CASE {cases} ELSE path END) GLOB ?"]


def literal(pattern: str) -> str:
    """A pattern for SQLite, to which `[` would mean more than itself."""
    return pattern.replace("[", "[[]")


def _normal(pattern: str) -> str:
    pattern = normpath(expanduser(pattern.strip()))
    return f"/{pattern.lstrip('/')}" if pattern.startswith("/") else pattern  # two of them are kept


def _fixed(pattern: str) -> str:
    """The part of an absolute pattern before the first name with a wildcard; empty if there is none."""
    return re.split(r"/[^/]*[*?]", pattern, maxsplit=1)[0] if pattern.startswith("/") else ""


def _depths(pattern: str) -> list[str]:
    """Patterns whose `*` goes through folders, for one whose `/**/` is any number of them or none."""
    first, *others = re.split(
        r"(?:/\*\*+)+/", re.sub(r"(?:/\*\*+)+/(?=\*)", "/", pattern), maxsplit=_MOST_DEPTHS
    )
    ways = [first]
    for part in others:
        ways = [f"{way}{between}{part}" for way in ways for between in ("/", "/*/")]
    return [re.sub(r"\*\*+", "*", way) for way in ways]


def _leads_to(paths: Iterable[str]) -> dict[str, str]:
    """Where those of these paths lead that are links or lie behind one, as far as their disks answer."""
    found: dict[str, str] = {}

    def follow() -> None:
        for path in paths:
            with suppress(OSError, ValueError):  # a name that no file can have
                real = realpath(path)
                if real != path and is_utf8(f"{path}{real}"):
                    found[path] = real.rstrip("/")

    with suppress(TimeoutError):
        run_with_timeout(follow, ANSWER_S)
    return dict(found)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
