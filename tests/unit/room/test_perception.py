"""The service that looks at the room: the same over a reload, whatever is opened again behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from player.config.settings import Config
from player.events import Event, LensChanged
from player.mood.tracker import MoodTracker
from player.room import perception
from player.room.mood_state import MoodState
from player.room.perception import PerceptionService
from player.room.pipeline import Step
from player.status import LensState
from player.types import Json, Mood

opened: list[FakeSession] = []


class FakeSession:
    """Camera and models of one set of settings, noted; opens nothing."""

    def __init__(
        self,
        config: Config,
        room: MoodState,
        on_step: Callable[[Step], None],
        camera_on: bool,
        state_folder: Callable[[], Path],
    ) -> None:
        self.config, self.on_step, self.camera_on, self.suspended = config, on_step, camera_on, False
        self.state = "built"
        opened.append(self)

    def start(self) -> None:
        assert all(other.state != "started" for other in opened), "the camera is let go of first"
        self.state = "started"

    def stop(self) -> None:
        self.state = "stopped"

    def enable(self, on: bool) -> None:
        self.camera_on = on

    def suspend(self, suspended: bool) -> None:
        self.suspended = suspended

    def read_mood(self, text: str) -> Mood:
        return Mood(0.1, 0.2)

    def status(self) -> Json:
        return {"source": self.config.camera.source}


def config(source: str = "demo", enabled: bool = True, volume: int = 40) -> Config:
    return Config.model_validate(
        {"camera": {"source": source, "enabled": enabled}, "playback": {"volume": volume}}
    )


class Shop:
    """A started service over fake sessions."""

    def __init__(self) -> None:
        opened.clear()
        self.events: list[Event] = []
        first = config()
        room = MoodState(MoodTracker(first.mood, first.dayparts))
        self.service = PerceptionService(first, room, self.events.append, True, Path)
        self.service.start()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(perception, "PerceptionSession", FakeSession)
    return Shop()


def test_other_settings_of_the_camera_open_it_again(shop: Shop) -> None:
    shop.service.configure(config("photos"))
    assert [session.state for session in opened] == ["stopped", "started"]
    assert shop.service.status() == {"source": "photos"}


def test_settings_of_other_parts_open_nothing(shop: Shop) -> None:
    shop.service.configure(config(volume=70))
    assert [session.state for session in opened] == ["started"]


def test_what_was_commanded_holds_where_its_setting_was_not_edited(shop: Shop) -> None:
    shop.service.enable(False)
    shop.service.suspend(True)
    shop.service.configure(config("photos"))
    assert (shop.service.camera_on, opened[-1].suspended) == (False, True)
    shop.service.configure(config("photos", enabled=False))
    assert not shop.service.camera_on
    shop.service.configure(config("photos", enabled=True))
    assert shop.service.camera_on, "that is what was edited"


def test_a_command_that_comes_while_the_old_camera_is_let_go_holds(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        opened[0].state = "stopped"
        shop.service.enable(False)

    monkeypatch.setattr(opened[0], "stop", stop)
    shop.service.configure(config("photos"))
    assert not shop.service.camera_on


def test_before_the_start_nothing_is_started(shop: Shop) -> None:
    shop.service.stop()
    shop.service.configure(config("photos"))
    assert opened[-1].state == "built"


def test_a_lens_that_was_dark_before_the_reload_is_told_once(shop: Shop) -> None:
    opened[0].on_step(Step(LensState.DARK))
    shop.service.configure(config("photos"))
    opened[1].on_step(Step(LensState.DARK))
    opened[1].on_step(Step(LensState.OK))
    assert shop.events == [LensChanged(LensState.DARK), LensChanged(LensState.OK)]
