"""Two decks, one music: the incoming track is opened and held, and at its moment both decks do their part."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from player.config.settings.playback import PlaybackSettings
from player.playback.deck import (
    Cue,
    Deck,
    DeckEvent,
    Died,
    Ended,
    Faded,
    Failed,
    NoOutput,
    Playing,
    Position,
    Prepared,
)
from player.playback.mixer_events import Lost, MixerEvent, OutputLost, Started, outcome
from player.playback.monitor.silence_monitor import AudibleDeck
from player.playback.slot import PlayRequest, Slot
from player.playback.transitions import Plan
from player.status import DeckRole, DeckStatus

SYNC_S = 0.04
"""A fade begins this long after it is ordered at the soonest, so that both decks have heard of it by then."""
HORIZON_S = 0.25
"""A transition is ordered this long before its moment, which the decks then keep to by themselves."""
ENTER_S = 1.5
"""A track that was begun and is not heard to run by then does not count as begun."""
TAKEOVER_MS = 200
"""How fast the quieter of two sounding decks makes room for a third track."""
LEAST_FADE_MS = 30
"""A track is never taken away faster than this: faster is a click."""


class Mixer:
    """Plays one track after the other on two decks; `tick` moves it on and never waits.

    stall_s        a track whose position stands still for so long is given up
    first_fade_ms  the fade-in of a track that begins out of silence
    """

    def __init__(self, decks: tuple[Deck, Deck], stall_s: float, first_fade_ms: int) -> None:
        self._slots = tuple(Slot(deck) for deck in decks)
        self._stall_s = stall_s
        self._first_fade_ms = first_fade_ms
        self._wanted: PlayRequest | None = None
        self._paused = False
        self._events: list[MixerEvent] = []

    def configure(self, settings: PlaybackSettings) -> None:
        """Go on with other settings. A deck goes over to another output as soon as it is idle."""
        self._stall_s = settings.silence_s
        self._first_fade_ms = round(settings.first_fade_s * 1000)
        for slot in self._slots:
            slot.deck.use(settings.output)
            if slot.role == DeckRole.IDLE:
                slot.deck.refresh()

    def play(self, cue: Cue, plan: Plan) -> None:
        """Go over to a track as planned, as soon as it can be played.

        It takes the place of one that was asked for before and is not yet heard.
        """
        self._wanted = PlayRequest(cue, plan)

    def forget(self) -> None:
        """Drop a track that was asked for and has not begun."""
        self._wanted = None
        for slot in self._with(DeckRole.PREPARING):
            self._rest(slot)

    def set_volume(self, gain: float, duration_ms: int) -> None:
        """The venue's volume, a linear gain on top of every track's own."""
        for slot in self._slots:
            slot.deck.set_volume(gain, duration_ms)

    def pause(self) -> None:
        """Hold everything that plays."""
        self._paused = True
        for slot in self._slots:
            if slot.role != DeckRole.IDLE:
                slot.deck.pause()

    def resume(self, now: float) -> None:
        """Go on where `pause` held."""
        self._paused = False
        for slot in self._slots:
            if slot.role != DeckRole.IDLE:
                slot.at = slot.advanced_at = now
                slot.deck.resume()

    def stop(self, now: float, fade_ms: int) -> None:
        """Fade everything out; a held deck is silent already and stops at once."""
        self.forget()
        for slot in (
            *self._with(DeckRole.ENTERING),
            *self._with(DeckRole.CURRENT),
            *self._with(DeckRole.LEAVING),
        ):
            if self._paused:
                self._rest(slot)
            else:
                self._leave(slot, now + SYNC_S, fade_ms)
        self._paused = False

    @property
    def idle(self) -> bool:
        """Whether nothing plays, prepares or fades."""
        return self._wanted is None and all(slot.role == DeckRole.IDLE for slot in self._slots)

    @property
    def entering(self) -> bool:
        """Whether a track has begun and is not yet known to run."""
        return bool(self._with(DeckRole.ENTERING))

    @property
    def preparing(self) -> bool:
        """Whether a track is asked for and not yet heard."""
        return self._wanted is not None or self.entering or bool(self._with(DeckRole.PREPARING))

    def position(self, now: float) -> tuple[float, float] | None:
        """Position and duration of the current track in seconds (duration 0 while unknown), or None."""
        for slot in self._with(DeckRole.CURRENT):
            moved_s = 0.0 if self._paused else min(max(0.0, now - slot.at), 0.5)
            return slot.position_s + moved_s, slot.duration_s
        return None

    def plays(self, source: Path | str) -> bool:
        """Whether the current track is this one, and no other that came back to bridge a moment."""
        return source in [slot.source for slot in self._with(DeckRole.CURRENT)]

    def decks(self) -> tuple[DeckStatus, ...]:
        """Name, role, readiness and process of both decks, for the status."""
        return tuple(DeckStatus(s.deck.name, s.role, s.deck.ready, s.deck.pid) for s in self._slots)

    def audible_decks(self) -> list[AudibleDeck]:
        """The decks whose tracks are to be heard."""
        sounding = (*self._with(DeckRole.CURRENT), *self._with(DeckRole.LEAVING))
        return [
            AudibleDeck(slot.deck.pid, slot.role == DeckRole.CURRENT, slot.sounded_at) for slot in sounding
        ]

    def respawn(self, every: bool) -> None:
        """Replace the process of the current deck, or (`every`, or none is current) of both.

        What they were playing or opening is forgotten.
        """
        self.forget()
        for slot in self._slots if every else self._with(DeckRole.CURRENT) or self._slots:
            slot.rest()
            slot.deck.restart("nothing can be heard from it")

    def slept(self, seconds: float) -> None:
        """What the decks had to do by then, they have so much longer for."""
        for slot in self._slots:
            slot.slept(seconds)

    def tick(self, now: float) -> list[MixerEvent]:
        """Hear both decks, give the next orders; returns what happened, in order."""
        for slot in self._slots:
            for event in slot.deck.poll(now):
                self._hear(slot, event, now)
        if not self._paused:
            for slot in self._slots:
                self._watch(slot, now)
            if self._wanted is not None:
                self._prepare(self._wanted, now)
            self._begin(now)
        happened, self._events = self._events, []
        return happened

    def _with(self, role: DeckRole) -> list[Slot]:
        return [slot for slot in self._slots if slot.role == role]

    def _hear(self, slot: Slot, event: DeckEvent, now: float) -> None:
        request, role = slot.request, slot.role
        match event:
            case Prepared(duration_s):
                slot.prepared = request is not None
                slot.measure(duration_s)
            case Playing() | Position():
                if request is not None:
                    slot.follow(event)
                    if role == DeckRole.ENTERING:
                        slot.role = DeckRole.CURRENT
                        self._events.append(Started(request.cue.source, request.cue.start_s))
            case Faded():
                if role == DeckRole.LEAVING and slot.fade.target == 0:
                    self._rest(slot)
            case NoOutput(reason):
                self._mute(slot, reason)
            case Ended() | Failed() | Died():
                position_s = slot.position_s
                self._lose(slot, now)
                if request is not None and role in {DeckRole.PREPARING, DeckRole.ENTERING, DeckRole.CURRENT}:
                    source, current = request.cue.source, role == DeckRole.CURRENT
                    self._events.append(outcome(event, source, position_s, current))
            case _:
                assert_never(event)

    def _mute(self, slot: Slot, reason: str) -> None:
        """No output. A device that only one deck can open leaves the other deck its music."""
        spared = slot.role != DeckRole.CURRENT and bool(self._with(DeckRole.CURRENT))
        for each in (slot,) if spared else self._slots:
            self._rest(each)
        self._wanted = None
        self._events.append(OutputLost(reason, current=not spared))

    def _lose(self, slot: Slot, now: float) -> None:
        """A deck has nothing to play any more; one that was just fading out for it comes back."""
        if slot.role in {DeckRole.ENTERING, DeckRole.CURRENT}:
            for other in self._with(DeckRole.LEAVING):
                other.role = DeckRole.CURRENT
                other.ramp(1.0, now + SYNC_S, TAKEOVER_MS)
        slot.rest()

    def _watch(self, slot: Slot, now: float) -> None:
        """Give up a track that claims to play and does not move, and one that was begun and does not."""
        patience_s = ENTER_S if slot.role == DeckRole.ENTERING else self._stall_s
        if slot.request is None or slot.waits or now - slot.advanced_at < patience_s:
            return
        reason = f"its position has not moved for {patience_s:g} s"
        request, role, position_s = slot.request, slot.role, slot.position_s
        self._lose(slot, now)
        slot.deck.restart(reason)
        if role != DeckRole.LEAVING:
            current = role == DeckRole.CURRENT
            self._events.append(Lost(request.cue.source, position_s, reason, current, crashed=False))

    def _prepare(self, wanted: PlayRequest, now: float) -> None:
        """Put the wanted track on a deck that can take it; make one free if both are sounding."""
        free = [
            slot for slot in (*self._with(DeckRole.PREPARING), *self._with(DeckRole.IDLE)) if slot.deck.ready
        ]
        if free:
            for slot in self._with(DeckRole.PREPARING):
                self._rest(slot)
            self._wanted = None
            free[0].take(wanted, now)
        elif self._with(DeckRole.CURRENT) and self._with(DeckRole.LEAVING):
            self._make_room(wanted, now)

    def _make_room(self, wanted: PlayRequest, now: float) -> None:
        """Of two sounding decks one comes back to its full level: the louder, or the one that is wanted."""
        (current,), (leaving,) = self._with(DeckRole.CURRENT), self._with(DeckRole.LEAVING)
        if leaving.fade.end_at - now <= SYNC_S + TAKEOVER_MS / 1000:
            return
        quiet, loud = sorted((current, leaving), key=lambda slot: slot.fade.gain(now))
        if self.plays(wanted.cue.source):
            quiet, loud = leaving, current
        loud.role = DeckRole.CURRENT
        loud.ramp(1.0, now + SYNC_S, TAKEOVER_MS)
        self._leave(quiet, now + SYNC_S, TAKEOVER_MS)

    def _begin(self, now: float) -> None:
        """Order the transition to a prepared track when its moment is near."""
        for incoming in self._with(DeckRole.PREPARING):
            if not incoming.prepared or incoming.request is None:
                continue
            plan, outgoing = incoming.request.plan, self._with(DeckRole.CURRENT)
            if not outgoing:
                incoming.enter(now + SYNC_S, self._first_fade_ms)
                continue
            begin_at = now + SYNC_S if plan.begin_s is None else outgoing[0].comes_to(plan.begin_s)
            if begin_at > now + HORIZON_S:
                continue
            begin_at = max(begin_at, now + SYNC_S)
            left_ms = max(0, round(outgoing[0].left_s(begin_at) * 1000))
            # A short track is not faded in for more than a third of it, and the old one keeps step.
            fade_ms = min(left_ms, round(incoming.left_s(now) * 1000 / 3)) if plan.in_ms else left_ms
            self._leave(outgoing[0], begin_at, min(plan.out_ms, fade_ms))
            incoming.enter(begin_at + min(plan.delay_ms, left_ms) / 1000, min(plan.in_ms, fade_ms))

    @staticmethod
    def _leave(slot: Slot, at: float, fade_ms: int) -> None:
        slot.role = DeckRole.LEAVING
        slot.ramp(0.0, at, max(fade_ms, LEAST_FADE_MS))

    @staticmethod
    def _rest(slot: Slot) -> None:
        if slot.role != DeckRole.IDLE:
            slot.rest()
            slot.deck.stop()
