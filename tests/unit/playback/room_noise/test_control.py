"""Microphone and follower together: off is off, a fault is said once, and the volume comes back."""

import logging
import math
from collections.abc import Callable

import pytest

from player.config.settings.playback import PlaybackSettings
from player.config.settings.room_noise import RoomNoiseSettings
from player.events import Event, RoomNoise
from player.playback.loudness import volume_gain
from player.playback.room_noise.control import RoomNoiseControl
from player.playback.room_noise.microphone import Microphone
from player.playback.room_noise.reading import NoiseReading
from player.playback.volume import HouseVolume

ON, OFF = RoomNoiseSettings(enabled=True), RoomNoiseSettings()


class FakeMicrophone(Microphone):
    """Says `reading` once a second."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.reading: NoiseReading | None = NoiseReading(-40.0, -40.0)
        self.asked: tuple[str | None, str] | None = None
        self.closed = 0
        self._said_at = 0.0

    def poll(self, now: float, source: str | None, sink: str) -> NoiseReading | None:
        self.asked = (source, sink)
        if now < self._said_at + 1:
            return None
        self._said_at = now
        return self.reading

    def close(self) -> None:
        self.closed += 1


class Desk:
    """A control with a microphone in front of it."""

    def __init__(self, settings: RoomNoiseSettings) -> None:
        self.microphone, self.events = FakeMicrophone(), list[Event]()
        self.made, self.now = 0, 100.0
        self.control = RoomNoiseControl(settings, self.events.append, self.make)

    def make(self) -> FakeMicrophone:
        self.made += 1
        return self.microphone

    def go(self, seconds: float, sink: str | None = "speakers") -> float:
        offset_db = 0.0
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            offset_db = self.control.step(self.now, sink, 0.343, 0.343, 9.0)
        return offset_db


@pytest.fixture
def on() -> Desk:
    return Desk(ON)


def test_off_opens_no_microphone() -> None:
    desk = Desk(OFF)
    assert desk.go(300) == 0.0
    assert desk.made == 0
    assert desk.events == []
    assert not desk.control.status().enabled


def test_a_louder_room_makes_the_music_louder_and_everyone_hears_the_level(on: Desk) -> None:
    assert on.go(600) == pytest.approx(6, abs=0.5), "up to its limit: this music is never heard louder"
    assert on.microphone.asked == (None, "speakers")
    assert RoomNoise(-40.0) in on.events
    assert 50 <= len(on.events) <= 61
    status = on.control.status()
    assert (status.noise_db, status.music_db, status.following, status.problem) == (-40, -40, True, None)


def test_switched_off_it_lets_go_and_the_volume_comes_back_slowly(on: Desk) -> None:
    before = on.go(300)
    on.control.configure(OFF)
    assert on.microphone.closed == 1
    assert on.go(5) > before - 1
    assert on.go(300) == 0.0


def test_a_loud_night_under_the_ceiling_is_not_caught_up_in_the_morning() -> None:
    """As the service does it, with the settings that come with the player: at night nothing is added."""
    settings = PlaybackSettings(follow_noise=ON)
    volume, usual = HouseVolume(settings), volume_gain(settings.volume)
    desk = Desk(ON)

    def go(minutes: float, noise_db: float) -> float:
        """How much louder the music is than it was set, in dB."""
        for _ in range(round(60 * minutes)):
            desk.now += 1
            heard_db = -40 + 20 * math.log10(volume.gain / usual)
            desk.microphone.reading = NoiseReading(noise_db, heard_db)
            volume.add_noise(
                desk.control.step(desk.now, "speakers", volume.set_gain, usual, volume.headroom_db)
            )
        return 20 * math.log10(volume.gain / volume.set_gain)

    volume.night = True
    go(10, noise_db=-43)
    assert go(60, noise_db=-38) == pytest.approx(0)
    assert desk.control.status().offset_db == 0.0
    go(5, noise_db=-43)
    volume.night = False
    assert max(go(0.1, noise_db=-43) for _ in range(100)) == pytest.approx(0)


def broken(desk: Desk) -> None:
    desk.microphone.problem, desk.microphone.reading = "no microphone is connected", None


def mended(desk: Desk) -> None:
    desk.microphone.problem, desk.microphone.reading = None, NoiseReading(-40.0, -40.0)


def test_a_microphone_that_is_gone_is_said_once_and_gives_the_volume_back(
    on: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    on.go(300)
    broken(on)
    on.go(10)
    assert caplog.messages == []
    assert on.go(400) == 0.0
    assert on.control.status().problem == "no microphone is connected"
    assert on.control.status().noise_db is None
    mended(on)
    on.go(5)
    assert caplog.messages == [
        "the microphone does not hear the room: no microphone is connected; the volume is as it was set",
        "the microphone hears the room again",
    ]


def test_without_a_sound_server_it_says_what_is_missing(on: Desk) -> None:
    on.go(30, sink=None)
    assert "PulseAudio" in str(on.control.status().problem)
    assert on.microphone.asked is None


@pytest.mark.parametrize("fault", [broken, mended])
def test_a_sleep_of_the_machine_is_no_fault(on: Desk, fault: Callable[[Desk], None]) -> None:
    before = on.go(300)
    fault(on)
    on.now += 3600
    on.control.slept(3600)
    assert on.go(2) == pytest.approx(before, abs=0.3)
    assert on.control.status().problem is None
