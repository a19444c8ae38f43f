"""What the front's process serves beside the page: side by side, and nothing takes anything else along."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, ClassVar

import pytest

from player.config.settings.front import FrontSettings
from player.config.settings.web import WebSettings
from player.interfaces.front import interfaces, page_server, server
from player.interfaces.front.interface import Interface
from player.interfaces.front.interfaces import Interfaces
from player.interfaces.front.listening import listen
from tests.fakes.player import FakePlayer
from tests.support.front import until


class FakeInterface(Interface):
    """Fails so often, and then serves until it is ended."""

    section: ClassVar[str] = "fake"

    def __init__(self, failures: int = 0, trouble: str | None = None) -> None:
        self.failures, self.starts, self.said_goodbye = failures, 0, False
        self._trouble = trouble

    async def run(self) -> None:
        """See Interface."""
        self.starts += 1
        if self.starts <= self.failures:
            raise ValueError("a fault of ours")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.said_goodbye = True

    def trouble(self) -> str | None:
        """See Interface."""
        return self._trouble


def test_one_that_fails_is_restarted_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(interfaces, "RETRY_S", 0.001)
    well, failing = FakeInterface(), FakeInterface(failures=2, trouble="It is not there.")

    async def tried() -> None:
        running = Interfaces(FrontSettings())
        running.start([well])
        running.start([failing])
        await until(lambda: failing.starts == 3)
        assert well.starts == 1
        assert running.trouble() == "It is not there."
        assert running.troubles() == {"fake": "It is not there."}
        await asyncio.to_thread(running.end)
        assert well.said_goodbye
        assert failing.said_goodbye

    asyncio.run(tried())
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_without_any_there_is_nothing_to_end() -> None:
    running = Interfaces(FrontSettings())
    running.end()
    assert running.trouble() is None


def test_a_refused_page_is_tried_again_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_server, "RETRY_S", 0.01)
    other, said = FakeInterface(), list[dict[str, Any]]()
    monkeypatch.setattr(interfaces, "make", lambda *_: [other])

    async def tried() -> None:
        taken = listen(WebSettings(port=0))
        web = WebSettings(port=taken.getsockname()[1])
        front = server.Front(FrontSettings(web=web), FakePlayer(), tmp_path, tmp_path, said.append)
        serving = asyncio.ensure_future(front.serve())
        await until(lambda: sum(line["say"] == "refused" for line in said) > 1)
        taken.close()
        await until(lambda: any(line["say"] == "ready" for line in said))
        assert other.starts == 1
        await asyncio.to_thread(front.end)
        serving.cancel()
        await asyncio.wait([serving])
        assert other.said_goodbye

    asyncio.run(tried())


def test_a_refused_page_alone_ends_the_process_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[dict[str, Any]]()
    monkeypatch.setattr(interfaces, "make", lambda *_: [])

    async def tried() -> None:
        with listen(WebSettings(port=0)) as taken:
            web = WebSettings(port=taken.getsockname()[1])
            await server.Front(FrontSettings(web=web), FakePlayer(), tmp_path, tmp_path, said.append).serve()

    asyncio.run(tried())
    assert said[-1]["say"] == "fatal"
    assert "web.port" in said[-1]["reason"]
