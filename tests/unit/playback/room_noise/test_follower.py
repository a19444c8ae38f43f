"""The music keeps its distance from the room: slowly, within limits, and never from itself."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from player.config.settings.room_noise import RoomNoiseSettings
from player.playback.room_noise.bands import BANDS, LOUDNESS
from player.playback.room_noise.estimator import NoiseEstimator
from player.playback.room_noise.follower import DOWN_DB_PER_S, UP_DB_PER_S, NoiseFollower
from player.playback.room_noise.reading import NoiseReading

SETTINGS = RoomNoiseSettings(enabled=True, distance_db=3, raise_db=6, lower_db=6)


class Venue:
    """A follower, and the room it is in: music of -40 dB at the volume set, heard as loud as it is made."""

    def __init__(self, settings: RoomNoiseSettings = SETTINGS) -> None:
        self.follower, self.now = NoiseFollower(settings), 1000.0
        self.offsets: list[float] = []

    def go(
        self,
        seconds: int,
        noise_db: float | None,
        gain_db: float = 0.0,
        music: bool = True,
        headroom_db: float = math.inf,
    ) -> float:
        for _ in range(seconds):
            self.now += 1
            heard = -40 + gain_db + min(headroom_db, self.follower.offset_db) if music else None
            reading = NoiseReading(noise_db, heard) if noise_db is not None else None
            self.offsets.append(self.follower.update(reading, gain_db, headroom_db, self.now))
        return self.offsets[-1]

    def learn(self, seconds: int) -> float:
        """The microphone hears, and it is not known yet how much of that is the music."""
        for _ in range(seconds):
            self.now += 1
            self.follower.update(NoiseReading(None, None), 0.0, math.inf, self.now)
        return self.follower.offset_db


def test_it_comes_to_its_distance_and_stays() -> None:
    venue = Venue()
    assert venue.go(600, noise_db=-39) == pytest.approx(4, abs=0.5)
    assert venue.go(600, noise_db=-46) == pytest.approx(-3, abs=0.5)
    steps = np.diff([0.0, *venue.offsets])
    assert steps.max() <= UP_DB_PER_S + 1e-9
    assert steps.min() >= -DOWN_DB_PER_S - 1e-9


def test_it_keeps_its_limits() -> None:
    venue = Venue()
    assert venue.go(900, noise_db=-10) == pytest.approx(6, abs=0.3)
    assert venue.go(900, noise_db=-90) == pytest.approx(-6, abs=0.3)


@pytest.mark.parametrize(("seconds", "noise_db"), [(1, 0.0), (20, -15.0), (29, -20.0)])
def test_a_clap_a_grinder_and_an_announcement_change_nothing(seconds: int, noise_db: float) -> None:
    venue = Venue()
    before = venue.go(600, noise_db=-40)
    venue.go(seconds, noise_db)
    venue.go(120, noise_db=-40)
    assert set(venue.offsets[600:]) == {before}


def test_ducked_music_is_not_taken_for_the_music_at_its_volume() -> None:
    venue = Venue()
    before = venue.go(600, noise_db=-40)
    venue.go(25, noise_db=-40, gain_db=-15)
    venue.go(200, noise_db=-40)
    assert set(venue.offsets[600:]) == {before}


def test_a_volume_that_comes_slowly_is_not_taken_for_quieter_music() -> None:
    venue = Venue()
    before = venue.go(600, noise_db=-40)
    for second in range(300):  # 14 dB more are set, and reach the music in five minutes
        venue.now += 1
        reading = NoiseReading(-40, -40 - 14 * (1 - second / 300) + 14 + venue.follower.offset_db)
        venue.offsets.append(venue.follower.update(reading, 14.0, math.inf, venue.now, moves=True))
    venue.go(300, noise_db=-40, gain_db=14)
    assert set(venue.offsets[600:]) == {before}


def test_a_volume_set_by_hand_is_not_undone() -> None:
    """Who turns it down by 9 dB gets 9 dB, whatever the room says."""
    venue = Venue()
    before = venue.go(600, noise_db=-40)
    assert venue.go(900, noise_db=-40, gain_db=-9) == before


def test_what_the_ceiling_takes_away_is_not_taken_for_quieter_music() -> None:
    """An hour in which the room asks for 5 dB and the ceiling gives none: afterwards all is as before."""
    venue = Venue()
    venue.go(600, noise_db=-43, headroom_db=0)
    assert venue.go(3600, noise_db=-38, headroom_db=0) == 0.0, "and what is told is what is heard"
    assert venue.go(300, noise_db=-43, headroom_db=0) == 0.0
    assert venue.go(300, noise_db=-43, headroom_db=4, gain_db=-4) == 0.0, "turned down, that is heard"


def test_when_the_night_ends_the_music_rises_slowly_to_what_the_room_asks_for() -> None:
    venue = Venue()
    assert venue.go(900, noise_db=-39) == pytest.approx(4, abs=0.5)
    assert venue.go(1, noise_db=-39, gain_db=-14, headroom_db=0) == 0.0
    venue.go(3600, noise_db=-39, gain_db=-14, headroom_db=0)
    assert venue.go(10, noise_db=-39, headroom_db=9) <= 10 * UP_DB_PER_S + 1e-9
    assert venue.go(600, noise_db=-39, headroom_db=9) == pytest.approx(4, abs=0.5)
    assert max(venue.offsets[-600:]) < 4.5


def test_turned_down_under_the_ceiling_it_stays_down_until_the_room_is_quieter() -> None:
    venue = Venue()
    venue.go(600, noise_db=-38, headroom_db=1)
    before = venue.go(600, noise_db=-38, headroom_db=1)
    assert venue.go(1200, noise_db=-38, gain_db=-4, headroom_db=5) == before
    venue.go(25, noise_db=-38, gain_db=-19, headroom_db=5)
    assert venue.go(300, noise_db=-38, gain_db=-4, headroom_db=5) == before, "an announcement ends nothing"
    venue.go(300, noise_db=-43, gain_db=-4, headroom_db=5)
    assert venue.go(300, noise_db=-38, gain_db=-4, headroom_db=5) > 4, "and then it follows again"


def test_small_differences_are_left_alone() -> None:
    venue = Venue()
    assert venue.go(600, noise_db=-42) == 0.0
    assert venue.go(600, noise_db=-43.5) == 0.0


def test_a_microphone_that_is_gone_gives_the_volume_back() -> None:
    venue = Venue()
    venue.go(600, noise_db=-38)
    venue.go(50, noise_db=None)
    assert venue.follower.offset_db > 4
    assert venue.go(300, noise_db=None) == 0.0


def test_a_listener_that_starts_anew_and_learns_the_room_again_moves_nothing() -> None:
    venue = Venue()
    before = venue.go(600, noise_db=-38)
    venue.go(5, noise_db=None)
    assert venue.learn(105) == before
    assert venue.go(300, noise_db=-38) == before
    assert venue.learn(300) == 0.0, "what is never learnt is not waited for"


def test_nothing_moves_before_room_and_music_are_known() -> None:
    venue = Venue()
    assert venue.go(44, noise_db=-20) == 0.0
    assert Venue().go(600, noise_db=-20, music=False) == 0.0


def simulated(seconds: int, noise: Callable[[int], float], room: float = 1e-2, seed: int = 0) -> list[float]:
    """An hour and more of the whole loop, in band powers: the offset in dB of each second."""
    rng = np.random.default_rng(seed)
    estimator, follower = (
        NoiseEstimator(),
        NoiseFollower(RoomNoiseSettings(enabled=True, distance_db=6, raise_db=9, lower_db=9)),
    )
    offsets, echo, track = [0.0], np.zeros(BANDS), 1.0
    colour = np.array([1.0, 1.0, 0.6, 0.3, 0.1, 0.05])
    for second in range(seconds):
        track = float(10 ** rng.uniform(-0.4, 0.4)) if second % 180 == 0 else track
        for frame in range(10):
            hit = (1.0 if frame % 5 == 0 else 0.1) * rng.gamma(2, 0.5, BANDS)
            played = 1e-3 * track * colour * hit * 10 ** (offsets[-1] / 10)
            echo = 0.4 * echo + 0.6 * played
            there = 10 ** (noise(second) / 10) * colour / float(colour @ LOUDNESS) * rng.gamma(2, 0.5, BANDS)
            cross = 2 * np.sqrt(room * echo * there) * rng.normal(0, 0.2, BANDS)
            reading = estimator.update(np.maximum(0, room * echo + there + cross), played)
            if reading is not None:
                offsets.append(follower.update(reading, 0.0, math.inf, float(second)))
    return offsets[1:]


MUSIC_DB = 10 * math.log10(1e-2 * 1e-3 * float(np.array([1.0, 1.0, 0.6, 0.3, 0.1, 0.05]) @ LOUDNESS) * 0.28)


def test_an_hour_in_an_empty_room_never_grows_louder_against_itself() -> None:
    offsets = simulated(3600, lambda second: MUSIC_DB - 40)
    assert max(offsets) == 0.0
    assert offsets[-1] == pytest.approx(-9, abs=0.5), "and far above the room, it comes down"


def test_an_hour_of_changing_noise_is_followed_and_forgotten() -> None:
    def noise(second: int) -> float:
        return MUSIC_DB - 4 if second < 1200 else MUSIC_DB + 2 if second < 2400 else MUSIC_DB - 30

    offsets = simulated(3600, noise)
    assert np.mean(offsets[900:1200]) == pytest.approx(2, abs=2.5)
    assert np.mean(offsets[2100:2400]) == pytest.approx(8, abs=2)
    assert offsets[-1] == pytest.approx(-9, abs=1)
