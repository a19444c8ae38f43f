"""The view Library in a real browser, with a real player and music of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from player.types import Json
from tests.support.browser import DESK, PHONE, TABLET, Opened, clean, opened, widest_px
from tests.support.daemon import ROOT, Daemon
from tests.support.music import calm, lively
from tests.support.passwords import set_passwords
from tests.support.pulse import PrivatePulse

pytestmark = pytest.mark.timeout(180)
OWNERS, STAFFS = "the owner's word", "the staff's word"
LONG = "바람이 불어오는 곳에서 우리가 다시 만날 때까지 기다리겠다는 아주 긴 제목의 노래"


def _music(folder: Path) -> Path:
    folder.mkdir()
    calm(folder / "Waltz.wav", 30)
    calm(folder / f"{LONG}.wav", 30, 247)
    lively(folder / "Rock.wav", 30)
    (folder / "Broken.mp3").write_bytes(b"no music at all" * 500)
    return folder


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("library")
    changes = {
        "camera": {"enabled": False},
        "web": {"enabled": True, "port": 0},
        "library": {"folders": [str(_music(folder / "music"))]},
    }
    made = Daemon(folder / "player", changes, pulse.env)
    set_passwords(made.config)
    # Beside short tracks the analysis would wait for every crossfade.
    listen = [sys.executable, "-m", "player", "library", "analyze", "--config", str(made.config)]
    subprocess.run(listen, cwd=ROOT, check=False, capture_output=True)
    with made as running:
        running.wait_until(
            lambda now: (
                now["front"]["address"] and now["library"]["analysed"] == 3 and now["library"]["unreadable"]
            )
        )
        yield running


def _address(daemon: Daemon) -> str:
    return str(daemon.tell("status")["front"]["address"])


def _track(daemon: Daemon, title: str) -> Json:
    found = daemon.tell("library", title)["tracks"][0]
    track: Json = daemon.tell("track", found["id"])["track"]
    return track


@pytest.fixture(scope="module")
def owners(browser: Browser, daemon: Daemon) -> Iterator[Opened]:
    with opened(browser, _address(daemon)) as owner:
        owner.log_in("owner", OWNERS)
        yield owner


def _map(page: Page, tracks: int = 3) -> None:
    expect(page.locator(f"canvas[data-drawn='{tracks}']")).to_be_visible()


def _open(page: Page, title: str) -> None:
    page.get_by_placeholder("Title, artist").fill(title)
    expect(page.locator("#found .track")).to_have_count(1)
    page.locator("#found .track", has_text=title).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def test_music_is_found_as_one_types_and_shown_with_all_that_is_known(owners: Opened) -> None:
    page = owners.goto("/library")
    _map(page)
    expect(page.locator("#found .track")).to_have_count(3)
    page.get_by_placeholder("Title, artist").fill("walt")
    expect(page.locator("#found .track")).to_have_count(1)
    page.get_by_placeholder("Title, artist").fill("nothing like it")
    expect(page.locator("#found")).to_contain_text("Nothing is called “nothing like it”")
    _open(page, "Waltz")
    card = page.locator("#card")
    expect(card).to_contain_text("Yes, whenever its mood fits.")
    card.get_by_text("More about it").click()
    expect(card).to_contain_text("Waltz.wav")
    assert "track=" in page.url
    page.reload()
    expect(page.get_by_role("heading", name="Waltz")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(card).to_be_empty()


def test_a_point_is_dragged_taken_back_and_heard_again(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/library")
    _map(page)
    heard = _track(daemon, "Waltz")["mood"]
    _open(page, "Waltz")
    handle, card = page.locator(".handle"), page.locator("#card")
    box, plane = handle.bounding_box(), page.locator(".plane").bounding_box()
    assert box is not None
    assert plane is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] * 0.9, plane["y"] + plane["height"] * 0.3, steps=5)
    expect(page.locator(".tip")).to_be_visible()
    page.mouse.up()
    expect(card).to_contain_text("as you say")
    mood = _track(daemon, "Waltz")["mood"]
    assert (mood["by"], mood["valence"], mood["energy"]) == (
        "owner",
        pytest.approx(0.85, abs=0.05),
        pytest.approx(0.42, abs=0.05),
    )
    expect(page.locator(".undo")).to_contain_text("Waltz is cheerful now.")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#card")).to_contain_text("as you say")
    page.get_by_role("button", name="Undo").click()
    expect(card).not_to_contain_text("as you say")
    expect(other.locator("#card")).not_to_contain_text("as you say")
    other.close()
    assert _track(daemon, "Waltz")["mood"] == heard
    card.get_by_label("Does another mood fit better?").select_option(label="sad")
    card.get_by_role("button", name="Save").press("Enter")
    expect(card).to_contain_text("as you say")
    expect(card.get_by_role("button", name="Save")).to_be_focused()
    assert _track(daemon, "Waltz")["mood"]["name"] == "sad"
    card.get_by_role("button", name="As it was heard").click()
    expect(card).not_to_contain_text("as you say")
    assert _track(daemon, "Waltz")["mood"] == heard


def test_by_keys_alone_a_track_is_found_on_the_map_and_moved(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/library")
    _map(page)
    page.get_by_placeholder("Title, artist").press("Tab")
    expect(page.locator("canvas")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    expect(page.locator(".tip")).to_contain_text("–")
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_focused()
    title = page.locator("#card h2").inner_text()
    before = _track(daemon, title)["mood"]
    handle = page.get_by_role("button", name=re.compile(f"Mood of {title}"))
    handle.focus()
    way = "ArrowRight" if before["valence"] < 0.5 else "ArrowLeft"
    page.keyboard.press(way)
    page.keyboard.press("Escape")
    page.keyboard.press(f"Shift+{way}")
    page.keyboard.press("Enter")
    expect(page.locator(".undo")).to_be_visible()
    moved = _track(daemon, title)["mood"]["valence"] - before["valence"]
    assert abs(moved) == pytest.approx(0.1, abs=0.002)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(".undo")).to_be_hidden()
    assert _track(daemon, title)["mood"] == before


def test_what_plays_is_marked_and_the_mark_goes_on_with_it(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/library")
    _map(page)
    expect(page.locator(".plane .spot.playing")).to_be_visible()
    playing = daemon.tell("status")["playback"]["track"]
    expect(page.locator(".state")).to_have_attribute("data-playing", str(playing["id"]))
    daemon.tell("next")
    expect(page.locator(".state")).not_to_have_attribute("data-playing", str(playing["id"]))
    expect(page.locator(".plane .spot.playing")).to_be_visible()


def test_files_that_cannot_be_played_say_what_to_do(owners: Opened) -> None:
    page = owners.goto("/library")
    page.get_by_text("Files that cannot be played").click()
    file = page.locator("#problems li")
    expect(file).to_contain_text("Broken")
    expect(file.locator(".advice")).not_to_be_empty()


def test_staff_sees_it_all_and_moves_nothing(browser: Browser, daemon: Daemon) -> None:
    with opened(browser, _address(daemon), width=PHONE) as staff:
        staff.log_in("staff", STAFFS)
        page = staff.goto("/library")
        _map(page)
        page.locator(".track", has_text="Rock").click()
        expect(page.locator("#card")).to_contain_text("Rock")
        expect(page.locator("#card form")).to_have_count(0)
        expect(page.locator(".handle")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_right_in_every_theme_language_and_width(
    browser: Browser, daemon: Daemon, theme: str, language: str
) -> None:
    track = _track(daemon, LONG[:8])
    with opened(browser, _address(daemon), width=PHONE, theme=theme, language=language) as owner:
        owner.log_in("owner", OWNERS)
        page = owner.goto(f"/library?track={track['id']}")
        _map(page)
        expect(page.locator("#problems details")).to_be_visible()
        page.locator("#problems summary").click()
        page.locator("#card summary").click()
        clean(page)
        for width in (PHONE, TABLET, DESK):
            page.set_viewport_size({"width": width, "height": 800})
            assert widest_px(page) == width
