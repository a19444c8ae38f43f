"""The room listener against a real PulseAudio: a null sink's monitor is the microphone in a made-up room."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from player.playback.room_noise.bands import LOUDNESS, RATE_HZ, loudness_db
from player.playback.room_noise.microphone import MicrophoneProcess, heard
from tests.support.pulse import SINK, PrivatePulse, pulse_here
from tests.support.quiet import MOST_TESTS, judged_in_quiet
from tests.support.room_sound import Sound, babble, frames, grinder, music, through_room

ROOM = "room"
SECONDS = 240
READINGS = 25
PATIENCE_S = 60.0
"""A busy machine starts no process within what `doctor` waits for."""


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


@pytest.mark.alone
@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_noise_beside_the_music_is_right_within_two_decibels(pulse: PrivatePulse, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    sound = music(rng, SECONDS)
    arrives = through_room(rng, sound, -12, 0.05, 0.4, 0)
    noise = babble(rng, SECONDS) * arrives.std()
    noise[125 * RATE_HZ : 130 * RATE_HZ] += grinder(rng, 5) * 4 * arrives.std()
    out, there = saved(sound, tmp_path / "music.raw"), saved(arrives + noise, tmp_path / "room.raw")
    truth = [loudness_db(float(power)) for power in (frames(noise) @ LOUDNESS).reshape(-1, 10).mean(axis=1)]

    def levels() -> list[float]:
        with played(pulse, out, SINK), played(pulse, there, ROOM):
            return noise_levels(READINGS, SECONDS)

    def right(found: list[float]) -> None:
        assert len(found) == READINGS
        assert np.median(found) == pytest.approx(np.median(truth), abs=2)

    judged_in_quiet(levels, right, most=MOST_TESTS)


def noise_levels(most: int, seconds: float) -> list[float]:
    """What is said of the room once the music is told from it, in dB; fewer if that takes too long."""
    microphone, found = MicrophoneProcess(), list[float]()
    deadline = time.monotonic() + seconds
    try:
        while len(found) < most and (now := time.monotonic()) < deadline:
            reading = microphone.poll(now, f"{ROOM}.monitor", SINK)
            if reading is not None and reading.noise_db is not None and reading.music_db is not None:
                found.append(reading.noise_db)
            time.sleep(0.02)
    finally:
        microphone.close()
    return found


@pytest.mark.parametrize(
    ("microphone", "says"),
    [
        (None, "no microphone is connected"),
        ("absent", "there is no microphone called absent"),
        (f"{SINK}.monitor", f"{SINK}.monitor is the music's own output and no microphone"),
    ],
)
def test_what_is_no_microphone_is_said(pulse: PrivatePulse, microphone: str | None, says: str) -> None:
    assert heard(MicrophoneProcess(), microphone, SINK, PATIENCE_S) == says


def test_a_microphone_is_heard(pulse: PrivatePulse) -> None:
    assert heard(MicrophoneProcess(), f"{ROOM}.monitor", SINK, PATIENCE_S) is None
