"""The composition root: starts the player's parts, lowest first, and stops them in reverse.

The order is the promise of early music: decks, library, first track; only then camera and models.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic

from player import restart
from player.components import build
from player.config import precedence
from player.config.settings.config import Config
from player.errors import LibraryError
from player.events import Audible, Silent, TrackStarted
from player.interfaces import log_file, socket
from player.interfaces.recent_log import RecentLog
from player.log import EventLog, LogEvent, event
from player.playback.on_air import NEAR_END_S
from player.reload import Reloader
from player.selection.selector import DEADLINE_S
from player.state import places, state_file
from player.state.store import SavedState, load
from player.system import login_session
from player.system.audio_output import AudioOutput
from player.types import Choice

log = EventLog(__name__, LogEvent.PLAYER)

FIRST_SOUND_S = 4.0
"""Without a sound device there is none: then all else starts after so long."""
STOP_FADE_S = 0.8


class App:
    """The running player. `run` blocks until `stop` is set.

    reread       reads the config file again, for `reload`; raises ConfigError
    config_path  that file; None is the one that holds if nobody names one
    owners       the folder of passwords and of the file's earlier versions; None is the state folder
    """

    def __init__(
        self,
        config: Config,
        reread: Callable[[], Config],
        config_path: Path | None = None,
        owners: Path | None = None,
    ) -> None:
        self._recent = RecentLog()
        logging.getLogger("player").addHandler(self._recent)
        place = places.place(config, owners)
        state_file.close_to_others(place.folder)
        self._log_file = place.folder / log_file.NAME
        self._saved = SavedState.of(load(place.folder / state_file.STATE, places.in_memory(place.folder)))
        self._components = build(
            config,
            place.folder,
            self._saved,
            self.restart,
            self.reload,
            config_path,
            owners and place.passwords,
            self._recent,
            place.passwords,
        )
        self._note(place.problem)
        self._reloader = Reloader(self._components, config, reread)
        self._stop = threading.Event()
        self._restarting, self._no_session = False, ""
        self._socket: Path | None = None
        self._sounding = threading.Event()
        events = self._components.events
        events.subscribe(TrackStarted, lambda _: self._sounding.set())
        events.subscribe(Silent, lambda _: self._note_session(silent=True))
        events.subscribe(Audible, lambda _: self._note_session(silent=False))

    def run(self, stop: threading.Event) -> bool:
        """Play until `stop` is set; leaves the state saved and everything closed.

        Returns whether to restart (`restart`). Raises ControlError if another player of this user
        already runs.
        """
        components, self._stop = self._components, stop
        with ExitStack() as stack:
            stack.callback(logging.getLogger("player").removeHandler, self._recent)
            stack.callback(components.library.close)
            components.selection.play_history.write_queue.start()
            stack.callback(components.selection.play_history.write_queue.stop)
            stack.callback(components.pictures.close)
            stack.callback(components.playback.close)
            components.feed.start()
            stack.callback(self._listen())
            # No other player's: it is refused above.
            stack.callback(log_file.save, self._recent, self._log_file)
            stack.callback(components.front.stop)
            stack.callback(components.feed.stop)
            with self._reloader.lock:
                self._start_music()
                components.supervision.start()
                self._wait_for_first_sound(stop)
                log_file.load(self._recent, self._log_file)
                if not stop.is_set():
                    self._start_the_rest()
                    stack.callback(self._stop_parts)
            stop.wait()
            log.info("stopping", extra=event(LogEvent.STOP))
            components.supervision.stop()
            components.memory.stop()
            components.playback.stop(0 if self._restarting else STOP_FADE_S)
        return self._restarting

    def _listen(self) -> Callable[[], None]:
        """Take commands, if that is possible at all; returns what ends it."""
        components, config = self._components, self._reloader.config
        listening, problem = socket.listen(places.sockets(config), components.controls.execute)
        if not (listening and components.report.problems):  # the folder's trouble has been said
            self._note(places.too_long(config) or problem)
        self._socket = listening.path if listening else None
        return listening.stop if listening else lambda: None

    def _note(self, problem: str) -> None:
        """Say once what is wrong with this machine, and keep it for the status."""
        if problem:
            log.error("%s", problem, extra=event(LogEvent.PROBLEM))
            self._components.report.add_problem(problem)

    def _note_session(self, silent: bool) -> None:
        """Name the likely reason why there is no sound, for as long as there is none."""
        self._components.report.remove_problem(self._no_session)
        if silent and AudioOutput.parse(self._reloader.config.playback.output).needs_sound_server:
            self._no_session = login_session.missing()
            self._note(self._no_session)

    def restart(self, reason: str) -> None:
        """Restart now with the same track: the last means against silence. From any thread."""
        log.error("restarting: %s", reason, extra=event(LogEvent.RESTART))
        restart.force_after()
        self._restarting = True
        self._stop.set()

    def reload(self) -> Sequence[str]:
        """Read the config file again and take it over; the sections that have changed. See Reloader."""
        return self._reloader.reload()

    def reload_soon(self) -> None:
        """Read the config file again and take it over, soon; returns at once."""
        self._reloader.soon()

    def _start_the_rest(self) -> None:
        components = self._components
        components.memory.start()
        components.music.start()
        components.announcements.start()
        components.announcements.expect(self._reloader.config.announcements.items)
        components.learning.start()
        components.perception.start()
        components.scheduler.start()
        components.diary.start()
        components.front.start(self._socket)
        self._reloader.start()

    def _stop_parts(self) -> None:
        """Stop all that is not music, the last first; a reload that is under way comes to its end before."""
        self._reloader.stop()
        with self._reloader.lock:
            components = self._components
            for part in (
                components.diary,
                components.scheduler,
                components.perception,
                components.learning,
                components.announcements,
                components.music,
            ):
                part.stop()

    def _start_music(self) -> None:
        """The first sound: what played before the restart, or a track for the daypart's mood."""
        components, saved = self._components, self._saved
        components.room.restore(saved.room)
        nights = precedence.nights(self._reloader.config.dayparts)
        components.mood_controller.set_night(precedence.night(nights, saved.configured_nights, saved.night))
        with (
            components.library.database.deadline(DEADLINE_S),
            suppress(LibraryError),
        ):  # the scan makes up for it
            components.music.restrict()
        components.playback.set_volume(self._first_volume(), ramp_s=0)
        if saved.configured is not None:
            components.mood_controller.heed_volume(saved.configured.general)
        if not components.venue_schedule.begin(components.clock(), saved.open_by_hand):
            components.playback.run()
            components.perception.suspend(True)
            components.room.close(True)
            components.opening_actions.resume_by(self._resume)
            return
        self._resume()

    def _resume(self, fade_s: float | None = None) -> None:
        """What played before the restart, paused if it was; another track if that is of another day."""
        components, saved, now = self._components, self._saved, self._components.clock()
        opened = components.venue_schedule.opened_since(saved.saved_at, now)
        over = opened or (not saved.paused and components.venue_schedule.in_another_part(saved.saved_at, now))
        first, position_s = (None, 0.0) if over else self._first()
        components.playback.start(first, position_s, fade_s=fade_s)
        if saved.paused and not opened:
            components.playback.pause()

    def _first(self) -> tuple[Choice | None, float]:
        """What played before the restart, and where; None if it is gone, or not wanted any more.

        If it was as good as over, and the next track had been chosen, that one.
        """
        saved, resumed = self._saved, self._components.selection.resumed
        try:
            with self._components.library.database.deadline(DEADLINE_S):
                first = resumed(saved.path) if saved.path else None
                if first is None or saved.coming is None:
                    return first, saved.position_s
                over = saved.position_s > first.track.duration_s - NEAR_END_S > 0
                coming = resumed(saved.coming) if over else None
            return (coming, 0.0) if coming else (first, saved.position_s)
        except LibraryError as error:
            log.warning("the library cannot be used yet, the music starts without it: %s", error)
            return None, 0.0

    def _wait_for_first_sound(self, stop: threading.Event) -> None:
        """Leave the processor to the decks until they play: models and scans would only slow them down."""
        give_up_at = monotonic() + (FIRST_SOUND_S if self._components.venue_schedule.open else 0)
        while not self._sounding.wait(0.05) and not stop.is_set() and monotonic() < give_up_at:
            pass

    def _first_volume(self) -> int:
        """The one set by hand since its setting was last edited, or that setting."""
        asked = precedence.asked(self._reloader.config, self._components.room.daypart())
        return precedence.volume(asked, self._saved.configured, self._saved.volume)
