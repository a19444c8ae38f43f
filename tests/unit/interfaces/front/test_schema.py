"""What /openapi.json promises is what is answered, whatever is sent: schemathesis tries it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from player.interfaces.front.web.security.loopback_owner import LoopbackOwner
from schemathesis import Case

from player.config.settings.web import WebSettings
from player.interfaces.front.child import listen
from player.interfaces.front.web.app import make_app, served
from tests.fakes.player import FakePlayer
from tests.support.waiting import wait_for


@contextmanager
def serving() -> Iterator[str]:
    """A real server over a player that does all it is told; gives its address."""
    bound = listen(WebSettings(port=0))
    app = served(make_app(FakePlayer(), LoopbackOwner()))
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", http="h11")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), daemon=True)
    thread.start()
    wait_for(lambda: server.started, 10, "the server")
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def at() -> Iterator[str]:
    with serving() as address:
        yield address


SCHEMA = schemathesis.openapi.from_dict(make_app(FakePlayer(), LoopbackOwner()).openapi())
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.exclude(path="/api/events").get_all_operations()}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_a_promised_one(at: str, name: str) -> None:
    """`/api/events` does not end, and has tests of its own."""

    @given(case=OPERATIONS[name].as_strategy())
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    def tried(case: Case) -> None:
        case.call_and_validate(base_url=at)

    tried()
