"""Settings of the backups that the player makes by itself."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from pydantic import Field

from player.config.settings.base import Settings, TimeOfDay


class BackupSettings(Settings):
    """Where, when, and how many are kept."""

    folder: Path | None = None
    at: TimeOfDay = time(4, 30)
    keep_daily: int = Field(7, ge=1, le=365)
    keep_weekly: int = Field(4, ge=0, le=520)
