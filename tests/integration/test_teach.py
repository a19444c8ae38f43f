"""An owner teaches the running player its room: the reading follows, a restart keeps it, reset ends it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from player.errors import ControlError
from player.types import Image
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse


def room(hall: Image, people: int) -> Image:
    """The same room with so many dark figures in it."""
    image = hall.copy()
    for one in range(people):
        cv2.ellipse(image, (60 + 90 * one, 330), (22, 70), 0, 0, 360, (40, 30, 20 + 30 * one), -1)
        cv2.circle(image, (60 + 90 * one, 245), 18, (120, 150, 190), -1)
    return image


def test_the_reading_follows_what_was_taught(pulse: PrivatePulse, tmp_path: Path) -> None:
    drawn = np.random.default_rng(1)
    hall = np.full((480, 640, 3), 150, np.uint8)
    for _ in range(25):
        left, top, width, height = (int(v) for v in drawn.integers(20, 200, 4))
        colour = [int(v) for v in drawn.integers(60, 220, 3)]
        cv2.rectangle(hall, (3 * left, top), (3 * left + width, top + height), colour, -1)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    cv2.imwrite(str(pictures / "room.png"), room(hall, 0))
    settings = {"camera": {"source": str(pictures), "photo_s": 1}, "gate": {"refresh_s": 1}}
    folder = tmp_path / "player"
    with Daemon(folder, settings, pulse.env) as daemon:
        before = daemon.wait_until(lambda status: status["room"]["mood"] is not None)["room"]["mood"][
            "energy"
        ]
        for word in ("quiet", "lively", "lively", "lively"):
            daemon.tell("teach", word)
        daemon.wait_until(lambda status: status["room"]["mood"]["energy"] > before + 0.1)
        with pytest.raises(ControlError, match="forget takes the number"):
            daemon.tell("teach", "forget it")
    with Daemon(folder, settings, pulse.env) as daemon:
        daemon.wait_until(lambda status: status["room"]["taught"]["weight"] > 0)
        listed = daemon.tell("teach", "list")
        assert [each["word"] for each in listed["moments"]] == ["quiet", "lively", "lively", "lively"]
        daemon.wait_until(lambda status: status["room"]["mood"]["energy"] > before + 0.1)
        daemon.tell("teach", "reset")
        daemon.wait_until(lambda status: status["room"]["mood"]["energy"] < before + 0.05)
        assert daemon.tell("teach", "list")["moments"] == []
