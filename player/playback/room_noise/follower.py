"""How much louder or quieter the music becomes because of the room's noise: slowly, little, within limits.

The music cannot chase itself: how loud it would be at the volume that is set is learnt over minutes, without
what is added at present, and what is left of it in the noise is further below it than the greatest distance.
"""

from __future__ import annotations

import math
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
LEARNING_S = 120.0
"""The same while the microphone hears, and the noise is not known: a listener that starts anew learns the
room again, for some 100 s, and nothing has happened in the room."""


class NoiseFollower:
    """Time is an argument (s, monotonic clock)."""

    def __init__(self, settings: RoomNoiseSettings) -> None:
        self.settings = settings
        self.offset_db = 0.0
        """What is added to the volume that is set, within settings.lower_db and settings.raise_db, and never
        more than is heard of it: what a ceiling takes away would be learnt as music that is quieter."""
        self._noise: deque[float] = deque(maxlen=WINDOW)
        self._music_db: float | None = None
        self._music_s = 0
        self._volume_db: tuple[float, float] | None = None
        self._held_db = math.inf
        """The most that may be added since somebody turned it down; see _note_volume."""
        self._settled_at = -math.inf
        self._moving = False
        self._heard_at: float | None = None
        self._at: float | None = None

    def configure(self, settings: RoomNoiseSettings) -> None:
        """Go on with other settings; beyond new limits the music comes back as slowly as ever."""
        self.settings = settings

    def update(
        self,
        reading: NoiseReading | None,
        gain_db: float,
        headroom_db: float,
        now: float,
        moves: bool = False,
    ) -> float:
        """Take in a reading, or None if there is none; the offset in dB that holds now.

        Call it once a second.

        gain_db      how far the volume, without the offset, is above what `playback.volume` gives
        headroom_db  how much the ceiling lets be added to it, 0 or more
        moves        whether the music is still on its way to that volume: nothing is learnt of it
        """
        passed_s = 0.0 if self._at is None else min(5.0, max(0.0, now - self._at))
        self._at = now
        self._note_volume(gain_db, headroom_db, now)
        if moves:
            self._settled_at = now + SETTLE_S
        if reading is not None and reading.noise_db is not None:
            self._heard_at = now
            self._noise.append(reading.noise_db)
            if reading.music_db is not None and now >= self._settled_at:
                self._learn_music(reading.music_db - gain_db - self.offset_db)
        patience_s = LOST_S if reading is None else LEARNING_S
        lost = self._heard_at is None or now - self._heard_at > patience_s
        if lost:
            self._noise.clear()
        wanted_db = 0.0 if lost else self._wanted_db()
        if wanted_db is not None and wanted_db <= self._held_db + DEAD_DB:
            self._held_db = math.inf
        most_db = min(headroom_db, self._held_db)
        self.offset_db = min(self.offset_db, most_db)
        if wanted_db is not None:
            self._approach(min(wanted_db, most_db), passed_s)
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

    def _note_volume(self, gain_db: float, headroom_db: float, now: float) -> None:
        """See whether somebody has changed the volume or its ceiling.

        Who turns it down while the ceiling alone keeps it from growing louder means that: what the ceiling
        would let through now is not added until the room asks for no more than it has.
        """
        if self._volume_db is None:
            self._volume_db, self._settled_at = (gain_db, headroom_db), now + SETTLE_S
        gain_before_db, headroom_before_db = self._volume_db
        moved = abs(headroom_db - headroom_before_db) > STEP_DB
        if moved:
            limited = self.offset_db >= min(headroom_before_db, self._held_db) - DEAD_DB
            turned_down = gain_db < gain_before_db and headroom_db > headroom_before_db
            self._held_db = self.offset_db if turned_down and limited and self.is_following else math.inf
        if moved or abs(gain_db - gain_before_db) > STEP_DB:
            self._volume_db, self._settled_at = (gain_db, headroom_db), now + SETTLE_S

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
