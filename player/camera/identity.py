"""What a camera is known by over restarts."""

from __future__ import annotations

import re
from pathlib import Path

WEBCAM = "webcam"
NODE = re.compile(rf"{WEBCAM} /dev/(video\d+)")
"""What frames of a webcam say that they come from, if it is named by its number."""
SYSFS = Path("/sys/class/video4linux")


def identity(source: str, sysfs: Path = SYSFS) -> str:
    """A camera's name, of what a frame says it comes from: of a webcam the name of its make.

    The system numbers webcams anew at each start and after each pulled plug; they are the same then.
    """
    node = NODE.fullmatch(source)
    make = driver_name(sysfs / node[1]).strip() if node else ""
    return f"{WEBCAM} {make}" if make else source


def driver_name(node: Path) -> str:
    """What the driver calls a video device, by its folder in sysfs; empty if it says nothing."""
    try:
        return (node / "name").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
