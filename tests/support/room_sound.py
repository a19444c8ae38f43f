"""A café made of numbers: music, a room that it goes through, people who talk and a coffee grinder."""

import numpy as np
import numpy.typing as npt

from player.playback.room_noise.bands import FRAME, RATE_HZ, BandPowers

Sound = npt.NDArray[np.float64]


def music(rng: np.random.Generator, seconds: float) -> Sound:
    """Plucked notes twice a second, with a drum, in phrases that are louder and quieter."""
    count = int(seconds * RATE_HZ)
    out, loudness = np.zeros(count), 1.0
    for beat in range(int(seconds * 2)):
        if beat % 32 == 0:
            loudness = 10 ** (rng.uniform(-12, 0) / 20)
        start = beat * RATE_HZ // 2
        time_s = np.arange(min(RATE_HZ * 4 // 5, count - start)) / RATE_HZ
        tone = rng.choice([110, 147, 165, 196, 220, 262, 330])
        note = 0.5 * rng.standard_normal(time_s.size) * np.exp(-30 * time_s)
        for partial in range(1, 12):
            phase = 2 * np.pi * tone * partial * time_s + rng.uniform(0, 6)
            note += np.sin(phase) * 0.7**partial * np.exp(-1.5 * partial * time_s)
        out[start : start + time_s.size] += loudness * rng.uniform(0.3, 1) * note
    return 0.05 * out


def _coloured(rng: np.random.Generator, count: int, low_hz: float, high_hz: float, slope: float) -> Sound:
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    sound = np.fft.irfft(spectrum * ((hz > low_hz) & (hz < high_hz)) * np.maximum(hz, 50) ** slope, count)
    return np.asarray(sound / sound.std())


def babble(rng: np.random.Generator, seconds: float, talkers: int = 6) -> Sound:
    """People who talk, each in syllables and with pauses; RMS 1."""
    count = int(seconds * RATE_HZ)
    out = np.zeros(count)
    for _ in range(talkers):
        syllables = np.repeat(rng.choice([0, 0.1, 0.3, 1], int(seconds * 5) + 1), RATE_HZ // 5)[:count]
        turns = np.repeat(rng.random(int(seconds / 3) + 1) < 0.5, RATE_HZ * 3)[:count]
        out += _coloured(rng, count, 150, 4000, -0.5) * syllables * turns
    return np.asarray(out / out.std())


def grinder(rng: np.random.Generator, seconds: float) -> Sound:
    """A coffee grinder; RMS 1."""
    return _coloured(rng, int(seconds * RATE_HZ), 200, 7000, 0)


def through_room(
    rng: np.random.Generator, played: Sound, gain_db: float, delay_s: float, rt60_s: float, direct_db: float
) -> Sound:
    """What a microphone hears of it: delayed, quieter, the direct sound so far above (or below) the echo."""
    count = int(rt60_s * RATE_HZ)
    echo = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    response = echo / np.sqrt(np.sum(echo**2))
    response[0] += 10 ** (direct_db / 20)
    response *= 10 ** (gain_db / 20) / np.sqrt(np.sum(response**2))
    response = np.concatenate([np.zeros(int(delay_s * RATE_HZ)), response])
    size = 1 << (played.size + response.size).bit_length()
    both = np.fft.rfft(played, size) * np.fft.rfft(response, size)
    return np.asarray(np.fft.irfft(both, size)[: played.size])


def frames(sound: Sound) -> Sound:
    """Its band powers, shape (frames, BANDS)."""
    bands = BandPowers()
    starts = range(0, sound.size - FRAME + 1, FRAME)
    return np.array([bands.frame(sound[start : start + FRAME]) for start in starts])
