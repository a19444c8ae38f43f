"""The Debian package's `copyright`: our licence, and that of everything else that it contains.

Packages are listed as they lie there, each with what it says of itself; their full texts are in the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from scripts.release.sbom import Json, models, page_files, stated_licence

GPL_LIBRARIES = ("x264", "x265")
"""Compiled libraries under the GPL that wheels bring along; their metadata does not say so."""
GPL = re.compile(r"\bGPL|GNU General Public")
TOGETHER = """Each part may be had and used by itself under its own licence. Some are under the GNU General
Public License, version 2 or later (marked *): so is this package when it is passed on as a whole."""


def copyright_text(licence: str, site: Path, installed: str) -> str:
    """The whole file.

    licence    the player's own, as in LICENSE
    site       the folder of all Python packages
    installed  where that folder will be
    """
    found = sorted(metadata.distributions(path=[str(site)]), key=lambda each: each.metadata["Name"].lower())
    packages = "\n".join(_entry(each, site) for each in found)
    files = "\n".join(map(_file, (*models(), *page_files())))
    return (
        f"ambient-player\n\n{licence.strip()}\n\n{TOGETHER}\n\n"
        f"Python packages, in {installed}; full texts are in each one's .dist-info:\n\n{packages}\n\n"
        f"Models, and files of others on the page; full texts are in that of ambient_player:\n\n{files}\n"
    )


def _entry(package: metadata.Distribution, site: Path) -> str:
    name, said = package.metadata["Name"], stated_licence(package.metadata) or "see its own files"
    libraries = list(_libraries(site / f"{name.replace('-', '_').lower()}.libs"))
    mark = " *" * bool(GPL.search(said) or set(libraries) & set(GPL_LIBRARIES))
    brought = f"\n  has in it: {', '.join(libraries)}" * bool(libraries)
    return f"{name} {package.version}: {said}{mark}{brought}"


def _libraries(folder: Path) -> Iterator[str]:
    """What compiled libraries a wheel has brought along, without their marks and versions."""
    for path in sorted(folder.glob("lib*.so*")):
        yield re.sub(r"(-[0-9a-f]{8})+$", "", path.name.partition(".so")[0]).removeprefix("lib")


def _file(component: Json) -> str:
    licences = ", ".join(each["license"]["name"] for each in component.get("licenses", []))
    return f"{component['name']}: {licences}\n  {component['description']}"
