"""The view Day in a real browser, with a real player that has played."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from player.types import Json
from tests.support.browser import DESK, PHONE, TABLET, Opened, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.passwords import set_passwords
from tests.support.pulse import PrivatePulse

OWNERS = "the owner's word"


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    changes = {
        "camera": {"enabled": False},
        "web": {"enabled": True, "port": 0},
        "venue": {"name": "Café Ost"},
    }
    made = Daemon(tmp_path_factory.mktemp("day") / "player", changes, pulse.env)
    set_passwords(made.config)
    with made as running:
        running.wait_until(lambda now: now["front"]["address"] and now["playback"]["state"] == "playing")
        for _ in range(2):
            before = running.tell("status")["playback"]["track"]["path"]
            running.tell("next")
            running.wait_until(lambda now, before=before: now["playback"]["track"]["path"] != before)
        running.tell("pin", "calm")
        running.wait_until(lambda _: _day(running)["marks"])
        yield running


def _day(daemon: Daemon) -> Json:
    return daemon.tell("day")


@pytest.fixture(scope="module")
def owners(browser: Browser, daemon: Daemon) -> Iterator[Opened]:
    with opened(browser, str(daemon.tell("status")["front"]["address"])) as owner:
        owner.log_in("owner", OWNERS)
        yield owner


def _plays(page: Page) -> list[str]:
    return [
        str(each) for each in page.locator("#entries .play").evaluate_all("rows => rows.map(row => row.id)")
    ]


def test_today_is_drawn_and_listed_and_goes_on_by_itself(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/day")
    known = _day(daemon)["tracks"]
    expect(page.locator(".blocks rect")).to_have_count(len(known))
    assert _plays(page) == [f"play-{play['id']}" for play in reversed(known)]
    expect(page.locator(".now")).to_have_count(1)
    expect(page.locator("#entries .event", has_text="Pinned mood")).to_contain_text("calm")
    daemon.tell("next")
    expect(page.locator(".blocks rect")).to_have_count(len(known) + 1)
    expect(page.locator("#entries .play")).to_have_count(len(known) + 1)


def test_an_earlier_track_is_liked_and_found_wrong_afterwards(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/day")
    play = _day(daemon)["tracks"][1]  # the very first one is played before the library knows it
    row = page.locator(f"#play-{play['id']}")
    like, wrong = row.get_by_role("button", name="Like"), row.get_by_role("button", name="Wrong mood")
    like.focus()
    page.keyboard.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#said")).to_contain_text("Noted")
    expect(page.locator(".blocks .liked")).to_have_count(1)
    other = page.context.new_page()
    other.goto(page.url)
    assert _day(daemon)["tracks"][1]["judged"] == "liked"
    wrong.click()
    expect(wrong).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(other.locator(".blocks .wrong")).to_have_count(1)
    pressed = other.locator(f"#play-{play['id']} [aria-pressed=true]")
    expect(pressed).to_have_attribute("data-command", "wrong")
    other.close()
    assert _day(daemon)["tracks"][1]["judged"] == "wrong mood"
    assert daemon.tell("status")["playback"]["state"] == "playing"


def test_the_list_is_narrowed_as_one_types(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/day")
    title = _day(daemon)["tracks"][0]["title"]
    page.get_by_label("Find").fill(title.upper())
    expect(page.locator("#entries .play strong").first).to_have_text(title)
    expect(page.locator("#entries .event")).to_have_count(0)
    page.get_by_label("Find").fill("nothing like it")
    expect(page.locator("#entries")).to_contain_text("Nothing fits.")
    page.get_by_label("Find").fill("")
    page.locator("#only").select_option("events")
    expect(page.locator("#entries .play")).to_have_count(0)
    expect(page.locator("#entries .event").first).to_be_visible()


def test_the_curves_are_read_by_mouse_and_keys(owners: Opened) -> None:
    page = owners.goto("/day")
    reading = page.locator(".reading")
    page.locator(".blocks rect").last.hover(force=True)
    expect(reading).to_contain_text(re.compile(r"^\d\d:\d\d"))
    clocks = [step[0] for step in json.loads(page.locator(".chart").get_attribute("data-steps") or "")]
    at = clocks.index(reading.inner_text()[:5])
    key, beside = ("ArrowLeft", at - 1) if at else ("ArrowRight", 1)  # it all happened within the first step
    page.locator(".scroll").focus()
    page.keyboard.press(key)
    expect(reading).to_contain_text(re.compile(f"^{clocks[beside]}"))
    play = page.locator(".blocks rect").first
    number = play.get_attribute("data-play")
    play.dispatch_event("click")
    expect(page.locator(f"#play-{number}")).to_be_in_viewport()


def test_one_goes_from_day_to_day_and_an_empty_one_says_so(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/day")
    today = date.fromisoformat(_day(daemon)["date"])
    page.get_by_role("button", name="The day before").or_(page.get_by_label("The day before")).click()
    expect(page).to_have_url(re.compile(f"date={today - timedelta(1)}"))
    expect(page.locator("main")).to_contain_text("Nothing is known of this day")
    expect(page.locator(".now")).to_have_count(0)
    page.get_by_label("The day after").click()
    expect(page.locator(".chart")).to_be_visible()
    page.get_by_label("Date").fill("2024-02-29")
    expect(page).to_have_url(re.compile("date=2024-02-29"))
    expect(page.locator("h1")).to_have_text("Thursday, 29 February 2024")
    page.get_by_role("button", name="Today").or_(page.get_by_text("Today", exact=True)).first.click()
    expect(page.locator(".chart")).to_be_visible()


def test_what_was_played_is_downloaded_for_licensing(owners: Opened, daemon: Daemon) -> None:
    page = owners.goto("/day")
    title = _day(daemon)["tracks"][0]["title"]
    for link, begins in (("Table (CSV)", "\ufeffstarted_at"), ("SoundExchange", "^NAME_OF_SERVICE^")):
        with page.expect_download() as download:
            page.get_by_role("link", name=link).first.click()
        said = download.value.path().read_text(encoding="utf-8")
        assert said.startswith(begins)
        assert title in said


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_right_in_every_theme_language_and_width(
    browser: Browser, daemon: Daemon, theme: str, language: str
) -> None:
    address = str(daemon.tell("status")["front"]["address"])
    with opened(browser, address, width=PHONE, theme=theme, language=language) as owner:
        owner.log_in("owner", OWNERS)
        page = owner.goto("/day")
        expect(page.locator(".chart")).to_be_visible()
        clean(page)
        for width in (PHONE, TABLET, DESK):
            page.set_viewport_size({"width": width, "height": 800})
            assert widest_px(page) == width
