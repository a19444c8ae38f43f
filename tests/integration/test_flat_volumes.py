"""PulseAudio with `flat-volumes = yes`, where a stream's volume moves the system's own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.deck import Cue, DeckEvent, NoOutput, Position, Prepared
from player.playback.deck_process import DeckProcess
from player.playback.monitor.audio_monitor import AudioMonitorProcess
from player.playback.transitions import Style
from player.types import Transition
from tests.support.music import calm
from tests.support.pulse import SINK, PrivatePulse, pulse_here
from tests.support.quiet import judged_in_quiet
from tests.support.transitions import FIRST_FADE_S, HIGH, LOW, Take, crossfades, noise, take, written
from tests.support.waiting import wait_for

FADE_S = 2.0
REMEMBERS = ("--load=module-device-restore", "--load=module-stream-restore")


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        own.stop()
        own.flat_volumes, own.options = True, REMEMBERS
        own.start()
        yield own


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return calm(tmp_path_factory.mktemp("music") / "calm.wav", 60)


class Playing:
    """A deck that plays a track at half of the volume's scale, and what it says."""

    def __init__(self, track: Path, output: str) -> None:
        self.deck = DeckProcess("A", PlaybackSettings(output=output))
        self.said: list[DeckEvent] = []
        self._cue = Cue(track)
        self.deck.set_volume(0.5**3, 0)
        wait_for(self._ready, 20, "the deck")

    def load(self) -> None:
        self.said.clear()
        self.deck.load(self._cue)

    def play(self) -> None:
        self.load()
        wait_for(lambda: self.says(Prepared), 20, "the track to be opened")
        self.deck.begin(time.monotonic())
        self.deck.fade(1.0, time.monotonic(), 300)
        wait_for(lambda: self.says(Position), 20, "the track to run")

    def says(self, kind: type[DeckEvent]) -> bool:
        self.said += self.deck.poll(time.monotonic())
        return any(isinstance(event, kind) for event in self.said)

    def _ready(self) -> bool:
        self.deck.poll(time.monotonic())
        return self.deck.ready


@contextmanager
def playing(track: Path, output: str = "pulse") -> Iterator[Playing]:
    one = Playing(track, output)
    try:
        yield one
    finally:
        one.deck.close()


@pytest.mark.long
@pytest.mark.alone
def test_crossfades_are_as_elsewhere_and_move_no_volume(pulse: PrivatePulse, tmp_path: Path) -> None:
    pulse.pactl("set-sink-volume", SINK, "80%")
    tracks = [written(tmp_path / f"{n}.wav", noise(6.5, band, n)) for n, band in enumerate((LOW, HIGH))]
    settings = PlaybackSettings(volume=90, start_volume=90, output="pulse", first_fade_s=FIRST_FADE_S)

    def as_elsewhere(taken: Take) -> None:
        for measured in crossfades(taken, FADE_S):
            assert abs(measured.late_ms) < 100
            assert measured.burst_db < -50
            assert -1.5 < measured.ripple_db[0] <= measured.ripple_db[1] < 1.5
            assert measured.gap_ms <= 20

    judged_in_quiet(
        lambda: take(pulse, tracks, settings, Style(Transition.CROSSFADE, FADE_S), 2, FADE_S + 1.5),
        as_elsewhere,
    )
    assert pulse.volume() == "80%"
    assert pulse.sinks() == [SINK], "nothing of ours is left"


def test_the_system_s_volume_is_the_owner_s_while_it_plays(pulse: PrivatePulse, track: Path) -> None:
    pulse.pactl("set-sink-volume", SINK, "30%")
    monitor = AudioMonitorProcess()
    with playing(track) as one:
        one.play()
        assert pulse.volume() == "30%"
        for percent in ("60%", "25%"):
            pulse.pactl("set-sink-volume", SINK, percent)
            one.deck.set_volume(1.0, 100)
            wait_for(lambda: one.says(Position), 5, "a word of the deck")
            assert pulse.volume() == percent

        def heard() -> float | None:
            monitor.poll(time.monotonic(), [one.deck.pid] if one.deck.pid else [])
            streams = monitor.levels.streams if monitor.levels else ()
            assert all(stream.sink == SINK for stream in streams), "the monitor follows the detour to its end"
            return streams[-1].peak_db if streams else None

        wait_for(lambda: (heard() or -120) > -70, 20, "music to be heard")
        pulse.pactl("set-sink-mute", SINK, "1")
        wait_for(lambda: heard() == -120, 20, "silence behind the mute")
        pulse.pactl("set-sink-mute", SINK, "0")
    monitor.close()
    assert pulse.volume() == "25%"


def test_what_pulseaudio_remembers_of_our_sink_does_not_make_it_quiet(
    pulse: PrivatePulse, track: Path
) -> None:
    for _ in range(2):
        with playing(track) as one:
            one.play()
            (ours,) = (name for name in pulse.sinks() if name != SINK)
            assert pulse.volume(ours) == "100%"
            pulse.pactl("set-sink-volume", ours, "20%")
            pulse.pactl("set-sink-mute", ours, "1")


def test_what_a_killed_deck_leaves_goes_with_the_next_track(pulse: PrivatePulse, track: Path) -> None:
    pulse.pactl("set-sink-volume", SINK, "30%")
    with playing(track) as killed:
        killed.play()
        assert killed.deck.pid is not None
        os.kill(killed.deck.pid, signal.SIGKILL)
        wait_for(lambda: pulse.stream_of(killed.deck.pid) is None, 5, "its stream to be gone")
    assert len(pulse.sinks()) == 2
    with playing(track) as one:
        one.play()
        assert len(pulse.sinks()) == 2
    assert pulse.sinks() == [SINK]
    assert pulse.volume() == "30%"


def test_a_named_output_that_vanishes_is_missed_and_the_other_one_keeps_its_volume(
    pulse: PrivatePulse, track: Path
) -> None:
    pulse.pactl("set-sink-volume", SINK, "30%")
    module = pulse.add_sink("other")
    with playing(track, "pulse:other") as one:
        one.play()
        pulse.pactl("unload-module", module)
        wait_for(lambda: one.says(NoOutput), 5, "the deck to miss its output")
        assert "the output other is not there" in str(one.said[-1])
    assert pulse.volume() == "30%"


def test_where_modules_are_refused_it_says_what_to_do(pulse: PrivatePulse, track: Path) -> None:
    pulse.stop()
    pulse.options = ("--disallow-module-loading",)
    pulse.start()
    try:
        pulse.pactl("set-sink-volume", SINK, "30%")
        with playing(track) as one:
            one.load()
            wait_for(lambda: one.says(NoOutput), 10, "the refusal")
            assert "flat-volumes = no" in str(one.said[-1])
        assert pulse.volume() == "30%"
    finally:
        pulse.stop()
        pulse.options = REMEMBERS
        pulse.start()


def test_flat_volumes_that_are_switched_on_later_are_noticed(pulse: PrivatePulse, track: Path) -> None:
    def restart(flat: bool) -> None:
        pulse.stop()
        pulse.flat_volumes = flat
        pulse.start()
        pulse.pactl("set-sink-volume", SINK, "30%")

    restart(flat=False)
    try:
        with playing(track) as one:
            one.play()
            assert pulse.sinks() == [SINK], "no detour if none is needed"
            restart(flat=True)
            wait_for(lambda: one.says(NoOutput), 20, "the loss of the output")
            one.play()
            assert pulse.volume() == "30%"
    finally:
        restart(flat=True)
