import logging
import threading
from datetime import UTC, datetime, time

import numpy as np
import pytest

from player.camera import change_gate, lens_check, overlay
from player.camera.change_gate import ChangeGate
from player.camera.frame_slot import LatestFrame
from player.camera.lens_check import LensCheck
from player.camera.view import view_of
from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings, ShiftSettings
from player.config.settings.perception import CameraSettings, GateSettings
from player.errors import ModelError
from player.mood.tracker import MoodTracker
from player.room import pipeline
from player.room.mood_state import MoodState
from player.room.pipeline import FrameOutcome, Pipeline, PipelineWorker
from player.types import Frame, Image, Look
from player.vision.image_stats import MotionMeter
from scripts.system.disturb import Disturbance, crowd, lamp, night_vision, screen
from tests.fakes.readers import CALM, FakeMoodReader, FakeSceneReader

INTERVAL_S = 5.0
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def room_picture(seed: int) -> Image:
    """A picture with structure; another seed is another room."""
    small = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    return np.asarray(np.kron(small, np.ones((10, 10, 1), np.uint8)), np.uint8)


class Eye:
    """A pipeline over fake readers, fed by hand."""

    def __init__(self, *captions: str, baseline_hours: float = 0) -> None:
        self.reader = FakeSceneReader(*captions)
        shift = ShiftSettings(dwell_s=4, cooldown_s=0)
        mood = MoodSettings(half_life_s=1, baseline_hours=baseline_hours, shift=shift)
        dayparts = [Daypart(name="day", start=time(0), mood="calm")]
        self.room = MoodState(MoodTracker(mood, dayparts), clock=lambda: 0.0, wall=lambda: NOON)
        self.pipeline = Pipeline(
            lens=LensCheck(CameraSettings()),
            gate=ChangeGate(GateSettings(interval_s=INTERVAL_S)),
            motion=MotionMeter(),
            reader=self.reader,
            moods=FakeMoodReader(),
            room=self.room,
            interval_s=INTERVAL_S,
            image_mood=0.5,
        )

    def see(self, image: Image, now: float, live: bool = True) -> FrameOutcome:
        return self.pipeline.step(Frame(image, now, 1, "test", live), now)


def test_the_first_frame_is_read() -> None:
    step = Eye("a lively bar").see(room_picture(1), 0.0)
    assert step.scene is not None
    assert step.scene.caption == "a lively bar"
    assert step.mood is not None
    assert step.update is not None


@pytest.mark.parametrize("live", [True, False])
def test_what_the_camera_draws_is_searched_for_once_a_frame(
    monkeypatch: pytest.MonkeyPatch, live: bool
) -> None:
    searched: list[Image] = []
    for module in (pipeline, lens_check, change_gate):
        monkeypatch.setattr(module, "drawn", lambda image: searched.append(image) or overlay.drawn(image))
    eye = Eye()
    eye.see(room_picture(1), 0.0, live)
    assert eye.pipeline.status().gate.looked == 1
    assert len(searched) == 1


def test_an_unchanged_room_is_sampled_but_not_looked_at() -> None:
    eye = Eye()
    steps = [eye.see(room_picture(1), half / 2) for half in range(60)]
    assert eye.reader.looks == 1
    assert sum(step.update is not None for step in steps) == 6
    assert eye.pipeline.status().gate.saved > 0


def test_a_change_is_looked_at_within_the_interval() -> None:
    eye = Eye("a quiet room", "a lively room")
    eye.see(room_picture(1), 0.0)
    assert eye.see(room_picture(2), 1.0).scene is None
    step = eye.see(room_picture(2), INTERVAL_S)
    assert step.scene is not None
    assert step.scene.caption == "a lively room"


def test_a_cut_to_another_picture_is_no_busy_room() -> None:
    eye = Eye()
    for second in range(10):
        eye.see(room_picture(1), float(second))
    step = eye.see(room_picture(2), 10.0)
    assert step.scene is not None
    assert step.scene.motion == 0


def test_lasting_motion_is_told_to_the_reader() -> None:
    eye = Eye()
    scenes = [eye.see(room_picture(second), float(second)).scene for second in range(10)]
    assert [scene.motion > 0.3 for scene in scenes if scene is not None] == [False, True]


def test_a_camera_with_few_frames_lets_no_single_one_through() -> None:
    eye = Eye()
    steps = [eye.see(room_picture(1 if now < 60 else 2), float(now)) for now in range(0, 120, 10)]
    assert [step.scene.motion for step in steps if step.scene is not None] == [0, 0]


def unusual(eye: Eye, disturbance: Disturbance, live: bool = True) -> set[str]:
    """What is said of a room to which something happens after an hour in which nothing did."""
    picture = room_picture(1)
    for now in range(0, 3600, 60):
        picture[0, 0] = now % 255  # or else the camera would count as frozen
        eye.see(picture, float(now), live)
    steps = [eye.see(disturbance(picture, n), 3600.0 + 3 * n, live) for n in range(30)]
    return {reason.split(" (")[0] for step in steps if step.update for reason in step.update.hint.reasons}


def test_more_movement_than_usual_is_told_between_two_looks_too() -> None:
    eye = Eye(baseline_hours=0.5)
    assert unusual(eye, crowd) == {"livelier than usual"}
    assert eye.room.status().unusual[0] == "livelier than usual"


@pytest.mark.parametrize("disturbance", [lamp, night_vision, screen])
def test_what_only_happens_to_the_light_is_no_movement(disturbance: Disturbance) -> None:
    assert not unusual(Eye(baseline_hours=0.5), disturbance) & {
        "busier than usual",
        "livelier than usual",
    }


def test_photos_and_films_have_no_usual() -> None:
    eye = Eye(baseline_hours=0.5)
    assert unusual(eye, crowd, live=False) == set()
    assert eye.room.state()["tracker"]["ambience"]["usual"] == {}


def test_a_lasting_change_becomes_a_shift() -> None:
    eye = Eye("a quiet room", "a lively room")
    shifts = []
    for second in range(60):
        step = eye.see(room_picture(1 if second < 20 else 2), float(second))
        if step.update is not None and step.update.shift is not None:
            shifts.append(second)
    assert len(shifts) == 1
    assert 20 < shifts[0] <= 20 + 2 * INTERVAL_S + 4
    assert eye.room.target().point.energy > 0.5


@pytest.mark.parametrize(
    ("image", "state"),
    [
        (np.zeros((120, 160, 3), np.uint8), "dark"),
        (np.full((120, 160, 3), 128, np.uint8), "covered"),
    ],
)
def test_a_blind_lens_is_no_reading(image: Image, state: str) -> None:
    eye = Eye()
    steps = [eye.see(image, float(second)) for second in range(20)]
    assert steps[-1].lens == state
    assert eye.reader.looks == 0
    assert eye.pipeline.status().lens == state


def test_the_worker_survives_a_reader_that_fails_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    eye, slot, seen = Eye(), LatestFrame(), threading.Event()
    eye.reader.failure = ModelError("the model is damaged.")
    worker = PipelineWorker(eye.pipeline, slot, lambda _: seen.set(), clock=lambda: 0.0)
    with caplog.at_level(logging.ERROR):
        worker.start()
        for wanted in (1, 2, 3):
            slot.put(room_picture(wanted), 0.0, "test")
            while eye.reader.looks < wanted:
                assert worker.alive
        eye.reader.failure = None
        slot.put(room_picture(9), 0.0, "test")
        assert seen.wait(60)
        worker.stop()
    assert not worker.alive
    assert [record.getMessage() for record in caplog.records] == [
        "the room cannot be read: the model is damaged."
    ]


def test_memory_goes_back_after_each_look_and_not_after_frames_that_need_none() -> None:
    eye, slot, seen, looks = Eye(), LatestFrame(), threading.Semaphore(0), []
    worker = PipelineWorker(
        eye.pipeline,
        slot,
        lambda _: seen.release(),
        clock=lambda: 0.0,
        tidy=lambda: looks.append(eye.reader.looks),
    )
    worker.start()
    for _ in range(3):
        slot.put(room_picture(1), 0.0, "test")
        assert seen.acquire(timeout=60)
    worker.stop()
    assert not worker.alive
    assert looks == [1]


def test_a_room_that_may_have_changed_is_looked_at_again() -> None:
    eye = Eye("a quiet room", "a lively room")
    for second in range(11):
        eye.see(room_picture(1 if second < 5 else 2), float(second))
    assert eye.reader.looks == 3, "at 0 s, at the change, and once more at the unchanged picture"


def test_a_room_that_is_seen_can_be_taught_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    eye, seen = Eye(), list[float]()
    eye.see(room_picture(1), 0.0)
    monkeypatch.setattr(eye.room.teaching, "still_there", seen.append)
    eye.see(room_picture(1), INTERVAL_S / 2)
    assert seen == [INTERVAL_S / 2]


def test_what_is_taken_back_is_not_followed_until_the_next_look() -> None:
    """A still room is looked at every two minutes."""
    eye = Eye()
    view = tuple(map(float, view_of(room_picture(1))))
    for second in range(6):
        eye.room.teaching.correct(CALM, Look((float(second % 2),), "these"), view, second)
        eye.room.teaching.teach("lively" if second % 2 else "quiet", None, second, 0.0)
    eye.reader.look = Look((1.0,), "these")
    taught = [eye.see(room_picture(1), 10.0 + INTERVAL_S * sample) for sample in range(9)][-1]
    eye.room.teaching.reset()
    plain = eye.see(room_picture(1), 10.0 + INTERVAL_S * 9)
    assert taught.mood is not None
    assert taught.mood.energy > 0
    assert (taught.scene, plain.scene) == (None, None)
    assert plain.mood == CALM
