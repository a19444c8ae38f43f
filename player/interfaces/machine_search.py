"""What there is on this machine for who sets the player up, looked for within a bounded time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from player.errors import ControlError, MissingError
from player.interfaces.messages.setup import FoldersAnswer, FoundFolder, FoundOutput, FoundThing, NamedFolder
from player.system.child_process import module_command, run

MOST_S = 6.0
"""A driver or a disk that takes longer does not answer."""
_CHILD = "player.interfaces.search_child"


class MachineSearch:
    """Starts a process for each question: what hangs there hangs nowhere else. From any thread."""

    def __init__(self, timeout_s: float = MOST_S, child: str = _CHILD) -> None:
        self._timeout_s, self._child = timeout_s, child

    def outputs(self) -> tuple[FoundOutput, ...]:
        """Ways out for the sound; none if nobody can tell."""
        return tuple(FoundOutput(**each) for each in self._ask("outputs") or ())

    def music(self) -> tuple[FoundFolder, ...]:
        """Folders that likely hold music; none if a disk does not answer."""
        return tuple(FoundFolder(**each) for each in self._ask("music") or ())

    def folders(self, path: Path) -> FoldersAnswer:
        """The folders in one. Raises MissingError, and ControlError if the disk does not answer."""
        said = self._ask("folders", str(path))
        if said is None:
            raise ControlError("the disk does not answer: is it plugged in, and awake?")
        if "missing" in said:
            raise MissingError(said["missing"])
        return FoldersAnswer(**{**said, "folders": tuple(NamedFolder(**each) for each in said["folders"])})

    def _ask(self, *what: str) -> Any:
        try:
            done = run(module_command(self._child, *what), self._timeout_s)
            return json.loads(done.stdout) if done.returncode == 0 else None
        except (OSError, TimeoutError, ValueError):
            return None


def cameras(dev: Path = Path("/dev"), sysfs: Path = Path("/sys/class/video4linux")) -> tuple[FoundThing, ...]:
    """Webcams by their device, as people call them."""
    from player.camera.sources.device import webcams  # noqa: PLC0415 - it loads OpenCV

    found = []
    for device in webcams(dev, sysfs):
        try:
            said = (sysfs / Path(device).name / "name").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            said = ""
        found.append(FoundThing(device, said or device))
    # One camera has several nodes, and the first of them has the pictures.
    return tuple({each.said: each for each in reversed(found)}.values())[::-1]
