"""The reader for small machines: a detector, a tagger and the pixels themselves, in one sentence."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from player.config.settings.perception import VisionSettings
from player.types import Frame, Scene
from player.vision.compact.caption_builder import build_caption
from player.vision.compact.crowd import count_people
from player.vision.compact.detector import Detector
from player.vision.compact.image_mood import ImageMoodHead
from player.vision.compact.look import FAINT, look_of, made_by
from player.vision.compact.tagger import Tagger
from player.vision.image_stats import light


class CompactReader:
    """Reads a frame in about a tenth of a second on two small cores; needs no model but the bundled ones."""

    name = "compact"

    def __init__(self, settings: VisionSettings, clock: Callable[[], float] = time.perf_counter) -> None:
        """Open the networks. `clock` (seconds) only measures `Scene.elapsed_ms`.

        Raises ModelError and its children, each naming the file.
        """
        self._settings = settings
        self._clock = clock
        self._detect = Detector(settings.threads)
        self._tag = Tagger(settings.threads)
        self._impress = ImageMoodHead(settings.threads)
        self._made_by = made_by()

    def read(self, frame: Frame, motion: float = 0.0) -> Scene:
        """What `frame` shows. `motion`: share of the picture that moved, 0 to 1, from MotionMeter."""
        started = self._clock()
        faint = self._detect(frame.image, min(FAINT, self._settings.object_score))
        seen = [found for found in faint if found.score >= self._settings.object_score]
        tagged = self._tag(frame.image, self._settings.tag_score)
        shine = light(frame.image)
        objects = Counter(d.label for d in seen)
        people = count_people(frame.image, seen, self._detect)
        return Scene(
            caption=build_caption(seen, tagged.concepts, shine, motion, people),
            people=people,
            light=shine,
            motion=motion,
            captured_at=frame.captured_at,
            reader=self.name,
            elapsed_ms=(self._clock() - started) * 1000,
            objects=dict(objects),
            tags=tagged.concepts,
            image_mood=self._impress(tagged, seen, people),
            look=look_of(tagged.features, faint, self._made_by),
        )
