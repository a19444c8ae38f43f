"""The view People in a real browser, with a real player whose owner and staff have passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import PHONE, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.passwords import set_passwords
from tests.support.pulse import PrivatePulse

OWNERS, STAFFS = "the owner's word", "the staff's word"


@pytest.fixture(scope="module")
def address(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    changes = {"camera": {"enabled": False}, "web": {"enabled": True, "port": 0}}
    daemon = Daemon(tmp_path_factory.mktemp("people") / "player", changes, pulse.env)
    set_passwords(daemon.config)
    with daemon:
        yield daemon.wait_until(lambda now: now["front"]["address"])["front"]["address"]


def test_the_owner_sees_who_is_there_and_throws_them_out(browser: Browser, address: str) -> None:
    with opened(browser, address, width=PHONE) as staff, opened(browser, address) as owner:
        staff.log_in("staff", STAFFS)
        expect(staff.page.locator("nav >> text=People")).to_have_count(0)
        owner.log_in("owner", OWNERS)
        page = owner.goto("/people")
        expect(page.locator(".people li")).to_have_count(2)
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator(".people li", has_text="Staff").get_by_role("button").click()
        expect(page.locator(".people li")).to_have_count(1)
        staff.forgives = lambda fault: "401" in fault
        staff.page.reload()
        expect(staff.page).to_have_url(re.compile("/login"))


def test_who_was_thrown_out_in_another_tab_goes_off_the_list(browser: Browser, address: str) -> None:
    with (
        opened(browser, address, width=PHONE) as staff,
        opened(browser, address, forgive=lambda fault: "404" in fault) as owner,
    ):
        staff.log_in("staff", STAFFS)
        owner.log_in("owner", OWNERS)
        other = owner.page.context.new_page()
        for page in (owner.goto("/people"), other):
            page.on("dialog", lambda dialog: dialog.accept())
        other.goto(owner.page.url)
        staffs = [page.locator(".people li", has_text="Staff") for page in (other, owner.page)]
        staffs[0].get_by_role("button").click()
        expect(staffs[0]).to_have_count(0)
        staffs[1].get_by_role("button").click()
        expect(owner.page.locator("#said")).to_contain_text("there is no such session")
        expect(staffs[1]).to_have_count(0)
        staff.forgives = lambda fault: "401" in fault


def test_a_token_is_made_shown_once_and_removed(browser: Browser, address: str) -> None:
    with opened(browser, address, width=PHONE, theme="dark") as owner:
        owner.log_in("owner", OWNERS)
        page = owner.goto("/people")
        page.get_by_label("Name").fill("Home Assistant")
        page.get_by_role("button", name="Make a token").press("Enter")
        secret = page.locator("#token input")
        expect(secret).to_have_value(re.compile(".{30,}"))
        clean(page)
        page.get_by_role("button", name="Done").press("Enter")
        expect(page.locator("#lists")).to_contain_text("Home Assistant")
        expect(secret).to_have_value("")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Remove: Home Assistant").press("Enter")
        expect(page.locator("#lists")).not_to_contain_text("Home Assistant")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_right_in_every_theme_and_language(
    browser: Browser, address: str, theme: str, language: str
) -> None:
    with opened(browser, address, width=PHONE, theme=theme, language=language) as owner:
        clean(owner.goto("/login"))
        owner.log_in("owner", OWNERS)
        page = owner.goto("/people")
        clean(page)
        assert widest_px(page) == PHONE


def test_a_wrong_password_is_said(browser: Browser, address: str) -> None:
    with opened(browser, address, forgive=lambda fault: "401" in fault) as somebody:
        page = somebody.goto("/people")
        expect(page).to_have_url(re.compile("/login"))
        page.fill("input[name=password]", "no idea")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="do not fit")).to_be_visible()
