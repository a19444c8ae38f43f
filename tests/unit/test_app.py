"""What a start does by the hours, with decks of the test."""

import threading
from pathlib import Path

import pytest

from player import components
from player.app import App
from player.config.settings.config import Config
from player.playback.monitor.audio_monitor import NullMonitor
from player.room.mood_state import MoodState
from tests.fakes.playback import FakeDeck


@pytest.mark.parametrize(("hours", "told"), [("closed", [True]), ("open", [])])
def test_what_is_usual_is_not_learnt_of_a_venue_that_is_closed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: str, told: list[bool]
) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(MoodState, "close", lambda _, is_closed: closed.append(is_closed))
    monkeypatch.setattr(components, "spawn_decks", lambda _: (FakeDeck("A", {}), FakeDeck("B", {})))
    monkeypatch.setattr(components, "AudioMonitorProcess", NullMonitor)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    config = Config.model_validate(
        {
            "state_dir": str(tmp_path / "state"),
            "library": {"folders": [str(tmp_path)]},
            "hours": {"open": {"daily": hours}},
        }
    )
    over = threading.Event()
    over.set()
    assert not App(config, lambda: config).run(over)
    assert closed == told
