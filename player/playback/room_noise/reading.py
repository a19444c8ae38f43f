"""What the microphone says once a second, in words that need no numpy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoiseReading:
    """Levels at the microphone, as loud as an ear has them, in dB below its full scale; never a sound."""

    noise_db: float | None
    """The room without our music, over 15 s; None as long as the two cannot be told apart."""
    music_db: float | None
    """Our music, over ten seconds; None if none plays, or it is not known how much of it arrives."""
