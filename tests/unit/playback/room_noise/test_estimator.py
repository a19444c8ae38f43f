"""The noise beside the music, from sound that went through a made-up room."""

import math

import numpy as np
import pytest

from player.playback.room_noise.bands import LOUDNESS, RATE_HZ
from player.playback.room_noise.estimator import NOISE_READINGS, NoiseEstimator
from player.playback.room_noise.follower import DEAD_DB
from player.playback.room_noise.reading import NoiseReading
from tests.support.room_sound import Sound, babble, frames, grinder, music, through_room

LEARNT_S = 105
SECONDS = 180


def readings(heard: Sound, played: Sound) -> list[NoiseReading]:
    estimator = NoiseEstimator()
    found = [estimator.update(at, out) for at, out in zip(frames(heard), frames(played), strict=True)]
    return [reading for reading in found if reading is not None]


def true_db(noise: Sound) -> list[float]:
    """The same measure of the noise alone, for each second."""
    powers = (frames(noise) @ LOUDNESS).reshape(-1, 10).mean(axis=1)
    lasts = [powers[max(0, end - NOISE_READINGS) : end] for end in range(1, powers.size + 1)]
    return [10 * math.log10(float(np.median(last))) for last in lasts]


def errors_db(heard: list[NoiseReading], noise: Sound) -> list[float]:
    pairs = zip(heard[LEARNT_S:], true_db(noise)[LEARNT_S:], strict=True)
    return [reading.noise_db - true for reading, true in pairs if reading.noise_db is not None]


@pytest.mark.parametrize(
    ("room", "music_above_db"),
    [
        ((-20, 0.13, 0.3, 3), 3),
        ((-30, 0.33, 0.6, -3), 0),
        ((-12, 0.2, 1.0, -6), -6),
    ],
)
def test_the_noise_is_right_within_two_decibels(
    room: tuple[float, float, float, float], music_above_db: float
) -> None:
    rng = np.random.default_rng(1)
    played = music(rng, SECONDS)
    arrives = through_room(rng, played, *room)
    noise = babble(rng, SECONDS) * arrives.std() * 10 ** (-music_above_db / 20)
    at, long = 130 * RATE_HZ, 20 * RATE_HZ
    noise[at : at + long] += grinder(rng, 20) * 4 * noise.std()

    found = readings(arrives + noise, played)
    errors = errors_db(found, noise)
    assert len(errors) >= SECONDS - LEARNT_S - 5, "it is known soon, and stays known"
    assert abs(float(np.mean(errors))) < 1
    assert float(np.percentile(np.abs(errors), 90)) < 2


def test_music_in_a_quiet_room_is_not_taken_for_noise() -> None:
    """What is left of it is so far below that the music cannot chase itself at any distance allowed."""
    rng = np.random.default_rng(2)
    played = music(rng, SECONDS)
    arrives = through_room(rng, played, -20, 0.13, 0.6, 0)
    found = readings(arrives + 1e-6 * rng.standard_normal(arrives.size), played)[LEARNT_S:]
    assert found
    for reading in found:
        assert reading.noise_db is not None
        assert reading.music_db is not None
        assert reading.noise_db < reading.music_db - 8


def test_claps_are_no_noise() -> None:
    """One in eight seconds, for minutes: it stays below what would move the volume."""
    rng = np.random.default_rng(3)
    played = music(rng, SECONDS)
    arrives = through_room(rng, played, -20, 0.13, 0.3, 3)
    noise = babble(rng, SECONDS) * arrives.std()
    clapped = noise.copy()
    for second in range(110, SECONDS, 8):
        clapped[second * RATE_HZ : second * RATE_HZ + 800] += rng.standard_normal(800) * 0.3
    with_claps, without = readings(arrives + clapped, played), readings(arrives + noise, played)
    for one, other in zip(with_claps[LEARNT_S:], without[LEARNT_S:], strict=True):
        assert one.noise_db == pytest.approx(other.noise_db, abs=DEAD_DB)


def test_without_music_all_that_is_heard_is_the_room() -> None:
    rng = np.random.default_rng(4)
    noise = 0.01 * babble(rng, 30)
    found = readings(noise, np.zeros(noise.size))
    assert found[-1].music_db is None
    assert found[-1].noise_db == pytest.approx(true_db(noise)[-1], abs=0.1)


def test_a_microphone_that_does_not_hear_the_music_says_nothing_of_it() -> None:
    """One in another room, or sound that takes another way: nothing is guessed."""
    rng = np.random.default_rng(5)
    found = readings(0.01 * babble(rng, 90), music(rng, 90))
    assert {(reading.noise_db, reading.music_db) for reading in found} == {(None, None)}


def test_a_dead_microphone_is_no_quiet_room() -> None:
    rng = np.random.default_rng(6)
    played = music(rng, 90)
    assert {reading.noise_db for reading in readings(np.zeros(played.size), played)} == {None}
