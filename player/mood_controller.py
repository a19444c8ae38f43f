"""What the room and the clock do to the music, and what the log says of it."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import assert_never

from player.config import precedence
from player.config.precedence import Asked
from player.config.settings.config import Config
from player.config.settings.room_noise import SENSOR
from player.emotions import describe_music, describe_room
from player.errors import ArgumentError
from player.events import CommandDone, DaypartChanged, LensChanged, MoodShifted, RoomNoise, SceneRead
from player.log import EventLog, LogEvent, event
from player.playback.service import PlaybackService
from player.playback.transitions import Style
from player.room.mood_state import MoodState
from player.selection.selector import Selector
from player.status import LensState
from player.types import MoodShift, NightMode, Target

log = EventLog(__name__, LogEvent.SHIFT)

COMMAND_RAMP_S = 2.0
"""Night mode by command is heard so soon; by the clock or config.yaml it comes within playback.ramp_s."""


class MoodController:
    """Moves the music when the room's mood has shifted, or another part of the day begins."""

    def __init__(
        self, config: Config, room: MoodState, selection: Selector, playback: PlaybackService
    ) -> None:
        self._config, self._room, self._selection, self._playback = config, room, selection, playback
        self.night = NightMode.AUTO
        """Night mode as it was last set by command."""
        self.part = room.daypart()
        """The part of the day whose settings hold."""
        self.general_volume = config.playback.volume
        """`playback.volume` as it last counted."""
        self._caption = ""

    def configure(self, config: Config, night: NightMode) -> None:
        """Go on with other settings, and with night mode as it counts as commanded by them."""
        self._config, self.night = config, night
        self._set_style(config.playback.ramp_s)

    def heed_volume(self, general_before: int) -> None:
        """Note that the volume was set by these settings, before which the general one counted as this."""
        self.general_volume = precedence.counted(self._asked(), general_before)

    def on_command(self, command: CommandDone) -> None:
        """A volume by hand is newer than all that config.yaml says by now."""
        if command.name == "volume":
            self.general_volume = self._config.playback.volume

    def set_night(self, mode: NightMode) -> None:
        """Set night mode by command."""
        self.night = mode
        self._set_style(COMMAND_RAMP_S)

    def on_lens(self, lens: LensChanged) -> None:
        """Say whether the camera sees the room."""
        log.info(_lens_line(lens.state), extra=event(LogEvent.LENS, state=lens.state))

    def on_scene(self, seen: SceneRead) -> None:
        """Say what the room looks like; one that reads the same again is no news."""
        scene, mood = seen.scene, seen.mood
        level = logging.DEBUG if scene.caption == self._caption else logging.INFO
        self._caption = scene.caption
        log.log(
            level,
            "%s: the room is %s%s",
            scene.caption,
            describe_room(mood),
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

    def on_room_noise(self, noise: RoomNoise) -> None:
        """How loud the room is counts as a sensor, if it is to count (playback.follow_noise.energy)."""
        with suppress(ArgumentError):  # a reload has just made it count no longer
            self._room.take_sensor(SENSOR, f"{noise.level_db:.1f}")

    def on_daypart(self, _: DaypartChanged) -> None:
        """A new part of the day: its volume and its night come slowly, its mood with the next track."""
        part = self._room.daypart()
        log.info(
            "%s begins: %s",
            part.name,
            self._room.target().reason,
            extra=event(LogEvent.DAYPART, name=part.name),
        )
        self._set_style(self._config.playback.ramp_s)
        volume = precedence.volume_of_part(self._asked(), self.general_volume)
        self.heed_volume(self.general_volume)
        if volume is not None:
            self._playback.set_volume(volume, ramp_s=self._config.playback.ramp_s)

    def on_shift(self, shifted: MoodShifted) -> None:
        """Crossfade to music for the new target, unless what plays was chosen for nearly the same one."""
        shift, target = shifted.shift, self._room.target()
        fits = self._selection.fits(target, self._config.mood.shift.distance / 2)
        ends = "the music fits already" if fits else f"moving to {describe_music(target.point)} music"
        log.info(
            "%s: %s%s",
            ", ".join((shift.reason, *shifted.unusual)),
            ends,
            _beyond(target, shift, shifted.unusual),
            extra=event(LogEvent.SHIFT, target=target.name, target_reason=target.reason),
        )
        if not fits:
            self._playback.shift(shift.reason)

    def _set_style(self, night_ramp_s: float) -> None:
        """Transitions and night mode as this part of the day has them; the night's volume comes so slowly."""
        self.part, playback = self._room.daypart(), self._config.playback
        part = self.part
        crossfade_s = playback.crossfade_s if part.crossfade_s is None else part.crossfade_s
        self._playback.set_style(Style(part.transition or playback.transition, crossfade_s))
        night = part.night if self.night is NightMode.AUTO else self.night is NightMode.ON
        self._playback.set_night(night, night_ramp_s)

    def _asked(self) -> Asked:
        return precedence.asked(self._config, self.part)


def _lens_line(state: LensState) -> str:
    match state:
        case LensState.OK:
            return "the camera sees the room again"
        case LensState.DARK:
            return "the camera's picture is black: the room is not read until there is light"
        case LensState.COVERED:
            return "the camera is covered or faces a blank wall: the room is not read until that changes"
        case LensState.FROZEN:
            return "the camera's picture has not changed for a long time: the room is not read until it does"
    assert_never(state)


def _beyond(target: Target, shift: MoodShift, unusual: tuple[str, ...]) -> str:
    """What makes the target another mood than the room's own: limits, a lead, another standard."""
    said = target.reason.removeprefix(f"the room is {describe_room(shift.after)}")
    for reason in unusual:
        said = said.replace(f", {reason}", "")
    return f" ({said.removeprefix(', ')})" if said else ""
