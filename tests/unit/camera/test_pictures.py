import logging
import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.camera.factory import make_source
from player.camera.image_headers import read_header
from player.camera.picture_limits import PictureError
from player.camera.pictures import decode, is_photo, read_picture
from player.camera.sources.photos import PhotosSource, read_photo
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from tests.fakes.camera import picture

ODD = os.fsdecode(b"caf\xe9")


def written(ending: str, width: int = 64, height: int = 48, *options: int) -> bytes:
    return cv2.imencode(ending, picture(90, width, height), options)[1].tobytes()


def jpeg_that_says(width: int, height: int, *options: int) -> bytes:
    """A JPEG whose frame header promises this size; its decoder sets memory aside and works for all of it."""
    data = bytearray(written(".jpg", 64, 48, *options))
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def moving_avif(width: int, height: int) -> bytes:
    film = cv2.Animation()
    film.frames = [picture(value, width, height) for value in (90, 200)]
    film.durations = [100, 100]
    return cv2.imencodeanimation(".avif", film)[1].tobytes()


def avif_of(*items: tuple[bytes, bytes]) -> bytes:
    """An AVIF of items of these kinds and contents."""

    def box(name: bytes, *content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + sum(map(len, content)), name) + b"".join(content)

    kinds, places, at = list[bytes](), list[bytes](), 0
    for number, (kind, content) in enumerate(items, 1):
        kinds.append(box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", number, 0, kind), b"\0"))
        places.append(struct.pack(">HHHHII", number, 1, 0, 1, at, len(content)))
        at += len(content)
    count = struct.pack(">H", len(items))
    meta = (
        box(b"iinf", bytes(4), count, *kinds),
        box(b"iloc", b"\1\0\0\0\x44\0", count, *places),
        box(b"idat", *(content for _, content in items)),
    )
    return box(b"ftyp", b"avif", bytes(4), b"avifmif1") + box(b"meta", bytes(4), *meta)


def grid(width: int, height: int) -> tuple[bytes, bytes]:
    return b"grid", struct.pack(">BBBBII", 0, 1, 2, 3, width, height)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width // 8) * 100) for _ in range(height // 100))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", head),
            png_chunk(b"IDAT", rows + packer.flush()),
            png_chunk(b"IEND", b""),
        )
    )


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".bmp", ".gif", ".tiff", ".avif"])
def test_each_kind_is_known_by_its_content_and_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / ODD
    path.write_bytes(written(ending, 80, 60))

    header = read_header(path.read_bytes())

    assert header is not None
    assert (header.width, header.height) == (80, 60)
    assert is_photo(path)
    assert read_picture(path, 640, 480).shape == (60, 80, 3)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".bmp", ".gif", ".tiff", ".avif"])
def test_a_header_cut_anywhere_is_no_picture_and_no_crash(ending: str) -> None:
    whole = written(ending)

    for end in (*range(min(len(whole), 200)), len(whole) // 2):
        read_header(whole[:end])  # anything but an exception
    with pytest.raises(PictureError):
        decode(whole[:14], 640, 480)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png_bomb(32000, 32000), id="a PNG of a thousand million pixels"),
        pytest.param(png_bomb(8000, 8000), id="a PNG that would take 400 MB"),
        pytest.param(jpeg_that_says(65500, 65500), id="a JPEG of four thousand million pixels"),
        pytest.param(
            jpeg_that_says(12000, 9000, cv2.IMWRITE_JPEG_PROGRESSIVE, 1), id="a progressive JPEG, kept whole"
        ),
        pytest.param(
            struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 0, 0, 0, 54, 40, 30000, 30000, 1, 24, *[0] * 6),
            id="a BMP",
        ),
        pytest.param(b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(9), id="a GIF"),
        pytest.param(
            b"RIFF" + bytes(4) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + b"\xff\xff\0" * 2, id="a WebP"
        ),
    ],
)
def test_what_would_fill_the_memory_is_refused_by_its_header(data: bytes) -> None:
    with pytest.raises(PictureError, match="too much memory"):
        decode(data, 640, 480)


def test_a_tiff_counts_by_its_tiles_too() -> None:
    tags = {256: 100, 257: 100, 258: 8, 277: 3, 322: 30000, 323: 30000}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())

    with pytest.raises(PictureError, match="too much memory"):
        decode(b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4), 640, 480)


@pytest.mark.parametrize("moving", [False, True])
def test_an_avif_is_as_large_as_the_frame_in_it(moving: bool) -> None:
    data = moving_avif(1200, 1200) if moving else written(".avif", 1200, 1200)
    for shift in (0, 16):
        said, other = (struct.pack(">II", side << shift, side << shift) for side in (1200, 64))
        data = data.replace(said, other)

    header = read_header(data)

    assert header is not None
    assert (header.width, header.height) == (1200, 1200)


def test_a_moving_avif_is_read(tmp_path: Path) -> None:
    header = read_header(moving_avif(80, 60))

    assert header is not None
    assert (header.width, header.height) == (80, 60)
    assert decode(moving_avif(80, 60), 640, 480).shape == (60, 80, 3)


def test_an_avif_counts_by_its_tiles_and_the_picture_of_them() -> None:
    whole = written(".avif", 1200, 1200)
    frame = whole[whole.find(b"mdat") + 4 :]

    for items in ((grid(64, 64), *[(b"av01", frame)] * 12), (grid(30000, 30000), (b"av01", frame))):
        with pytest.raises(PictureError, match="too much memory"):
            decode(avif_of(*items), 640, 480)
    header = read_header(avif_of(grid(2400, 1200), *[(b"av01", frame)] * 2))
    assert header is not None
    assert (header.width, header.height, header.held_bytes) == (2400, 1200, 0)
    for stream in (b"\x12\0", frame + b"\x32\0" * 20, frame + b"\x12\0" * 10_000):
        assert read_header(avif_of((b"av01", stream))) is None, "no size, or work without an end"


def test_a_jpeg_of_endless_scans_is_refused_and_what_follows_its_end_is_not_looked_at() -> None:
    whole = written(".jpg", 640, 480, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    last = whole.rfind(b"\xff\xda")
    scan = whole[last:-2]
    comment = b"\xff\xfe\0\x06\xff\xd9\xff\xda"

    for more in (scan * 200, (comment + scan) * 200, (b"\xff\x01" + scan) * 200, b"\xff\xfe\0\2" * 20_000):
        with pytest.raises(PictureError, match="no photos can be read"):
            decode(whole[:last] + more + whole[last:], 640, 480)
    assert decode(whole[:last] + (comment + scan) * 10 + whole[last:], 640, 480).shape == (480, 640, 3)
    assert decode(whole + b"\xff\xda" * 1000, 640, 480).shape == (480, 640, 3), "a film, as phones add them"


def test_the_largest_of_several_frame_headers_counts() -> None:
    small = jpeg_that_says(64, 48, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    frame = small.find(b"\xff\xc2")
    large = bytearray(small[frame : frame + 19])
    large[5:9] = struct.pack(">HH", 60000, 60000)

    with pytest.raises(PictureError, match="too much memory"):
        decode(small[:frame] + bytes(large) + small[frame:], 640, 480)


@pytest.mark.parametrize("kind", [b"iTXt", b"zTXt"])
def test_a_png_counts_by_its_packed_texts_too(kind: bytes) -> None:
    whole = written(".png")
    text = png_chunk(kind, (b"a\0\1\0\0\0" if kind == b"iTXt" else b"a\0\0") + zlib.compress(bytes(100)))

    with pytest.raises(PictureError, match="too much memory"):
        decode(whole[:33] + text * 40 + whole[33:], 640, 480)
    assert decode(whole[:33] + text * 4 + whole[33:], 640, 480).shape == (48, 64, 3)


def test_opencv_itself_refuses_what_a_header_hid(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_bomb(8000, 8000))
    script = "import sys, player, cv2\ntry: cv2.imread(sys.argv[1])\nexcept cv2.error: print('refused')"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "bomb.png")], capture_output=True, text=True, check=True
    )

    assert done.stdout == "refused\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_photo_of_108_million_pixels_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "large.jpg").write_bytes(jpeg_that_says(12000, 9000))
    script = """
import sys
from pathlib import Path
from player.camera.pictures import decode, read_picture
def peak_mb():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
before = peak_mb()
print(read_picture(Path(sys.argv[1]), 640, 480).shape, file=sys.stderr)
print(peak_mb() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "large.jpg")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == "(480, 640, 3)\n", "and libjpeg says nothing of its own"
    assert float(done.stdout) < 150


def test_a_large_photo_taken_on_its_side_stands_upright() -> None:
    tall = np.zeros((2400, 3200, 3), np.uint8)
    tall[:, :1600] = 255  # its left half, which becomes its upper one
    jpeg = cv2.imencode(".jpg", tall)[1].tobytes()
    tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"  # orientation 6
    exif = b"Exif\0\0" + tiff
    turned = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]

    image = decode(turned, 640, 480)

    assert image.shape == (480, 360, 3)
    assert image[100].mean() > 250
    assert image[380].mean() < 5


def test_sixteen_bits_a_colour_are_read() -> None:
    deep = cv2.imencode(".png", np.full((48, 64, 3), 0x8000, np.uint16))[1].tobytes()

    assert int(decode(deep, 640, 480)[0, 0, 0]) == 0x80


def test_of_a_large_file_that_is_no_picture_little_is_read(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(5 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(PictureError, match="no photos can be read"):
            read_picture(tmp_path / "film.mp4", 640, 480)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_what_has_no_end_is_not_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").symlink_to("/dev/zero")
    for name, head in (("c.jpg", b"\xff\xd8\xff"), ("e.mp4", b"")):
        with (tmp_path / name).open("wb") as file:
            file.write(head)
            file.truncate(2**40)
    (tmp_path / "d.png").write_bytes(png_bomb(32000, 32000))
    (tmp_path / "e.jpg").symlink_to("nowhere")
    (tmp_path / "f.png").write_bytes(written(".png"))
    source = PhotosSource("photos", lambda: sorted(tmp_path.iterdir()), CameraSettings())
    caplog.set_level(logging.INFO)
    source.open()
    source.open()

    assert caplog.messages == [
        "photos: skipped, as only plain files are read: a.jpg, b.jpg",
        "photos: skipped, as decoding would take too much memory: c.jpg, d.png",
        "photos: skipped, as reading failed (No such file or directory): e.jpg",
        "photos: skipped, as no photos can be read from them: e.mp4",
    ]
    with pytest.raises(CameraError, match=r"a\.jpg cannot be shown: only plain files are read\.$"):
        read_photo(tmp_path / "a.jpg", CameraSettings())


def test_a_name_that_is_not_utf8_is_as_good_as_any_for_a_photo_and_refused_for_a_video(
    tmp_path: Path,
) -> None:
    """In a process of its own: OpenCV's C code ends with SIGSEGV at such a name."""
    folder = tmp_path / ODD
    folder.mkdir()
    (folder / ODD).write_bytes(written(".png"))
    (folder / f"{ODD}.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    script = """
import sys
from player.camera.factory import make_source
from player.errors import CameraError
from player.config.settings.perception import CameraSettings
folder = sys.argv[1]
for name in (folder, folder + "/caf\\udce9"):
    source = make_source(CameraSettings(source=name))
    source.open()
    print(source.read().shape)
odd = "/dev/vid\\udce9", "http://127.0.0.1:1/\\udce9", "a\\0b", "/dev/video0\\0", "rtsp://\\ud800/"
for name in (folder + "/caf\\udce9.mp4", *odd):
    try:
        make_source(CameraSettings().model_copy(update={"source": name})).open()
    except CameraError as error:
        print(ascii(str(error)))
"""
    done = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["(48, 64, 3)"] * 2
    assert "rename the video, its name is not UTF-8" in lines[2]
    assert len([line for line in lines[3:] if "is no file and no kind of camera" in line]) == 5


def test_a_video_of_absurd_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    writer.write(picture(50))
    writer.release()
    monkeypatch.setattr("player.camera.opencv.MOST_FRAME_PIXELS", 64 * 48 - 1)

    with pytest.raises(CameraError, match="frames of 64x48: choose a smaller picture size"):
        make_source(CameraSettings(source=str(path))).open()
