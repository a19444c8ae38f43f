"""The names of backups: when one was made, and by which of the players that share a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from player.system.machine import told_apart
from player.system.player_name import player_name

_STAMP, _STAMP_SHAPE = "%Y-%m-%d-%H%M", r"(\d{4}-\d\d-\d\d-\d{4})"
_PLAIN = "ambient-player"


@dataclass(frozen=True, slots=True)
class BackupNames:
    """The names that one player gives."""

    machine: str
    """What tells its machine apart from others; "" if nothing does."""
    player: str
    """What tells it apart from others on its machine; "" for the one without a name."""

    def name_of(self, moment: datetime) -> str:
        """The name of a backup that is made at a moment."""
        return f"{self._beginning}-{moment:{_STAMP}}.zip"

    def moment_of(self, name: str) -> datetime | None:
        """When a file's name says that it was made; None if this player gave no such name.

        Names that say nothing of a player, as all once were, are those of the one without a name.
        """
        beginnings = [self._beginning] if self.player else [self._beginning, _PLAIN]
        shape = rf"(?:{'|'.join(map(re.escape, beginnings))})-{_STAMP_SHAPE}\.zip"
        if (match := re.fullmatch(shape, name)) is None:
            return None
        try:
            return datetime.strptime(match[1], _STAMP)
        except ValueError:
            return None

    @property
    def _beginning(self) -> str:
        return "-".join(filter(None, (_PLAIN, self.machine, self.player)))


def names_here() -> BackupNames:
    """The names that this player gives. Raises ConfigError."""
    return BackupNames(told_apart(), player_name())
