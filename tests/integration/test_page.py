"""The page as a whole in a real browser, with a real player: every view, whoever looks, whatever happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response, expect

from player.interfaces.command_table import Role
from player.interfaces.front.web.page.rendering import PLACES
from player.interfaces.front.web.page.views import VIEWS as ROUTERS
from tests.support.browser import DESK, PHONE, TABLET, Opened, clean, cut, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.music import calm, lively
from tests.support.passwords import WORDS, set_passwords
from tests.support.ports import free_port
from tests.support.pulse import PrivatePulse
from tests.support.quiet import is_soon_enough
from tests.support.waiting import wait_for

BUILT = {getattr(route, "path", "") for router in ROUTERS for route in router.routes}
VIEWS = [place for place in PLACES if place.path in BUILT]
MENU = [place for place in VIEWS if place.name != "screen"]
"""The screen has no menu, and is a place one goes to, not one looks round in."""
PAINT = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null'
FIRST_PAINT_S = 1.0


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("page")
    music = folder / "music"
    music.mkdir()
    calm(music / "Waltz.wav", 120)
    lively(music / "Rock.wav", 120)
    made = Daemon(
        folder / "player",
        {"web": {"enabled": True, "port": free_port()}, "library": {"folders": [str(music)]}},
        pulse.env,
    )
    set_passwords(made.config)
    with made as running:
        running.wait_until(lambda now: now["front"]["address"] and now["playback"]["state"] == "playing")
        yield running


@pytest.fixture(scope="module")
def address(daemon: Daemon) -> str:
    return str(daemon.tell("status")["front"]["address"])


@pytest.fixture(scope="module")
def keys(browser: Browser, address: str) -> dict[str, list[dict[str, str]]]:
    """The cookies of who has logged in, by role: for whoever has something else to try than the login."""
    found = {}
    for role, word in WORDS.items():
        with opened(browser, address) as one:
            one.log_in(role, word)
            found[role] = one.page.context.cookies()
    return found  # type: ignore[return-value]


def _let_in(one: Opened, cookies: list[dict[str, str]]) -> Opened:
    one.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    return one


@pytest.mark.parametrize(
    ("width", "language", "theme"),
    [
        (PHONE, "ko", "dark"),
        (DESK, "en", "light"),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                (PHONE, "en", "light"),
                (TABLET, "en", "light"),
                (TABLET, "ko", "dark"),
                (DESK, "ko", "dark"),
            )
        ),
    ],
)
def test_every_view_is_right_at_every_width(
    browser: Browser,
    address: str,
    keys: dict[str, list[dict[str, str]]],
    width: int,
    language: str,
    theme: str,
) -> None:
    """No fault, nothing asked of another machine, nothing that a screen reader cannot tell, nothing cut."""
    with opened(browser, address, width=width, language=language, theme=theme) as owner:
        page = _let_in(owner, keys["owner"]).page
        elsewhere: list[str] = []
        page.on(
            "request",
            lambda asked: elsewhere.append(asked.url) if _is_elsewhere(asked.url, address) else None,
        )
        for place in VIEWS:
            owner.goto(place.path)
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.get_by_role("heading", level=1)).not_to_have_count(0)
            assert widest_px(page) <= width, place.name
            assert not cut(page), place.name
            if width == PHONE:
                clean(page)
        assert not elsewhere


def _is_elsewhere(url: str, address: str) -> bool:
    asked = urlsplit(url)
    return asked.scheme in ("http", "https", "ws", "wss") and asked.netloc != urlsplit(address).netloc


def test_the_first_paint_is_soon(
    browser: Browser, address: str, keys: dict[str, list[dict[str, str]]]
) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = _let_in(owner, keys["owner"]).goto("/")
        # A wait in the page would look again where our policy lets nobody evaluate a string.
        wait_for(lambda: page.evaluate(PAINT) is not None, 30, "the first paint")
        took_s = page.evaluate(PAINT) / 1000
    assert is_soon_enough(took_s, FIRST_PAINT_S), took_s


def test_staff_sees_what_is_theirs_and_no_more(
    browser: Browser, address: str, keys: dict[str, list[dict[str, str]]]
) -> None:
    with opened(browser, address, width=PHONE, forgive=lambda fault: "403" in fault) as staff:
        page = _let_in(staff, keys["staff"]).goto("/")
        theirs = [place.path for place in PLACES if place.role is Role.STAFF]
        menu = page.locator("header nav a").evaluate_all("all => all.map((one) => one.pathname)")
        assert menu == theirs
        for place in VIEWS:
            answer = page.goto(address.rstrip("/") + place.path)
            assert _status(answer) == (200 if place.role is Role.STAFF else 403), place.name
        staff.goto("/")
        # The very requests of the owner's buttons, sent by hand.
        asked = page.evaluate(
            """async () => {
              const csrf = document.querySelector("meta[name=csrf]").content;
              const head = {"Content-Type": "application/json", "X-CSRF-Token": csrf};
              const sent = (method, path, body) => fetch(path, {method, headers: head, body});
              return Object.fromEntries(await Promise.all([
                ["PATCH", "/api/config", "{}"], ["GET", "/api/day"], ["GET", "/api/camera/preview"],
                ["POST", "/api/commands/camera", '{"state": "off"}'], ["GET", "/api/tokens"],
              ].map(async ([method, path, body]) => [path, (await sent(method, path, body)).status])));
            }"""
        )
        assert asked == dict.fromkeys(asked, 403)
        expect(page.get_by_text("Switch the camera off")).to_have_count(0)


def _status(answer: Response | None) -> int:
    assert answer is not None
    return answer.status


def test_keys_alone_reach_every_view(
    browser: Browser, address: str, keys: dict[str, list[dict[str, str]]]
) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = _let_in(owner, keys["owner"]).goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_text("To the content")).to_be_focused()
        expect(page.get_by_text("To the content")).to_be_in_viewport()
        for place in MENU[1:]:
            link = page.locator(f'header nav a[href="{place.path}"]')
            for _ in range(len(PLACES) + 3):
                page.keyboard.press("Tab")
                if link.evaluate("one => one === document.activeElement"):
                    break
            expect(link).to_be_focused()
            expect(link).to_be_in_viewport()
            page.keyboard.press("Enter")
            expect(page.locator('header nav [aria-current="page"]')).to_have_attribute("href", place.path)
            expect(page.locator('header nav [aria-current="page"]')).to_be_in_viewport(ratio=1)


def test_a_second_page_stays_in_step(
    browser: Browser, address: str, keys: dict[str, list[dict[str, str]]]
) -> None:
    """Also one in the other language and of somebody else."""
    with (
        opened(browser, address, width=PHONE) as first,
        opened(browser, address, language="ko", theme="dark") as second,
    ):
        here = _let_in(first, keys["staff"]).goto("/")
        there = _let_in(second, keys["owner"]).goto("/")
        here.get_by_role("button", name="Pause").click()
        expect(there.get_by_role("button", name="재생", exact=True)).to_be_visible()
        there.get_by_role("button", name="재생", exact=True).press("Enter")
        expect(here.get_by_role("button", name="Pause")).to_be_visible()
        before = here.get_by_role("heading", level=1).inner_text()
        here.get_by_role("button", name="Skip").click()
        expect(here.get_by_role("heading", level=1)).not_to_have_text(before)
        expect(there.get_by_role("heading", level=1)).to_have_text(
            here.get_by_role("heading", level=1).inner_text()
        )


def test_the_language_is_switched_and_stays(
    browser: Browser, address: str, keys: dict[str, list[dict[str, str]]]
) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = _let_in(owner, keys["owner"]).goto("/people")
        page.get_by_role("link", name="한국어").click()
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page).to_have_url(re.compile("/people$"))
        owner.goto("/")
        expect(page.locator("html")).to_have_attribute("lang", "ko")


def test_a_page_says_that_the_player_is_away_and_comes_back_with_it(
    browser: Browser, address: str, daemon: Daemon, keys: dict[str, list[dict[str, str]]]
) -> None:
    """Stopped and started again, as after a power cut, while somebody looks."""
    with opened(browser, address, width=PHONE, forgive=_is_of_the_way) as owner:
        page = _let_in(owner, keys["owner"]).goto("/")
        daemon.__exit__()
        expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
        assert widest_px(page) == PHONE
        daemon.__enter__()
        expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_hidden(timeout=60_000)
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        # It is no picture of the past: what is done now is seen, without a reload and without a new login.
        daemon.tell("pause")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def _is_of_the_way(fault: str) -> bool:
    """What a browser itself writes of a connection that is refused or cut."""
    return "ERR_" in fault or "Failed to fetch" in fault or "network error" in fault
