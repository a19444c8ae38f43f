"""Whatever camera there is: a webcam, else the Raspberry Pi's, else the demo."""

from __future__ import annotations

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


class AutoSource:
    """Becomes the first lens that gives a frame when it is opened, and the demo camera if none does."""

    def __init__(
        self,
        settings: CameraSettings,
        lenses: Callable[[CameraSettings], Iterable[FrameSource]] = lenses,
        stand_in: Callable[[CameraSettings], FrameSource] = demo_source,
    ) -> None:
        self._settings = settings
        self._lenses = lenses
        self._stand_in = stand_in
        self._chosen: FrameSource | None = None

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
        return self._chosen.read()

    def close(self) -> None:
        """Close what was chosen."""
        chosen, self._chosen = self._chosen, None
        if chosen is not None:
            chosen.close()

    def _first_lens(self) -> FrameSource | None:
        for lens in self._lenses(self._settings):
            try:
                lens.open()
                lens.read()  # codecs and other nodes open too, and give nothing
            except CameraError:
                lens.close()
            else:
                return lens
        return None
