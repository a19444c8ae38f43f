"""What looks at the room: the same to everyone, whatever perception_session.py opens again behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from player.config import precedence
from player.config.settings.config import Config
from player.errors import ControlError
from player.events import LensChanged, MoodShifted, Publish, SceneRead
from player.room.mood_state import MoodState
from player.room.perception_session import LOAD_S, PerceptionSession
from player.room.preview import Preview, preview
from player.status import (
    LensState,
    PerceptionStatus,
)
from player.types import Image, Scene

if TYPE_CHECKING:  # they cost half a second of imports, and the first sound must not wait for that
    from pathlib import Path

    from player.mood.wishes import ReadWish
    from player.room.pipeline import FrameOutcome


def settings_needed(config: Config) -> tuple[object, ...]:
    """What camera and models are opened with: while it is the same, nothing is opened again."""
    mood = config.mood
    camera = config.camera.model_copy(update={"preview": True})  # who may look opens nothing
    return (
        *(camera, config.gate, config.vision),
        *(mood.reader, mood.llm, mood.threads, mood.impression),
    )


class PerceptionService:
    """Everything that looks at the room. Without it the music follows the schedule.

    Its settings may change; it is the same to everyone.
    """

    def __init__(
        self,
        config: Config,
        room: MoodState,
        publish: Publish,
        camera_on: bool,
        state_folder: Callable[[], Path],
    ) -> None:
        """`publish` is told what the camera sees (RoomEvent), on the pipeline's thread."""
        self._config, self._publish, self._lens = config, publish, LensState.OK
        self._with = partial(PerceptionSession, room=room, on_step=self._on_step, state_folder=state_folder)
        self._lock = threading.Lock()
        """Held while the camera is switched, and while one session takes another's place."""
        self._session, self._running = self._with(config, camera_on=camera_on), False

    def start(self) -> None:
        """Load in the background."""
        self._running = True
        self._session.start()

    def stop(self) -> None:
        """Release the camera and end the threads; a driver or a model that hangs is left behind."""
        self._running = False
        self._session.stop()

    def configure(self, config: Config) -> None:
        """Go on by other settings; what was commanded holds if its setting was not edited."""
        before, old, self._config = self._session, self._config, config
        if settings_needed(config) == settings_needed(old):
            return
        if self._running:
            before.stop()  # the camera has to be let go before it can be opened again
        with self._lock:
            on = precedence.camera_after_edit(config.camera.enabled, old.camera.enabled, before.camera_on)
            self._session = self._with(config, camera_on=on)
            self._session.suspend(before.suspended)
        if self._running:
            self._session.start()

    @property
    def camera_on(self) -> bool:
        """Whether the camera may be used."""
        return self._session.camera_on

    def enable(self, on: bool) -> None:
        """Use the camera, or release it."""
        with self._lock:
            self._session.enable(on)

    def suspend(self, suspended: bool) -> None:
        """Release the camera for as long as nobody needs to see, whether it is on or off."""
        with self._lock:
            self._session.suspend(suspended)

    def read_wish(self, text: str, *, of_room: bool = False) -> ReadWish:
        """The mood of a name or a sentence, and how it was read; `of_room`: it says what the room is like.

        Raises WishError, and ControlError while no model can read sentences.
        """
        from player.mood.wishes import read_wish  # noqa: PLC0415

        return read_wish(text, lambda: self._session.mood_reader(LOAD_S), of_room=of_room)

    def look(self, image: Image) -> Scene:
        """What a picture (H, W, 3) uint8 BGR shows, whatever the camera does.

        By the models that read the room, on the thread of who asks. Raises ControlError while they cannot,
        and BusyError while another picture is read.
        """
        return self._session.look(image)

    def feel(self, scene: Scene) -> ReadWish:
        """The mood of what a picture shows. Raises as `look` does."""
        return self._session.feel(scene)

    def preview(self) -> Preview:
        """The camera's newest frame. Raises ControlError, with why there is none."""
        if not self._config.camera.preview:
            raise ControlError("the preview is switched off (camera.preview in config.yaml).")
        session = self._session
        return preview(session.status, session.see, self._config.camera.fps, monotonic)

    def status(self) -> PerceptionStatus:
        """See PerceptionSession."""
        return self._session.status()

    def _on_step(self, step: FrameOutcome) -> None:
        """Tell what a frame led to."""
        if step.lens != self._lens:
            self._lens = step.lens
            self._publish(LensChanged(step.lens))
        if step.scene is not None and step.mood is not None:
            self._publish(SceneRead(step.scene, step.mood, step.update.hint.reasons if step.update else ()))
        if step.update is not None and step.update.shift is not None:
            self._publish(MoodShifted(step.update.shift, step.update.hint.reasons))
