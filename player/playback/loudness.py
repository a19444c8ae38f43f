"""How loud: every track at the venue's loudness, and the venue's volume on top.

Both become one gain of the deck's own stream. The system's master volume is never touched.
"""

from __future__ import annotations

import math

from player.config.settings.playback import PlaybackSettings
from player.types import Track

ASSUMED_LUFS = -10.0
"""Loudness of a track nobody measured: that of a loud present-day master, so that it is never too loud."""
CEILING_DBFS = -1.0
"""Where a boosted peak must end, the headroom EBU R128 asks for (-1 dBTP)."""


def gain_db(track: Track, settings: PlaybackSettings, volume_percent: float = 100.0) -> float:
    """Gain in dB that brings a track to `settings.target_lufs`.

    At most `settings.max_boost_db`, and never so much that at this volume the track's own peak passes
    CEILING_DBFS. A track whose peak is unknown is taken to reach full scale.
    """
    loudness = ASSUMED_LUFS if track.loudness_lufs is None else track.loudness_lufs
    peak = 0.0 if track.peak_dbfs is None else track.peak_dbfs
    headroom_db = CEILING_DBFS - peak - 20 * math.log10(max(volume_gain(volume_percent), 1e-6))
    return min(settings.target_lufs - loudness, settings.max_boost_db, headroom_db)


def expected_lufs(track: Track | None, settings: PlaybackSettings, percent: float, ducked: float) -> float:
    """How loud a track should come out at a volume in percent, ducked by a gain; -inf for not at all."""
    gain = volume_gain(percent) * ducked
    if gain <= 0:
        return -math.inf
    lufs = settings.target_lufs
    if track is not None and track.loudness_lufs is not None:
        lufs = track.loudness_lufs + gain_db(track, settings, percent)
    return lufs + 20 * math.log10(gain)


def volume_gain(percent: float) -> float:
    """Linear gain of a volume in percent, 0 to 100: the cube of its share.

    The scale of PulseAudio and libVLC, near enough to how loudness is felt: 70 % is -9 dB, 50 % is -18 dB,
    10 % is -60 dB.
    """
    return (percent / 100) ** 3
