"""Photos in place of a camera, each shown for a while: a folder, a single one, the demo."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from player.camera.picture_limits import PictureError
from player.camera.pictures import NO_PICTURE, read_picture
from player.camera.source import LONGEST_READ_S, FramePace
from player.config.settings.perception import CameraSettings
from player.errors import CameraError, EndOfFrames
from player.log import EventLog, LogEvent
from player.types import Image

log = EventLog(__name__, LogEvent.CAMERA)

NAMED = 5
"""Files named in one line of the log."""


class PhotosSource:
    """Shows each photo for settings.photo_s, then cuts to the next one; every round lists them again."""

    live = False

    def __init__(
        self,
        name: str,
        files: Callable[[], Iterable[Path]],
        settings: CameraSettings,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._files = files
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._pace = FramePace(settings, clock)
        self._photos: Iterator[Image | None] = iter(())
        """One for each file of this round; None stands for one that cannot be read."""
        self._image: Image | None = None
        self._has_any = False
        """A photo has been found in this round."""
        self._shown_at = 0.0
        self._unreadable: dict[Path, str] = {}
        self._reported = 0

    def open(self) -> None:
        """Load the first photo; raises CameraError if there is none."""
        self._photos = self._round()
        self._show(next((image for image in self._photos if image is not None), None))
        if self._image is None:
            raise self._none()

    def read(self) -> Image:
        """The photo of this moment; raises EndOfFrames after the last one if they are shown once."""
        if self._image is None:
            raise CameraError(f"{self.name}: not open.")
        self._sleep(self._pace.left_s())
        self._pace.done()
        if self._clock() - self._shown_at >= self._settings.photo_s:
            self._turn()
        return self._image

    def close(self) -> None:
        """Forget the photos."""
        self._photos, self._image = iter(()), None

    def _turn(self) -> None:
        """The next photo if one is found in time; until then, over many reads, the one before stays."""
        until = self._clock() + LONGEST_READ_S
        while self._clock() < until:
            try:
                image = next(self._photos)
            except StopIteration:
                if not self._settings.loop:
                    raise EndOfFrames(f"{self.name}: all have been shown.") from None
                if not self._has_any:
                    raise self._none() from None
                self._photos = self._round()
                continue
            if image is not None:
                self._show(image)
                return

    def _none(self) -> CameraError:
        return CameraError(f"{self.name}: not one can be read; put JPEG or PNG files there.")

    def _show(self, image: Image | None) -> None:
        self._image, self._shown_at = image, self._clock()
        if image is not None:  # if there is no photo at all, open() says so instead
            self._report()

    def _report(self) -> None:
        new = list(self._unreadable.items())[self._reported :]
        self._reported += len(new)
        for why in dict.fromkeys(why for _, why in new):
            skipped = [path.name for path, reason in new if reason == why]
            names = ", ".join(skipped[:NAMED])
            more = f" and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
            log.warning("%s: skipped, as %s: %s%s", self.name, why, names, more)

    def _round(self) -> Iterator[Image | None]:
        self._has_any = False
        try:
            files = [path for path in self._files() if not path.is_dir()]
        except CameraError:
            raise
        except OSError as error:
            raise CameraError(f"{self.name} cannot be listed ({error.strerror}).") from error
        for path in files:
            image = self._load(path)
            self._has_any |= image is not None
            yield image

    def _load(self, path: Path) -> Image | None:
        try:
            return read_picture(path, self._settings.width, self._settings.height)
        except PictureError as error:
            self._unreadable.setdefault(path, error.why)  # said once, not every round
            return None


def read_photo(path: Path, settings: CameraSettings) -> Image:
    """A photo as (H, W, 3) uint8 BGR, within the settings' width x height; raises CameraError."""
    if not path.exists():
        raise CameraError(f"{path}: there is no such file.")
    try:
        return read_picture(path, settings.width, settings.height)
    except PictureError as error:
        if error.why == NO_PICTURE:
            raise CameraError(
                f"{path} is no photo that can be read: JPEG, PNG, WebP, BMP, GIF, TIFF and AVIF can."
            ) from error
        raise CameraError(f"{path} cannot be shown: {error.why}.") from error
