"""What opening and closing do: the music comes and goes with a fade, and everyone else hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from player.config.settings.schedule import AnnouncementItem
from player.events import DaypartChanged, HoursChanged, Publish


class MusicSwitch(Protocol):
    """What opening and closing need of the playback service; playback/service.py says what each does."""

    def start(self, *, fade_s: float) -> None: ...  # noqa: D102
    def stop(self, fade_s: float) -> None: ...  # noqa: D102


class OpeningActions:
    """The venue that the schedule opens and closes.

    fade_s    how slowly the music comes and goes
    publish   HoursChanged and DaypartChanged, on the thread that calls
    announce  told what is to be announced
    """

    def __init__(
        self,
        music: MusicSwitch,
        fade_s: float,
        publish: Publish,
        announce: Callable[[AnnouncementItem], None],
    ) -> None:
        self._music, self._fade_s = music, fade_s
        self._publish, self._announce = publish, announce
        self._resume: Callable[[float], None] = lambda fade_s: music.start(fade_s=fade_s)

    def resume_by(self, resume: Callable[[float], None]) -> None:
        """Have what played before a restart go on by this, which takes the fade (s)."""
        self._resume = resume

    def configure(self, fade_s: float) -> None:
        """Come and go so slowly from now on."""
        self._fade_s = fade_s

    def open(self, *, resumes: bool) -> None:
        """Let the music begin; one that is held by a pause goes on.

        `resumes`: it has been open since the start, as is known only now: all is as it was before a restart.
        """
        if resumes:
            self._resume(self._fade_s)
        else:
            self._music.start(fade_s=self._fade_s)
        self._publish(HoursChanged(open=True))

    def close(self) -> None:
        """Let the music end."""
        self._music.stop(self._fade_s)
        self._publish(HoursChanged(open=False))

    def enter_daypart(self, name: str) -> None:
        """See VenueActions."""
        self._publish(DaypartChanged(name))

    def announce(self, item: AnnouncementItem) -> None:
        """See VenueActions."""
        self._announce(item)
