"""What a camera is known by."""

from pathlib import Path

import pytest

from player.camera.identity import identity


@pytest.mark.parametrize(
    ("source", "known_by"),
    [
        ("webcam /dev/video0", "webcam C920 HD Pro"),
        ("webcam /dev/video3", "webcam C920 HD Pro"),
        ("webcam /dev/video7", "webcam /dev/video7"),
        ("webcam /dev/v4l/by-id/usb-x", "webcam /dev/v4l/by-id/usb-x"),
        ("http://10.0.0.5/stream", "http://10.0.0.5/stream"),
        ("demo camera", "demo camera"),
    ],
)
def test_a_webcam_is_known_by_its_make_whatever_number_it_has(
    tmp_path: Path, source: str, known_by: str
) -> None:
    for number in (0, 3):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text("C920 HD Pro\n")
    assert identity(source, tmp_path) == known_by
