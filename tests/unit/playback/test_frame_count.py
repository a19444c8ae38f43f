"""Frames of MP3 and AAC, made of headers, counted."""

import struct
from pathlib import Path

import pytest

from player.playback.frame_count import Counting, Frames, count
from tests.support.waiting import wait_for

FRAME_S = 1152 / 44100
KBPS = {0x90: 128, 0xE0: 320, 0x10: 32}


def mp3(frames: int, rate: int = 0x90, mode: int = 0x40) -> bytes:
    """MPEG-1 layer III at 44.1 kHz; `rate` is the header's byte of it."""
    return (bytes([0xFF, 0xFB, rate, mode]) + bytes(144 * KBPS[rate] * 1000 // 44100 - 4)) * frames


def at_22050(frames: int) -> bytes:
    """MPEG-2 layer III, 64 kbit/s."""
    return (b"\xff\xf3\x80\x40" + bytes(72 * 64000 // 22050 - 4)) * frames


def adts(frames: int) -> bytes:
    """AAC-LC at 48 kHz, stereo, 100 bytes a frame."""
    length = 100
    header = bytes([0xFF, 0xF1, 0x4C, 0x80 | length >> 11, length >> 3 & 255, (length & 7) << 5 | 0x1F, 0xFC])
    return (header + bytes(length - 7)) * frames


def xing(size: int, flags: int = 3) -> bytes:
    """A frame of silence whose header says that `size` bytes follow its first one."""
    frame = bytearray(mp3(1))
    struct.pack_into(">4sIII", frame, 36, b"Xing", flags, 100, size)
    return bytes(frame)


ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)


@pytest.mark.parametrize(
    ("content", "frames", "uniform"),
    [
        (mp3(100), 100, True),
        (mp3(100, 0xE0) + mp3(900, 0x10), 1000, True),
        (mp3(10, 0x10) + mp3(100, 0xE0), 110, True),
        (ID3 + ID3 + mp3(100) + b"TAG" + bytes(125), 100, True),
        (b"HTTP/1.0 200 OK\r\n\xff\r\n" * 100 + mp3(100), 100, True),
        (mp3(50) + b"\xff\xfbnoise" * 50 + mp3(50), 100, True),
        (mp3(100)[:-200], 99, True),
        (mp3(50, mode=0xC0) + mp3(50), 100, False),
        (at_22050(100) + mp3(50), 150, False),
        # Joined files, and one that was cut: the header is of another size.
        (xing(417 * 100) + mp3(99) + mp3(100), 200, True),
        (xing(417 * 1000) + mp3(99), 100, True),
    ],
)
def test_every_frame_counts(tmp_path: Path, content: bytes, frames: int, uniform: bool) -> None:
    path = tmp_path / "a.flac"  # an ending says nothing
    path.write_bytes(content)

    assert count(path) == Frames(pytest.approx(frames * FRAME_S, abs=0.03), uniform)


def test_frames_of_aac(tmp_path: Path) -> None:
    (tmp_path / "a.m4a").write_bytes(adts(150))
    assert count(tmp_path / "a.m4a") == Frames(pytest.approx(150 * 1024 / 48000), True)


@pytest.mark.parametrize(
    "content",
    [
        xing(417 * 100) + mp3(99),
        xing(0, flags=1) + mp3(99),
        b"fLaC" + mp3(100),
        b"\x00\x00\x00\x20ftypM4A " + mp3(100),
        b"RIFF\x00\x00\x00\x00WAVE" + mp3(100),
        b"no music" * 5000,
        b"\xff" * 5000,
        b"ID3",
        b"",
    ],
)
def test_a_stated_length_is_left_to_libvlc_and_so_is_any_other_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)

    assert count(path) is None


def test_who_is_no_longer_asked_lets_the_file_go(tmp_path: Path) -> None:
    """A deck that went on to the next track has nothing left of the last one: no thread and no file."""
    path = tmp_path / "long.mp3"
    path.write_bytes((b"\xff\xe3\x18\xc4" + bytes(68)) * 300_000)  # of 72 bytes each

    counting = Counting(path)
    assert not counting.done
    counting.stop()

    wait_for(lambda: counting.done, 10, "the thread that counts")
    assert counting.found is None, "it did not count to the end"
