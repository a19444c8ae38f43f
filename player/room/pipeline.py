"""frame -> scene -> mood -> shift: one step, and the thread that takes it for every new frame."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median_low
from time import monotonic

from player.camera.change_gate import ChangeGate
from player.camera.frame_slot import LatestFrame
from player.camera.identity import identity
from player.camera.lens_check import LensCheck
from player.camera.overlay import drawn
from player.camera.view import view_of
from player.errors import PlayerError
from player.log import EventLog, LogEvent, event
from player.mood.anomalies import Signals
from player.mood.fusion import blend
from player.mood.reader import MoodReader
from player.mood.tracker import TrackerUpdate
from player.room.mood_state import MoodState
from player.status import LensState, ReadingStatus, SceneStatus
from player.system.memory import give_back
from player.types import Frame, Mood, Scene
from player.vision.image_stats import MotionMeter, light
from player.vision.reader import SceneReader

log = EventLog(__name__, LogEvent.PERCEPTION)

LEAST_FRAMES = 3
"""The median of fewer would let one frame through."""
TAKE_S = 0.5
"""How long the worker waits for a frame before it looks whether it should end."""


@dataclass(frozen=True, slots=True)
class FrameOutcome:
    """What one frame led to."""

    lens: LensState
    """OK, or why the frame is no reading."""
    scene: Scene | None = None
    """The scene, if the models looked; None if the gate saved the look."""
    mood: Mood | None = None
    update: TrackerUpdate | None = None
    """What the sample did to the mood over time; None between two samples."""


class Pipeline:
    """The way of one frame. Pure but for the readers; time is an argument."""

    def __init__(
        self,
        lens: LensCheck,
        gate: ChangeGate,
        motion: MotionMeter,
        reader: SceneReader,
        moods: MoodReader,
        room: MoodState,
        interval_s: float,
        image_mood: float,
    ) -> None:
        """`impression`: how far the look of a frame counts beside the sentence about it, 0 to 1."""
        self._lens, self._gate, self._motion = lens, gate, motion
        self._reader, self._moods, self._room = reader, moods, room
        self._interval_s, self._impression = interval_s, image_mood
        self._looked_at = self._sampled_at = float("-inf")
        self._mood: Mood | None = None
        self._motions: deque[tuple[float, float]] = deque()
        self.scene: Scene | None = None
        """The last scene the models saw."""
        self.lens_state = LensState.OK

    def step(self, frame: Frame, now: float) -> FrameOutcome:
        """Take one frame through the stages; `now` is in seconds on the monotonic clock.

        The models look at most every `interval_s`, and only if the gate says that the room has changed.
        """
        overlay = drawn(frame.image) if frame.live else None  # the lens looks at no others
        self.lens_state = self._lens.update(frame.image, now, frame.live, overlay)
        if self.lens_state is not LensState.OK:
            return FrameOutcome(self.lens_state)
        motion = self._usual_motion(self._motion.update(frame.image, now), now)
        scene = None
        if now - self._looked_at >= self._interval_s and self._gate.decide(frame.image, now, overlay).look:
            scene = self._reader.read(frame, motion)
            read = blend(self._moods.read([scene.caption])[0], scene.image_mood, self._impression)
            view = tuple(map(float, view_of(frame.image))) if scene.look else ()
            self._mood = self._room.teaching.correct(read, scene.look, view, now)
            self.scene, self._looked_at = scene, now
        elif now - self._sampled_at < self._interval_s:
            self._room.teaching.still_there(now)
            return FrameOutcome(LensState.OK)
        if self._mood is None or self.scene is None:
            return FrameOutcome(LensState.OK)
        self._mood = self._room.teaching.still_there(now) or self._mood
        self._sampled_at, signals = now, None
        if frame.live:
            signals = Signals(self.scene.people, motion, light(frame.image), identity(frame.source))
        update = self._room.update(self._mood, now, signals, of_room=frame.live)
        if update.in_doubt:  # the room may have changed: a second look is worth its time
            self._gate.forget()
        return FrameOutcome(LensState.OK, scene, self._mood, update)

    def _usual_motion(self, motion: float, now: float) -> float:
        """Median of the last `interval_s`, and of three frames at least.

        A jolt, a camera that goes over to night vision or the cut to another photo is not a busy room.
        """
        self._motions.append((now, motion))
        while len(self._motions) > LEAST_FRAMES and now - self._motions[0][0] > self._interval_s:
            self._motions.popleft()
        return median_low(value for _, value in self._motions)

    def status(self) -> ReadingStatus:
        """What was last seen, and how many looks the gate has saved."""
        scene = self.scene
        return ReadingStatus(
            lens=self.lens_state,
            reader=self._reader.name,
            scene=SceneStatus(scene.caption, scene.people, scene.motion) if scene else None,
            gate=self._gate.status(),
        )


class PipelineWorker:
    """The thread that takes each new frame through the pipeline and hands on what came of it."""

    def __init__(
        self,
        pipeline: Pipeline,
        slot: LatestFrame,
        on_step: Callable[[FrameOutcome], None],
        clock: Callable[[], float] = monotonic,
        tidy: Callable[[], None] = give_back,
    ) -> None:
        """`tidy`: comes after each look of the models, which takes and frees 25 MB."""
        self._pipeline, self._slot, self._on_step, self._clock = pipeline, slot, on_step, clock
        self._tidy = tidy
        self._stop = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="pipeline", daemon=True)

    def start(self) -> None:
        """Begin to take frames."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End after the frame in hand."""
        self._stop.set()
        self._thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            frame = self._slot.take(TAKE_S)
            if frame is None:
                continue
            try:
                step = self._pipeline.step(frame, self._clock())
                self._on_step(step)
                self._failing = False
                if step.scene is not None:
                    self._tidy()
            except Exception as error:  # noqa: BLE001 - one bad frame must not end the reading of all others
                self._report(error)

    def _report(self, error: Exception) -> None:
        """Say once, not twice a second, that frames cannot be read."""
        if not self._failing:
            known = isinstance(error, PlayerError)
            log.error("the room cannot be read: %s", error, exc_info=not known, extra=event(LogEvent.SCENE))
        self._failing = True
