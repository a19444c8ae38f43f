"""Files of plain samples that ffmpeg would read as loud noise, and what must not be taken for them."""

import struct
from pathlib import Path

import numpy as np
import pytest

from player.audio.noise_check import BIG_ENDIAN, FRACTIONS, HEADER, NOISE, RANGE, RECEIVER, SWAPPED, noise

RATE_HZ = 44100
SOUND = np.repeat(0.2 * np.sin(np.arange(2 * RATE_HZ) / 7)[:, None], 2, axis=1)


def whole(bits: int, order: str = "<", unused: int = 0) -> bytes:
    """The sound as whole numbers in 16, 32 or 64 bits."""
    numbers = (SOUND * (2 ** (bits - 1) - 1)).astype(np.int64) << unused
    return numbers.astype(f"{order}i{(bits + unused) // 8}").tobytes()


def packed() -> bytes:
    """24 bits in three bytes."""
    numbers = (SOUND * (2**23 - 1)).astype("<i4")
    return numbers.reshape(-1, 1).view("u1").reshape(-1, 4)[:, :3].tobytes()


def wav(kind: int, bits: int, frame: int, sound: bytes, name: bytes = b"RIFF", more: bytes = b"") -> bytes:
    order = ">" if name in (b"RIFX", b"FFIR") else "<"
    form = struct.pack(f"{order}HHIIHH", kind, 2, RATE_HZ, RATE_HZ * frame, frame, bits) + more
    inner = b"WAVEfmt " + struct.pack(f"{order}I", len(form)) + form
    inner += b"data" + struct.pack(f"{order}I", len(sound)) + sound
    return name + struct.pack(f"{order}I", len(inner)) + inner


def extensible(valid: int, kind: int) -> bytes:
    return struct.pack("<HHIH", 22, valid, 3, kind) + bytes.fromhex("000000001000800000aa00389b71")


def aiff(compression: bytes, sound: bytes) -> bytes:
    rate = bytes.fromhex("400eac44000000000000")
    form = struct.pack(">hIh", 2, len(sound) // 4, 16) + rate + compression
    inner = (b"AIFC" if compression else b"AIFF") + b"COMM" + struct.pack(">I", len(form)) + form
    inner += b"SSND" + struct.pack(">III", len(sound) + 8, 0, 0) + sound
    return b"FORM" + struct.pack(">I", len(inner)) + inner


ID3 = b"ID3\x03\0\0\0\0\x02\x02" + bytes(258)
RANDOM = np.random.default_rng(0).bytes(1 << 18)
BURST = b"\x72\xf8\x1f\x4e\x01\0\0\x30" + RANDOM[:1536]
BURSTS = BURST.ljust(6144, b"\0") * 100
"""As a receiver gets Dolby Digital (IEC 61937): 384 kbit/s in 16-bit samples of 48 kHz."""
SWAPPED_BURSTS = np.frombuffer(BURSTS, "<u2").byteswap().tobytes()
NOISY = {
    "RIFX": (wav(1, 16, 4, whole(16, ">"), b"RIFX"), BIG_ENDIAN),
    "RIFX of 8 bits": (wav(1, 8, 2, bytes(1000), b"RIFX"), BIG_ENDIAN),
    "FFIR": (wav(1, 16, 4, whole(16, ">"), b"FFIR"), BIG_ENDIAN),
    "RIFX behind ID3": (ID3 + wav(1, 16, 4, whole(16, ">"), b"RIFX"), BIG_ENDIAN),
    "20 in 32": (wav(1, 20, 8, whole(20, unused=12)), HEADER),
    "24 in 32": (wav(1, 24, 8, whole(24, unused=8)), HEADER),
    "24 in 32, extensible": (wav(0xFFFE, 32, 8, whole(24, unused=8), more=extensible(24, 1)), HEADER),
    "16 in 24": (wav(1, 16, 6, packed()), HEADER),
    "floats of 16 bits": (wav(3, 32, 8, (SOUND * 32767).astype("<f4").tobytes()), RANGE),
    "whole numbers for floats": (wav(3, 32, 8, whole(32)), RANGE),
    "floats for whole numbers": (wav(1, 32, 8, SOUND.astype("<f4").tobytes()), FRACTIONS),
    "swapped": (wav(1, 16, 4, whole(16, ">")), SWAPPED),
    "swapped, RF64": (wav(1, 16, 4, whole(16, ">"), b"RF64"), SWAPPED),
    "AIFF, swapped": (aiff(b"", whole(16)), SWAPPED),
    "sowt, swapped": (aiff(b"sowt\0\0", whole(16, ">")), SWAPPED),
    "for a receiver, behind silence": (wav(1, 16, 4, bytes(192_000) + BURSTS), RECEIVER),
    "for a receiver, swapped": (wav(1, 16, 4, SWAPPED_BURSTS), RECEIVER),
    "for a receiver, AIFF": (aiff(b"", SWAPPED_BURSTS), RECEIVER),
    "an archive": (wav(1, 16, 4, RANDOM), NOISE),
    "16 in 8": (wav(1, 8, 2, whole(16)), NOISE),
    "24 in 8": (wav(1, 8, 2, packed()), NOISE),
    "floats in 8": (wav(1, 8, 2, SOUND.astype("<f4").tobytes()), NOISE),
    "an archive in 8 bits": (wav(1, 8, 2, RANDOM), NOISE),
    "FLAC in WAV": (wav(1, 16, 4, b"fLaC" + RANDOM), NOISE),
}
MUSIC = {
    "8 bits": wav(1, 8, 2, (SOUND * 127 + 128).astype("u1").tobytes()),
    "8 bits, loud": wav(1, 8, 2, (SOUND * 600 + 128).clip(0, 255).astype("u1").tobytes()),
    "8 bits, silent": wav(1, 8, 2, bytes([128]) * 100_000),
    "8 bits, soft noise": wav(
        1, 8, 2, np.random.default_rng(0).integers(100, 156, 100_000).astype("u1").tobytes()
    ),
    "16": wav(1, 16, 4, whole(16)),
    "24": wav(1, 24, 6, packed()),
    "32": wav(1, 32, 8, whole(32)),
    "12 in 16": wav(1, 12, 4, whole(12, unused=4)),
    "24, extensible": wav(0xFFFE, 24, 6, packed(), more=extensible(24, 1)),
    "float": wav(3, 32, 8, SOUND.astype("<f4").tobytes()),
    "double": wav(3, 64, 16, SOUND.astype("<f8").tobytes()),
    "float, loud": wav(3, 32, 8, (SOUND * 10).astype("<f4").tobytes()),
    "mono's frame": wav(1, 16, 2, whole(16)),
    "silence": wav(1, 16, 4, bytes(100_000)),
    "silence of 32": wav(1, 32, 8, bytes(100_000)),
    "soft noise": wav(
        1, 16, 4, np.random.default_rng(0).integers(-3000, 3000, 100_000).astype("<i2").tobytes()
    ),
    "for a receiver, as players know it": wav(1, 16, 4, BURSTS),
    "for a receiver, behind a part of a burst": wav(1, 16, 4, BURSTS[1000:]),
    "a burst among music": wav(1, 16, 4, whole(16)[:80_000] + BURST * 2 + whole(16)[80_000:]),
    "AIFF": aiff(b"", whole(16, ">")),
    "sowt": aiff(b"sowt\0\0", whole(16)),
    "ADPCM": wav(2, 4, 2048, RANDOM),
    "MP3 in WAV": wav(0x55, 0, 1, RANDOM),
    "cut short": wav(1, 16, 4, whole(16))[:30],
    "no samples": wav(1, 16, 4, b""),
    "no WAV": b"OggS" + RANDOM,
    "nothing": b"",
}


@pytest.mark.parametrize("name", NOISY)
def test_what_would_be_noise_is_known_by_its_reason(tmp_path: Path, name: str) -> None:
    content, reason = NOISY[name]
    (tmp_path / "a.wav").write_bytes(content)
    assert noise(tmp_path / "a.wav") == reason


@pytest.mark.parametrize("name", MUSIC)
def test_music_and_what_others_judge_passes(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.wav").write_bytes(MUSIC[name])
    assert noise(tmp_path / "a.wav") == ""
