"""Which reader looks at the room: BLIP if the user has built it, else the compact one."""

from __future__ import annotations

from pathlib import Path

from player.config.settings.perception import VisionSettings
from player.errors import ModelError
from player.log import EventLog, LogEvent
from player.models import BLIP_DIR
from player.system import resources
from player.vision.blip.offer import offer
from player.vision.compact.reader import CompactReader
from player.vision.reader import SceneReader

log = EventLog(__name__, LogEvent.PERCEPTION)


def open_reader(settings: VisionSettings, blip_dir: Path = BLIP_DIR) -> tuple[SceneReader, str | None]:
    """The reader that `vision.reader` asks for, and why it is another one, if it is.

    A BLIP that cannot be used is logged and the compact reader goes on serving. Raises ModelError and its
    children if that one cannot be used either.
    """
    if settings.reader == "compact":
        return CompactReader(settings), None
    if not (blip_dir / "manifest.json").is_file():
        if settings.reader == "auto":
            offer(blip_dir)
            return CompactReader(settings), None
        how = "./scripts/run --with-blip builds it"
        if resources.INSTALLED:  # which has no scripts
            how = "docs/blip.md says how it gets there"
        note = f"BLIP is not in {blip_dir} ({how})"
    else:
        # Imported here: who never built BLIP need not wait for its tokenizer.
        from player.vision.blip.reader import BlipReader  # noqa: PLC0415

        try:
            return BlipReader(settings, blip_dir), None
        except ModelError as error:
            note = str(error).rstrip(".")
    note = f"{note}; the compact reader is used instead."
    log.warning("%s", note)
    return CompactReader(settings), note
