"""config.yaml read again while the music plays: all of it is taken over, or nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from player import log as logs
from player.components import Components
from player.config import precedence
from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart
from player.errors import BusyError, NeedsRestartError, PlayerError
from player.events import SettingsReloaded
from player.interfaces.systemd import notify
from player.log import EventLog, LogEvent, event
from player.mood.tracker import MoodTracker
from player.state import state_file

log = EventLog(__name__, LogEvent.RELOAD)


def refuse_what_needs_a_restart(old: Config, new: Config) -> None:
    """Raises NeedsRestartError if a setting has changed that cannot change while the player runs."""
    fixed: tuple[tuple[str, Callable[[Config], Any]], ...] = (
        ("state_dir", state_file.state_place),
        ("control.socket", lambda config: config.control.socket),
    )
    if changed := [key for key, value in fixed if value(old) != value(new)]:
        raise NeedsRestartError(
            [f"{key}: {NeedsRestartError.SAID}: stop the player and start it." for key in changed]
        )


def changed_sections(old: Config, new: Config) -> list[str]:
    """Names of the sections that differ."""
    return [name for name in Config.model_fields if getattr(old, name) != getattr(new, name)]


class Reloader:
    """Takes over an edited config.yaml.

    reread    reads the file; raises ConfigError with every problem in it
    """

    def __init__(self, components: Components, config: Config, reread: Callable[[], Config]) -> None:
        self._components, self._reread = components, reread
        self.config = config
        """The settings that hold."""
        self.lock = threading.Lock()
        """Held during a reload; hold it while parts are started or stopped."""
        self._asked, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="reload", daemon=True)

    def start(self) -> None:
        """Begin to obey `soon`."""
        self._thread.start()

    def stop(self) -> None:
        """Obey it no longer; a reload that is under way goes on."""
        self._stopped = True
        self._asked.set()

    def soon(self) -> None:
        """Reload on a thread of its own; who asks during a reload gets another one after it."""
        self._asked.set()

    def reload(self) -> list[str]:
        """Reload now; returns the sections that have changed.

        Raises ConfigError, and then everything is as it was; the log says why too. Raises BusyError
        if the player ends.
        """
        with self.lock, notify.reloading():
            if self._stopped:
                raise BusyError("the player is stopping: it reads config.yaml at its next start.")
            old = self.config
            try:
                new = self._reread()
                refuse_what_needs_a_restart(old, new)
                self._components.front.check(new.front)
                changed = changed_sections(old, new)
                self._apply(old, new)
            except PlayerError as error:
                for line in str(error).splitlines():
                    log.error("%s", line)
                log.error("the old settings stay in force, the music plays on")
                raise
            said = ", ".join(changed) or "nothing"
            log.info(
                "config.yaml was read again; changed: %s", said, extra=event(LogEvent.RELOAD, changed=changed)
            )
            return changed

    def _apply(self, old: Config, new: Config) -> None:
        """Make the new settings hold. What may be refused comes first, before anything is touched."""
        components = self._components
        tracker = MoodTracker(new.mood_as_looked, new.dayparts, new.senses)
        take_over = components.selection.prepare(new)
        part, held = components.mood_controller.part, components.playback.status().volume_wanted
        self.config = new
        logs.setup(new.log.level, new.log.json_lines)
        components.snapshot.configure(new)
        components.supervision.configure(new.playback.watchdog)
        before, now = ((one.mood_as_looked, one.dayparts, one.senses) for one in (old, new))
        if before != now:
            components.room.follow(tracker)
        components.clock.configure(new.timezone)
        components.opening_actions.configure(new.hours.fade_s)
        components.venue_schedule.configure(new, components.clock.zone)
        components.learning.configure(new.choice)
        components.selection.play_history.configure(new)
        components.playlists.configure(new)
        components.playback.configure(new.playback, take_over)
        components.playback.configure_announcements(new.announcements)
        components.announcements.expect(new.announcements.items)
        components.voice.configure(new.announcements.voice)
        self._keep_commands(old, new, part, held)
        components.music.configure(new.library)
        components.perception.configure(new)
        components.front.configure(new.front)
        components.diary.configure(new.diary)
        components.backups.configure(new.backup)
        components.scheduler.configure({"rescan": new.library.rescan_s})
        components.events.publish(SettingsReloaded(tuple(changed_sections(old, new))))

    def _keep_commands(self, old: Config, new: Config, part: Daypart, held: int) -> None:
        """What was commanded goes on to hold if its setting was not edited."""
        mood_controller, playback = self._components.mood_controller, self._components.playback
        night = precedence.night(
            precedence.nights(new.dayparts), precedence.nights(old.dayparts), mood_controller.night
        )
        mood_controller.configure(new, night)
        counted = mood_controller.general_volume
        before, now = precedence.asked(old, part), precedence.asked(new, mood_controller.part)
        volume = precedence.volume(now, replace(before, general=counted), held)
        mood_controller.heed_volume(counted)
        if (
            volume != held or now.general != before.general
        ):  # which the playback service goes by, whatever the part says
            playback.set_volume(volume, ramp_s=new.playback.ramp_s)

    def _run(self) -> None:
        while self._asked.wait() and not self._stopped:
            self._asked.clear()  # before the file is read: whoever asks from now on has edited it since
            try:
                self.reload()
            except PlayerError:
                continue  # reload() has said it
            except Exception:
                log.exception("the reload failed; the music plays on")
