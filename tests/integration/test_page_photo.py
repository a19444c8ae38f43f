"""The view Photo in a real browser: a photo and a sentence become lists of the player's own music."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import DESK, PHONE, Opened, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.music import calm, lively
from tests.support.passwords import set_passwords
from tests.support.pulse import PrivatePulse

OWNERS, STAFFS = "the owner's word", "the staff's word"
TITLES = (
    "Waltz",
    "Lullaby",
    "Harbour",
    "Meadow",
    "Candle",
    "바람이 불어오는 곳에서 우리가 다시 만날 때까지 기다리겠다는 노래",
)


NOTE_STEPS = """() => {
  window.noted = [];
  const note = () => {
    const now = [...document.querySelectorAll("#found .number")].map((each) => each.textContent).join(" ");
    if (now && noted.at(-1) !== now) noted.push(now);
  };
  new MutationObserver(note).observe(document.getElementById("found"), { childList: true, subtree: true });
}"""
"""Keeps which numbered steps the page has shown, one list of them after the other."""


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("photo")
    music = folder / "music"
    music.mkdir()
    for number, title in enumerate(TITLES):
        calm(music / f"{title}.wav", 20, 220 + 15 * number)
    lively(music / "Rock.wav", 20)
    changes = {
        "camera": {"source": "demo", "photo_s": 3600},
        "web": {"enabled": True, "port": 0},
        "library": {"folders": [str(music)]},
    }
    made = Daemon(folder / "player", changes, pulse.env)
    set_passwords(made.config)
    made.listen()
    with made as running:
        running.wait_until(
            lambda now: (
                now["front"]["address"] and now["library"]["analysed"] == 7 and now["perception"]["reader"]
            )
        )
        yield running


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warm picture, much larger than what is sent."""
    path = tmp_path_factory.mktemp("photos") / "terrace.png"
    picture = np.full((2400, 3200, 3), (60, 140, 230), np.uint8)
    cv2.circle(picture, (1600, 1200), 700, (200, 230, 255), -1)
    cv2.imwrite(str(path), picture)
    return path


def _address(daemon: Daemon) -> str:
    return str(daemon.tell("status")["front"]["address"])


@pytest.fixture(scope="module")
def owners(browser: Browser, daemon: Daemon) -> Iterator[Opened]:
    with opened(browser, _address(daemon), width=PHONE, theme="dark") as owner:
        owner.log_in("owner", OWNERS)
        yield owner


def _listed(page: Page, count: int) -> None:
    expect(page.locator("#found .tracks > li")).to_have_count(count)


def test_a_photo_becomes_a_list_that_plays_and_is_saved(owners: Opened, daemon: Daemon, photo: Path) -> None:
    page = owners.goto("/photo")
    page.locator("#tracks").fill("5")
    page.evaluate(NOTE_STEPS)
    page.locator("input[type=file]").set_input_files(photo)
    _listed(page, 5)
    assert page.evaluate("noted") == ["1", "1 2", "1 2 3"], "each step is shown as it is done"
    expect(page.get_by_role("heading", name="What was seen")).to_be_visible()
    page.locator(".tracks summary").first.click()
    expect(page.locator(".tracks details[open]").first).to_contain_text("tracks were weighed")
    clean(page)
    assert widest_px(page) == PHONE
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as M3U").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert len([line for line in lines if line.endswith(".wav")]) == 5
    first = page.locator(".tracks summary strong").first.inner_text()
    page.get_by_role("button", name="Play now").click()
    track = daemon.wait_until(lambda now: "asked for" in (now["playback"]["track"] or {}).get("reason", ""))
    assert track["playback"]["track"]["title"] == first


def test_a_sentence_does_too_by_keyboard_alone_and_genres_narrow_it(owners: Opened) -> None:
    page = owners.goto("/photo")
    page.get_by_label("How should it feel?").focus()
    page.keyboard.type("a calm evening by the fire")
    page.get_by_role("button", name="Make a list").press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Your list"))).to_be_visible()
    expect(page.locator("#found")).not_to_contain_text("What was seen")
    page.get_by_text("Genres", exact=True).press("Enter")
    page.get_by_label("Only these").fill("polka")
    owners.forgives = lambda fault: "409" in fault
    page.get_by_role("button", name="Make a list").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="of these genres")).to_be_visible()


@pytest.mark.parametrize("name", ["song.txt", "empty.jpg"])
def test_what_is_no_photo_is_said_at_once(owners: Opened, tmp_path: Path, name: str) -> None:
    page = owners.goto("/photo")
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else b"la la la")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("alert").filter(has_text="no photo")).to_be_visible()


@pytest.mark.parametrize("status", [413, 200])
def test_what_a_proxy_says_for_the_player_is_no_jargon(
    browser: Browser, daemon: Daemon, photo: Path, status: int
) -> None:
    with opened(browser, _address(daemon), forgive=lambda fault: "413" in fault) as owner:
        owner.log_in("owner", OWNERS)
        page = owner.goto("/photo")
        body = "<html><title>413 Request Entity Too Large</title></html>\n"
        page.route(
            "**/photo/steps", lambda route: route.fulfill(status=status, body=body, content_type="text/html")
        )
        page.locator("input[type=file]").set_input_files(photo)
        expect(page.locator(".refusal")).to_have_text(re.compile("The player does not answer"))


def test_staff_writes_and_sends_no_photo_and_it_is_korean(browser: Browser, daemon: Daemon) -> None:
    with opened(browser, _address(daemon), width=DESK, language="ko") as staff:
        staff.log_in("staff", STAFFS)
        page = staff.goto("/photo")
        expect(page.locator("input[type=file]")).to_have_count(0)
        clean(page)
        page.get_by_role("button", name="목록 만들기").click()
        expect(page.locator(".refusal")).to_be_visible()
        page.locator("[data-example]").first.click()
        expect(page.locator("#found .tracks > li").first).to_be_visible()
        assert not re.search(r"\b(music|mood|track)\b", page.locator("#main").inner_text())
        clean(page)
