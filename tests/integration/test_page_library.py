"""The view Library in a real browser, with a real player and music of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from player.types import Json
from tests.support.browser import DESK, PHONE, TABLET, Opened, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.music import calm, lively
from tests.support.passwords import set_passwords
from tests.support.pulse import PrivatePulse

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
    made.listen()
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


def _touched(page: Page, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Fingers that go from one place to another, all at once."""
    touch = page.context.new_cdp_session(page)
    for kind, share in (("Start", 0.0), *(("Move", n / 8) for n in range(1, 9)), ("End", 1.0)):
        points = [
            {"x": one[0] + (other[0] - one[0]) * share, "y": one[1] + (other[1] - one[1]) * share, "id": n}
            for n, (one, other) in enumerate(ways)
        ]
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": f"touch{kind}", "touchPoints": [] if kind == "End" else points},
        )


def test_fingers_come_closer_look_around_and_drag_a_point(browser: Browser, daemon: Daemon) -> None:
    with opened(browser, _address(daemon), width=PHONE) as phone:
        phone.log_in("owner", OWNERS)
        page = phone.goto("/library")
        _map(page)
        canvas = page.locator("canvas[data-drawn]")
        canvas.evaluate("it => it.scrollIntoView({block: 'center'})")
        box = canvas.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = page.evaluate("scrollY")
        _touched(page, ((x, y - 20), (x, y - 100)), ((x, y + 20), (x, y + 100)))
        expect(canvas).to_have_class(re.compile("closer"))
        _touched(page, ((x, y), (x, y - 80)))
        assert page.evaluate("scrollY") == before, "nor does it scroll when one looks around"
        page.locator('[data-zoom="0"]').click()
        _open(page, "Rock")
        handle = page.locator(".handle")
        handle.evaluate("it => it.scrollIntoView({block: 'center'})")
        held, plane = handle.bounding_box(), page.locator(".plane").bounding_box()
        assert held is not None
        assert plane is not None
        assert min(held["width"], held["height"]) >= 44
        middle = (held["x"] + held["width"] / 2, held["y"] + held["height"] / 2)
        _touched(page, (middle, (plane["x"] + plane["width"] * 0.3, plane["y"] + plane["height"] * 0.7)))
        expect(page.locator("#card")).to_contain_text("as you say")
        mood = _track(daemon, "Rock")["mood"]
        assert (mood["valence"], mood["energy"]) == (
            pytest.approx(-0.42, abs=0.06),
            pytest.approx(-0.42, abs=0.06),
        )
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#card")).not_to_contain_text("as you say")


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
