"""Real decks, real libVLC, a real PulseAudio; every assertion is on what was recorded from its sink."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings
from player.events import PlaybackEvent, Silent, TrackFailed, TrackStarted
from player.playback.deck_process import DeckProcess
from player.playback.service import PlaybackService
from player.types import Choice, Track
from tests.support.processes import alive
from tests.support.pulse import PrivatePulse, longest_silence_s, private_pulse, pulse_here, recording
from tests.support.quiet import gaps_judged_in_quiet, is_soon_enough, unbroken
from tests.support.transitions import LOW, lasting, noise_track
from tests.support.waiting import wait_for

FADE_S = 2.0
SETTINGS = PlaybackSettings(
    volume=100, start_volume=100, output="pulse", shift_fade_s=FADE_S, skip_fade_s=0.5, first_fade_s=0.2
)


class Room:
    """Chooses from a list, round and round, and keeps what happened."""

    def __init__(self, tracks: list[Track]) -> None:
        self.tracks, self.chosen = tracks, 0
        self.events: list[PlaybackEvent] = []

    def choose(self, why: str) -> Choice:
        self.chosen += 1
        return Choice(self.tracks[(self.chosen - 1) % len(self.tracks)], why)

    def started(self) -> list[str]:
        return [event.choice.track.title for event in self.events if isinstance(event, TrackStarted)]


@pytest.fixture
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@contextmanager
def playing(
    room: Room, settings: PlaybackSettings = SETTINGS
) -> Iterator[tuple[PlaybackService, tuple[DeckProcess, DeckProcess]]]:
    decks = (DeckProcess("A", settings), DeckProcess("B", settings))
    playback = PlaybackService(settings, decks, room.choose, room.events.append)
    playback.start()
    try:
        yield playback, decks
    finally:
        playback.close()


def say(figures: str) -> None:
    """Print what was measured; `pytest -s` shows it."""
    sys.stdout.write(f"\n{figures}\n")


def until(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    wait_for(condition, seconds, what)


@pytest.mark.alone
@gaps_judged_in_quiet
def test_short_tracks_follow_each_other_without_a_gap(pulse: PrivatePulse, tmp_path: Path) -> None:
    room = Room([noise_track(tmp_path / f"{n}.wav", LOW, 3 + n) for n in range(2)])
    (tmp_path / "broken.mp3").write_bytes(bytes(range(256)) * 40)
    room.tracks.insert(1, Track(tmp_path / "broken.mp3", "broken", duration_s=3))
    room.tracks.insert(3, Track(tmp_path / "gone.ogg", "gone", duration_s=3))
    with recording(pulse) as heard, playing(room):
        until(heard.sounds, "sound")
        since = time.monotonic()
        until(lambda: len(room.started()) == 5, "five tracks", 40)
        gap_s = longest_silence_s(heard.since(since))
    failed = [event.choice.track.title for event in room.events if isinstance(event, TrackFailed)]
    say(f"longest gap over four track ends {gap_s:.2f} s; failed: {failed}")
    unbroken(gap_s, 0.52)
    assert {"broken", "gone"} <= set(failed)
    assert room.started()[:5] == ["0", "1", "0", "1", "0"]


def test_a_killed_and_a_hanging_deck_are_replaced(pulse: PrivatePulse, tmp_path: Path) -> None:
    room = Room([noise_track(tmp_path / "low.wav", LOW, 60)])
    with recording(pulse) as heard, playing(room) as (playback, decks):
        for blow, allowed_s in ((signal.SIGKILL, 5), (signal.SIGSTOP, 8)):
            until(heard.sounds, "sound")
            lasting(playback, 1)
            active = [d for d, s in zip(decks, playback.status().decks, strict=True) if s.role == "current"]
            assert active[0].pid is not None
            since = time.monotonic()
            tracks = len(room.started())
            os.kill(active[0].pid, blow)
            until(lambda n=tracks: len(room.started()) > n, "the track on the other deck")  # type: ignore[misc]
            until(heard.sounds, "sound")
            gap_s = longest_silence_s(heard.since(since))
            say(f"{blow.name}: silent for {gap_s:.2f} s")
            assert is_soon_enough(gap_s, allowed_s)
            until(lambda: all(deck.ready for deck in playback.status().decks), "two decks again")


def test_waits_for_an_audio_device_and_survives_its_loss(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = Room([noise_track(tmp_path / "low.wav", LOW, 60)])
    with private_pulse(start=False) as pulse:
        for name, value in pulse.env.items():
            monkeypatch.setenv(name, value)
        with playing(room, SETTINGS.model_copy(update={"retry_max_s": 1.0})) as (playback, _):
            until(lambda: playback.status().state == "silent", "the lack of a device to be noticed")
            assert playback.status().silent_reason.startswith("no audio device: ")
            pulse.start()
            with recording(pulse) as heard:
                until(heard.sounds, "sound")
            lasting(playback, 3)
            pulse.stop()
            until(lambda: playback.status().state == "silent", "the loss to be noticed")
            pulse.start()
            with recording(pulse) as heard:
                until(heard.sounds, "sound again")
            # libVLC says four times a second where it is: the first sound is heard a moment before that.
            until(lambda: playback.status().position_s is not None, "its place to be known")
            assert playback.status().position_s > 2, "it goes on where it was"
    assert [type(event) for event in room.events].count(Silent) == 2
    assert room.chosen == 1


PARENT = """
import sys, time
from pathlib import Path
from player.playback.deck_process import DeckProcess
from player.config.settings.playback import PlaybackSettings
decks = [DeckProcess(name, PlaybackSettings(output="pulse")) for name in "AB"]
while not all(deck.ready for deck in decks):
    [deck.poll(time.monotonic()) for deck in decks]
    time.sleep(0.02)
print(*(deck.pid for deck in decks), flush=True)
time.sleep(60)
"""


def test_decks_end_with_their_parent(pulse: PrivatePulse) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    children = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.kill()
    parent.wait()
    until(lambda: not any(alive(pid) for pid in children), "the decks to end")


def test_missing_libvlc_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHON_VLC_LIB_PATH", str(tmp_path / "libvlc.so"))
    room = Room([Track(tmp_path / "any.wav", "any")])
    with playing(room) as (playback, _):
        until(lambda: playback.status().silent_reason, "the reason")
        assert "apt install libvlc5 libvlc-bin vlc-plugin-base" in playback.status().silent_reason
    assert room.chosen <= 1
