"""Tells the owner of a machine with room for it that BLIP could read the room. Fetches and asks nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from player.log import EventLog, LogEvent
from player.system import resources
from player.system.machine import has_room

log = EventLog(__name__, LogEvent.PERCEPTION)

DISK = 3_000_000_000
"""Bytes: what is fetched takes 1.0 GB, what is built from it 0.25, and the packages for that 0.1."""
MEMORY = 2_000_000_000
"""Bytes: building it and reading with it (0.6 GB) must not push the music out."""
OFFER = (
    "BLIP could describe the room in sentences of its own: ./scripts/run --with-blip fetches it once (1 GB, "
    "needs the internet) and builds it. Until then nothing is fetched, and the compact reader reads the room."
)


def is_possible(blip_dir: Path, root: Path = Path("/"), can_build: bool = not resources.INSTALLED) -> bool:
    """Whether BLIP is not there yet, and this machine has room to fetch, build and use it.

    blip_dir   where it would lie
    can_build  scripts/run comes with a checkout alone
    """
    if not can_build or (blip_dir / "manifest.json").is_file():
        return False
    try:
        home = Path.home()
    except RuntimeError:  # nobody knows it, and it would be fetched to there
        return False
    return all(has_room(place, DISK, MEMORY, root) for place in (blip_dir, home))


@cache
def offer(blip_dir: Path, root: Path = Path("/"), can_build: bool = not resources.INSTALLED) -> bool:
    """Say so, once for as long as this process lives; whether it was said. Arguments as of is_possible."""
    said = is_possible(blip_dir, root, can_build)
    if said:
        log.info("%s", OFFER)
    return said
