"""The hub's pages in a real browser, with a real hub at a real broker: all widths, languages and themes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from player.interfaces.front.fleet.messages import Reported, RoomReport, encode
from tests.integration.test_fleet import ROOT, asked
from tests.support.browser import DESK, PHONE, TABLET, clean, cut, opened, screenshot, widest_px
from tests.support.fleet import TOPICS
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
PATHS = ("/", "/rooms/busan-1", "/settings", "/changes", "/plays", "/people")
EVERY_S = 5.0
"""Between two signs of life of the made-up rooms."""
PLAYING = RoomReport(
    at=1_790_000_000.0, name="Café Hyang", group="Seoul", version="1.0", state="playing", audible=True,
    since=1_790_000_000.0, silent=None, track="A band with a long name – A song with a very long title, live",
    room="cosy", volume=40, problems=(), revision=0,
)  # fmt: skip
SILENT = replace(
    PLAYING, name="", group="Busan", state="silent", audible=False, track=None, volume=55,
    silent="The music plays, and nothing of it is heard.",
    problems=("The broker at broker.example, port 8883 has ended the connection; it is tried again.",),
)  # fmt: skip
ROOMS = {"seoul-1": PLAYING, "busan-1": SILENT, "a-room-whose-id-is-as-long-as-they-come-0123456789": PLAYING}


@dataclass
class House:
    """A hub with rooms, as it can be opened."""

    address: str
    broker: Mosquitto
    file: Path
    """Its hub.yaml."""
    program: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the hub, and wait until it is at its broker."""
        told = [sys.executable, "-m", "player", "hub", "--config", str(self.file)]
        self.program = subprocess.Popen(told, cwd=ROOT)
        wait_for(lambda: asked(f"{self.address}/healthz") == {"status": "ok"}, 60, "the hub")

    def kill(self) -> None:
        """The hub dies."""
        assert self.program is not None
        self.program.kill()
        self.program.wait(60)

    def report(self) -> None:
        """Every room says how it is."""
        for room, report in ROOMS.items():
            self.broker.say(TOPICS.of(room, "status"), encode(report).decode())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, port = tmp_path_factory.mktemp("hub"), free_port()
    with Mosquitto(folder, free_port()) as broker:
        file = folder / "hub.yaml"
        said = {
            "broker": {"host": "127.0.0.1", "port": broker.port},
            "web": {"port": port},
            "state_dir": "hub",
        }
        file.write_text(json.dumps(said), encoding="utf-8")
        made, over = House(f"http://127.0.0.1:{port}", broker, file), threading.Event()

        def live() -> None:
            while not over.wait(EVERY_S):
                made.report()

        living = threading.Thread(target=live)
        try:
            made.start()
            made.report()
            wait_for(lambda: len(asked(f"{made.address}/api/rooms")["rooms"]) == len(ROOMS), 30, "the rooms")
            living.start()
            asked(f"{made.address}/api/settings", group="*", settings="hours:\n  fade_s: 3\n")
            revision = asked(f"{made.address}/api/rooms")["rooms"][0]["wanted_revision"]
            refusal = Reported(revision, "hours.fade_s: found 3; allowed is more.", 1_790_000_000.0)
            broker.say(TOPICS.of("busan-1", "reported"), encode(refusal).decode())
            asked(f"{made.address}/api/commands", group="*", command="pause")
            broker.say(TOPICS.of("seoul-1", "status"), "{")  # a line of the hub's log
            wait_for(lambda: _room(made, "busan-1")["refusal"], 30, "a refusal")
            yield made
        finally:
            over.set()
            living.join(30)
            if made.program is not None:
                made.program.terminate()
                assert made.program.wait(60) == 0


def _room(house: House, id: str) -> dict[str, object]:
    found = asked(f"{house.address}/api/rooms")["rooms"]
    return next(room for room in found if room["id"] == id)


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [PHONE, TABLET, DESK])
def test_every_page_is_right_in_every_width_language_and_theme(
    browser: Browser, house: House, width: int, language: str, theme: str
) -> None:
    shots = os.environ.get("HUB_SCREENSHOTS")
    with opened(browser, house.address, width=width, language=language, theme=theme) as somebody:
        for path in PATHS:
            page = somebody.goto(path)
            clean(page)
            assert widest_px(page) == width, path
            assert cut(page) == [], path
            if shots:
                name = path.strip("/").replace("/", "-") or "rooms"
                screenshot(page, Path(shots) / f"{name}-{width}-{language}-{theme}.png")


def test_the_worst_room_comes_first_and_says_why_in_korean(browser: Browser, house: House) -> None:
    with opened(browser, house.address, width=PHONE, language="ko") as somebody:
        page = somebody.goto("/")
        first = page.locator(".rooms li").first
        expect(first).to_contain_text("busan-1")
        expect(first).to_contain_text("음악이 재생 중이지만")
        page = somebody.goto("/changes")
        expect(page.locator("#main")).to_contain_text("허브가 브로커에 연결되었습니다")
        expect(page.locator("#main")).to_contain_text("메시지를 이해할 수 없습니다")
        expect(page.locator("#main")).to_contain_text("점주, 이 기기 일시 정지")


def test_it_is_used_with_the_keyboard_alone(browser: Browser, house: House) -> None:
    with opened(browser, house.address) as somebody:
        page = somebody.goto("/")
        room = page.locator(".rooms a", has_text="seoul-1")
        room.focus()
        room.press("Enter")
        page.wait_for_url("**/rooms/seoul-1")
        page.get_by_role("button", name="Next track").press("Enter")
        expect(page.locator("#now")).to_contain_text("Next track")
        page.get_by_label("Volume, 0 to 100").fill("35")
        page.get_by_label("Volume, 0 to 100").press("Enter")
        expect(page.locator("#now")).to_contain_text("Volume 35")
        page = somebody.goto("/settings?room=seoul-1")
        page.get_by_label("Settings", exact=True).fill("hours:\n  fade_s: 4\n")
        page.get_by_role("button", name="Show what it changes").press("Enter")
        expect(page.locator("#difference ins")).to_contain_text("fade_s: 4")
        page.get_by_role("button", name="Send it to the rooms").press("Enter")
        expect(page.locator("#difference .told")).to_contain_text("1 room is told.")
        page = somebody.goto("/")
        for _ in range(40):
            page.keyboard.press("Tab")
            shown = page.evaluate(
                "() => { const one = document.activeElement; if (one === document.body) return true;"
                " const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; }"
            )
            assert shown, "the focus is never on something that nobody sees"


def test_whoever_takes_a_room_off_the_list_comes_to_the_list(browser: Browser, house: House) -> None:
    house.broker.say(TOPICS.of("gone-1", "status"), encode(PLAYING).decode())
    wait_for(lambda: "gone-1" in json.dumps(asked(f"{house.address}/api/rooms")), 30, "the room")
    with opened(browser, house.address, forgive=lambda fault: "status of 404" in fault) as owner:
        page = owner.goto("/rooms/gone-1")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Take it off the list").click()
        page.wait_for_url(f"{house.address}/")
        expect(page.locator(".rooms")).to_contain_text("seoul-1")
        expect(page.locator(".rooms")).not_to_contain_text("gone-1")
        page = owner.goto("/rooms/gone-1")
        expect(page.locator("#main")).to_contain_text("there is no such room.")
        clean(page)
        page.get_by_role("link", name="All rooms").click()
        page.wait_for_url(f"{house.address}/")


def test_an_open_page_says_that_the_hub_has_died_until_it_is_there_again(
    browser: Browser, house: House
) -> None:
    away = re.compile("ERR_|Failed to fetch|network error")
    with opened(browser, house.address, forgive=lambda fault: away.search(fault) is not None) as somebody:
        for path in ("/", "/rooms/seoul-1"):
            page = somebody.goto(path)
            notice = page.get_by_role("alert").filter(has_text="The hub does not answer.")
            expect(page.locator("#main")).to_contain_text("plays")
            expect(notice).to_be_hidden()
            house.kill()
            expect(notice).to_be_visible()
            house.start()
            expect(notice).to_be_hidden()
            expect(page.locator("#main")).to_contain_text("plays")
