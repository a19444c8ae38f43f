"""Listens for the player: audio monitor and watchdog together, and the account of both for the status.

If the audio monitor hears our streams, its word counts. If it hears none (no PulseAudio, or ALSA alone) the
decks' own account does: whether blocks of sound still go to the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from player.config.settings.playback import WatchdogSettings
from player.events import Alarm, Muted, PlaybackEvent
from player.playback.monitor.audio_monitor import AudioMonitor, Levels, PlayedStream
from player.playback.monitor.watchdog import LEAST_LUFS, Claim, Heard, Watchdog
from player.status import AudibleStatus, LastStepStatus, WatchdogStep

SILENT_DB = -85.0
"""Peaks below this are silence: some two steps of a 16-bit output."""
BLOCKS_S = 2.0
"""libVLC counts blocks now and then; without a new one for so long no sound goes out."""
HANDOVER_S = 2.0
"""At first, and from track to track, the monitor hears no stream of ours: what was last said still holds."""
MUTED_S = 1.5
"""A stream is at zero volume for a moment whenever its fade begins; longer, and somebody has muted it."""


@dataclass(frozen=True, slots=True)
class AudibleDeck:
    """A deck that may be heard."""

    pid: int | None
    """None if no process makes the sound."""
    current: bool
    """Whether its track is the one that plays; another may be fading out."""
    sounded_at: float
    """When a block of sound last went to the output."""


class SilenceMonitor:
    """`step` it often.

    on_event      told of alarms and of what somebody muted
    restarted_at  see Watchdog
    """

    def __init__(
        self,
        settings: WatchdogSettings,
        monitor: AudioMonitor,
        on_event: Callable[[PlaybackEvent], None],
        restarted_at: Sequence[float] = (),
    ) -> None:
        self._watchdog = Watchdog(settings, restarted_at)
        self._monitor = monitor
        self._tell = on_event
        self._heard: tuple[Heard, bool | None] = (Heard(sounds=False), None)
        self._by_ear_at: float | None = None
        self._level_db: float | None = None
        self._listens = False
        self._listening = "not listening yet"
        self.sounds: bool | None = None
        """Whether the current track was just heard; None if silence would mean nothing."""
        self.fading_sounds = False
        """Whether a track that fades out was just heard."""
        self.sink: str | None = None
        """Where our music was last heard; None if it never was."""
        self.output_came = False
        """Whether an output has come (back) since the step before."""
        self._sinks: set[str] = set()
        self._muted_since: float | None = None
        self._problem = ""
        self._told_muted = False
        """Whether its end is still to be told, though nobody may have looked for it since."""
        self._now = 0.0

    def configure(self, settings: WatchdogSettings) -> None:
        """Go on with other settings."""
        self._watchdog.configure(settings)

    def step(
        self, now: float, claim: Claim, decks: Sequence[AudibleDeck], pids: Sequence[int]
    ) -> WatchdogStep | None:
        """Hear what goes out; what is to be done about it, if anything. `pids` are all decks' processes."""
        self._now = now
        # Not before the first sound: the decks need the processor until then.
        self._listens |= bool(decks) or not claim.due
        if self._listens:
            self._monitor.poll(now, pids)
        heard, current = self._heard = self._hear(now, decks)
        self._note_muting(now, claim, heard)
        self._note_outputs()
        step = self._watchdog.update(now, claim, heard)
        telling = not claim.resting and not claim.starting and claim.loudness_lufs >= LEAST_LUFS
        self.sounds = current if claim.due and (telling or current) else None
        if step is not None:
            self._tell(Alarm(step, self._watchdog.silent_s))
        return step

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long, and nothing heard."""
        self._watchdog.slept(seconds)
        if self._by_ear_at is not None:
            self._by_ear_at += seconds
        if self._muted_since is not None:
            self._muted_since += seconds

    @property
    def restarted_at(self) -> tuple[float, ...]:
        """See Watchdog."""
        return self._watchdog.restarted_at

    def status(self) -> AudibleStatus:
        """What is heard, by whom, and what was done about silence."""
        last = self._watchdog.last
        return AudibleStatus(
            audible=self.sounds,
            heard_db=self._level_db,
            listening=self._listening,
            silent_s=round(self._watchdog.silent_s, 1),
            problem=self._problem or None,
            steps={step: self._watchdog.steps[step] for step in WatchdogStep},
            last_step=LastStepStatus(last[0], round(self._now - last[1])) if last else None,
        )

    def close(self) -> None:
        """End the audio monitor."""
        self._monitor.close()

    def _hear(self, now: float, decks: Sequence[AudibleDeck]) -> tuple[Heard, bool | None]:
        """What is heard of all decks, and whether the current one is, if anyone can tell yet."""
        levels = self._monitor.levels
        streams = {stream.pid: stream for stream in levels.streams} if levels else {}  # of two, the newer
        ours = [streams[deck.pid] for deck in decks if deck.pid in streams]
        current = next((deck for deck in decks if deck.current), None)
        if ours or (levels is not None and self._by_ear_at is None):
            self._by_ear_at = now
        holds_on = self._by_ear_at is None or now - self._by_ear_at < HANDOVER_S
        if not ours and holds_on and (levels is not None or not self._monitor.answered):
            return self._heard
        if levels is None or not ours:
            self._level_db, self._listening = None, "the players' own report"
            sounding = {deck for deck in decks if now - deck.sounded_at < BLOCKS_S}
            self.fading_sounds = any(not deck.current for deck in sounding)
            return Heard(bool(sounding)), current in sounding
        loudest = max(ours, key=lambda stream: stream.peak_db)
        self._level_db, self._listening = loudest.peak_db, f"monitor of {loudest.sink}"
        self.sink = loudest.sink
        sounds = loudest.peak_db >= SILENT_DB
        self.fading_sounds = any(
            streams[deck.pid].peak_db >= SILENT_DB
            for deck in decks
            if deck.pid in streams and not deck.current
        )
        muted = [] if sounds else [_muted(levels, stream) for stream in ours]
        stream = streams.get(current.pid) if current and current.pid else None
        everything = muted[-1] if muted and all(muted) else ""
        return Heard(sounds, everything), stream is not None and stream.peak_db >= SILENT_DB

    def _note_outputs(self) -> None:
        levels = self._monitor.levels
        sinks = {sink.name for sink in levels.sinks} if levels else set()
        self.output_came = bool(sinks - self._sinks)
        self._sinks = sinks

    def _note_muting(self, now: float, claim: Claim, heard: Heard) -> None:
        if not claim.due:  # nobody knows, and it is said again if it still is when music is due
            self._muted_since, self._problem = None, ""
        elif not heard.muted:
            self._muted_since = None
            if self._problem or (self._told_muted and heard.sounds):
                self._problem, self._told_muted = "", False
                self._tell(Muted(""))
        elif self._muted_since is None:
            self._muted_since = now
        elif now - self._muted_since > MUTED_S and heard.muted != self._problem:
            self._problem, self._told_muted = heard.muted, True
            self._tell(Muted(heard.muted))


def _muted(levels: Levels, stream: PlayedStream) -> str:
    """What of a silent stream somebody has switched off."""
    if stream.muted:
        return "the player's own stream is muted, or turned down to nothing, in the system's mixer"
    sink = levels.sink(stream.sink)
    if sink is not None and sink.muted:
        return f"the system's output is muted, or turned down to nothing: {sink.description}"
    return ""
