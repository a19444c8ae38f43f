from collections.abc import Iterator

import pytest

from player.camera.sources import multipart
from player.camera.sources.multipart import PartReader
from player.errors import CameraError

ONE, TWO = b"\xff\xd8 one \xff\xd9", b"\xff\xd8 two--b \xff\xd9"


def parts(stream: bytes, boundary: bytes = b"b", step: int = 3) -> list[bytes]:
    """What a reader makes of a stream that comes a few bytes at a time."""
    pieces: Iterator[bytes] = (stream[at : at + step] for at in range(0, len(stream), step))
    reader, found = PartReader(lambda: next(pieces, b""), boundary), []
    try:
        while True:
            found.append(reader.next())
    except EOFError:
        return found


def part(data: bytes, *headers: bytes, mark: bytes = b"--b", line: bytes = b"\r\n") -> bytes:
    return line.join((mark, b"Content-Type: image/jpeg", *headers, b"", data, b""))


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
def test_parts_with_their_length_hold_what_they_like(step: int, line: bytes) -> None:
    stream = b"".join(part(d, b"content-length: %d" % len(d), line=line) for d in (ONE, TWO, ONE))

    assert parts(stream, step=step) == [ONE, TWO, ONE]


@pytest.mark.parametrize(
    "length", [b"X-Other: 3", b"Content-Length: 3", b"Content-Length: -1", b"Content-Length: many"]
)
def test_a_length_that_is_missing_or_wrong_is_not_believed(length: bytes) -> None:
    stream = b"".join(part(ONE, length) for _ in range(3)) + b"--b"

    assert parts(stream) == [ONE] * 3


@pytest.mark.parametrize("boundary", [b"b", b"--b", b'"b"', b""])
def test_any_way_to_write_the_boundary_is_understood(boundary: bytes) -> None:
    assert parts(b"\r\n" + part(ONE) + part(ONE) + b"--b", boundary) == [ONE] * 2


@pytest.mark.parametrize("mark", [b"--b", b"b", b"----b", b"--camera.7"])
@pytest.mark.parametrize("boundary", [b"other", b"--other", b'"--b--"'])
def test_a_boundary_that_is_announced_and_not_used_does_not_count(mark: bytes, boundary: bytes) -> None:
    stream = b"\r\n" + part(ONE, mark=mark) + part(TWO, b"Content-Length: 12", mark=mark) + mark

    assert parts(stream, boundary) == [ONE, TWO]


def test_empty_parts_and_pages_are_parts_too() -> None:
    page = b"<html>busy</html>"
    stream = (
        part(ONE) + part(b"", b"Content-Length: 0") + part(page, b"Content-Length: 17") + part(ONE) + b"--b"
    )

    assert parts(stream) == [ONE, b"", page, ONE]


def test_a_part_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "MOST_PART_BYTES", 1000)
    reader = PartReader(lambda: b"x" * 100, b"b")

    with pytest.raises(CameraError, match="too large"):
        reader.next()
