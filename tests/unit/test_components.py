"""Who hears of what, once all parts are built."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from player import components
from player.components import Components, subscribe
from player.config.settings.config import Config
from player.events import (
    Alarm,
    Audible,
    CommandDone,
    DaypartChanged,
    Event,
    EventBus,
    FileMissing,
    HoursChanged,
    LensChanged,
    LibraryReopened,
    MoodShifted,
    Muted,
    PinEnded,
    RoomNoise,
    SceneRead,
    SettingsReloaded,
    Silent,
    TrackEnded,
    TrackFailed,
    TrackStarted,
)
from player.interfaces.command_table import COMMANDS
from player.state.store import SavedState
from player.status import LensState, WatchdogStep
from player.types import Choice, Light, Mood, MoodPoint, MoodShift, Scene, Track
from tests.fakes.playback import FakeDeck

CHOICE = Choice(Track(Path("a.mp3"), "a"), "the test")
SCENE = Scene("a room", 0, Light(0.5, 0.0, 0.2, 0.3), 0.0, 0.0, "compact", 1.0)
SHIFT = MoodShift(MoodPoint(0, 0), MoodPoint(1, 1), datetime.now(UTC).timestamp(), "the room is livelier")


def test_the_daemon_brings_no_decoder_no_models_and_no_page() -> None:
    """They take tens of megabytes and a part of the start: they come when they are needed, if ever."""
    code = "import sys, player.app; print(*{name.split('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"av", "cv2", "onnxruntime", "tokenizers", "vlc", "fastapi", "uvicorn", "httpx", "rich", "pylast"}
    assert not heavy & set(ran.stdout.split())


def test_every_command_of_the_table_has_what_carries_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(components, "spawn_decks", lambda _: (FakeDeck("A", {}), FakeDeck("B", {})))
    built = components.build(Config(), tmp_path, SavedState.of({}), lambda _: None, list)
    assert built.controls.requests == {spec.request for spec in COMMANDS.values()}
    built.playback.close()
    built.library.close()


class Parts:
    """Parts that note what they are told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.woken: list[Event] = []
        self.kept: list[Event] = []
        self.foreseen: list[Event] = []
        events = EventBus()
        subscribe(
            cast(
                Components,
                SimpleNamespace(
                    events=events,
                    selection=SimpleNamespace(on_playback_event=self.note("selection")),
                    mood_controller=SimpleNamespace(
                        on_lens=self.note("lens"),
                        on_scene=self.note("scene"),
                        on_shift=self.note("shift"),
                        on_daypart=self.note("daypart"),
                        on_command=self.note("command"),
                        on_room_noise=self.note("noise"),
                    ),
                    perception=SimpleNamespace(suspend=lambda on: self.told.append(("suspend", on))),
                    room=SimpleNamespace(close=lambda closed: self.told.append(("closed", closed))),
                    music=SimpleNamespace(rescan=lambda: self.told.append("rescan")),
                    memory=SimpleNamespace(changed=lambda: self.told.append("save")),
                    pin_timer=SimpleNamespace(on_hours=self.note("pin")),
                    forecast=SimpleNamespace(on_event=self.foreseen.append),
                    feed=SimpleNamespace(wake=self.woken.append),
                    diary=SimpleNamespace(on_event=self.kept.append),
                ),
            )
        )
        self.publish = events.publish

    def note(self, name: str) -> object:
        return lambda _: self.told.append(name)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (TrackStarted(CHOICE, 0.0), ["selection", "save"]),
        (TrackEnded(CHOICE, True), ["selection"]),
        (TrackFailed(CHOICE, "noise"), ["selection"]),
        (Silent("no device"), ["selection"]),
        (Audible(), ["selection"]),
        (Alarm(WatchdogStep.DECK, 4.0), ["selection"]),
        (Muted("the output"), ["selection"]),
        (LensChanged(LensState.DARK), ["lens"]),
        (SceneRead(SCENE, Mood(0, 0)), ["scene"]),
        (MoodShifted(SHIFT), ["shift"]),
        (HoursChanged(open=True), [("suspend", False), ("closed", False), "pin"]),
        (HoursChanged(open=False), [("suspend", True), ("closed", True), "pin"]),
        (DaypartChanged("night"), ["daypart"]),
        (RoomNoise(-40.0), ["noise"]),
        (CommandDone("volume"), ["command", "save"]),
        (PinEnded(), ["save"]),
        (SettingsReloaded(("mood",)), ["save"]),
        (FileMissing(Path("a.mp3")), ["rescan"]),
        (LibraryReopened(), ["rescan"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_event_reaches_who_acts_on_it(event: Event, told: list[object]) -> None:
    parts = Parts()
    parts.publish(event)
    assert parts.kept == [event]
    assert parts.woken == [event], "whoever watches the status is told of it"
    plays_no_part = (LensChanged, SceneRead, HoursChanged, RoomNoise, FileMissing)
    assert parts.foreseen == ([] if isinstance(event, plays_no_part) else [event])
    assert parts.told == told
