"""What the room and the clock do to the music, and what the log says of it."""

from __future__ import annotations

import logging

from player.config.settings import Config
from player.errors import ControlError
from player.events import DaypartChanged, LensChanged, MoodShifted, SceneRead
from player.log import EventLog, LogEvent, event
from player.playback.service import PlaybackService
from player.playback.transitions import Style
from player.room.mood_state import MoodState
from player.selection.selector import Selector

log = EventLog(__name__, LogEvent.SHIFT)

NIGHT = ("auto", "on", "off")
"""Night mode as the dayparts have it, or as somebody wants it now."""
LENS = {
    "ok": "the camera sees the room again",
    "dark": "the picture is black: no reading until there is light",
    "covered": "the lens is covered, or sees nothing but a blank wall: no reading",
    "frozen": "the camera's picture has stood still for long: no reading until it moves",
}


class MoodController:
    """Moves the music when the room's mood has shifted, or another part of the day begins."""

    def __init__(
        self, config: Config, room: MoodState, selection: Selector, playback: PlaybackService
    ) -> None:
        self._config, self._room, self._selection, self._playback = config, room, selection, playback
        self.night = "auto"
        """One of NIGHT."""
        self.part = room.daypart()
        """The part of the day whose settings hold."""
        self._caption = ""

    def configure(self, config: Config) -> None:
        """Go on with other settings."""
        self._config = config
        self.set_style()

    def set_style(self) -> None:
        """Transitions and night mode as this part of the day has them."""
        self.part, playback = self._room.daypart(), self._config.playback
        part = self.part
        crossfade_s = playback.crossfade_s if part.crossfade_s is None else part.crossfade_s
        self._playback.set_style(Style(part.transition or playback.transition, crossfade_s))
        self._playback.set_night(part.night if self.night == "auto" else self.night == "on")

    def set_night(self, value: str) -> None:
        """Night mode on, off, or as the dayparts have it (auto). Raises ControlError for anything else."""
        if value not in NIGHT:
            raise ControlError(f"night takes {', '.join(NIGHT[:-1])} or {NIGHT[-1]}, not {value!r}.")
        self.night = value
        self.set_style()

    def on_lens(self, lens: LensChanged) -> None:
        """Say whether the camera sees the room."""
        log.info(LENS[lens.state], extra=event(LogEvent.LENS, state=lens.state))

    def on_scene(self, seen: SceneRead) -> None:
        """Say what the room looks like; one that reads the same again is no news."""
        scene, mood = seen.scene, seen.mood
        level = logging.DEBUG if scene.caption == self._caption else logging.INFO
        self._caption = scene.caption
        log.log(
            level,
            "%s (%s: valence %+.2f, energy %+.2f)%s",
            scene.caption,
            mood.mood7,
            mood.valence,
            mood.energy,
            "".join(f", {reason}" for reason in seen.unusual),
            extra=event(
                LogEvent.SCENE,
                people=scene.people,
                unusual=seen.unusual,
                valence=round(mood.valence, 3),
                energy=round(mood.energy, 3),
                ms=round(scene.elapsed_ms),
            ),
        )

    def on_daypart(self, _: DaypartChanged) -> None:
        """A new part of the day: its volume comes slowly, its mood with the next track."""
        part = self._room.daypart()
        log.info(
            "%s begins: %s",
            part.name,
            self._room.target().reason,
            extra=event(LogEvent.DAYPART, name=part.name),
        )
        self.set_style()
        if part.volume is not None:
            self._playback.set_volume(part.volume, ramp_s=self._config.playback.ramp_s)

    def on_shift(self, shifted: MoodShifted) -> None:
        """Crossfade to music for the new target, unless what plays was chosen for nearly the same one."""
        reason, target = shifted.shift.reason, self._room.target()
        fits = self._selection.fits(target, self._config.mood.shift.distance / 2)
        ends = "the music already fits" if fits else f"the music moves to {target.name}"
        log.info("%s; %s: %s", reason, ends, target.reason, extra=event(LogEvent.SHIFT, target=target.name))
        if not fits:
            self._playback.shift(reason)
