"""The composition root: builds the player from its parts, lowest first, and stops it in reverse.

The order is the promise of early music: decks, library, first track; only then camera and models.
"""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from player import state
from player.control import Controls
from player.eyes import Eyes
from player.learning import Learning
from player.library.store import Library
from player.local_socket import LocalSocket
from player.log import event
from player.mood.tracker import MoodTracker
from player.music import Music, disturbance
from player.playback.deck import DeckProcess
from player.playback.jukebox import Jukebox
from player.playback.output import PlaybackEvent, TrackStarted
from player.room import Room
from player.selection import Selection
from player.settings import Config
from player.types import Json

if TYPE_CHECKING:
    from player.pipeline import Step

log = logging.getLogger(__name__)

FIRST_SOUND_S = 4.0
"""Without a sound device there is none: then all else starts after so long."""
STOP_FADE_S = 0.8
DAYPART_RAMP_S = 20.0
LENS = {
    "ok": "the camera sees the room again",
    "dark": "the picture is black: no reading until there is light",
    "covered": "the lens is covered, or sees nothing but a blank wall: no reading",
    "frozen": "the camera's picture has stood still for long: no reading until it moves",
}


class App:
    """The running player. `run` blocks until `stop` is set."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._state_path = state.state_dir(config) / "state.json"
        remembered = state.load(self._state_path)
        # The decks start in processes of their own, which takes as long as all that follows.
        decks = (DeckProcess("A", config.playback), DeckProcess("B", config.playback))
        self._library = Library(state.database_path(config))
        self._room = Room(MoodTracker(config.mood, config.dayparts))
        self._music = Music(config.library, self._library, lambda: disturbance(self._jukebox.status()))
        self._learning = Learning(config.choice, self._library)
        self._selection = Selection(
            config, self._library, self._room, self._music.folders, learning=self._learning
        )
        self._jukebox = Jukebox(config.playback, decks, self._selection.choose, self._heard)
        # Off is off, whoever says it: the config, or a command before the restart.
        camera_on = config.camera.enabled and bool(remembered.get("camera_on", True))
        self._eyes = Eyes(config, self._room, self._on_step, camera_on)
        self._controls = Controls(self._room, self._jukebox, self._eyes, self._music, self._selection)
        self._socket = LocalSocket(state.socket_path(config), self._controls.execute)
        self._remembered = remembered
        self._sounding = threading.Event()
        self._lens = "ok"
        self._caption = ""
        self._saving = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Play until `stop` is set; leaves the state saved and everything closed.

        Raises ControlError where another player of this user already runs.
        """
        with ExitStack() as stack:
            stack.callback(self._library.close)
            stack.callback(self._jukebox.close)
            self._socket.start()
            stack.callback(self._socket.stop)
            self._start_music()
            self._wait_for_first_sound(stop)
            self._music.start()
            stack.callback(self._music.stop)
            self._learning.start()
            stack.callback(self._learning.stop)
            self._eyes.start()
            stack.callback(self._eyes.stop)
            self._start_schedule(stack)
            stop.wait()
            log.info("stopping", extra=event("stop"))
            self._save()
            self._jukebox.stop(STOP_FADE_S)

    def _start_music(self) -> None:
        """The first sound: what played before the restart, or a track for the daypart's mood."""
        remembered = self._remembered
        self._room.restore(remembered.get("room", {}))
        self._music.restrict()
        self._jukebox.set_volume(self._first_volume(), ramp_s=0)
        path = remembered.get("path")
        first = self._selection.resumed(Path(path)) if path else None
        self._jukebox.start(first, float(remembered.get("position_s") or 0) if first else 0)
        if remembered.get("paused"):
            self._jukebox.pause()
        self._remembered = {}

    def _wait_for_first_sound(self, stop: threading.Event) -> None:
        """Leave the processor to the decks until they play: models and scans would only slow them down."""
        give_up_at = monotonic() + FIRST_SOUND_S
        while not self._sounding.wait(0.05) and not stop.is_set() and monotonic() < give_up_at:
            pass

    def _heard(self, what: PlaybackEvent) -> None:
        if isinstance(what, TrackStarted):
            self._sounding.set()
        self._selection.heard(what)

    def _first_volume(self) -> int:
        """The daypart's, or the one set by hand since config.yaml was last changed, or the one there."""
        of_daypart, configured = self._room.daypart().volume, self._config.playback.volume
        if of_daypart is not None:
            return of_daypart
        if self._remembered.get("configured_volume") == configured:
            return int(self._remembered.get("volume", configured))
        return configured

    def _start_schedule(self, stack: ExitStack) -> None:
        from player.schedule import Schedule  # noqa: PLC0415 - APScheduler can come after the first sound

        schedule = Schedule(
            self._config.dayparts,
            self._config.library.rescan_s,
            on_daypart=self._on_daypart,
            rescan=self._music.rescan,
            save=self._save,
        )
        schedule.start()
        stack.callback(schedule.stop)

    def _on_step(self, step: Step) -> None:
        """What the room did: log it, and move the music on a shift. Called on the pipeline's thread."""
        if step.lens != self._lens:
            self._lens = step.lens
            log.info(LENS[step.lens], extra=event("lens", state=step.lens))
        if step.scene is not None and step.mood is not None:
            mood, unusual = step.mood, step.update.hint.reasons if step.update else ()
            # A room that reads the same again is no news.
            level = logging.DEBUG if step.scene.caption == self._caption else logging.INFO
            self._caption = step.scene.caption
            log.log(
                level,
                "%s (%s: valence %+.2f, energy %+.2f)%s",
                step.scene.caption,
                mood.mood7,
                mood.valence,
                mood.energy,
                "".join(f", {reason}" for reason in unusual),
                extra=event(
                    "scene",
                    people=step.scene.people,
                    unusual=unusual,
                    valence=round(mood.valence, 3),
                    energy=round(mood.energy, 3),
                    ms=round(step.scene.elapsed_ms),
                ),
            )
        if step.update is not None and step.update.shift is not None:
            self._move_music(step.update.shift.reason)

    def _move_music(self, reason: str) -> None:
        """Crossfade to music for the new target, unless what plays was chosen for nearly the same one."""
        target = self._room.target()
        fits = self._selection.fits(target, self._config.mood.shift.distance / 2)
        ends = "the music already fits" if fits else f"the music moves to {target.name}"
        log.info("%s; %s: %s", reason, ends, target.reason, extra=event("shift", target=target.name))
        if not fits:
            self._jukebox.shift(reason)

    def _on_daypart(self) -> None:
        """A new part of the day: its volume comes slowly, its mood with the next track."""
        part = self._room.daypart()
        log.info(
            "%s begins: %s", part.name, self._room.target().reason, extra=event("daypart", name=part.name)
        )
        if part.volume is not None:
            self._jukebox.set_volume(part.volume, ramp_s=DAYPART_RAMP_S)

    def _save(self) -> None:
        """Write down what a restart needs; a full disk is logged and harms nothing else."""
        playback = self._jukebox.status()
        track = playback.get("track") or {}
        remembered: Json = {
            "room": self._room.state(),
            "volume": playback["volume"],
            "configured_volume": self._config.playback.volume,
            "paused": playback["state"] == "paused",
            "path": track.get("path"),
            "position_s": playback.get("position_s"),
            "camera_on": self._eyes.camera_on,
        }
        try:
            with self._saving:
                state.save(self._state_path, remembered)
        except OSError as error:
            log.warning("the state could not be saved (%s): a restart would begin afresh", error)
