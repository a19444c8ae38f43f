"""Camera, models and pipeline of one set of settings, opened in the background while the music plays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from player.config.settings.config import Config
from player.errors import BusyError, ControlError, ModelError, PlayerError
from player.log import EventLog, LogEvent, event
from player.room.mood_state import MoodState
from player.status import LOADING, CameraStatus, MoodReaderStatus, PerceptionStatus, ReadingStatus
from player.system import resources
from player.system.memory import give_back
from player.types import Frame, Image, Scene

if TYPE_CHECKING:  # they cost half a second of imports, and the first sound must not wait for that
    from pathlib import Path

    from player.camera.capture import Capture
    from player.camera.frame_slot import LatestFrame
    from player.mood.reader import MoodReader
    from player.mood.wishes import ReadWish
    from player.room.pipeline import FrameOutcome, Pipeline, PipelineWorker
    from player.vision.reader import SceneReader

log = EventLog(__name__, LogEvent.PERCEPTION)

RETRY_S = 60.0
"""A model file may be restored while the player runs: it is looked for this often."""
LOAD_S = 25.0
"""A command that needs the mood model waits for it at most this long."""


class PerceptionSession:
    """Camera, models and pipeline of one set of settings, from their opening to their end.

    While the camera is off and nobody asks for what they read, the models are not loaded: 100 MB of memory.
    """

    def __init__(
        self,
        config: Config,
        room: MoodState,
        on_step: Callable[[FrameOutcome], None],
        camera_on: bool,
        state_folder: Callable[[], Path],
    ) -> None:
        self._config, self._room, self._on_step = config, room, on_step
        self._camera_on, self._state_folder = camera_on, state_folder
        self._suspended = False
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._needed, self._loaded = threading.Event(), threading.Event()
        self._tried, self._looking = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._load_until_done, name="loader", daemon=True)
        self._problem: str | None = LOADING if camera_on else None
        self._note: str | None = None
        self._capture: Capture | None = None
        self._pipeline: Pipeline | None = None
        self._worker: PipelineWorker | None = None
        self._moods: MoodReader | None = None
        self._reader: SceneReader | None = None
        self._slot: LatestFrame | None = None

    def start(self) -> None:
        """Load in the background, as soon as that is needed."""
        if self._camera_on:
            self._need()
        self._thread.start()

    def stop(self) -> None:
        """Release the camera and end the threads; a driver or a model that hangs is left behind."""
        self._stop.set()
        self._needed.set()
        self._thread.join(0.5)
        with self._lock:
            if self._worker is not None:
                self._worker.stop(0.5)
            if self._capture is not None:
                self._capture.stop(0.5)

    @property
    def camera_on(self) -> bool:
        """Whether the camera may be used."""
        return self._camera_on

    @property
    def suspended(self) -> bool:
        """Whether the camera rests because nobody needs to see."""
        return self._suspended

    def enable(self, on: bool) -> None:
        """Use the camera, or release it."""
        with self._lock:
            self._camera_on = on
            self._switch()
        if on:
            self._need()

    def suspend(self, suspended: bool) -> None:
        """Release the camera for as long as nobody needs to see, whether it is on or off."""
        with self._lock:
            self._suspended = suspended
            self._switch()

    def _switch(self) -> None:
        if self._capture is not None:
            self._capture.enable(self._camera_on and not self._suspended)

    def mood_reader(self, wait_s: float) -> MoodReader:
        """What reads sentences. Raises ControlError if there is nothing within so long."""
        self._need()
        if not self._loaded.wait(wait_s) or self._moods is None:
            raise ControlError(f"a sentence cannot be read now ({self._problem}); a mood's name can be.")
        return self._moods

    def look(self, image: Image) -> Scene:
        """See PerceptionService."""
        if not self._looking.acquire(blocking=False):
            raise BusyError("another picture is being read: try again in a moment.")
        try:
            self._need()
            self._tried.wait(LOAD_S)
            if self._reader is None or self._moods is None:
                raise self._cannot_read()
            return self._reader.read(Frame(image, monotonic(), 0, "picture", live=False))
        finally:
            self._looking.release()
            give_back()

    def feel(self, scene: Scene) -> ReadWish:
        """See PerceptionService."""
        from player.mood.wishes import of_scene  # noqa: PLC0415

        if self._moods is None:
            raise self._cannot_read()
        return of_scene(scene, self._moods, self._config.mood.impression)

    def _cannot_read(self) -> ControlError:
        return ControlError(f"a picture cannot be read now ({self._problem}).")

    def see(self, timeout_s: float) -> Frame | None:
        """The camera's newest frame, waited for."""
        return self._slot.see(timeout_s) if self._slot is not None else None

    def status(self) -> PerceptionStatus:
        """Camera, last scene, what keeps the room from being read, and whether other readers were wanted."""
        with self._lock:
            moods, capture, pipeline = self._moods, self._capture, self._pipeline
            return perception_status(
                pipeline.status() if pipeline else ReadingStatus(),
                camera=capture.status() if capture else CameraStatus(self._camera_on),
                suspended=self._suspended,
                problem=self._problem,
                note=self._note,
                mood_reader=MoodReaderStatus(moods.name, moods.note) if moods else None,
            )

    def _need(self) -> None:
        if not self._needed.is_set():
            self._problem = LOADING
            self._needed.set()

    def _load_until_done(self) -> None:
        self._needed.wait()
        while not self._stop.is_set():
            try:
                self._load()
                return
            except PlayerError as error:
                problem = str(error)
                if problem != self._problem:
                    log.error(
                        "the room is not read: %s The music follows the schedule.",
                        problem,
                    )
                self._problem = problem
            except Exception:
                log.exception("the room is not read, the music follows the schedule")
                self._problem = "the models could not be loaded; see the log"
            finally:
                self._loaded.set()  # or nothing will be: who waits is told so
                self._tried.set()
            self._stop.wait(RETRY_S)

    def _load(self) -> None:
        """Open models, then the camera. Raises PlayerError."""
        # Imported here, so that the first sound waits for neither OpenCV nor onnxruntime.
        from player.camera.capture import Capture  # noqa: PLC0415
        from player.camera.change_gate import ChangeGate  # noqa: PLC0415
        from player.camera.factory import make_source  # noqa: PLC0415
        from player.camera.frame_slot import LatestFrame  # noqa: PLC0415
        from player.camera.lens_check import LensCheck  # noqa: PLC0415
        from player.mood.factory import open_reader as open_mood_reader  # noqa: PLC0415
        from player.room.pipeline import Pipeline, PipelineWorker  # noqa: PLC0415
        from player.vision.alternating import AlternatingReader  # noqa: PLC0415
        from player.vision.factory import open_reader  # noqa: PLC0415
        from player.vision.image_stats import MotionMeter  # noqa: PLC0415

        config = self._config
        try:
            # Kept from the last try, if it was the pictures' reader that could not be opened.
            moods = self._moods = self._moods or open_mood_reader(config.mood, self._state_folder)
            self._loaded.set()
            found, note = open_reader(config.vision)
        except ImportError as error:
            again = "install the player again" if resources.INSTALLED else "run ./scripts/run again"
            raise ModelError(f"a Python package is missing ({error}); {again}.") from error
        slot, reader = LatestFrame(), AlternatingReader(found)
        pipeline = Pipeline(
            lens=LensCheck(config.camera),
            gate=ChangeGate(config.gate),
            motion=MotionMeter(),
            reader=reader,
            moods=moods,
            room=self._room,
            interval_s=config.gate.interval_s,
            image_mood=config.mood.impression,
        )
        give_back()  # the files as they were read: 10 MB
        with self._lock:
            if self._stop.is_set():
                return
            self._pipeline, self._problem, self._note = pipeline, None, note
            self._reader, self._slot = reader, slot
            self._capture = Capture(lambda: make_source(config.camera), config.camera, slot)
            self._switch()
            self._capture.start()
            self._worker = PipelineWorker(pipeline, slot, self._on_step)
            self._worker.start()
        log.info(
            "the room is read by the %s reader",
            reader.name,
            extra=event(LogEvent.PERCEPTION, reader=reader.name),
        )


def perception_status(
    reading: ReadingStatus,
    *,
    camera: CameraStatus,
    suspended: bool,
    problem: str | None,
    note: str | None,
    mood_reader: MoodReaderStatus | None,
) -> PerceptionStatus:
    """What the pipeline has seen, and what stands around it."""
    return PerceptionStatus(
        lens=reading.lens,
        reader=reading.reader,
        scene=reading.scene,
        gate=reading.gate,
        camera=camera,
        suspended=suspended,
        problem=problem,
        note=note,
        mood_reader=mood_reader,
    )
