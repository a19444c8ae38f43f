"""The audio monitor against a real PulseAudio and deck: what it says is what is recorded at the sink."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.deck import Cue, Prepared
from player.playback.deck_process import DeckProcess
from player.playback.monitor.audio_monitor import AudioMonitorProcess, Levels, PlayedStream
from tests.support.music import calm
from tests.support.pulse import SINK, PrivatePulse, pulse_here, recording
from tests.support.waiting import wait_for


class Post:
    """A deck that plays, and a monitor on it."""

    def __init__(self, track: Path) -> None:
        self.track, self.prepared = track, False
        self.deck = DeckProcess("A", PlaybackSettings(output="pulse"))
        self.monitor = AudioMonitorProcess()
        self.deck.set_volume(1.0, 0)

    def poll(self) -> Levels | None:
        now = time.monotonic()
        self.prepared |= any(isinstance(event, Prepared) for event in self.deck.poll(now))
        self.monitor.poll(now, [self.deck.pid] if self.deck.pid else [])
        return self.monitor.levels

    def ready(self) -> bool:
        self.poll()
        return self.deck.ready

    def play(self, level: float = 1.0) -> None:
        wait_for(self.ready, 20, "the deck")
        self.prepared = False
        self.deck.load(Cue(self.track))
        wait_for(lambda: self.poll() and self.prepared, 20, "the track to be opened")
        self.deck.begin(time.monotonic())
        self.deck.fade(level, time.monotonic(), 0)

    @property
    def stream(self) -> PlayedStream | None:
        levels = self.poll()
        return levels.streams[-1] if levels and levels.streams else None

    def hears(self, above_db: float = -40.0) -> bool:
        stream = self.stream
        return stream is not None and stream.peak_db > above_db

    def hears_nothing(self) -> bool:
        stream = self.stream
        return stream is not None and stream.peak_db == -120

    def hears_music(self) -> None:
        wait_for(self.hears, 20, "music to be heard")


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return calm(tmp_path_factory.mktemp("music") / "calm.wav", 60)


@pytest.fixture
def post(pulse: PrivatePulse, track: Path) -> Iterator[Post]:
    one = Post(track)
    try:
        yield one
    finally:
        one.deck.close()
        one.monitor.close()


def test_it_hears_as_loud_as_is_recorded(pulse: PrivatePulse, post: Post) -> None:
    with recording(pulse) as heard:
        post.play()
        post.hears_music()
        wait_for(lambda: post.poll() and heard.sounds(1.0, above_db=-30), 10, "a second of music")
        recorded_db = 20 * np.log10(np.abs(heard.samples[-24000:]).max())
        stream = post.stream
    assert stream is not None
    assert stream.peak_db == pytest.approx(recorded_db, abs=2)
    assert (stream.sink, stream.muted) == (SINK, False)
    post.deck.fade(0.0, time.monotonic(), 0)
    wait_for(post.hears_nothing, 10, "silence")


def test_it_hears_how_quiet_it_is(post: Post) -> None:
    post.play(level=0.01)  # -40 dB
    wait_for(lambda: post.hears(-70), 20, "quiet music")
    assert post.stream is not None
    assert -60 < post.stream.peak_db < -40


@pytest.mark.parametrize(
    ("command", "undo"),
    [
        (("set-sink-mute", SINK, "1"), ("set-sink-mute", SINK, "0")),
        (("set-sink-volume", SINK, "0"), ("set-sink-volume", SINK, "100%")),
    ],
)
def test_a_muted_sink_is_said(
    pulse: PrivatePulse, post: Post, command: tuple[str, ...], undo: tuple[str, ...]
) -> None:
    post.play()
    post.hears_music()
    try:
        pulse.pactl(*command)
        wait_for(lambda: (h := post.poll()) and h.sinks[0].muted, 5, "the muted sink")
        wait_for(post.hears_nothing, 5, "silence")
    finally:
        pulse.pactl(*undo)
    wait_for(lambda: (h := post.poll()) and not h.sinks[0].muted, 5, "the sink to sound again")
    post.hears_music()


def test_another_program_on_the_sink_is_not_our_music(pulse: PrivatePulse, post: Post) -> None:
    post.play()
    post.hears_music()
    with subprocess.Popen(["paplay", str(post.track)]) as other, recording(pulse) as heard:
        try:
            stream = pulse.stream_of(post.deck.pid)
            assert stream is not None
            pulse.pactl("set-sink-input-mute", stream, "1")
            wait_for(lambda: post.stream and post.stream.muted, 5, "the muted stream")
            wait_for(post.hears_nothing, 5, "silence")
            assert heard.sounds(0.3, above_db=-40)
        finally:
            other.kill()


def test_it_goes_with_the_default_sink(pulse: PrivatePulse, post: Post) -> None:
    post.play()
    post.hears_music()
    module = pulse.add_sink("other")
    try:
        pulse.pactl("set-default-sink", "other")
        wait_for(lambda: post.stream and post.stream.sink == "other" and post.hears(), 5, "the other sink")
        levels = post.poll()
        assert levels is not None
        assert {(sink.name, sink.default) for sink in levels.sinks} == {(SINK, False), ("other", True)}
    finally:
        pulse.pactl("unload-module", module)
    wait_for(lambda: post.stream and post.stream.sink == SINK and post.hears(), 5, "the first sink again")


def test_it_outlives_pulseaudio(pulse: PrivatePulse, post: Post) -> None:
    post.play()
    post.hears_music()
    monitor = post.monitor.pid
    pulse.stop()
    wait_for(lambda: post.poll() is None, 5, "the audio monitor to hear nobody")
    pulse.start()
    wait_for(lambda: (h := post.poll()) and h.sinks, 10, "the new PulseAudio")
    post.play()
    post.hears_music()
    assert post.monitor.pid == monitor


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dead_or_hanging_monitor_is_replaced(post: Post, fault: signal.Signals) -> None:
    post.play()
    post.hears_music()
    first = post.monitor.pid
    assert first is not None
    os.kill(first, fault)
    wait_for(lambda: post.poll() is None, 5, "nobody to listen")
    post.hears_music()
    assert post.monitor.pid != first
