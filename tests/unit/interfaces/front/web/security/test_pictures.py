"""Hostile uploads: what comes out is a picture and nothing else."""

import struct
import zipfile
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest

from player.interfaces.front.web.security.pictures import PIXELS, PNG, clean
from player.interfaces.front.web.security.refusal import Problem

IMAGE = np.random.default_rng(7).integers(0, 255, (40, 60, 3), np.uint8)


def encoded(kind: str, *options: int) -> bytes:
    return bytes(cv2.imencode(f".{kind}", IMAGE, options)[1])


def decoded(data: bytes) -> np.ndarray:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found)


JPEG, PROGRESSIVE = encoded("jpg"), encoded("jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
RESTARTS = encoded("jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 2)
WEBP, LOSSLESS = encoded("webp", cv2.IMWRITE_WEBP_QUALITY, 80), encoded("webp")
A_PNG = encoded("png")
WHOLE = {
    "jpeg": JPEG,
    "progressive": PROGRESSIVE,
    "restarts": RESTARTS,
    "webp": WEBP,
    "lossless": LOSSLESS,
    "png": A_PNG,
}
ZIP = BytesIO()
with zipfile.ZipFile(ZIP, "w") as archive:
    archive.writestr("evil.txt", "x" * 100)
SECRET = b"<script>alert('GPS 48.1')</script>"


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def refusal(data: bytes) -> int:
    with pytest.raises(Problem) as caught:
        clean(data)
    assert caught.value.detail.isprintable()
    return int(caught.value.status)


@pytest.mark.parametrize("name", WHOLE)
def test_a_picture_stays_the_same_picture(name: str) -> None:
    found = clean(WHOLE[name])
    assert (found.width, found.height) == (60, 40)
    assert np.array_equal(decoded(found.data), decoded(WHOLE[name]))
    assert clean(found.data) == found


@pytest.mark.parametrize("name", WHOLE)
def test_what_stands_behind_its_end_is_gone(name: str) -> None:
    """JPEG and HTML, PNG and ZIP, WebP and script in one."""
    for more in (SECRET, ZIP.getvalue(), JPEG):
        assert clean(WHOLE[name] + more).data == clean(WHOLE[name]).data


def test_metadata_is_dropped() -> None:
    segments = (
        *(segment(0xFE, SECRET), segment(0xED, SECRET), segment(0xE0, b"JFXX\0\x10" + SECRET)),
        *(segment(0xE1, b"Exif\0\0" + SECRET), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)),
        segment(0xE2, b"ICC_PROFILE\0\1\1" + SECRET),
    )
    assert clean(JPEG[:2] + b"".join(segments) + JPEG[2:]).data == clean(JPEG).data
    chunks = (
        *(chunk(b"tEXt", SECRET), chunk(b"eXIf", SECRET), chunk(b"acTL", bytes(8))),
        chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(9_000_000))),
        chunk(b"iCCP", b"a\0\0" + zlib.compress(SECRET)),
    )
    assert clean(A_PNG[:33] + b"".join(chunks) + A_PNG[33:]).data == clean(A_PNG).data
    lossy = (b"VP8 ", WEBP[20 : 20 + struct.unpack_from("<I", WEBP, 16)[0]])
    extended = (b"VP8X", b"\x2c\0\0\0;\0\0'\0\0")
    long = riff(extended, (b"ICCP", SECRET), lossy, (b"EXIF", SECRET), (b"XMP ", SECRET))
    assert clean(long).data == clean(WEBP).data


@pytest.mark.parametrize("order", ["<", ">"])
def test_how_a_photo_is_turned_is_kept(order: str) -> None:
    """Phones photograph upright; the room would lie on its side."""
    tiff = (b"II" if order == "<" else b"MM") + struct.pack(
        order + "HIHHHIHHI", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0
    )
    turned = JPEG[:2] + segment(0xE1, b"Exif\0\0" + tiff + SECRET) + JPEG[2:]
    found = clean(turned)
    assert SECRET not in found.data
    assert decoded(turned).shape == (60, 40, 3)
    assert np.array_equal(decoded(found.data), decoded(turned))


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_cut_short_is_refused(name: str) -> None:
    data = WHOLE[name]
    assert {refusal(data[:length]) for length in range(12, len(data), 37)} == {422}
    assert {refusal(data[:length]) for length in range(12)} <= {415, 422}


def test_what_is_no_picture_is_refused_whatever_it_calls_itself() -> None:
    svg = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    gif, bmp = b"GIF89a" + bytes(20), b"BM" + bytes(60)
    heic, tiff = b"\0\0\0\x18ftypheic" + bytes(20), b"II*\0\x08\0\0\0" + bytes(20)
    for data in (
        b"",
        b"\0",
        svg,
        gif,
        bmp,
        heic,
        tiff,
        b"%PDF-1.7",
        b"PK\3\4",
        b"<html>",
        ZIP.getvalue(),
        b" " + JPEG,
    ):
        assert refusal(data) == 415


def sized(width: int, height: int) -> list[bytes]:
    """Pictures that say that they are so large."""
    at = JPEG.index(b"\xff\xc0") + 5
    jpeg = (
        JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4 :] if max(width, height) < 65536 else b""
    )
    header = struct.pack(">II", width, height) + A_PNG[24:29]
    png = PNG + chunk(b"IHDR", header) + A_PNG[33:]
    return [data for data in (jpeg, png) if data]


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 10_000), (8001, 6250), (60_000, 1), (1, 20_000), (2**31 - 1, 2**31 - 1)]
)
def test_no_more_pixels_than_can_be_decoded(width: int, height: int) -> None:
    assert width * height > PIXELS or max(width, height) > 16_383
    assert {refusal(data) for data in sized(width, height)} == {413}


def test_a_picture_of_no_pixels_is_none() -> None:
    assert {refusal(data) for data in (*sized(0, 40), *sized(60, 0))} == {422}


def test_a_film_is_no_picture() -> None:
    frame = (b"ANMF", bytes(16) + b"VP8 " + bytes(20))
    assert refusal(riff((b"VP8X", b"\x02\0\0\0;\0\0'\0\0"), (b"ANIM", bytes(6)), *[frame] * 50)) == 422


def test_two_pictures_in_one_are_none() -> None:
    at = JPEG.index(b"\xff\xc0")
    frame = JPEG[at : at + 2 + struct.unpack_from(">H", JPEG, at + 2)[0]]
    assert refusal(JPEG[:at] + frame + JPEG[at:]) == 422
    lossy = (b"VP8 ", WEBP[20:])
    assert refusal(riff(lossy, lossy)) == 422
    assert refusal(riff(lossy, (b"VP8L", LOSSLESS[20:]))) == 422


def test_a_damaged_chunk_is_found() -> None:
    for at in range(len(PNG), len(A_PNG), 97):
        broken = bytearray(A_PNG)
        broken[at] ^= 0x40
        assert refusal(bytes(broken)) in (413, 422)


def test_no_number_of_parts_takes_long() -> None:
    many = segment(0xFE, b"") * 200_000
    assert refusal(JPEG[:2] + many + JPEG[2:]) == 422
    assert refusal(A_PNG[:33] + chunk(b"tEXt", b"") * 100_000 + A_PNG[33:]) == 422
    assert refusal(JPEG[:2] + b"\xff" * 3_000_000) == 422


@pytest.mark.parametrize("name", WHOLE)
def test_nonsense_harms_nobody(name: str) -> None:
    random = np.random.default_rng(11)
    for _ in range(300):
        data = bytearray(WHOLE[name])
        for at in random.integers(0, len(data), 6):
            data[at] = random.integers(0, 256)
        try:
            found = clean(bytes(data))
        except Problem:
            continue
        assert found.width * found.height <= PIXELS
