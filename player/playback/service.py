"""The playback worker: one thread that owns the decks and keeps the music going.

Everyone else only posts commands, which return at once, and reads the last status.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from player.config.settings.playback import PlaybackSettings
from player.config.settings.schedule import AnnouncementSettings
from player.events import Event
from player.log import EventLog, LogEvent
from player.playback.announcements.announcer import Announcement, Announcer
from player.playback.controller import PlaybackController
from player.playback.deck import Deck
from player.playback.deck_process import DeckProcess
from player.playback.loudness import volume_gain
from player.playback.monitor.audio_monitor import AudioMonitor, NullMonitor
from player.playback.monitor.silence_monitor import SilenceMonitor
from player.playback.room_noise.control import RoomNoiseControl
from player.playback.transitions import Style
from player.status import (
    AnnouncementStatus,
    AudibleStatus,
    MusicStatus,
    PlaybackStatus,
    RoomNoiseStatus,
    WatchdogStep,
)
from player.types import ChangeReason, Choice

log = EventLog(__name__, LogEvent.PLAYBACK)

TICK_S = 0.05
LATE_S = 1.0
"""A turn that comes so much later than the one before: this process was stopped, or the machine slept."""
NOISE_STEP_DB, NOISE_RAMP_S = 0.5, 4.0
"""Smaller changes of the volume for the noise wait; each takes so long."""
CLOSE_S = 3.0
"""How long `close` lets a fade-out go on."""


def spawn_decks(settings: PlaybackSettings) -> tuple[Deck, Deck]:
    """Both decks as child processes; they load libVLC while the caller goes on."""
    return DeckProcess("A", settings), DeckProcess("B", settings)


def _nobody(_: object) -> None:
    """The listener if there is none."""


class PlaybackService:
    """Plays one chosen track after the other, whatever happens.

    decks     two decks, or what makes them from the settings
    choose    gives the next track for why: "start", "next", "shift", "skip", "error", or "alarm" or "safe"
              if what played was not heard. Called on the
              playback thread when the crossfade is due, so that the choice follows the room; may raise
    on_event  told what happened, on the playback thread
    monitor   hears what goes out; without one the players' own report counts
    restart   restarts the whole process, for the reason given: the last step against silence
    restarted_at  when it last did, in earlier lives too, on the monotonic clock

    The thread runs from `run` or the first `start` to `close`. Any thread may call the commands; none waits.
    """

    def __init__(
        self,
        settings: PlaybackSettings,
        decks: tuple[Deck, Deck] | Callable[[PlaybackSettings], tuple[Deck, Deck]],
        choose: Callable[[ChangeReason], Choice],
        on_event: Callable[[Event], None] = _nobody,
        clock: Callable[[], float] = time.monotonic,
        monitor: AudioMonitor | None = None,
        restart: Callable[[str], None] = _nobody,
        restarted_at: Sequence[float] = (),
        announcements: AnnouncementSettings | None = None,
    ) -> None:
        self._clock = clock
        self._restart = restart
        self._on_event = on_event
        self._decks = decks(settings) if callable(decks) else decks
        self._controller = PlaybackController(settings, self._decks, choose, self._report)
        self._announcer = Announcer(
            announcements or AnnouncementSettings(), self._controller, self._third_deck, self._report
        )
        self._silence_monitor = SilenceMonitor(
            settings.watchdog, monitor or NullMonitor(), self._report, restarted_at
        )
        self._room_noise = RoomNoiseControl(settings.follow_noise, self._report)
        self._status = self._snapshot()
        self.turned_at = clock()
        """When the thread last finished a turn: long ago, and it hangs."""
        self._posted: dict[object, Callable[[float], None]] = {}
        self._posting = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    def configure(self, settings: PlaybackSettings, also: Callable[[], None]) -> None:
        """Go on with other settings, and in the same turn of the thread do `also`, without interruption."""

        def take_over(_: float) -> None:
            also()
            self._controller.configure(settings)
            self._silence_monitor.configure(settings.watchdog)
            self._room_noise.configure(settings.follow_noise)

        self._post(take_over)

    def run(self) -> None:
        """Begin to obey; silent until `start`."""
        if not self._thread.is_alive():
            self._thread.start()

    def start(
        self, first: Choice | None = None, position_s: float = 0.0, *, fade_s: float | None = None
    ) -> None:
        """Begin to play, with `first` from `position_s` if it is given; `fade_s` has it come up slowly."""
        self.run()
        self._post(lambda now: self._controller.start(first, position_s, now, fade_s))

    def shift(self, reason: str) -> None:
        """Crossfade now to a newly chosen track, because the room's mood has shifted."""
        self._post(lambda now: self._controller.shift(reason, now), "change")

    def skip(self) -> None:
        """Crossfade quickly to the next track."""
        self._post(self._controller.skip, "change")

    def pause(self) -> None:
        """Hold the music; `resume` goes on at the same place."""
        self._post(lambda _: self._controller.pause(), "hold")

    def resume(self) -> None:
        """Go on after `pause`."""
        self._post(self._controller.resume, "hold")

    def seek(self, position_s: float) -> None:
        """Go to another place in the present track."""
        self._post(lambda _: self._controller.seek(position_s), "seek")

    def set_volume(self, percent: int, ramp_s: float = 0.5) -> None:
        """The venue's volume, 0 to 100; loudness.volume_gain says what that means."""
        self._post(lambda _: self._controller.set_volume(percent, ramp_s), "volume")

    def set_night(self, on: bool, ramp_s: float) -> None:
        """Night mode on or off."""
        self._post(lambda _: self._controller.set_night(on, ramp_s), "night")

    def set_style(self, style: Style) -> None:
        """How tracks give way to each other from now on."""
        self._post(lambda _: self._controller.set_style(style), "style")

    def announce(self, announcement: Announcement) -> None:
        """Have this heard over the music, or without any."""
        self._post(lambda _: self._announcer.announce(announcement))

    def configure_announcements(self, settings: AnnouncementSettings) -> None:
        """Go on with other settings from the next announcement on."""
        self._announcer.configure(settings)

    def stop(self, fade_s: float) -> None:
        """Fade out and be silent until `start`."""
        self._post(lambda now: self._controller.stop(fade_s, now))

    def status(self) -> PlaybackStatus:
        """As it was at the end of the thread's last turn."""
        return self._status

    def step(self, now: float) -> None:
        """One turn of the thread: obey what was posted, hear the decks, move on, publish the status."""
        if (slept_s := now - self.turned_at) > LATE_S:  # nobody is to blame for what was not done meanwhile
            for part in (self._controller, self._announcer, self._silence_monitor, self._room_noise):
                part.slept(slept_s)
        while (command := self._next_posted()) is not None:
            command(now)
        self._controller.step(now)
        self._announcer.step(now)
        self._listen(now)
        self._follow_noise(now)
        self._status = self._snapshot()
        self.turned_at = now

    def close(self) -> None:
        """End the thread and the decks; a fade-out that `stop` has begun may take CLOSE_S to finish."""
        self._post(lambda _: self._close())
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
        self._announcer.close()
        for deck in self._decks:
            deck.close()
        self._silence_monitor.close()
        self._room_noise.close()

    @property
    def restarted_at(self) -> tuple[float, ...]:
        """The restarts of the last hour, which the next life of the process should know."""
        return self._silence_monitor.restarted_at

    def _listen(self, now: float) -> None:
        """Compare what is claimed with what is heard, and do what the watchdog says."""
        pids = [deck.pid for deck in self._decks if deck.pid is not None]
        step = self._silence_monitor.step(
            now, self._controller.claim(), self._controller.audible_decks(), pids
        )
        self._controller.listened(self._silence_monitor.sounds, self._silence_monitor.fading_sounds, now)
        if self._silence_monitor.output_came:
            self._controller.try_output()
        if step is WatchdogStep.RESTART:
            self._restart("nothing could be heard, and no other step has helped")
        elif step is not None:
            self._controller.recover(step, now)

    def _follow_noise(self, now: float) -> None:
        """Add to the volume what the room's noise asks for, in steps that nobody hears."""
        volume = self._controller.volume
        usual = volume_gain(self._controller.settings.volume)
        sink, moves = self._silence_monitor.sink, self._controller.volume_moves
        noise_db = self._room_noise.step(now, sink, volume.set_gain, usual, volume.headroom_db, moves)
        due = abs(noise_db - volume.noise_db) >= NOISE_STEP_DB or (noise_db == 0) != (volume.noise_db == 0)
        if due and volume.add_noise(noise_db):  # what the ceiling took anyway must not hurry a slow ramp
            self._controller.follow_noise(noise_db, NOISE_RAMP_S)

    def _snapshot(self) -> PlaybackStatus:
        audible, announcement = self._silence_monitor.status(), self._announcer.status()
        noise = self._room_noise.status()
        return playback_status(self._controller.status(), audible, announcement, noise)

    def _third_deck(self) -> Deck:
        return DeckProcess("C", self._controller.settings)

    def _close(self) -> None:
        self._closing = True

    def _post(self, command: Callable[[float], None], kind: object = None) -> None:
        """Have a command obeyed soon. Of several of one kind that wait, the last one holds: no flood of
        commands can pile up, and a thousand skips within a moment are one.
        """
        with self._posting:
            key = object() if kind is None else kind
            self._posted.pop(key, None)
            self._posted[key] = command
        self._wake.set()

    def _next_posted(self) -> Callable[[float], None] | None:
        with self._posting:
            return self._posted.pop(next(iter(self._posted))) if self._posted else None

    def _report(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("%s could not be recorded; the music goes on.", type(event).__name__)

    def _run(self) -> None:
        while not self._closing or self._controller.fading_out:
            self._wake.wait(TICK_S)
            self._wake.clear()
            try:
                self.step(self._clock())
            except Exception:
                log.exception("Playback failed for a moment; it goes on in a second.")
                time.sleep(1.0)


def playback_status(
    music: MusicStatus,
    audible: AudibleStatus,
    announcement: AnnouncementStatus,
    room_noise: RoomNoiseStatus,
) -> PlaybackStatus:
    """What the controller knows, and who listens and speaks beside it."""
    return PlaybackStatus(
        state=music.state,
        track=music.track,
        position_s=music.position_s,
        duration_s=music.duration_s,
        volume=music.volume,
        volume_wanted=music.volume_wanted,
        night=music.night,
        transition=music.transition,
        next=music.next,
        decks=music.decks,
        output=music.output,
        silent_reason=music.silent_reason,
        audible=audible,
        announcement=announcement,
        room_noise=room_noise,
    )
