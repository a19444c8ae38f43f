"""Music files too small to hear, made of nothing but headers, for tests that decode nothing."""

import struct
import wave
from pathlib import Path


def wav(path: Path, seconds: float = 0.1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * int(8000 * seconds)))
    return path


def rf64(path: Path) -> Path:
    """A WAV as long recordings are: its lengths stand in a chunk of their own, and it begins otherwise."""
    sound = wav(path).read_bytes()
    samples = len(sound) - 44
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, len(sound) + 28, samples, samples // 2, 0)
    path.write_bytes(b"RF64\xff\xff\xff\xffWAVE" + ds64 + sound[12:40] + b"\xff\xff\xff\xff" + sound[44:])
    return path


def with_info(path: Path, **fields: bytes) -> Path:
    """A WAV with these fields in a LIST INFO chunk, as ffmpeg and most editors write tags there."""
    sound = wav(path).read_bytes()
    body = b"INFO"
    for name, text in fields.items():
        padded = text + bytes(2 - len(text) % 2)
        body += name.encode() + struct.pack("<I", len(padded)) + padded
    sound += b"LIST" + struct.pack("<I", len(body)) + body
    path.write_bytes(sound[:4] + struct.pack("<I", len(sound) - 8) + sound[8:])
    return path


def mp3(path: Path) -> Path:
    """Ten silent frames of MPEG-1 layer III, 128 kbit/s, 44.1 kHz."""
    path.write_bytes((b"\xff\xfb\x90\xc0" + bytes(413)) * 10)
    return path


def flac(path: Path, seconds: int = 2) -> Path:
    """A STREAMINFO block that announces so many seconds at 44.1 kHz, mono, 16 bits."""
    rate_channels_bits_samples = (44100 << 44) | (0 << 41) | (15 << 36) | (44100 * seconds)
    info = struct.pack(">HH6xQ16x", 4096, 4096, rate_channels_bits_samples)
    path.write_bytes(b"fLaC" + bytes([0x80, 0, 0, len(info)]) + info)
    return path
