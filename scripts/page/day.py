"""Takes docs/pictures/day-desk.webp: a simulated day in a café (simulated_day.py), as the page shows it.

.venv/bin/python -m scripts.page.day [--out docs/pictures]
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

from player.config import loader
from player.types import Json
from scripts.page.cafe import make_library
from scripts.page.pictures import PICTURES, Shot, cafe, take
from scripts.page.simulated_day import ZONE, play
from tests.support.browser import chromium

DAY = date(2026, 5, 16)
SETTINGS: Json = {
    "timezone": ZONE.key,
    "camera": {"enabled": False},
    "diary": {"keep_days": 3650, "people_days": 3650},
}
"""A diary that keeps even this day."""
SHOT = Shot("day-desk", f"/day?date={DAY}", 1280, 800, "light", "#drawn svg >> nth=0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PICTURES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_library(folder / "music")
        with (
            cafe(folder, SETTINGS, before=lambda path: play(loader.load(path), DAY)) as daemon,
            chromium() as browser,
        ):
            path = take(browser, daemon, SHOT, options.out)
    print(f"{path}: {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
