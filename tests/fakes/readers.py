"""Readers that say what a test tells them, and fail on demand."""

from __future__ import annotations

from collections.abc import Sequence

from player.types import Frame, Light, Look, Mood, Scene


class FakeSceneReader:
    """A SceneReader: every look gives the next of `captions` (the last one for ever)."""

    name = "fake"

    def __init__(self, *captions: str) -> None:
        self.captions = list(captions) or ["an empty room"]
        self.failure: Exception | None = None
        self.looks = 0
        self.look: Look | None = None

    def read(self, frame: Frame, motion: float = 0.0) -> Scene:
        self.looks += 1
        if self.failure is not None:
            raise self.failure
        caption = self.captions.pop(0) if len(self.captions) > 1 else self.captions[0]
        light = Light(0.5, 0.0, 0.2, 0.2)
        return Scene(caption, 0, light, motion, frame.captured_at, self.name, 1.0, look=self.look)


LIVELY = Mood(0.7, 0.8, mood7="happy")
CALM = Mood(0.5, -0.6, mood7="calm")


class FakeMoodReader:
    """A MoodReader: "lively" in a text means lively, anything else calm; "xyzzy" it does not know."""

    name = "fake"
    note = None

    def knows(self, text: str) -> bool:
        return text != "xyzzy"

    def is_word(self, word: str) -> bool:
        return True

    def read(self, texts: Sequence[str]) -> list[Mood]:
        return [LIVELY if "lively" in text else CALM for text in texts]
