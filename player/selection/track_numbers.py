"""The number of a track that began before the library knew it, as the first one of all does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from player.status import PlaybackStatus
from player.types import Track


class TrackNumbers:
    """Asks the library when it has scanned, and not whenever somebody wants to know: its disk may be slow.

    playing   what plays
    track_at  the library's track at a path; raises LibraryError
    """

    def __init__(
        self, playing: Callable[[], PlaybackStatus], track_at: Callable[[Path], Track | None]
    ) -> None:
        self._playing, self._track_at = playing, track_at
        self._known: tuple[str, int] = ("", 0)

    def look(self) -> None:
        """The library has scanned. On its thread; raises LibraryError."""
        track = self._playing().track
        if track is None or track.id is not None or not track.is_file:
            return
        if (known := self._track_at(Path(track.path))) is not None:
            self._known = track.path, known.id

    def added_to(self, status: PlaybackStatus) -> PlaybackStatus:
        """The status with the number of what plays, if that has been found since. From any thread."""
        track, (path, number) = status.track, self._known
        if track is None or track.id is not None or track.path != path:
            return status
        return replace(status, track=replace(track, id=number))
