"""The view People."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from player.config.settings.front import FrontSettings
from player.interfaces.command_table import Role
from player.interfaces.front.interfaces import Interfaces
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.page.views.people import device
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.secrets_authenticator import new_credential
from tests.fakes.player import FakePlayer
from tests.support.front import OWNER

ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/131.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"192.168.1.20 {ANDROID}", ("Chrome, Android", "192.168.1.20")),
        (
            "::1 Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/131 Safari/537.36 Edg/131.0",
            ("Edge, Windows", "::1"),
        ),
        (
            "10.0.0.2 Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1",
            ("Safari, iPhone", "10.0.0.2"),
        ),
        ("127.0.0.1 curl/8.1", ("curl/8.1", "127.0.0.1")),
        ("127.0.0.1", ("", "127.0.0.1")),
    ],
)
def test_a_session_is_called_what_a_person_would_call_its_browser(name: str, said: tuple[str, str]) -> None:
    assert device(name) == said


def test_when_a_token_was_used_is_told_by_the_clock_of_the_house(tmp_path: Path) -> None:
    used_s = 1_777_626_000.0

    async def asked() -> str:
        access = Access(port=80)
        logins = Logins.of(access, tmp_path)
        beside = Interfaces(FrontSettings(timezone="Asia/Kathmandu"))
        app = make_app(FakePlayer(), access, logins, beside=beside)
        _, token = new_credential(Role.STAFF, "Home", used_s, None)
        await logins.change(lambda found: found.with_token(token))
        transport = httpx.ASGITransport(served(app, access, OWNER))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            return (await client.get("/people/lists")).text

    at = datetime.fromtimestamp(used_s, ZoneInfo("Asia/Kathmandu"))  # no machine of ours is set to it
    assert f"{at.day} {at:%b}, {at:%H:%M}</time>" in asyncio.run(asked())
