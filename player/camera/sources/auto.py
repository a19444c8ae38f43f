"""Whatever camera there is: a webcam, else the Raspberry Pi's, else the demo."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from player.camera.source import FrameSource
from player.camera.sources import picamera
from player.camera.sources.demo import demo_source
from player.camera.sources.device import device_source, webcams
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.types import Image


def lenses(settings: CameraSettings) -> Iterable[FrameSource]:
    """The cameras that may be here, best first."""
    for device in webcams():
        yield device_source(device, settings)
    if picamera.installed():
        yield picamera.PicameraSource(settings)


LOOK_S = 20.0
"""Between two looks for a camera while the demo stands in: one may be plugged in, or found late."""
ALL_AGAIN_S = 600.0
"""Then those are tried, too, that gave nothing before: another program may have let go of them."""


class AutoSource:
    """Becomes the first lens that gives a frame, when it is opened or later; until then the demo camera."""

    def __init__(
        self,
        settings: CameraSettings,
        lenses: Callable[[CameraSettings], Iterable[FrameSource]] = lenses,
        stand_in: Callable[[CameraSettings], FrameSource] = demo_source,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._lenses = lenses
        self._stand_in = stand_in
        self._clock = clock
        self._chosen: FrameSource | None = None
        self._tried: set[str] = set()
        """Names of those that gave nothing."""
        self._look_at = self._all_again_at = 0.0

    @property
    def name(self) -> str:
        """What was chosen, and why if it is no camera."""
        if self._chosen is None:
            return "first camera found"
        return self._chosen.name if self._chosen.live else f"{self._chosen.name}, as no camera was found"

    @property
    def live(self) -> bool:
        """True if a lens was found."""
        return self._chosen is not None and self._chosen.live

    def open(self) -> None:
        """Choose; raises CameraError if there is neither a camera nor a demo."""
        self.close()
        self._chosen = self._first_lens()
        if self._chosen is None:
            demo = self._stand_in(self._settings)
            try:
                demo.open()
            except CameraError as error:
                raise CameraError(
                    f"No camera was found: plug one in or set camera.source. {error}"
                ) from error
            self._chosen = demo

    def read(self) -> Image:
        """The chosen source's next frame."""
        if self._chosen is None:
            raise CameraError("No camera is open.")
        if not self._chosen.live and self._may_be_there():
            lens = self._first_lens()
            if lens is not None:
                self._chosen.close()
                self._chosen = lens
        return self._chosen.read()

    def close(self) -> None:
        """Close what was chosen."""
        chosen, self._chosen = self._chosen, None
        if chosen is not None:
            chosen.close()

    def _may_be_there(self) -> bool:
        """Whether it is time to try for a lens again, and there is one to be tried."""
        now = self._clock()
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_S
        there = {lens.name for lens in self._lenses(self._settings)}
        self._tried &= there if now < self._all_again_at else set()
        return bool(there - self._tried)

    def _first_lens(self) -> FrameSource | None:
        self._tried = set()
        self._look_at, self._all_again_at = self._clock() + LOOK_S, self._clock() + ALL_AGAIN_S
        for lens in self._lenses(self._settings):
            try:
                lens.open()
                lens.read()  # codecs and other nodes open too, and give nothing
            except CameraError:
                lens.close()
                self._tried.add(lens.name)
            else:
                return lens
        return None
