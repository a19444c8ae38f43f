"""The demo: the whole loop on photos and music that come with it, quickly enough to watch."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from player.config.settings.backup import BackupSettings
from player.config.settings.config import Config, ControlSettings
from player.config.settings.dayparts import Daypart
from player.state.state_file import socket_path, state_place


def demo_config(config: Config) -> Config:
    """The same settings, with the demo's camera and music, quick moods, and a state folder of its own.

    Two calm photos are followed by two livelier ones, 14 s each, and a shift needs about six: 90 s show at
    least two.
    """
    place = state_place(config)
    shift = config.mood.shift.model_copy(update={"dwell_s": 4.0, "cooldown_s": 8.0})
    mood = config.mood.model_copy(
        update={
            "half_life_s": 2.0,
            "baseline_hours": 0.0,
            "shift": shift,
            # Its four photos are told apart by their sentences rather than by their looks.
            "impression": min(config.mood.impression, 0.5),
        }
    )
    return config.model_copy(
        update={
            "camera": config.camera.model_copy(update={"source": "demo", "photo_s": 14.0, "enabled": True}),
            "gate": config.gate.model_copy(update={"interval_s": 1.0}),
            "mood": mood,
            "library": config.library.model_copy(update={"folders": ()}),
            "playback": config.playback.model_copy(update={"shift_fade_s": 4.0}),
            "dayparts": (Daypart(name="demo", start=time(0), mood="calm"),),
            "backup": BackupSettings(),  # of the owner's own player, not of this one
            "state_dir": place and place / "demo",
            # The commands reach the demo as they reach the player.
            "control": ControlSettings(socket=socket_path(config)),
        }
    )


def owners_folder(demo: Config) -> Path | None:
    """Where passwords and earlier versions of config.yaml are: those of the player hold for its demo too."""
    return demo.state_dir and demo.state_dir.parent
