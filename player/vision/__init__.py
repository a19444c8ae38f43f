"""A frame becomes a Scene: one sentence about the place, its light, its motion. Never about a person.

As a package, without a daemon: `from player.vision import read_scene`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from player.types import Image, Scene

__all__ = ["read_scene"]


def read_scene(image: Image) -> Scene:
    """What one picture shows, by the bundled compact reader: a sentence, people counted, light, impression.

    `image` is (H, W, 3) uint8 in OpenCV's order, blue first; with red first: `image[..., ::-1]`. Units are
    in Scene; its `captured_at` and `motion` are 0, since one picture does not move. The first call opens the
    models, which takes half a second and stays; calls from several threads are fine.

    Raises ValueError for what is no such array, or has no pixel (`cv2.imread` gives None for a file that it
    cannot read), and ModelError and its children if a model cannot be opened.
    """
    from player.vision.api import read_one  # noqa: PLC0415 - importing the package must stay cheap

    return read_one(image)
