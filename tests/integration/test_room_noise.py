"""The room listener against a real PulseAudio: a null sink's monitor is the microphone in a made-up room."""

import os
import subprocess
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.config.settings.room_noise import RoomNoiseSettings
from player.playback.monitor.audio_monitor import AudioMonitorProcess
from player.playback.room_noise.bands import LOUDNESS, RATE_HZ, loudness_db
from player.playback.room_noise.microphone import MicrophoneProcess, heard
from player.playback.room_noise.reading import NoiseReading
from player.playback.service import PlaybackService, spawn_decks
from player.status import RoomNoiseStatus
from player.types import Choice, Track
from tests.support.pulse import SINK, PrivatePulse, pulse_here
from tests.support.room_sound import Sound, babble, frames, grinder, music, through_room
from tests.support.waiting import wait_for

ROOM = "room"
SECONDS = 150


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        own.add_sink(ROOM)
        yield own


@contextmanager
def played(pulse: PrivatePulse, file: Path, sink: str) -> Iterator[None]:
    """A file of raw samples goes to a sink meanwhile."""
    form = ("--raw", "--format=float32le", "--channels=1", f"--rate={RATE_HZ}", "--latency-msec=50")
    words = ("pacat", "--playback", f"--device={sink}", *form, str(file))
    player = subprocess.Popen(words, env={**os.environ, **pulse.env})
    try:
        yield
    finally:
        player.kill()
        player.wait()


def saved(sound: Sound, path: Path) -> Path:
    path.write_bytes(sound.astype("<f4").tobytes())
    return path


def test_the_noise_beside_the_music_is_right_within_two_decibels(pulse: PrivatePulse, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    sound = music(rng, SECONDS)
    arrives = through_room(rng, sound, -12, 0.05, 0.4, 0)
    noise = babble(rng, SECONDS) * arrives.std()
    noise[125 * RATE_HZ : 130 * RATE_HZ] += grinder(rng, 5) * 4 * arrives.std()
    out, there = saved(sound, tmp_path / "music.raw"), saved(arrives + noise, tmp_path / "room.raw")
    microphone, found = MicrophoneProcess(), list[NoiseReading]()

    def listen() -> bool:
        reading = microphone.poll(time.monotonic(), f"{ROOM}.monitor", SINK)
        if reading is not None and reading.noise_db is not None and reading.music_db is not None:
            found.append(reading)
        return len(found) >= 25

    try:
        with played(pulse, out, SINK), played(pulse, there, ROOM):
            wait_for(listen, SECONDS, "half a minute of levels")
    finally:
        microphone.close()
    truth = [loudness_db(float(power)) for power in (frames(noise) @ LOUDNESS).reshape(-1, 10).mean(axis=1)]
    said = float(np.median([reading.noise_db for reading in found if reading.noise_db is not None]))
    assert said == pytest.approx(float(np.median(truth)), abs=2)


@pytest.mark.parametrize(
    ("microphone", "says"),
    [
        (None, "no microphone is connected"),
        ("absent", "there is no microphone called absent"),
        (f"{SINK}.monitor", f"{SINK}.monitor is the music's own output and no microphone"),
    ],
)
def test_what_is_no_microphone_is_said(pulse: PrivatePulse, microphone: str | None, says: str) -> None:
    assert heard(MicrophoneProcess(), microphone, SINK) == says


def test_a_microphone_is_heard(pulse: PrivatePulse) -> None:
    assert heard(MicrophoneProcess(), f"{ROOM}.monitor", SINK) is None


def test_music_in_a_real_room_follows_its_noise_and_not_itself(pulse: PrivatePulse, tmp_path: Path) -> None:
    """The whole loop, but for the air: decks play, a loopback brings it to the room, people talk there."""
    rng = np.random.default_rng(8)
    path = tmp_path / "music.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((np.clip(music(rng, 400), -1, 1) * 32767).astype("<i2").tobytes())
    track = Track(path, "music", loudness_lufs=-30.0, peak_dbfs=-3.0, duration_s=400)
    people = saved(0.05 * babble(rng, 400), tmp_path / "people.raw")
    follow = RoomNoiseSettings(enabled=True, microphone=f"{ROOM}.monitor")
    settings = PlaybackSettings(output=f"pulse:{SINK}", follow_noise=follow, ramp_s=0)
    pulse.pactl("load-module", "module-loopback", f"source={SINK}.monitor", f"sink={ROOM}", "latency_msec=60")
    service = PlaybackService(
        settings, spawn_decks, lambda _: Choice(track, "a test"), monitor=AudioMonitorProcess()
    )

    def noise() -> RoomNoiseStatus:
        return service.status().room_noise

    try:
        service.start()
        with played(pulse, people, ROOM):
            wait_for(lambda: noise().offset_db >= 1, 240, "the music to become louder in a loud room")
            assert noise().problem is None
        loudest = noise().offset_db
        wait_for(lambda: noise().offset_db < loudest - 1, 120, "the music to come down when they have gone")
    finally:
        service.close()
