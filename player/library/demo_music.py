"""The music of `ambient-player demo`: royalty-free, inside the optional package immich-memories-music."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def demo_folder() -> Path | None:
    """Folder of the demo's tracks, one folder per mood inside; None if the package is not installed."""
    spec = find_spec("immich_memories_music")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "tracks"
    return folder if folder.is_dir() else None
