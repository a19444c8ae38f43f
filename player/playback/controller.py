"""The playback controller: which track plays, which comes next, and what happens when one of them fails.

No thread, no clock, no process of its own: the playback service calls it from the playback thread.
"""

from __future__ import annotations

from collections.abc import Callable

from player.config.settings.playback import PlaybackSettings
from player.events import PlaybackEvent
from player.log import EventLog, LogEvent
from player.playback.deck import Deck
from player.playback.loudness import expected_lufs
from player.playback.mixer import Mixer
from player.playback.monitor.silence_monitor import AudibleDeck
from player.playback.monitor.watchdog import Claim, silent_at
from player.playback.on_air import NEAR_END_S, OnAir
from player.playback.pieces import piece_ends_at
from player.playback.queue import LEAD_S, Queue, described
from player.playback.transitions import Style, begins_at, length_s, planned
from player.playback.volume import HouseVolume, source
from player.playback.volume_ramp import VolumeRamp
from player.status import MusicStatus, PlayerState, TransitionStatus, WatchdogStep
from player.types import ChangeReason, Choice

log = EventLog(__name__, LogEvent.PLAYBACK)

SEEK_END_S = 2.0
"""A seek goes at most to so long before the end."""


class PlaybackController:
    """Keeps music on two decks: `step` it often. Parameters as for PlaybackService."""

    def __init__(
        self,
        settings: PlaybackSettings,
        decks: tuple[Deck, Deck],
        choose: Callable[[ChangeReason], Choice],
        on_event: Callable[[PlaybackEvent], None],
    ) -> None:
        self._settings = settings
        self._mixer = Mixer(decks, settings.silence_s, round(settings.first_fade_s * 1000))
        self._queue = Queue(choose, settings.retry_max_s)
        self._on = self._paused = False
        self._style = Style(settings.transition, settings.crossfade_s)
        self._volume = HouseVolume(settings)
        self._ramp = VolumeRamp(self._volume, self._mixer)
        self._air = OnAir(self._queue, self._volume, self._ramp, on_event)
        self._sought_s: float | None = None  # a place to go to once the one before it is reached
        self._now = 0.0

    def configure(self, settings: PlaybackSettings) -> None:
        """Go on with other settings; what plays is not interrupted, on another output it comes again."""
        before, self._settings = self._settings, settings
        self._volume.configure(settings)
        self._mixer.configure(settings)
        self._style = Style(settings.transition, settings.crossfade_s)
        self._queue.configure(settings.retry_max_s)
        self._ramp.reach(settings.ramp_s, self._now)
        if settings.output != before.output:
            self._queue.move(self._air.position_s, ChangeReason.OUTPUT)

    @property
    def settings(self) -> PlaybackSettings:
        """Those of the last `configure`."""
        return self._settings

    @property
    def volume(self) -> HouseVolume:
        """To be read; `set_volume`, `set_night` and `duck` change it."""
        return self._volume

    @property
    def volume_moves(self) -> bool:
        """Whether the volume that was set has not come to the music yet."""
        return self._ramp.left_s(self._now) > 0

    @property
    def fading_out(self) -> bool:
        """Whether `stop` was said and something still sounds."""
        return not self._on and not self._mixer.idle

    def start(self, first: Choice | None, position_s: float, now: float, fade_s: float | None = None) -> None:
        """Begin to play; `first` from `position_s`, if it is given.

        It comes up from silence within `fade_s`, or else from the safe volume of a start.
        """
        if not self._on:
            self._on = self._air.due = True
            self._queue.start()
            self._ramp.start(fade_s, self._settings.ramp_s, now)
        if first is not None:
            duration_s = first.track.duration_s
            too_late = duration_s > 0 and position_s > duration_s - NEAR_END_S
            self._mixer.forget()
            self._queue.coming, self._queue.again = None, (first, 0.0 if too_late else position_s)
        self.resume(now)

    def shift(self, reason: str, now: float) -> None:
        """Go over to a newly chosen track, because the room's mood has shifted."""
        log.debug("shift: %s", reason)
        self._change(ChangeReason.SHIFT, now)

    def skip(self, now: float) -> None:
        """Go over to the next track quickly."""
        self._change(ChangeReason.SKIP, now)

    def seek(self, position_s: float) -> None:
        """Go to another place in the present track, near its end at the farthest; a stream has none."""
        queue, again = self._queue, self._queue.again
        choice = queue.current or (again and again[0])
        if choice is None or choice.track.url:
            return
        if self._mixer.entering:
            self._sought_s = position_s if queue.coming is choice else None
            return
        whole_s = length_s(choice.track, self._air.duration_s if queue.current else 0.0)
        end_s = max(0.0, whole_s - SEEK_END_S) if whole_s > 0 else position_s
        self._mixer.forget()
        queue.move(min(max(0.0, position_s), end_s), ChangeReason.SEEK)

    def pause(self) -> None:
        """Hold the music."""
        if self._on and not self._paused:
            self._paused = True
            self._mixer.pause()

    def resume(self, now: float) -> None:
        """Go on after `pause`."""
        if self._paused:
            self._paused = False
            self._mixer.resume(now)

    def set_volume(self, percent: int, ramp_s: float) -> None:
        """The venue's volume, 0 to 100; the ceiling is never passed."""
        self._volume.wanted = min(100, max(0, percent))
        self._ramp.reach(ramp_s, self._now)

    def set_night(self, on: bool, ramp_s: float) -> None:
        """Night mode: its ceiling at once, its bass from the next track on."""
        if on != self._volume.night:
            self._volume.night = on
            self._ramp.reach(ramp_s, self._now)

    def duck(self, gain: float, ramp_s: float) -> None:
        """Make room for an announcement: a linear gain on top of the volume; 1 ends it."""
        self._volume.ducked = gain
        self._ramp.make_room(ramp_s, self._now)

    def follow_noise(self, noise_db: float, ramp_s: float) -> None:
        """Add so many dB to the volume, because of the room's noise."""
        self._volume.noise_db = noise_db
        self._ramp.follow_noise(ramp_s, self._now)

    def set_style(self, style: Style) -> None:
        """How tracks give way to each other from now on."""
        self._style = style

    def stop(self, fade_s: float, now: float) -> None:
        """Fade out and stay silent until `start`."""
        self._on = self._air.due = self._paused = False
        self._air.silent, self._air.asked, self._sought_s = "", None, None
        self._mixer.stop(now, round(fade_s * 1000))
        self._queue.coming = self._queue.again = None
        self._air.ended(self._queue.take(current=True), ChangeReason.STOP)

    def claim(self) -> Claim:
        """What the player says of itself, for the watchdog."""
        state, choice, volume = self._state(), self._queue.current, self._volume
        track = choice.track if choice else None
        return Claim(
            due=state in {PlayerState.STARTING, PlayerState.PLAYING},
            starting=state == PlayerState.STARTING,
            resting=track is not None and silent_at(track, self._air.position_s),
            loudness_lufs=expected_lufs(track, self._settings, volume.percent, volume.on_top),
        )

    def audible_decks(self) -> list[AudibleDeck]:
        """The decks that are to be heard."""
        return self._mixer.audible_decks()

    def listened(self, sounds: bool | None, fading: bool, now: float) -> None:
        """Whether the current track was heard just now, None if nobody can tell; and one that fades out."""
        roles = {deck.current for deck in self._mixer.audible_decks()}
        self._air.listened(
            sounds, fading and not self._paused if False in roles else None, True in roles, now
        )

    def try_output(self) -> None:
        """An output has come: one that was missing is tried at once, not after its pause."""
        self._queue.output.worked()

    def recover(self, step: WatchdogStep, now: float) -> None:
        """Do what the watchdog asks for; to restart the process is not for the controller to do."""
        if not self._on or self._paused:
            return
        if step in (WatchdogStep.DECK, WatchdogStep.DECKS):
            self._mixer.respawn(every=step is WatchdogStep.DECKS)
            current, self._queue.coming = self._queue.take(current=True), None
            if current is not None:
                self._queue.again = (current, self._air.position_s)
                self._air.ended(current, ChangeReason.ERROR)
        else:
            self._change(ChangeReason.SAFE if step is WatchdogStep.SAFE else ChangeReason.ALARM, now)

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long, the decks least of all."""
        self._mixer.slept(seconds)

    def step(self, now: float) -> None:
        """Hear the decks and give the next orders."""
        self._now = now
        for event in self._mixer.tick(now):
            self._air.hear(event, now)
        position, current = self._mixer.position(now), self._queue.current
        # One that was relieved already may bridge the time until a third is there: it is not the present one.
        if position is not None and (current is None or self._mixer.plays(source(current.track))):
            self._air.position_s, self._air.duration_s = position
        if self._paused:
            return
        if self._sought_s is not None and not self._mixer.entering:
            place_s, self._sought_s = self._sought_s, None
            self.seek(place_s)
        if self._air.asked and not self._mixer.entering and self._queue.due(now):
            self._change(self._air.asked, now)
        if not self._on or self._mixer.preparing or not self._queue.due(now):
            return
        if position is None or self._queue.again is not None or self._soon():
            self._begin(self._queue.why, now)

    def status(self) -> MusicStatus:
        """What plays, what comes next, and how."""
        queue, position_s = self._queue, self._air.position_s
        shown = queue.current
        if queue.again is not None and (shown is None or (self._paused and shown is queue.again[0])):
            shown, position_s = queue.again  # what is taken up as soon as that can be
        return MusicStatus(
            state=self._state(),
            track=described(shown),
            position_s=round(position_s, 2) if shown else None,
            duration_s=round(self._air.duration_s, 2) if queue.current else None,
            volume=self._volume.percent,
            volume_wanted=self._volume.wanted,
            night=self._volume.night,
            transition=TransitionStatus(self._style.kind, self._style.crossfade_s),
            next=described(queue.coming),
            decks=self._mixer.decks(),
            output=self._settings.output,
            silent_reason=self._air.silent or None,
        )

    def _state(self) -> PlayerState:
        if not self._on:
            return PlayerState.STOPPED
        if self._paused:
            return PlayerState.PAUSED
        if self._queue.current is not None:
            return PlayerState.PLAYING
        return PlayerState.SILENT if self._air.silent else PlayerState.STARTING

    def _soon(self) -> bool:
        """Whether the next track may have to take over so soon that it is to be chosen now."""
        current = self._queue.current
        if current is None:
            return True
        position_s, duration_s = self._air.position_s, self._air.duration_s
        begin_s = begins_at(self._style, current.track, duration_s, current.until_s, position_s)
        return 0 < begin_s <= position_s + LEAD_S

    def _begin(self, why: ChangeReason, now: float) -> None:
        before, again, said = self._queue.current, self._queue.again is not None, self._queue.complaint
        picked = self._queue.advance(why, now)
        if picked is None:
            complaint = self._queue.complaint
            if self._queue.current is None:
                self._air.fall_silent(complaint)
            elif complaint != said:
                log.warning("Nothing can follow the present track: %s", complaint)
            return
        self._air.followed(why)
        at_s, (choice, position_s) = self._air.position_s, picked
        plan = planned(why, self._style, self._settings, before, choice.track, at_s, self._air.duration_s)
        start_s = position_s if again else plan.start_s
        if why is ChangeReason.NEXT and before is not None and piece_ends_at(before.track, at_s) is not None:
            log.info("the rest of %s begins with a long silence: it is left out", before.track.title)
        self._mixer.play(self.volume.cue(choice.track, start_s), plan)

    def _change(self, why: ChangeReason, now: float) -> None:
        """Choose again and go over to that: once one that comes in is heard, or a pause ends."""
        waits = self._paused or self._mixer.entering
        self._sought_s = None
        self._air.asked = why if self._on and waits else None
        if not self._on or self._air.asked:
            return
        self._mixer.forget()
        self._queue.coming = self._queue.again = None
        if self._queue.output.due(now):
            self._begin(why, now)
