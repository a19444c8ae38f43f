"""The reader for machines with time and memory: BLIP's caption, and the detector's count of people."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from player.config.settings.perception import VisionSettings
from player.models import BLIP_DIR
from player.types import Frame, Scene
from player.vision.blip.model import Captioner
from player.vision.caption_filter import about_places
from player.vision.compact.crowd import count_people
from player.vision.compact.detector import Detector
from player.vision.image_stats import light


class BlipReader:
    """Reads a frame with BLIP.

    A caption counts people badly ("a group of people"), so `Scene.people` and `Scene.objects` are those of
    the bundled detector, and `Scene.light` is measured on the pixels. The caption is BLIP's, without what
    it says of persons' looks and feelings.
    """

    name = "blip"

    def __init__(
        self,
        settings: VisionSettings,
        models_dir: Path = BLIP_DIR,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Open BLIP and the detector. `clock` (seconds) only measures `Scene.elapsed_ms`.

        Raises ModelError and its children, each naming the file.
        """
        self._settings = settings
        self._clock = clock
        self._captioner = Captioner(settings.threads, models_dir)
        self._detect = Detector(settings.threads)

    def read(self, frame: Frame, motion: float = 0.0) -> Scene:
        """What `frame` shows. `motion`: share of the picture that moved, 0 to 1, from MotionMeter."""
        started = self._clock()
        blip = self._settings.blip
        seen = self._detect(frame.image, self._settings.object_score)
        objects = Counter(d.label for d in seen)
        caption = self._captioner.caption(frame.image, blip.prompt, blip.max_tokens, blip.beams)
        return Scene(
            caption=about_places(caption),
            people=count_people(frame.image, seen, self._detect),
            light=light(frame.image),
            motion=motion,
            captured_at=frame.captured_at,
            reader=self.name,
            elapsed_ms=(self._clock() - started) * 1000,
            objects=dict(objects),
        )
