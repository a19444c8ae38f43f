"""The view Set-up in a real browser, with a real player that nobody has set up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, expect

from tests.support import music
from tests.support.browser import PHONE, TABLET, Opened, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.ports import free_port
from tests.support.pulse import SINK, PrivatePulse, recording
from tests.support.waiting import wait_for

OWNERS = "a few plain words"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home").resolve()
    for folder in ("Music", "Records/jazz"):
        (home / folder).mkdir(parents=True)
    music.calm(home / "Music" / "calm 1.wav", 60)
    music.calm(home / "Records" / "jazz" / "calm 2.wav", 60)
    return home


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    changes = {"web": {"enabled": True, "port": free_port()}, "camera": {"source": "demo", "photo_s": 3600}}
    env = {**pulse.env, "HOME": str(home)}
    with Daemon(tmp_path_factory.mktemp("setup") / "player", changes, env) as running:
        running.wait_until(lambda now: now["front"]["address"] and now["perception"]["camera"]["frames"])
        yield running


@pytest.fixture(scope="module")
def address(daemon: Daemon) -> str:
    return str(daemon.tell("status")["front"]["address"])


def held(daemon: Daemon) -> dict[str, dict[str, object]]:
    return dict(yaml.safe_load(daemon.config.read_text(encoding="utf-8")))


def steps(owner: Opened) -> None:
    expect(owner.page.get_by_role("button", name=re.compile("Play a test sound|시험음"))).to_be_visible()


def test_the_first_page_leads_here_once(browser: Browser, address: str) -> None:
    with opened(browser, address, width=PHONE) as owner:
        owner.goto("/").get_by_role("main").get_by_role("link", name="Set-up").click()
        expect(owner.page).to_have_url(re.compile("/setup$"))
        expect(owner.goto("/").locator(".first-start")).to_have_count(0)


def test_the_sound_is_tried_and_chosen(
    browser: Browser, daemon: Daemon, address: str, pulse: PrivatePulse
) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/setup")
        steps(owner)
        with recording(pulse) as heard:
            page.get_by_role("button", name="Play a test sound").press("Enter")
            expect(page.locator("#said")).to_contain_text("Three soft notes")
            wait_for(heard.sounds, 20, "the notes")
        daemon.wait_for("announcement")
        page.get_by_label(re.compile("As the system has it")).check()
        expect(page.locator("#said")).to_contain_text("Saved")
        daemon.wait_until(lambda now: now["playback"]["output"] == "auto")
        assert held(daemon)["playback"]["output"] == "auto"


def test_another_loudspeaker_is_heard_at_once_and_then_the_first_again(
    browser: Browser, daemon: Daemon, address: str, pulse: PrivatePulse
) -> None:
    pulse.add_sink("bar")
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/setup")
        steps(owner)
        for sink in ("bar", SINK, "bar", SINK):
            page.locator(f"input[value='pulse:{sink}']").check()
            daemon.wait_until(lambda now, sink=sink: now["playback"]["output"] == f"pulse:{sink}")
            with recording(pulse, sink) as heard:
                wait_for(heard.sounds, 20, f"the music on {sink}")
        page.get_by_label(re.compile("As the system has it")).check()
        daemon.wait_until(lambda now: now["playback"]["output"] == "auto")


def test_the_camera_is_seen_only_while_its_step_is_open(browser: Browser, address: str) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/setup")
        steps(owner)
        light = page.locator("#look .live")
        expect(light).to_be_hidden()
        page.get_by_text("Look through it").press("Enter")
        expect(light).to_be_visible()
        expect(page.locator("#look img")).to_be_visible()
        page.get_by_text("Look through it").press("Enter")
        expect(light).to_be_hidden()


def test_the_camera_is_switched_off_and_on(browser: Browser, daemon: Daemon, address: str) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/setup")
        steps(owner)
        page.get_by_label("None: the music").check()
        daemon.wait_until(lambda now: not now["perception"]["camera"]["enabled"])
        page.get_by_label("demo").check()
        daemon.wait_until(lambda now: now["perception"]["camera"]["enabled"])


def test_the_music_is_found_or_walked_to(browser: Browser, daemon: Daemon, address: str, home: Path) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/setup")
        steps(owner)
        page.get_by_role("button", name=f"{home}/Music").click()
        expect(page.locator(".chosen-folders li")).to_have_count(1)
        page.get_by_text("Choose another folder").press("Enter")
        page.locator(".picker").get_by_role("button", name="Records").press("Enter")
        expect(page.locator(".picker .here")).to_have_text(f"{home}/Records")
        page.get_by_role("button", name="Use this folder").press("Enter")
        expect(page.locator(".chosen-folders li")).to_have_count(2)
        daemon.wait_until(lambda now: now["library"]["tracks"] == 2)
        page.get_by_role("button", name=f"Remove: {home}/Music").click()
        expect(page.locator(".chosen-folders li")).to_have_count(1)
        daemon.wait_until(lambda now: now["library"]["tracks"] == 1)


def test_the_range_of_the_house_holds_at_once(browser: Browser, daemon: Daemon, address: str) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/setup")
        steps(owner)
        high = page.get_by_label("no livelier than")
        high.focus()
        for _ in range(20):
            high.press("PageDown")
        expect(page.locator("#said")).to_contain_text("Saved")
        expect(page.locator("[data-range='mood.energy'] output")).to_have_text("very calm")
        daemon.wait_until(lambda now: now["room"]["target"]["energy"] == -1)


@pytest.mark.long
def test_a_connection_is_turned_on_by_keyboard_and_its_card_says_how_it_is(
    browser: Browser, daemon: Daemon, address: str
) -> None:
    # The page's process is replaced each time: meanwhile nobody answers.
    away = re.compile("ERR_|Failed to fetch|network error")
    with opened(browser, address, forgive=lambda fault: away.search(fault) is not None) as owner:
        page = owner.goto("/setup")
        steps(owner)
        broker = page.locator("#c-mqtt")
        expect(broker.locator(".chip")).to_have_text("off")
        page.get_by_label("Address of the broker").fill("no-such-broker.invalid")
        page.get_by_label("That user's password").fill(" a secret word ")
        page.get_by_label("That user's password").press("Enter")
        expect(broker.locator(".chip")).to_have_text("look", timeout=60_000)
        expect(broker).to_contain_text("Nobody knows a machine called no-such-broker.invalid")
        assert held(daemon)["mqtt"]["password"] == " a secret word "
        expect(page.get_by_label("Address of the broker")).to_have_value("no-such-broker.invalid")
        broker.get_by_role("button", name="turn off").press("Enter")
        expect(broker.locator(".chip")).to_have_text("off", timeout=60_000)
        page.locator("#c-sensors a").press("Enter")
        expect(page.get_by_label("Search")).to_have_value("sensors")
        expect(page.locator("[data-row^='sensors']")).to_be_visible()
        expect(page.locator("[data-row^='web.port']")).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [
        (PHONE, "light", "en"),
        pytest.param(PHONE, "dark", "ko", marks=pytest.mark.long),
        pytest.param(TABLET, "light", "ko", marks=pytest.mark.long),
        pytest.param(TABLET, "dark", "en", marks=pytest.mark.long),
    ],
)
def test_it_is_right_in_every_theme_and_language(
    browser: Browser, address: str, width: int, theme: str, language: str
) -> None:
    with opened(browser, address, width=width, theme=theme, language=language) as owner:
        page = owner.goto("/setup")
        steps(owner)
        expect(page.locator("#c-snapcast")).to_be_visible()
        for summary in page.locator("summary").all():
            summary.press("Enter")
        expect(page.locator(".picker .here")).to_be_visible()
        clean(page)
        assert widest_px(page) == width


def test_the_passwords_come_last_and_hold_at_once(browser: Browser, address: str) -> None:
    with opened(browser, address, forgive=lambda fault: "401" in fault or "403" in fault) as owner:
        page = owner.goto("/setup")
        page.locator("[data-password=owner] input[name=new]").fill(OWNERS)
        page.locator("[data-password=owner] input[name=new]").press("Enter")
        staffs = page.locator("[data-password=staff]")
        expect(staffs).to_be_visible()
        staffs.locator("input[name=old]").fill("a wrong guess")
        staffs.locator("input[name=new]").fill("the staff's word")
        staffs.get_by_role("button").click()
        expect(page.locator("#said")).to_contain_text("present password")
        staffs.locator("input[name=old]").fill(OWNERS)
        staffs.get_by_role("button").click()
        expect(staffs.locator(".chip")).to_have_text("set")
        with opened(browser, address) as staff:
            staff.log_in("staff", "the staff's word")
            expect(staff.goto("/").locator("nav").first).to_be_visible()
