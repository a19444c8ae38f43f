"""Whether a folder's disk is there: the mount point of one that is away is an empty folder of the card."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

FSTAB = Path("/etc/fstab")
_BIND = {b"bind", b"rbind"}
"""Not looked at: os.path.ismount does not see those within one file system."""


def is_away(folder: Path, fstab: Path = FSTAB) -> bool:
    """Whether a folder is on a disk that is not mounted, though fstab(5) names it."""
    # Only its own mount points are looked at: one of another disk may have lost its server, and never answer.
    names = (folder, Path(os.path.realpath(folder)))
    points = [point for point in _mount_points(fstab) if any(name.is_relative_to(point) for name in names)]
    return not all(map(os.path.ismount, points))


def _mount_points(fstab: Path) -> Iterator[Path]:
    try:
        lines = fstab.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        # source, mount point, kind, options
        fields = [*line.split()[:4], b""]
        if len(fields) < 4 or fields[0].startswith(b"#") or _BIND & set(fields[3].split(b",")):
            continue
        # As \040, since a blank ends the field.
        point = re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes([int(found[1], 8)]), fields[1])
        if point.startswith(b"/") and b"\0" not in point:
            yield Path(os.fsdecode(point))
