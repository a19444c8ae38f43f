"""What opening and closing do: the music comes and goes with a fade, and the camera rests with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from player.config.settings import AnnouncementItem


class MusicSwitch(Protocol):
    """What opening and closing need of the playback service; playback/service.py says what each does."""

    def start(self, *, fade_s: float) -> None: ...  # noqa: D102
    def stop(self, fade_s: float) -> None: ...  # noqa: D102


class OpeningActions:
    """The venue that the schedule opens and closes.

    fade_s      how slowly the music comes and goes
    rest        told whether the camera is to rest
    on_daypart  told that another part of the day has begun
    announce    told what is to be announced
    """

    def __init__(
        self,
        music: MusicSwitch,
        fade_s: Callable[[], float],
        suspend: Callable[[bool], None],
        on_daypart: Callable[[], None],
        announce: Callable[[AnnouncementItem], None],
    ) -> None:
        self._music, self._fade_s, self._rest = music, fade_s, suspend
        self._on_daypart, self._announce = on_daypart, announce

    def open(self) -> None:
        """Let the music begin; one that is held by a pause goes on."""
        self._music.start(fade_s=self._fade_s())
        self._rest(False)

    def close(self) -> None:
        """Let the music end, and nobody look at the empty room."""
        self._music.stop(self._fade_s())
        self._rest(True)

    def enter_daypart(self) -> None:
        """See House."""
        self._on_daypart()

    def announce(self, item: AnnouncementItem) -> None:
        """See House."""
        self._announce(item)
