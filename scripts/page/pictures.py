"""Takes the pictures of the page in docs/pictures: a real player, a real browser, music of our own invention.

.venv/bin/python -m scripts.page.pictures [--out docs/pictures]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser

from player.types import Json
from scripts.page.cafe import make_library
from tests.support.browser import chromium
from tests.support.daemon import ROOT, Daemon, merged
from tests.support.pulse import private_pulse
from tests.support.waiting import wait_for

PICTURES = ROOT / "docs" / "pictures"
MOST_KB = 150
SHARPNESS = 2
"""Pixels of the picture to one of the page."""
QUALITY = 82
IMAGES_LOADED = "[...document.images].every((one) => one.complete)"
SETTINGS: Json = {
    "camera": {"source": "demo", "photo_s": 20},
    "web": {"enabled": True, "port": 0},
    "playback": {"start_volume": 60},
    "venue": {"name": "Second Cup"},
}


@dataclass(frozen=True)
class Shot:
    """A picture of a view.

    width, height  of the window, in CSS pixels
    ready          what must be there by then: a CSS selector
    """

    name: str
    path: str
    width: int
    height: int
    theme: str
    ready: str
    language: str = "en"


SHOTS = (
    Shot("now-phone", "/", 390, 844, "dark", ".next li >> nth=2"),
    Shot("now-desk", "/", 1280, 800, "light", ".next li >> nth=2"),
    Shot("library-desk", "/library", 1280, 800, "dark", "circle >> nth=20"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PICTURES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        make_library(Path(name) / "music")
        with cafe(Path(name)) as daemon, chromium() as browser:
            daemon.wait_until(lambda now: now["room"]["mood"] and len(now["room"]["shifts"]) > 1, 180)
            for shot in SHOTS:
                path = take(browser, daemon, shot, options.out)
                print(f"{path}: {path.stat().st_size / 1000:.0f} KB")


@contextmanager
def cafe(
    folder: Path, changes: Json | None = None, before: Callable[[Path], None] = lambda _: None
) -> Iterator[Daemon]:
    """A player that plays the music of `folder`/music, and has listened to it.

    changes  to SETTINGS
    before   is called with the path of config.yaml, before the player starts
    """
    changes = merged(merged(SETTINGS, changes or {}), {"library": {"folders": [str(folder / "music")]}})
    with private_pulse() as pulse:
        daemon = Daemon(folder / "player", changes, pulse.env)
        listen = [sys.executable, "-m", "player", "library", "analyze", "--config", str(daemon.config)]
        subprocess.run(listen, cwd=ROOT, check=True, capture_output=True)
        before(daemon.config)
        with daemon:
            daemon.wait_until(lambda now: now["front"]["address"] and now["playback"]["state"] == "playing")
            yield daemon


def take(browser: Browser, daemon: Daemon, shot: Shot, out: Path) -> Path:
    """The view as somebody sees it whose window is so large, as a file in the folder `out`."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=SHARPNESS,
        locale={"en": "en-GB", "ko": "ko-KR"}[shot.language],
        color_scheme=shot.theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    try:
        page = context.new_page()
        address = str(daemon.tell("status")["front"]["address"]).rstrip("/")
        page.goto(f"{address}/setup")  # who has been there is not led there any more
        page.goto(address + shot.path)
        page.locator(shot.ready).wait_for()
        wait_for(lambda: page.evaluate(IMAGES_LOADED), 30, "the page's images")
        taken = page.screenshot()
    finally:
        context.close()
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{shot.name}.webp"
    path.write_bytes(packed(taken))
    return path


def packed(png: bytes) -> bytes:
    """The same picture as WebP. Raises ValueError if it is too large for a README."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    _, coded = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    if coded.nbytes > 1000 * MOST_KB:
        raise ValueError(f"The picture has {coded.nbytes / 1000:.0f} KB; {MOST_KB} are the most.")
    return coded.tobytes()


if __name__ == "__main__":
    main()
