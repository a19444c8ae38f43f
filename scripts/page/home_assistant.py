"""Takes the pictures of Home Assistant in docs/pictures: the device, and the card of docs/home-assistant.md.

Needs the root that scripts/system/try_home_assistant.sh makes.

.venv/bin/python -m scripts.page.home_assistant [--out docs/pictures]
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from playwright.sync_api import Browser, Page

from player.types import Json
from scripts.page.cafe import make_library
from scripts.page.pictures import PICTURES, SHARPNESS, cafe, packed
from tests.support import home_assistant
from tests.support.browser import chromium
from tests.support.daemon import ROOT, Daemon
from tests.support.home_assistant import HomeAssistant
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.waiting import wait_for

GUIDE = ROOT / "docs" / "home-assistant.md"
CARD = re.compile(r"```yaml\n(type: .*?)```", re.DOTALL)
DEVICE = "{{ device_id('switch.cafe_music') | tojson }}"
PLAYER = "media_player.music_player_daemon"
PATIENCE_MS = 60_000
SETTLED_S = 1.5
"""How long a page of Home Assistant must look the same to be done: its parts come one after another."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PICTURES)
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as name, house(Path(name)) as there, chromium() as browser:
        device = there.template(DEVICE)
        for shot, path, width, height in (
            ("home-assistant-card", "/lovelace/0", 460, 1130),
            ("home-assistant-device", f"/config/devices/device/{device}", 860, 1200),
        ):
            file = out / f"{shot}.webp"
            file.write_bytes(packed(taken(browser, there, path, width, height)))
            print(f"{file}: {file.stat().st_size / 1000:.0f} KB")


def card() -> Json:
    """The card that the guide has, as it stands there."""
    (found,) = CARD.findall(GUIDE.read_text(encoding="utf-8"))
    return dict(yaml.safe_load(found))


@contextmanager
def house(folder: Path) -> Iterator[HomeAssistant]:
    """Home Assistant with a player that has followed its room for a while, and both integrations."""
    mpd_port = free_port()
    make_library(folder / "music")
    for name in ("broker", "house"):
        (folder / name).mkdir()
    views = {"views": [{"title": "Café", "cards": [card()]}]}
    with (
        Mosquitto(folder / "broker", free_port()) as broker,
        cafe(folder, settings(broker.port, mpd_port)) as daemon,
        HomeAssistant(home_assistant.root(), folder / "house" / "config", free_port(), views) as there,
    ):
        there.integrate("mqtt", broker="127.0.0.1", port=broker.port)
        there.integrate("mpd", host="127.0.0.1", port=mpd_port)
        wait_for(lambda: there.state(PLAYER) == "playing", 60, PLAYER)
        followed(daemon)
        yield there


def settings(broker_port: int, mpd_port: int) -> Json:
    """What the player is to say, and where."""
    return {
        "venue": {"name": "Café"},
        "mqtt": {"enabled": True, "host": "127.0.0.1", "port": broker_port, "role": "owner", "scene": True},
        "mpd": {"enabled": True, "port": mpd_port},
    }


def followed(daemon: Daemon) -> None:
    """Wait until the room has been read and the music has followed it once."""
    daemon.wait_until(lambda now: now["room"]["mood"] and len(now["room"]["shifts"]) > 1, 180)


def taken(browser: Browser, there: HomeAssistant, path: str, width: int, height: int) -> bytes:
    """A page of Home Assistant as its owner sees it, as PNG."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=SHARPNESS, reduced_motion="reduce"
    )
    try:
        context.set_default_timeout(PATIENCE_MS)
        known = {**there.tokens, "hassUrl": there.address, "clientId": f"{there.address}/", "expires": 4e12}
        context.add_init_script(f"localStorage.hassTokens = {json.dumps(json.dumps(known))}")
        page = context.new_page()
        page.goto(there.address + path)
        page.get_by_text("Second Cup").or_(page.get_by_text("Café")).first.wait_for()
        settled(page)
        return page.screenshot()
    finally:
        context.close()


def settled(page: Page) -> None:
    """Wait until the page looks the same for a while."""
    before, since_s = b"", 0.0
    while since_s < SETTLED_S:
        page.wait_for_timeout(500)
        now = page.screenshot()
        before, since_s = now, since_s + 0.5 if now == before else 0.0


if __name__ == "__main__":
    main()
