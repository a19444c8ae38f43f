"""The venue's volume: what was asked for, and what may be heard of it."""

from __future__ import annotations

import math
from pathlib import Path

from player.config.settings.playback import PlaybackSettings
from player.playback.deck import Cue
from player.playback.fades import gain_from_db
from player.playback.loudness import CEILING_DBFS, gain_db, volume_gain
from player.types import Track


def source(track: Track) -> Path | str:
    """What a deck opens for a track: its file, or the address of a stream."""
    return track.url or track.path


class HouseVolume:
    """The volume asked for, its ceiling, night mode, and how far the music is ducked at present."""

    def __init__(self, settings: PlaybackSettings) -> None:
        self.settings = settings
        self.wanted = settings.volume
        """In percent, 0 to 100."""
        self.night = False
        self.ducked = 1.0
        """A linear gain, 1 if nothing is announced."""
        self.noise_db = 0.0
        """What the room's noise adds to it, in dB."""

    def configure(self, settings: PlaybackSettings) -> None:
        """Go by other settings; a volume that was edited is wanted from now on."""
        before, self.settings = self.settings, settings
        if settings.volume != before.volume:
            self.wanted = settings.volume

    @property
    def ceiling(self) -> int:
        """The most it may have, in percent: at night that of the night."""
        settings = self.settings
        return min(settings.ceiling, settings.night.ceiling) if self.night else settings.ceiling

    @property
    def percent(self) -> int:
        """What the music has, whatever the room's noise adds: the volume asked for, under the ceiling."""
        return max(0, min(self.wanted, self.ceiling))

    @property
    def on_top(self) -> float:
        """What an announcement and the room's noise do to that, a linear gain."""
        return self.ducked * gain_from_db(self.noise_db)

    @property
    def set_gain(self) -> float:
        """The same as a linear gain, ducked if that is the case."""
        return volume_gain(self.percent) * self.ducked

    @property
    def headroom_db(self) -> float:
        """How much may be added to it before it meets its ceiling, 0 dB or more."""
        return 20 * math.log10(volume_gain(max(1, self.ceiling)) / volume_gain(max(1, self.percent)))

    @property
    def unducked_gain(self) -> float:
        """What an announcement gets: as the music, but for how far that is ducked."""
        return min(volume_gain(self.percent) * gain_from_db(self.noise_db), volume_gain(self.ceiling))

    @property
    def gain(self) -> float:
        """What the music gets: with what the noise adds, and no more than the ceiling then either."""
        return self.unducked_gain * self.ducked

    def add_noise(self, noise_db: float) -> bool:
        """Have the room's noise add so many dB; whether the music gets more or less by that."""
        before, self.noise_db = self.gain, noise_db
        return not math.isclose(self.gain, before)

    @property
    def safe_gain(self) -> float:
        """What a start out of silence begins with."""
        return min(self.gain, volume_gain(min(self.percent, self.settings.start_volume)) * self.ducked)

    @property
    def bass_db(self) -> float:
        """What the bass is taken back by, 0 or less."""
        return self.settings.night.bass_db if self.night else 0.0

    def cue(self, track: Track, start_s: float, target_lufs: float | None = None) -> Cue:
        """A track as it is to sound, at the venue's loudness or another; a stream knows no place to start."""
        settings = self.settings
        if target_lufs is not None:
            settings = settings.model_copy(update={"target_lufs": target_lufs})
        peak = 0.0 if track.peak_dbfs is None else track.peak_dbfs
        return Cue(
            source(track),
            gain=gain_from_db(gain_db(track, settings, self.percent)),
            limit=gain_from_db(CEILING_DBFS - peak),
            start_s=0.0 if track.url else start_s,
            bass_db=self.bass_db,
            length_s=0.0 if track.music_end_s is None else track.duration_s,
        )
