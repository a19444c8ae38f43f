"""The view Help in a real browser, with a real player."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import PHONE, TABLET, clean, opened, widest_px
from tests.support.daemon import ROOT, Daemon
from tests.support.pulse import PrivatePulse

SECRET = "sesame-oil-9"


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    camera = {"source": f"rtsp://cook:{SECRET}@127.0.0.1:9/live"}
    changes = {"camera": camera, "web": {"enabled": True, "port": 0}}
    with Daemon(tmp_path_factory.mktemp("help") / "player", changes, pulse.env) as running:
        running.wait_until(lambda now: now["front"]["address"])
        yield running


@pytest.fixture(scope="module")
def address(daemon: Daemon) -> str:
    return str(daemon.tell("status")["front"]["address"])


def test_the_owner_looks_through_the_log(browser: Browser, daemon: Daemon, address: str) -> None:
    daemon.tell("volume", 41)
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/help")
        expect(page.locator(".log")).to_contain_text("volume 41")
        page.get_by_label("Search").fill("VOLUME 41")
        expect(page.locator(".log li:not(.day)")).to_have_count(1)
        daemon.tell("volume", 42)
        page.get_by_label("Search").fill("volume 42")
        expect(page.locator(".log")).to_contain_text("volume 42")
        page.get_by_label("Show").select_option("error")
        expect(page.locator("#log")).to_contain_text("Nothing was found")


def test_a_report_is_downloaded_without_the_cameras_password(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/help")
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download a report").press("Enter")
        coming.value.save_as(tmp_path / "report.txt")
    said = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert coming.value.suggested_filename == "ambient-player-report.txt"
    for part in ("Versions", "cores: ", '"playback"', "camera.source", "Log of the last day"):
        assert part in said
    assert SECRET not in said


def test_the_same_report_comes_at_the_command_line(daemon: Daemon) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "player", "report", "--config", str(daemon.config)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert "Log of the last day" in made.stdout
    assert SECRET not in made.stdout


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(PHONE, "dark", "ko"), (PHONE, "light", "en"), (TABLET, "light", "ko"), (TABLET, "dark", "en")],
)
def test_it_is_right_in_every_theme_and_language(
    browser: Browser, address: str, width: int, theme: str, language: str
) -> None:
    with opened(browser, address, width=width, theme=theme, language=language) as owner:
        page = owner.goto("/help")
        for summary in page.locator("summary").all():
            summary.press("Enter")
        expect(page.locator("details[open]")).to_have_count(3)
        clean(page)
        assert widest_px(page) == width
