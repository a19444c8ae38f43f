"""The page in a real Chromium: opened in a language, a theme and a width, and every fault of it told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

PHONE, TABLET, DESK = 360, 768, 1280
"""Widths in CSS pixels that everything must be right at."""
PATIENCE_MS = 15_000
"""What a page is waited for, on a busy machine too."""
NOWHERE_ELSE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
HEIGHTS = {PHONE: 740, TABLET: 1024, DESK: 800}
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""

CUT = """
() => [...document.querySelectorAll("h1, h2, h3, p, button, label, th, td, summary, legend, a, li")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.clientWidth > 1)
  .filter((one) => !one.closest(".skip, .visually-hidden, nav, [data-scrolls]"))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < -1 || box.right > innerWidth + 1 ||
      (getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1);
  })
  .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 60)}`)
"""


def chromium_path() -> str:
    """Debian's Chromium, at best the build without windows: a third of the work. Skips without it."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("needs a browser: sudo apt install chromium-headless-shell")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window; no page of it can reach anything but this machine."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={NOWHERE_ELSE}"],
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Opened:
    """A page as somebody has it open.

    faults    what went wrong in it so far: JavaScript errors, violations of its policy, failed requests
    forgives  which of them are meant to be
    """

    page: Page
    address: str
    faults: list[str]
    forgives: Callable[[str], bool]

    def goto(self, path: str) -> Page:
        """Go to a view, and wait until it is there."""
        self.page.goto(self.address.rstrip("/") + path, wait_until="load")
        return self.page

    def log_in(self, role: str, password: str) -> None:
        """As a person does it."""
        self.goto("/login")
        self.page.check(f"input[name=role][value={role}]")
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: not url.endswith("/login"))


@contextmanager
def opened(
    browser: Browser,
    address: str,
    *,
    width: int = DESK,
    language: str = "en",
    theme: str = "light",
    forgive: Callable[[str], bool] = lambda _: False,
) -> Iterator[Opened]:
    """Somebody with a browser of their own. Fails the test at the end for each fault not forgiven."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 800)},
        locale={"en": "en-GB", "ko": "ko-KR"}[language],
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    faults: list[str] = []

    def told(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    page.on("console", told)
    page.on("pageerror", lambda error: faults.append(f"JavaScript: {error}"))
    try:
        one = Opened(page, address, faults, forgive)
        yield one
    finally:
        context.close()
    left = [fault for fault in faults if not one.forgives(fault)]
    assert not left, left


def clean(page: Page) -> None:
    """Fail the test for whatever axe-core finds that keeps people out: names, order, contrast."""
    found = Axe().run(page).response["violations"]
    said = [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
    assert not said, "\n".join(said)


def widest_px(page: Page) -> int:
    """How wide the page is: no more than its window, or it can be pushed sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def cut(page: Page) -> list[str]:
    """Words that lie beyond the window, or beyond what holds them."""
    found: list[str] = page.evaluate(CUT)
    return found


def screenshot(page: Page, path: Path) -> None:
    """The whole page, for people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
