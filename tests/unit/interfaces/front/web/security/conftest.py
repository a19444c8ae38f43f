"""A small app behind the gate, with passwords set: `counter` and who asks is all it knows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from player.interfaces.command_table import Role
from player.interfaces.front.web import problems
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.gate import Gate
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.routes import router
from player.interfaces.front.web.security.secrets_authenticator import SecretsAuthenticator, new_credential
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from tests.support import asgi

PASSWORDS = {Role.OWNER: "correct horse", Role.STAFF: "battery staple"}
HASHES = {role: passwords.hashed(password) for role, password in PASSWORDS.items()}


APP = FastAPI()
"""One for all tests: to make one takes longer than most of them."""
APP.include_router(router)
problems.install(APP)


@APP.post("/api/commands/{name}")
async def command(request: Request, name: str) -> dict[str, Any]:
    request.app.state.shop.changes.append(name)
    asker, identity = request.state.asker, request.state.identity
    body = len(await request.body())
    return {"role": identity.role, "name": identity.name, "address": asker.address, "bytes": body}


@APP.post("/api/playlist")
async def playlist(request: Request) -> dict[str, Any]:
    return {"bytes": len(await request.body())}


@APP.get("/api/status")
async def status(request: Request) -> dict[str, Any]:
    return {"role": request.state.identity.role, "root_path": request.scope["root_path"]}


@APP.get("/healthz")
async def healthz() -> str:
    return "ok"


@APP.get("/api/events")
async def events(request: Request) -> StreamingResponse:
    shop: Shop = request.app.state.shop

    async def lines() -> AsyncIterator[bytes]:
        for number in range(20):
            shop.now_s += 1
            yield b"data: %d\n\n" % number
            shop.changes.append(f"line {number}")
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/event-stream")


@dataclass
class Shop:
    """The gate, the app behind it, and a clock that stands still.

    set_by_s  by how much the wall clock was set since
    """

    file: SecretsFile
    access: Access
    now_s: float = 1_000_000.0
    set_by_s: float = 0.0
    changes: list[str] = field(default_factory=list)
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        authenticator = SecretsAuthenticator(self.file, self.access, self.steady)
        logins = Logins(self.file, authenticator, self.access, self.clock, self.steady)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            APP.state.shop, APP.state.logins = self, logins
            await APP(scope, receive, send)

        self.gate = Gate(app, self.access, authenticator, clock=self.clock, steady=self.steady)

    def clock(self) -> float:
        return self.now_s + self.set_by_s

    def steady(self) -> float:
        return self.now_s

    def open(self, **access: Any) -> "Shop":
        """The same with other settings."""
        return Shop(self.file, replace(self.access, **access), self.now_s)

    def log_in(self, role: Role = Role.OWNER, **more: Any) -> dict[str, str]:
        """The headers that a page of ours sends from then on."""
        wanted = {"role": role, "password": PASSWORDS[role]}
        reply = asgi.post(self.gate, "/api/login", wanted, **more)
        assert reply.status == 200, reply.body
        return {"cookie": reply.cookie, "x-csrf-token": reply.json["csrf"]}

    def token(self, role: Role = Role.OWNER, name: str = "door") -> dict[str, str]:
        secret, token = new_credential(role, name, self.clock(), None)
        self.file.change(lambda found: found.with_token(token))
        return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def file(tmp_path: Path) -> SecretsFile:
    return SecretsFile(tmp_path / "state" / NAME)


@pytest.fixture
def shop(file: SecretsFile) -> Shop:
    """With the passwords of both roles."""
    for role, hashed in HASHES.items():
        file.change(lambda found, role=role, hashed=hashed: found.with_password(role, hashed))  # type: ignore[misc]
    return Shop(file, Access())


@pytest.fixture
def open_shop(file: SecretsFile) -> Shop:
    """Without a password."""
    return Shop(file, Access())
