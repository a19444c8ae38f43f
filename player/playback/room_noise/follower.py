"""How much louder or quieter the music becomes because of the room's noise: slowly, little, within limits.

The music cannot chase itself: how loud it would be at the volume that is set is learnt over minutes, without
what is added at present, and what is left of it in the noise is further below it than the greatest distance.
"""

from __future__ import annotations

import statistics
from collections import deque

from player.config.settings.room_noise import RoomNoiseSettings
from player.playback.room_noise.reading import NoiseReading

WINDOW = 60
"""Readings (s) whose median counts: a grinder or an announcement of half a minute changes nothing."""
LEAST = 45
MUSIC_S = 180.0
"""Tracks are louder here and quieter there: over this the music is taken to be of one loudness."""
UP_DB_PER_S = 0.05
DOWN_DB_PER_S = 0.1
DEAD_DB = 2.0
"""A difference that nobody hears is left alone ..."""
NEAR_DB = 0.3
"""... and one that was not is made good up to this."""
SETTLE_S = 20.0
"""After the volume has changed by hand, or for an announcement, readings are of both volumes for so long."""
STEP_DB = 1.0
LOST_S = 60.0
"""Without a reading for so long, the music goes back to the volume that is set."""


class NoiseFollower:
    """Time is an argument (s, monotonic clock)."""

    def __init__(self, settings: RoomNoiseSettings) -> None:
        self.settings = settings
        self.offset_db = 0.0
        """What is added to the volume that is set, within settings.lower_db and settings.raise_db."""
        self._noise: deque[float] = deque(maxlen=WINDOW)
        self._music_db: float | None = None
        self._music_s = 0
        self._gain_db: float | None = None
        self._settled_at = float("-inf")
        self._moving = False
        self._heard_at: float | None = None
        self._at: float | None = None

    def configure(self, settings: RoomNoiseSettings) -> None:
        """Go on with other settings; beyond new limits the music comes back as slowly as ever."""
        self.settings = settings

    def update(self, reading: NoiseReading | None, gain_db: float, now: float) -> float:
        """Take in a reading, or None if there is none; the offset in dB that holds now.

        `gain_db` is how far the volume, without the offset, is above what `playback.volume` gives. Call it
        once a second.
        """
        passed_s = 0.0 if self._at is None else min(5.0, max(0.0, now - self._at))
        self._at = now
        if self._gain_db is None or abs(gain_db - self._gain_db) > STEP_DB:
            self._gain_db, self._settled_at = gain_db, now + SETTLE_S
        if reading is not None and reading.noise_db is not None:
            self._heard_at = now
            self._noise.append(reading.noise_db)
            if reading.music_db is not None and now >= self._settled_at:
                self._learn_music(reading.music_db - gain_db - self.offset_db)
        lost = self._heard_at is None or now - self._heard_at > LOST_S
        if lost:
            self._noise.clear()
        wanted_db = 0.0 if lost else self._wanted_db()
        if wanted_db is not None:
            self._approach(wanted_db, passed_s)
        return self.offset_db

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long, and nothing heard."""
        if self._heard_at is not None:
            self._heard_at += seconds
        self._settled_at += seconds

    @property
    def is_following(self) -> bool:
        """Whether enough is known of room and music."""
        return len(self._noise) >= LEAST and self._music_s >= LEAST

    def _learn_music(self, music_db: float) -> None:
        """How loud the music would be at `playback.volume`, without an offset."""
        self._music_s += 1
        share = max(1 / self._music_s, 1 / MUSIC_S)
        self._music_db = music_db if self._music_db is None else self._music_db
        self._music_db += share * (music_db - self._music_db)

    def _wanted_db(self) -> float | None:
        """What the offset should be; None if it is to stay."""
        if not self.is_following or self._music_db is None:
            return None
        wanted_db = statistics.median(self._noise) + self.settings.distance_db - self._music_db
        return min(self.settings.raise_db, max(-self.settings.lower_db, wanted_db))

    def _approach(self, wanted_db: float, passed_s: float) -> None:
        off_db = wanted_db - self.offset_db
        self._moving = abs(off_db) > (NEAR_DB if self._moving else DEAD_DB) or (
            wanted_db == 0.0 and off_db != 0.0
        )
        if self._moving:
            self.offset_db += min(UP_DB_PER_S * passed_s, max(-DOWN_DB_PER_S * passed_s, off_db))
