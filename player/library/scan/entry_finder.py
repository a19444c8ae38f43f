"""Finding the file that an entry of a playlist means, whatever wrote the playlist, and wherever."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from player.library.scan.music_files import SUFFIXES
from player.library.scan.spellings import spellings
from player.library.scan.tag_names import composed
from player.types import is_utf8

_DEEPEST = 128
"""Folders in a name; one with more leads to no music, and each would be looked for in every folder."""


class Finder:
    """Looks names up below a playlist's folder and the music folders; it remembers what lies where.

    For one pass over playlists: what changes on the disk meanwhile goes unnoticed.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._folders = tuple(folder.expanduser().absolute() for folder in folders)
        self._names: dict[str, dict[str, list[str]]] = {}
        self._roots: dict[Path, tuple[tuple[str, int], ...]] = {}

    def find(self, name: str, folder: Path) -> Path | None:
        """The music file that is there, absolute and without links or ".." in it; None if none is.

        `folder` is the playlist's. A name that is tried in vain on this machine is looked for by its longest
        tail that exists below a music folder, the playlist's own folder or one above that; a relative one by
        no less than a folder and a file in it.
        """
        ways = [way for way in spellings(name) if way.path.count("/") <= _DEEPEST]
        for way in ways:
            if not way.is_foreign and (found := _music(os.path.join(folder, way.path))):
                return found
        for way in ways:
            if not way.is_foreign and (found := self._loosely(folder, way.path)):
                return found
        for way in ways:
            parts = [part for part in way.path.split("/") if part not in ("", ".", "..")]
            absolute = way.is_foreign or way.path.startswith("/")
            for start in range(len(parts) if absolute else max(1, len(parts) - 1)):
                if found := self._below_a_root(folder, parts[start:]):
                    return found
        return None

    def _below_a_root(self, folder: Path, parts: list[str]) -> Path | None:
        for root, least in self._roots_for(folder):
            if len(parts) >= least and (found := next(self._matches(root, parts), None)):
                return found
        return None

    def _roots_for(self, folder: Path) -> tuple[tuple[str, int], ...]:
        """Where a tail may lie, and of how many parts it must be: above the playlist's folder a mere file
        name would find another playlist's song.
        """
        if folder not in self._roots:
            above = [parent for parent in folder.parents if parent != parent.parent][:3]
            self._roots[folder] = (
                *((str(root), 1) for root in (*self._folders, folder)),
                *((str(root), 2) for root in above),
            )
        return self._roots[folder]

    def _loosely(self, folder: Path, path: str) -> Path | None:
        """The file at a path but for case, the composition of its letters and the kind of quotes."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        root = "/" if path.startswith("/") else str(folder)
        return next(self._matches(root, parts), None)

    def _matches(self, root: str, parts: list[str]) -> Iterator[Path]:
        """The music files below `root` whose names differ in no more than that, the like first."""
        part, rest = parts[0] if parts else "", parts[1:]
        if not part:
            return
        for name in [part] if part == ".." else self._alike(root, part):
            path = os.path.join(root, name)
            if rest:
                yield from self._matches(path, rest)
            elif found := _music(path):
                yield found

    def _alike(self, folder: str, name: str) -> list[str]:
        if folder not in self._names:
            names: dict[str, list[str]] = {}
            try:
                for there in sorted(os.listdir(folder)):
                    names.setdefault(_key(there), []).append(there)
            except (OSError, ValueError):
                pass
            self._names[folder] = names
        alike = self._names[folder].get(_key(name), [])
        return sorted(alike, key=lambda one: (one != name, composed(one) != composed(name)))


_PLAIN = str.maketrans("’‘ʼ´`“”„‐‑–—\u00a0\u202f", "'''''\"\"\"----  ")
"""Signs that programs put in the place of those on the keyboard."""


def _key(name: str) -> str:
    return composed(composed(name).casefold()).translate(_PLAIN)


def _music(path: str) -> Path | None:
    """The file there, as the disk itself names it, so that it is one track whatever leads to it."""
    try:
        if os.path.splitext(path)[1].lower() in SUFFIXES and os.path.isfile(path):
            real = os.path.realpath(path)
            # A link that is called .mp3 may lead to a name that says nothing.
            path = real if os.path.splitext(real)[1].lower() in SUFFIXES else os.path.normpath(path)
            return Path(path) if is_utf8(path) else None
    except (OSError, ValueError):  # a name that no file can have
        pass
    return None
