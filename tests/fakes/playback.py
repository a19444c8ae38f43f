"""Decks without processes, and a studio that runs a controller on them by the clock of the test."""

from collections.abc import Callable, Sequence
from pathlib import Path

from player.config.settings.playback import PlaybackSettings
from player.errors import NoMusicError, OutputError
from player.events import PlaybackEvent
from player.playback.controller import PlaybackController
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
from player.playback.fades import Envelope
from player.playback.monitor.audio_monitor import AudioMonitor, Levels, PlayedStream, Sink
from player.playback.vlc import VlcEvent
from player.types import Choice, Track

START_S = 0.3
"""How long a fake deck takes to say that a track runs, as libVLC does."""


class FakeDeck(Deck):
    """Plays by the test's clock, and fails as it is told.

    durations  path -> seconds; a path that is not there is a file that cannot be played
    """

    def __init__(self, name: str, durations: dict[Path, float]) -> None:
        self.name, self.durations = name, durations
        self.process: int | None = None
        self.now = 0.0
        self.path: Path | None = None
        self.no_output = ""
        """While set, nothing can be played for this reason."""
        self.frozen = False
        """While set, the deck claims to play and its position stands still."""
        self.voiceless = False
        """While set, the position moves on and no sound goes out."""
        self.knows_length = True
        """Whether the deck can tell how long a track is."""
        self.guess_s = 0.0
        """While set, what it takes the length of each track to be."""
        self.broken = "it is broken"
        """What it says of a file that cannot be played."""
        self.down_s = 0.2
        """How long a dead deck stays away."""
        self.restarts: list[str] = []
        self.output = "auto"
        self.outputs = ["auto"]
        """Those that its process was started for, in order."""
        self._stale = False
        self.loads: list[tuple[Path, float]] = []
        self.cues: list[Cue] = []
        self.begun: list[float] = []
        """The moments for which a track was ordered to begin."""
        self.level_at_load: list[float] = []
        self._events: list[DeckEvent] = []
        self._fade, self._volume, self._gain = Envelope(0.0), Envelope(0.0), 1.0
        self._running = self._paused = self._fading = False
        self._begin_at: float | None = None
        self._position_s = 0.0
        self._blocks = 0
        self._ready_at = 0.0

    @property
    def ready(self) -> bool:
        return self.now >= self._ready_at

    @property
    def pid(self) -> int | None:
        return self.process

    @property
    def _begun(self) -> bool:
        return self._begin_at is not None and self.now >= self._begin_at

    def level(self) -> float:
        """Linear gain of what this deck lets be heard now."""
        sounding = self._begun and not self._paused and self.ready
        return self._gain * self._fade.gain(self.now) * self._volume.gain(self.now) if sounding else 0.0

    def load(self, cue: Cue) -> None:
        path = Path(cue.source)  # a stream's address, too
        self.level_at_load.append(self.level())
        self.stop()
        self.loads.append((path, cue.start_s))
        self.cues.append(cue)
        if self.no_output:
            self._events.append(NoOutput(self.no_output))
        elif path not in self.durations:
            self._events.append(Failed(self.broken))
        elif self.ready:
            self.path, self._gain, self._position_s = path, cue.gain, cue.start_s
            self._fade = Envelope(0.0)
            self._events.append(Prepared(self._told_s(self.durations[path])))

    def _told_s(self, duration_s: float) -> float:
        return self.guess_s or (duration_s if self.knows_length else 0.0)

    def begin(self, at: float) -> None:
        self._begin_at = at
        self.begun.append(at)

    def fade(self, to: float, start_at: float, duration_ms: int) -> None:
        self._fade.ramp(to, start_at, duration_ms / 1000)
        self._fading = True

    def set_volume(self, gain: float, duration_ms: int) -> None:
        self._volume.ramp(gain, self.now, duration_ms / 1000, "linear")

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def stop(self) -> None:
        self.path = self._begin_at = None
        self._running = self._paused = self._fading = False
        self._events.clear()

    def use(self, output: str) -> None:
        self._stale, self.output = output != self.output, output

    def refresh(self) -> None:
        if self._stale:
            self._stale = False
            self.outputs.append(self.output)
            self.stop()
            self._ready_at = self.now + self.down_s

    def restart(self, reason: str) -> None:
        self.restarts.append(reason)
        self.die(reason)

    def die(self, reason: str = "it crashed") -> None:
        """Crash."""
        self.stop()
        self._events.append(Died(reason))
        self._ready_at = self.now + self.down_s

    def poll(self, now: float) -> list[DeckEvent]:
        passed_s, self.now = now - self.now, now
        if self._begun and self.no_output:
            self.stop()
            self._events.append(NoOutput(self.no_output))
        if self._begun and not self._paused:
            assert self._begin_at is not None
            self._play_on(min(passed_s, now - self._begin_at), now - self._begin_at)
        if self._fading and self._fade.settled(now):
            self._fading = False
            self._events.append(Faded())
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        self.stop()

    def sleep(self, seconds: float) -> None:
        """Its process stands still for so long; what it was about to do comes after it."""
        self.now += seconds
        if self._begin_at is not None:
            self._begin_at += seconds

    def _play_on(self, passed_s: float, since_s: float) -> None:
        assert self.path is not None
        duration_s = self.durations[self.path]
        if not self.frozen:
            self._position_s += passed_s
        if self._position_s >= duration_s:
            self.stop()
            self._events.append(Ended())
            return
        told_s = self._told_s(duration_s)
        if self._running:
            self._blocks += not self.voiceless
            self._events.append(Position(self.now, self._position_s, told_s, self._blocks))
        elif since_s >= START_S and not self.frozen:
            self._running = True
            self._events.append(Playing(self.now, self._position_s, told_s))


class Studio:
    """A controller on two fake decks, with `now` as its only clock."""

    def __init__(self, durations: dict[str, float], **settings: float) -> None:
        self.tracks = {
            name: Track(Path(name), name, duration_s=seconds, loudness_lufs=-18.0, peak_dbfs=-3.0)
            for name, seconds in durations.items()
        }
        lengths = {track.path: track.duration_s for track in self.tracks.values()}
        self.decks = (FakeDeck("A", lengths), FakeDeck("B", lengths))
        self.events: list[PlaybackEvent] = []
        self.asked: list[str] = []
        self.next: list[str] = list(durations)
        """What is chosen, in turn, round and round."""
        self.trouble: Exception | None = None
        """Raised by `choose` while set."""
        self.now = 0.0
        self.power: list[float] = []
        """Sum of the squares of both decks' gains, a value for each step."""
        self.jump = 0.0
        """Greatest change of one deck's gain within one step, unless the deck crashed or was cut off."""
        defaults = PlaybackSettings(volume=100, start_volume=100, target_lufs=-18, first_fade_s=0.5)
        self.settings = PlaybackSettings.model_validate({**defaults.model_dump(), **settings})
        self.controller = PlaybackController(self.settings, self.decks, self._choose, self.events.append)

    def _choose(self, why: str) -> Choice:
        self.asked.append(why)
        if self.trouble is not None:
            raise self.trouble
        if not self.next:
            raise NoMusicError("there is no music in /music")
        self.next = self.next[1:] + self.next[:1]
        name = self.next[-1]
        return Choice(self.tracks.get(name, Track(Path(name), name)), why)

    def add_broken(self, name: str) -> None:
        """A file that no deck can play comes first."""
        self.next.insert(0, name)

    def run(self, seconds: float, step_s: float = 0.05) -> None:
        """Let time pass."""
        for _ in range(round(seconds / step_s)):
            before = [deck.level() for deck in self.decks]
            self.now += step_s
            self.controller.step(self.now)
            after = [deck.level() for deck in self.decks]
            self.jump = max(self.jump, *(abs(b - a) for a, b in zip(before, after, strict=True)))
            self.power.append(sum(level**2 for level in after))

    def sleep(self, seconds: float) -> None:
        """All processes stand still, as on a machine that is suspended; the service tells the controller."""
        self.now += seconds
        for deck in self.decks:
            deck.sleep(seconds)
        self.controller.slept(seconds)

    def run_until(self, condition: Callable[[], bool], seconds: float = 60.0) -> float:
        """Let time pass until something holds; returns how long that took."""
        since = self.now
        while not condition():
            assert self.now - since < seconds, f"it did not happen within {seconds} s: {self.status()}"
            self.run(0.05)
        return self.now - since

    def play(self, name: str, position_s: float = 0.0) -> None:
        """Start with this track."""
        self.controller.start(Choice(self.tracks[name], "the test"), position_s, self.now)

    def status(self) -> dict[str, object]:
        """The controller's status."""
        return self.controller.status()

    def on_air(self) -> str | None:
        """Title of the current track."""
        status = self.controller.status()
        return status.track.title if status.state in {"playing", "paused"} else None

    def of(self, kind: type) -> list[PlaybackEvent]:
        """Events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def sounding(self) -> list[FakeDeck]:
        """Decks that can be heard."""
        return [deck for deck in self.decks if deck.level() > 0.01]


class FakePlayer:
    """What DeckWorker needs of libVLC; the test moves it on by setting its attributes."""

    def __init__(self) -> None:
        self.position_s = self.duration_s = 0.0
        self.blocks_played = 0
        self.wrong_sink = ""
        self.calls: list[str] = []
        self.gain = 0.0
        self.gains: list[float] = []
        self.said: list[VlcEvent] = []
        self.no_output = ""

    def load(self, path: str, start_s: float, bass_db: float, ahead_ms: int, no_vlc: bool = False) -> None:
        if no_vlc:  # and nothing else finds music in it
            self.said.append(VlcEvent("error"))
            return
        if self.no_output:
            raise OutputError(self.no_output)
        self.calls.append(f"load {Path(path).name} {start_s:g}")
        self.position_s, self.duration_s, self.blocks_played = start_s, 60.0, 0

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def set_gain(self, gain: float) -> bool:
        self.gains.append(gain)
        self.gain = gain
        return True

    def events(self) -> list[VlcEvent]:
        said, self.said = self.said, []
        return said

    def release(self) -> None:
        self.calls.append("release")


class FakeMonitor(AudioMonitor):
    """Hears what the test says; None is nobody who listens."""

    def __init__(self) -> None:
        self.levels: Levels | None = None
        self.answered = True
        self.pids: list[int] = []

    def poll(self, now: float, pids: Sequence[int]) -> None:
        self.pids = list(pids)

    def close(self) -> None:
        self.levels = None

    def hear(self, *streams: PlayedStream, muted: bool = False) -> None:
        """From now on these streams, on one sink."""
        self.levels = Levels(0.0, (Sink("bar", "Bar", default=True, muted=muted),), streams)
