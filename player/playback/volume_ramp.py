"""How the venue's volume comes to the decks: at once, slowly, or up from silence at a start."""

from __future__ import annotations

from player.playback.fades import Envelope
from player.playback.mixer import Mixer
from player.playback.volume import HouseVolume


class VolumeRamp:
    """Moves the mixer to the volume that holds. `now` is on the monotonic clock."""

    def __init__(self, volume: HouseVolume, mixer: Mixer) -> None:
        self._volume, self._mixer = volume, mixer
        self._waits = False
        """Whether a start has been asked for and its first track is not heard yet."""
        self._fade_s: float | None = None
        self._ramp_s = self._risen_at = self._settled_at = 0.0
        self._level = Envelope(volume.gain)
        """What the decks have of it by now."""
        mixer.set_volume(volume.gain, 0)

    def start(self, fade_s: float | None, ramp_s: float, now: float) -> None:
        """The next track comes up from silence within `fade_s`, or from a safe volume within `ramp_s`."""
        self._waits, self._fade_s, self._ramp_s = True, fade_s, ramp_s
        if self._mixer.idle:
            self._wait(now)

    def on_air(self, now: float) -> None:
        """A track is heard from now on: the first one after a start comes up."""
        if self._waits:
            self._waits = False
            ramp_s = self._ramp_s if self._volume.safe_gain < self._volume.gain else 0.0
            rise_s = ramp_s if self._fade_s is None else self._fade_s
            self._risen_at = now + rise_s
            self._settled_at = self._risen_at
            self._go(self._volume.gain, rise_s, now)

    def left_s(self, now: float) -> float:
        """How long the volume that was set is still on its way, in seconds; 0 or more."""
        return max(0.0, self._settled_at - now)

    def reach(self, ramp_s: float, now: float) -> None:
        """Reach the volume that holds now within that time; a start still comes up as slowly to it."""
        if self._waits and not self._mixer.audible_decks():
            self._wait(now)
            return
        gain = self._volume.gain
        louder = gain > self._level.gain(now)
        ramp_s = max(ramp_s, self._risen_at - now) if louder else ramp_s
        self._settled_at = now + ramp_s
        self._go(gain, ramp_s, now)

    def make_room(self, ramp_s: float, now: float) -> None:
        """Reach it within that time for an announcement; its end does not hurry a volume on its way."""
        settled_at = self._settled_at
        louder = self._volume.gain > self._level.gain(now)
        self.reach(max(ramp_s, settled_at - now) if louder else ramp_s, now)
        self._settled_at = settled_at

    def follow_noise(self, ramp_s: float, now: float) -> None:
        """Reach it within that time for the room's noise, which hurries no volume on its way up or down."""
        settled_at = self._settled_at
        self.reach(max(ramp_s, settled_at - now), now)
        self._settled_at = settled_at

    def _wait(self, now: float) -> None:
        self._go(self._volume.safe_gain if self._fade_s is None else 0.0, 0, now)

    def _go(self, gain: float, ramp_s: float, now: float) -> None:
        self._level.ramp(gain, now, ramp_s, "linear")
        self._mixer.set_volume(gain, round(ramp_s * 1000))
