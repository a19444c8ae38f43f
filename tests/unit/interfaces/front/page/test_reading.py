"""A page waits for its turn."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page import reading
from player.types import Json


class Crowded:
    """Refuses so often, and then answers."""

    def __init__(self, refusals: int, code: str = "busy") -> None:
        self.refusals, self.code = refusals, code

    async def command(self, name: str, fields: Json) -> Json:
        if self.refusals:
            self.refusals -= 1
            raise PlayerRefusal(self.code, f"{name} is asked for too often at once.")
        return {"asked": name, **fields}


def asked(client: Crowded) -> Json:
    app = type("App", (), {"state": type("State", (), {"client": client})()})()
    return asyncio.run(reading.read(Request({"type": "http", "app": app}), "day", {"date": "2026-05-01"}))


@pytest.mark.parametrize("refusals", [0, 1, len(reading.PAUSES_S)])
def test_what_is_asked_for_by_many_at_once_comes_a_little_later(
    refusals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAUSES_S", (0.0,) * len(reading.PAUSES_S))
    assert asked(Crowded(refusals)) == {"asked": "day", "date": "2026-05-01"}


def test_it_does_not_wait_for_ever_nor_for_another_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAUSES_S", (0.0, 0.0))
    for client, left in ((Crowded(9), 6), (Crowded(9, "missing"), 8)):
        with pytest.raises(PlayerRefusal):
            asked(client)
        assert client.refusals == left
