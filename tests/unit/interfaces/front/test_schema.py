"""What /openapi.json promises is what is answered, whatever is sent: schemathesis tries it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import CHECKS
from starlette.requests import Request

from player.config.settings.web import WebSettings
from player.interfaces.command_table import COMMANDS, Role
from player.interfaces.front.listening import listen
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.schema import PATH, Schema
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Authenticator, Identity
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.server_options import server_options
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.support.front import OWNER, Known
from tests.support.waiting import wait_for


@contextmanager
def serving(who: Authenticator) -> Iterator[str]:
    """A real server over a player that does all it is told, for one who asks; gives its address."""
    bound = listen(WebSettings(port=0))
    access = Access(port=bound.getsockname()[1])
    folder = Path(mkdtemp())
    app = served(make_app(FakePlayer(), access, Logins.of(access, folder)), access, who)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, **server_options(access)))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), daemon=True)
    thread.start()
    wait_for(lambda: server.started, 10, "the server")
    yield f"http://127.0.0.1:{access.port}"
    server.should_exit = True
    thread.join(60)
    shutil.rmtree(folder)


APP = make_app(FakePlayer(), Access(), Logins.of(Access(), Path("/nowhere")))
SCHEMA = schemathesis.openapi.from_dict(APP.openapi())
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.exclude(path="/api/events").get_all_operations()}
PUBLIC = {"GET /healthz", "GET /openapi.json", "POST /api/login"}
OWNERS = ("sessions", "end_session", "tokens", "add_token", "remove_token", "set_password")
"""Beside the commands that only an owner may give."""


@pytest.fixture(scope="module")
def owners() -> Iterator[str]:
    with serving(OWNER) as at:
        yield at


@pytest.fixture(scope="module")
def staffs() -> Iterator[str]:
    with serving(Known(Identity(Role.STAFF, "Mia"))) as at:
        yield at


@pytest.fixture(scope="module")
def nobodys() -> Iterator[str]:
    with serving(Known(None)) as at:
        yield at


def tried(name: str, at: str, times: int) -> set[int]:
    """The statuses of so many requests; fails for an answer that is not promised."""
    found: set[int] = set()
    # No schema can say which text is a picture.
    excluded = [CHECKS.get_one("positive_data_acceptance")] if "playlist" in name else []

    @given(case=OPERATIONS[name].as_strategy())
    @settings(max_examples=times, suppress_health_check=list(HealthCheck))
    def one(case: Case) -> None:
        found.add(case.call_and_validate(base_url=at, excluded_checks=excluded).status_code)

    one()
    return found


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_to_the_owner_is_a_promised_one(owners: str, name: str) -> None:
    """`/api/events` does not end, and has tests of its own."""
    assert max(tried(name, owners, 20)) < 500


@pytest.mark.parametrize("name", OPERATIONS)
def test_staff_and_nobody_get_promised_answers_and_nothing_of_the_owners(
    staffs: str, nobodys: str, name: str
) -> None:
    command = OPERATIONS[name].definition.raw["operationId"].removeprefix("command_").removesuffix("_csv")
    allowed = COMMANDS[command].allows(Role.STAFF) if command in COMMANDS else command not in OWNERS
    staff = tried(name, staffs, 5)
    assert max(staff) < 500
    assert allowed or not {status for status in staff if status < 400}
    if name not in PUBLIC:
        assert tried(name, nobodys, 3) == {401}


def asked_for(root: str = "") -> bytes:
    """The schema's text as it is answered, by an application that was not asked before."""
    made = Schema(APP)
    request = Request({"type": "http", "method": "GET", "path": PATH, "headers": [], "root_path": root})
    return bytes(asyncio.run(made.answer(request)).body)


def test_its_text_is_made_by_a_copy_and_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy ends with what it took; where it is killed, the process itself makes the text."""
    made_here = []
    document = Schema.document

    def noted(self: Schema) -> Json:
        made_here.append(self)
        return document(self)

    monkeypatch.setattr(Schema, "document", noted)
    assert json.loads(asked_for("/music")) == document(Schema(APP)) | {"servers": [{"url": "/music"}]}
    assert made_here == []
    monkeypatch.setattr(os, "fork", killed(os.fork))
    assert json.loads(asked_for()) == document(Schema(APP))
    assert len(made_here) == 1


def killed(fork: Callable[[], int]) -> Callable[[], int]:
    """A copy that is ended before it has said anything."""

    def ended() -> int:
        if (pid := fork()) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return pid

    return ended
