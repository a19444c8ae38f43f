"""Files of several pieces, made of hand-written pages and frames."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from player.audio import joined

OPUS = b"OpusHead\x01\x02" + struct.pack("<HIhB", 312, 48000, 0, 0)
VORBIS = b"\x01vorbis" + struct.pack("<IBI", 0, 2, 44100) + bytes(14)
FLAC = (
    b"\x7fFLAC\x01\x00\x00\x01fLaC\x00\x00\x00\x22" + bytes(10) + (44100 << 12).to_bytes(4, "big") + bytes(20)
)
SKELETON = b"fishead\0" + bytes(56)


def page(serial: int, number: int, samples: int, body: bytes, *, first: bool = False) -> bytes:
    """One page; nobody looks at its checksum."""
    segments = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 2 if first else 0, samples, serial, number, 0, len(segments))
    return head + segments + body


def link(
    serial: int,
    head: bytes,
    rate: int,
    seconds: int,
    *,
    also: Sequence[tuple[int, bytes]] = (),
    from_s: int = 0,
) -> bytes:
    """A stream of so many seconds, a page each, of 4 KB; `also`: streams without sound."""
    pages = [page(serial, 0, 0, head, first=True)]
    pages += [page(other, 0, 0, body, first=True) for other, body in also]
    pages.append(page(serial, 1, 0, b"tags"))
    pages += [page(other, 1, 0, b"a picture" * 100) for other, _ in also]
    for second in range(1, seconds + 1):
        # The mark stands in the sound by chance, too.
        pages.append(page(serial, second + 1, (from_s + second) * rate, b"OggS" + bytes(4000)))
    return b"".join(pages)


def durations(path: Path, data: bytes) -> list[float]:
    path.write_bytes(data)
    found = joined.links(path)
    assert joined.is_joined(path) == bool(found)
    assert joined.length_s(path) == pytest.approx(sum(each.duration_s for each in found))
    if found:
        assert b"".join(data[each.start : each.end] for each in found) == data, "all of it, and nothing twice"
        assert [each.start_s for each in found[1:]] == pytest.approx([each.end_s for each in found[:-1]])
    return [round(each.duration_s, 1) for each in found]


@pytest.mark.parametrize("seconds", [10, 1000])
def test_a_file_of_one_piece_is_none(tmp_path: Path, seconds: int) -> None:
    for head, rate in ((OPUS, 48000), (VORBIS, 44100), (FLAC, 44100)):
        assert durations(tmp_path / "a.ogg", link(7, head, rate, seconds)) == []
    with_picture = link(7, VORBIS, 44100, seconds, also=[(8, SKELETON), (9, b"\x80theora" + bytes(40))])
    assert durations(tmp_path / "a.ogg", with_picture) == []


@pytest.mark.parametrize("seconds", [10, 500], ids=["small", "large"])
def test_links_of_any_codec_rate_and_company(tmp_path: Path, seconds: int) -> None:
    data = link(1, OPUS, 48000, seconds) + link(2, VORBIS, 44100, 20, also=[(5, SKELETON)])
    data += link(3, FLAC, 44100, seconds, also=[(6, SKELETON)])
    assert durations(tmp_path / "a.ogg", data) == [seconds, 20, seconds]


@pytest.mark.parametrize("seconds", [10, 500], ids=["small", "large"])
def test_links_that_share_a_serial_number(tmp_path: Path, seconds: int) -> None:
    assert durations(tmp_path / "a.opus", 3 * link(1, OPUS, 48000, seconds)) == [seconds] * 3


def test_a_rip_of_a_station_does_not_begin_at_its_beginning(tmp_path: Path) -> None:
    data = link(1, VORBIS, 44100, 11, from_s=90000) + link(2, VORBIS, 44100, 10)
    assert durations(tmp_path / "rip.ogg", data) == [10, 10]


def test_many_links_are_found_little_by_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow disk: what is left over is looked at when it is its turn, or a place in it is asked for."""
    path = tmp_path / "rip.opus"
    path.write_bytes(b"".join(link(serial, OPUS, 48000, 10) for serial in range(1, 21)))
    whole = joined.links(path)
    assert len(whole) == 20
    monkeypatch.setattr(joined, "BUDGET_S", 0.0)
    found = joined.links(path)
    assert len(found) < 20
    assert found[-1].end_s == pytest.approx(whole[-1].end_s, rel=0.05)
    assert [each for each, _ in joined.from_place(path, found, 0.0)] == whole
    ((last, left_out_s),) = joined.from_place(path, found, whole[-1].start_s + 4)
    assert (last, left_out_s) == (whole[-1], pytest.approx(4))


def mp3(frames: int, *, mono: bool = False, rate_index: int = 0, version: int = 3) -> bytes:
    """Silent frames of layer III, 128 or 64 kbit/s."""
    hz = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000)}[version][rate_index]
    kbits = 128 if version == 3 else 80
    head = bytes([0xFF, 0xE3 | version << 3, 9 << 4 | rate_index << 2, 0xC0 if mono else 0x40])
    samples = 1152 if version == 3 else 576
    return frames * (head + bytes(samples // 8 * 1000 * kbits // hz - 4))


TAG = b"ID3\x04\x00\x00\x00\x00\x07\x68" + bytes(1000)


@pytest.mark.parametrize("lead", [b"", TAG])
@pytest.mark.parametrize(
    "second",
    [mp3(300, mono=True), mp3(300, rate_index=1), mp3(300, version=2), TAG + mp3(300, rate_index=2)],
)
def test_an_mp3_whose_form_changes(tmp_path: Path, lead: bytes, second: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(lead + mp3(2000) + second)
    assert joined.is_joined(path)
    assert joined.length_s(path) == pytest.approx(2000 * 1152 / 44100, rel=0.25)
    assert joined.links(path) == []


def test_an_mp3_of_one_form_and_what_is_none_are_left_to_libvlc(tmp_path: Path) -> None:
    for data in (
        TAG + mp3(3000),
        mp3(3000) + TAG + mp3(3000),
        mp3(1),
        b"",
        b"fLaC" + bytes(99999),
        b"\xff" * 99999,
    ):
        (tmp_path / "a.mp3").write_bytes(data)
        assert not joined.is_joined(tmp_path / "a.mp3")
        assert joined.length_s(tmp_path / "a.mp3") == 0
    assert not joined.is_joined(tmp_path / "missing.mp3")


def test_a_damaged_chain_ends_where_it_is_damaged(tmp_path: Path) -> None:
    data = link(1, OPUS, 48000, 10) + bytes(5000)
    path = tmp_path / "a.opus"
    for damaged in (data, data[:-5000][:-2000], b"OggS" + bytes(3), b"OggS" + bytes(3000)):
        path.write_bytes(damaged)
        assert joined.links(path) == []
