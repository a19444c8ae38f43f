"""How the venue's volume comes to the decks: at once, slowly, or up from silence at a start."""

from __future__ import annotations

from player.playback.mixer import Mixer
from player.playback.volume import HouseVolume


class VolumeRamp:
    """Moves the mixer to the volume that holds."""

    def __init__(self, volume: HouseVolume, mixer: Mixer) -> None:
        self._volume, self._mixer = volume, mixer
        self._rising, self._rise_s = False, 0.0
        self._risen_at = 0.0
        mixer.set_volume(volume.gain, 0)

    def start(self, fade_s: float | None, ramp_s: float) -> None:
        """The next track comes up from silence within `fade_s`, or from a safe volume within `ramp_s`."""
        volume = self._volume
        safe = volume.safe_gain < volume.gain
        self._rising = True
        self._rise_s = fade_s if fade_s is not None else ramp_s if safe else 0.0
        if self._mixer.idle:
            self._mixer.set_volume(volume.safe_gain if fade_s is None else 0.0, 0)

    def on_air(self, now: float) -> None:
        """A track is heard from now on: the first one after a start comes up."""
        if self._rising:
            self.go(self._rise_s)
            self._risen_at = now + self._rise_s

    def go(self, ramp_s: float) -> None:
        """Reach the volume that holds now within that time."""
        self._rising = False
        self._mixer.set_volume(self._volume.gain, round(ramp_s * 1000))

    def follow(self, noise_db: float, ramp_s: float, now: float) -> None:
        """Add so many dB to the volume for the room's noise; a start still comes up as slowly."""
        self._volume.noise_db = noise_db
        if not self._rising:
            self.go(max(ramp_s, self._risen_at - now))

    def duck(self, gain: float, ramp_s: float, now: float) -> None:
        """Make room for an announcement: a linear gain on top of the volume; 1 ends it."""
        self._volume.ducked = gain
        # After an announcement soon after a start the music still comes up slowly.
        self.go(max(ramp_s, self._risen_at - now) if gain >= 1 else ramp_s)
