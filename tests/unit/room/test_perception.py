"""The service that looks at the room: the same over a reload, whatever is opened again behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from player.config.settings.config import Config
from player.errors import BusyError, ControlError, ModelError, WishError
from player.events import Event, LensChanged
from player.mood.tracker import MoodTracker
from player.room import perception, perception_session
from player.room.mood_state import MoodState
from player.room.perception import PerceptionService
from player.room.perception_session import PerceptionSession
from player.room.pipeline import FrameOutcome
from player.status import LensState
from player.system import resources
from player.types import Frame, Json, Scene
from tests.fakes.camera import picture
from tests.fakes.readers import LIVELY, FakeMoodReader, FakeSceneReader

opened: list[FakeSession] = []


class FakeSession:
    """Camera and models of one set of settings, noted; opens nothing."""

    def __init__(
        self,
        config: Config,
        room: MoodState,
        on_step: Callable[[FrameOutcome], None],
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
    opened[0].on_step(FrameOutcome(LensState.DARK))
    shop.service.configure(config("photos"))
    opened[1].on_step(FrameOutcome(LensState.DARK))
    opened[1].on_step(FrameOutcome(LensState.OK))
    assert shop.events == [LensChanged(LensState.DARK), LensChanged(LensState.OK)]


class Slow(FakeSceneReader):
    """A reader that a test holds up."""

    def __init__(self) -> None:
        super().__init__("a lively bar")
        self.begun, self.go_on = threading.Event(), threading.Event()

    def read(self, frame: Frame, motion: float = 0.0) -> Scene:
        self.begun.set()
        assert self.go_on.wait(60)
        return super().read(frame, motion)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PerceptionService, Slow]]:
    """Perception with the camera off, over readers that are no models."""
    reader = Slow()
    monkeypatch.setattr("player.vision.factory.open_reader", lambda _: (reader, None))
    monkeypatch.setattr("player.mood.factory.open_reader", lambda *_: FakeMoodReader())
    settings = config(enabled=False)
    room = MoodState(MoodTracker(settings.mood, settings.dayparts))
    service = PerceptionService(settings, room, lambda _: None, False, Path)
    service.start()
    yield service, reader
    reader.go_on.set()
    service.stop()


def test_a_picture_is_read_while_the_camera_is_off_and_one_at_a_time(
    reading: tuple[PerceptionService, Slow],
) -> None:
    service, reader = reading
    found: list[Scene] = []
    first = threading.Thread(target=lambda: found.append(service.look(picture())))
    first.start()
    assert reader.begun.wait(60)
    with pytest.raises(BusyError, match="another picture is being read"):
        service.look(picture())
    reader.go_on.set()
    first.join(60)
    (scene,) = found
    assert (scene.caption, service.feel(scene).mood) == ("a lively bar", LIVELY)
    assert service.look(picture()).caption == "a lively bar", "and the next one is read again"


def test_words_are_read_as_a_wish_with_how(reading: tuple[PerceptionService, Slow]) -> None:
    service, _ = reading
    assert service.read_wish("a lively evening").why == "the fake reader read the sentence: lively"
    assert service.read_wish("calm").why == "'calm' is the name of a mood"
    with pytest.raises(WishError):
        service.read_wish("???")
    with pytest.raises(WishError, match="say what the room is like, not what it is not"):
        service.read_wish("not very busy, calm", of_room=True)


def test_without_models_a_picture_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> None:
        raise ModelError("detector.onnx is missing: restore it.")

    monkeypatch.setattr("player.vision.factory.open_reader", missing)
    monkeypatch.setattr("player.mood.factory.open_reader", lambda *_: FakeMoodReader())
    settings = config(enabled=False)
    room = MoodState(MoodTracker(settings.mood, settings.dayparts))
    service = PerceptionService(settings, room, lambda _: None, False, Path)
    service.start()
    with pytest.raises(ControlError, match=r"a picture cannot be read now \(detector.onnx is missing"):
        service.look(picture())
    with pytest.raises(ControlError, match="the camera is off"):
        service.preview()
    service.stop()


def test_the_preview_can_be_switched_off_and_that_opens_no_camera_again(shop: Shop) -> None:
    quiet = config()
    quiet = quiet.model_copy(update={"camera": quiet.camera.model_copy(update={"preview": False})})
    shop.service.configure(quiet)
    assert [session.state for session in opened] == ["started"]
    with pytest.raises(ControlError, match=r"switched off \(camera.preview"):
        shop.service.preview()


def test_what_reading_the_models_took_goes_back_when_they_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    given = threading.Event()
    monkeypatch.setattr(perception_session, "give_back", given.set)
    monkeypatch.setattr("player.mood.factory.open_reader", lambda *_: FakeMoodReader())
    monkeypatch.setattr("player.vision.factory.open_reader", lambda _: (FakeSceneReader("a bar"), None))
    settings = config(enabled=False)
    room = MoodState(MoodTracker(settings.mood, settings.dayparts))
    session = PerceptionSession(settings, room, lambda _: None, False, Path)
    session.start()
    session.mood_reader(10)
    assert given.wait(60)
    session.stop()


def test_while_the_camera_is_off_no_model_is_loaded_until_somebody_needs_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened_models = threading.Event()

    def open_moods(*_: object) -> FakeMoodReader:
        opened_models.set()
        return FakeMoodReader()

    monkeypatch.setattr("player.mood.factory.open_reader", open_moods)
    monkeypatch.setattr("player.vision.factory.open_reader", lambda _: (FakeSceneReader("a bar"), None))
    settings = config(enabled=False)
    for needs in (
        lambda session: session.enable(True),
        lambda session: session.mood_reader(10),
        lambda session: session.look(picture()),
    ):
        opened_models.clear()
        room = MoodState(MoodTracker(settings.mood, settings.dayparts))
        session = PerceptionSession(settings, room, lambda _: None, False, Path)
        session.start()
        session.enable(False)
        session.suspend(True)
        assert session.status().problem is None
        assert not opened_models.is_set()
        needs(session)
        assert opened_models.wait(60)
        session.stop()


def test_who_reads_a_sentence_without_its_model_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ModelError("mood.onnx is missing: restore it.")

    monkeypatch.setattr("player.mood.factory.open_reader", missing)
    settings = config(enabled=False)
    room = MoodState(MoodTracker(settings.mood, settings.dayparts))
    session = PerceptionSession(settings, room, lambda _: None, False, Path)
    begun = monotonic()
    session.start()
    with pytest.raises(ControlError, match=r"mood\.onnx is missing"):
        session.mood_reader(10)
    assert monotonic() - begun < 10
    session.stop()


@pytest.mark.parametrize(
    ("installed", "what_to_do"), [(True, "install the player again"), (False, r"run \./scripts/run again")]
)
def test_a_missing_package_is_named_with_what_this_kind_of_player_can_do(
    monkeypatch: pytest.MonkeyPatch, installed: bool, what_to_do: str
) -> None:
    def missing(*_: object) -> None:
        raise ImportError("No module named 'tokenizers'")

    monkeypatch.setattr(resources, "INSTALLED", installed)
    monkeypatch.setattr("player.mood.factory.open_reader", missing)
    settings = config(enabled=False)
    room = MoodState(MoodTracker(settings.mood, settings.dayparts))
    session = PerceptionSession(settings, room, lambda _: None, False, Path)
    session.start()
    with pytest.raises(ControlError, match=rf"a Python package is missing \(.*\); {what_to_do}\."):
        session.mood_reader(10)
    session.stop()
