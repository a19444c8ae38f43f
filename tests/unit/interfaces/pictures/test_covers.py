"""Pictures of tracks, by the real process that reads them, out of real files; hostile ones among them."""

import os
import signal
import socket
import struct
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from mutagen.apev2 import APEBinaryValue, APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus

from player.errors import MissingError
from player.interfaces.pictures.covers import KEEP_BYTES, KEEP_S, CoverService
from player.interfaces.pictures.process import PictureProcess
from player.library.database.stations import Station
from player.library.database.store import Library
from player.types import Json, Mood
from tests.support.library_audio import encode, sine
from tests.unit.library import files

RED, BLUE = (0, 0, 255), (255, 0, 0)


def image(
    color: tuple[int, int, int] = RED, kind: str = ".jpg", width: int = 800, height: int = 400
) -> bytes:
    done, data = cv2.imencode(kind, np.full((height, width, 3), color, np.uint8))
    assert done
    return data.tobytes()


def shown(answer: Json) -> tuple[int, int, str]:
    """Width, height and colour of what was answered."""
    assert "error" not in answer, answer
    data = b64decode(answer["jpeg"])
    assert data.startswith(b"\xff\xd8\xff")
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape[:2] == (answer["height"], answer["width"])
    blue, _, red = pixels.mean(axis=(0, 1))
    return answer["width"], answer["height"], "red" if red > blue else "blue"


@pytest.fixture(scope="module")
def process() -> Iterator[PictureProcess]:
    with closing(PictureProcess()) as made:
        yield made


def with_id3(path: Path, *pictures: APIC) -> Path:
    id3 = ID3()
    for number, picture in enumerate(pictures):
        picture.desc = str(number)
        id3.add(picture)
    id3.save(files.mp3(path))
    return path


def in_id3(path: Path, data: bytes) -> Path:
    other = APIC(0, "image/jpeg", 4, "", image(BLUE))
    return with_id3(path.with_suffix(".mp3"), other, APIC(0, "image/png", 3, "", data))


def in_flac(path: Path, data: bytes) -> Path:
    path = files.flac(path.with_suffix(".flac"))
    file, picture = FLAC(path), Picture()
    picture.type, picture.mime, picture.data = 3, "image/jpeg", data
    file.add_picture(picture)
    file.save()
    return path


def in_opus(path: Path, data: bytes) -> Path:
    path = encode(path.with_suffix(".opus"), sine(0.1, -20))
    file, picture = OggOpus(path), Picture()
    picture.type, picture.mime, picture.data = 3, "image/jpeg", data
    file["metadata_block_picture"] = b64encode(picture.write()).decode()
    file.save()
    return path


def in_mp4(path: Path, data: bytes) -> Path:
    path = encode(path.with_suffix(".m4a"), sine(0.1, -20))
    file = MP4(path)
    file["covr"] = [MP4Cover(data, MP4Cover.FORMAT_JPEG)]
    file.save()
    return path


def in_ape(path: Path, data: bytes) -> Path:
    path = files.mp3(path.with_suffix(".mp3"))
    tag = APEv2()
    tag["Cover Art (Front)"] = APEBinaryValue(b"cover.jpg\0" + data)
    tag.save(path)
    return path


@pytest.mark.parametrize("put", [in_id3, in_flac, in_opus, in_mp4, in_ape])
def test_a_picture_in_the_file(
    process: PictureProcess, tmp_path: Path, put: Callable[[Path, bytes], Path]
) -> None:
    (tmp_path / "cover.jpg").write_bytes(image(BLUE))
    assert shown(process.cover(put(tmp_path / "a", image(RED)))) == (600, 300, "red")


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp", ".bmp"])
def test_kinds_of_pictures(process: PictureProcess, tmp_path: Path, kind: str) -> None:
    assert shown(process.cover(in_id3(tmp_path / "a", image(RED, kind, 200, 300)))) == (200, 300, "red")


def test_a_picture_in_the_folder(process: PictureProcess, tmp_path: Path) -> None:
    song = files.mp3(tmp_path / "노래.mp3")
    assert process.cover(song) == {"error": "neither its file nor its folder has one"}
    (tmp_path / "other.jpg").write_bytes(image())
    assert "error" in process.cover(song)
    (tmp_path / "front.png").write_bytes(image(BLUE, ".png"))
    assert shown(process.cover(song))[2] == "blue"
    (tmp_path / "Folder.JPG").write_bytes(image(RED))
    assert shown(process.cover(song))[2] == "red"


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header says so, with a picture of zeros that packs to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(min(3 * width * height, 10**6)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


HOSTILE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "html": b"<html><script>alert(1)</script>",
    "cut short": image()[:40],
    "only a signature": b"\xff\xd8\xff",
    "a hundred megapixels": bomb(10_000, 10_000),
    "a giant": bomb(2**31 - 1, 2**31 - 1),
    "no pixels": bomb(0, 0),
    "too many bytes": image() + bytes(21 * 2**20),
    "tiff": image(kind=".tiff"),
    "empty": b"",
    "noise": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_are_refused_and_the_next_one_is_shown(
    process: PictureProcess, tmp_path: Path, name: str
) -> None:
    if name != "too many bytes":  # ID3 has room for more, and mutagen reads it whole
        assert "error" in process.cover(
            with_id3(tmp_path / "a.mp3", APIC(0, "image/jpeg", 3, "", HOSTILE[name]))
        )
    (tmp_path / "cover.jpg").write_bytes(HOSTILE[name])
    assert "error" in process.cover(files.mp3(tmp_path / "b.mp3"))
    (tmp_path / "folder.jpg").write_bytes(image(BLUE))
    assert shown(process.cover(tmp_path / "b.mp3"))[2] == "blue"


def test_a_picture_that_is_also_something_else_comes_out_as_a_picture_alone(
    process: PictureProcess, tmp_path: Path
) -> None:
    """Decoded and written anew: what was behind, before and beside the pixels is gone."""
    hidden = b"PK\x03\x04<script>alert(1)</script>"
    exif = b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(hidden)) + b"Exif\0\0" + hidden
    plain = image()
    (tmp_path / "cover.jpg").write_bytes(plain[:2] + exif + plain[2:] + hidden)
    answer = process.cover(files.mp3(tmp_path / "a.mp3"))
    assert shown(answer) == (600, 300, "red")
    assert b"script" not in b64decode(answer["jpeg"])


def test_an_address_in_place_of_a_picture_is_not_asked(process: PictureProcess, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/cover.jpg".encode()
        path = with_id3(tmp_path / "a.mp3", APIC(0, "-->", 3, "", address))
        assert process.cover(path) == {"error": "neither its file nor its folder has one"}
        with pytest.raises(TimeoutError):
            server.accept()


def test_nothing_outside_of_the_folder_is_shown(process: PictureProcess, tmp_path: Path) -> None:
    """Links lead elsewhere, pipes have no end."""
    secret = tmp_path / "private.jpg"
    secret.write_bytes(image())
    folder = tmp_path / "album"
    folder.mkdir()
    song = files.mp3(folder / "a.mp3")
    (folder / "cover.jpg").symlink_to(secret)
    os.mkfifo(folder / "folder.jpg")
    (folder / "front.jpg").mkdir()
    (folder / "cover.png").symlink_to("/dev/zero")
    assert process.cover(song) == {"error": "neither its file nor its folder has one"}


def test_a_process_that_is_killed_or_hangs_costs_one_picture(tmp_path: Path) -> None:
    (tmp_path / "cover.jpg").write_bytes(image())
    song = files.mp3(tmp_path / "a.mp3")
    with closing(PictureProcess()) as process:
        assert "jpeg" in process.cover(song)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.cover(song)  # it may not have ended yet
        assert shown(process.cover(song))[2] == "red"
    sleeper = (sys.executable, "-c", "import time; time.sleep(60)")
    with closing(PictureProcess(sleeper, cover_s=0.3)) as process:
        assert process.cover(song) == {"error": "its picture could not be read"}
        assert process.pid is None, "and it is no longer there"
    with closing(PictureProcess((sys.executable, "-c", "print('no json')"))) as process:
        assert process.cover(song) == {"error": "its picture could not be read"}
    assert process.cover(song) == {"error": "the player is stopping"}


def test_the_process_ends_when_nobody_asks(tmp_path: Path) -> None:
    with closing(PictureProcess(idle_s=0.05)) as process:
        process.cover(files.mp3(tmp_path / "a.mp3"))
        for _ in range(1000):
            if process.pid is None:
                break
            signal.sigtimedwait([], 0.01)
        assert process.pid is None


class Pictures:
    """Says what a test tells it, and counts."""

    def __init__(self) -> None:
        self.asked: list[Path] = []
        self.answer: Json = {"jpeg": b64encode(b"1").decode(), "width": 1, "height": 1}

    def cover(self, path: Path) -> Json:
        self.asked.append(path)
        return self.answer


def test_covers_are_kept_for_a_while_and_known_by_their_tag(tmp_path: Path) -> None:
    music, now = tmp_path / "music", [0.0]
    music.mkdir()
    song = files.mp3(music / "a.mp3")
    with closing(Library(tmp_path / "library.db")) as library:
        library.scan([music])
        library.set_stations([Station("http://radio.example/x", "Radio", Mood(0, 0), 1800)])
        numbers = {track.title: track.id for track in library.tracks()}
        pictures = Pictures()
        covers = CoverService(library.database.path, pictures, lambda: now[0])
        first = covers.cover(numbers["a"])
        assert covers.cover(numbers["a"]) is first
        assert pictures.asked == [song]

        now[0] += KEEP_S + 1
        pictures.answer = pictures.answer | {"jpeg": b64encode(b"2").decode()}
        second = covers.cover(numbers["a"])
        assert second.etag != first.etag

        pictures.answer = {"error": "neither its file nor its folder has one"}
        song.write_bytes(song.read_bytes() * 2)
        library.scan([music])
        for _ in range(2):
            with pytest.raises(MissingError, match="neither its file nor its folder"):
                covers.cover(numbers["a"])
        assert len(pictures.asked) == 3, "that there is none is kept as well"

        with pytest.raises(MissingError, match="station"):
            covers.cover(numbers["Radio"])
        for number in (0, 999, -1):
            with pytest.raises(MissingError, match="no track"):
                covers.cover(number)
        song.unlink()
        library.scan([music])
        with pytest.raises(MissingError, match="no track"):
            covers.cover(numbers["a"])
        assert len(pictures.asked) == 3


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for number in range(12):
        files.mp3(music / f"{number}.mp3")
    with closing(Library(tmp_path / "library.db")) as library:
        library.scan([music])
        pictures = Pictures()
        pictures.answer["jpeg"] = b64encode(bytes(KEEP_BYTES // 10)).decode()
        covers = CoverService(library.database.path, pictures)
        for _ in range(2):
            for track in library.tracks():
                covers.cover(track.id)
        assert len(pictures.asked) == 24, "twelve do not fit, and the oldest go first"
        covers.cover(library.tracks()[-1].id)
        assert len(pictures.asked) == 24
