"""The view People."""

from __future__ import annotations

import pytest

from player.interfaces.front.web.page.views.people import device

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
