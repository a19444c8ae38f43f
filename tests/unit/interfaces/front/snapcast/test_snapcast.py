"""Whether a snapserver's rooms play the music: at servers that answer, that lie, and that are none."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from player.config.settings.front import SnapcastSettings
from player.interfaces.front.snapcast import server as module
from player.interfaces.front.snapcast.server import SnapcastError, StreamCondition, condition
from player.interfaces.front.snapcast.service import Snapcast, wrong_with
from player.interfaces.front.status_board import StatusBoard
from player.status import PlayerState
from player.types import Json
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.support.front import until

NAME = "ambient-player"


def client(connected: bool = True, muted: bool = False, percent: int = 100) -> Json:
    return {"connected": connected, "config": {"volume": {"muted": muted, "percent": percent}}}


def group(*clients: Json, muted: bool = False, stream: str = NAME) -> Json:
    return {"stream_id": stream, "muted": muted, "clients": list(clients)}


def answer(*groups: Json, status: str = "playing", name: str = NAME) -> bytes:
    """What snapserver 0.26 says, as far as it is read."""
    server = {"streams": [{"id": name, "status": status}], "groups": groups}
    return json.dumps({"id": 1, "jsonrpc": "2.0", "result": {"server": server}}).encode() + b"\r\n"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 60.0)  # the machine may be busy; none of these is about time


def asked(said: bytes, ends: bool = True) -> StreamCondition:
    """What is made of a server that says this."""

    async def run() -> StreamCondition:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            if ends:
                writer.close()

        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with listening:
            return await condition(SnapcastSettings(host="127.0.0.1", port=port))

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (answer(), (True, 0, 0)),
        (answer(group(client()), group(client())), (True, 2, 2)),
        (answer(group(client(), client(muted=True))), (True, 2, 1)),
        (answer(group(client(), muted=True)), (True, 1, 0)),
        (answer(group(client(percent=0))), (True, 1, 0)),
        (answer(group(client(connected=False))), (True, 0, 0)),
        (answer(group(client(), stream="radio")), (True, 0, 0)),
        (answer(group(client()), status="idle"), (False, 1, 1)),
        (b'{"jsonrpc":"2.0","method":"Client.OnConnect"}\r\n' + answer(group(client())), (True, 1, 1)),
    ],
)
def test_a_room_plays_if_a_client_of_the_stream_is_there_and_not_muted(
    said: bytes, found: tuple[bool, int, int]
) -> None:
    assert asked(said) == StreamCondition(*found)


NONSENSE = (
    b"", b"\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"x" * 2_000_000,
    b"[]\n" * 200, b'{"id":1,"result":{}}\n', b'{"id":1,"result":{"server":{"streams":[1]}}}\n',
    b'{"id":1,"result":{"server":{"streams":5}}}\n', answer({"stream_id": NAME, "muted": 1, "clients": 5}),
    answer(group({"connected": True, "config": {"volume": {"muted": False, "percent": "loud"}}})),
)  # fmt: skip


@pytest.mark.parametrize("said", NONSENSE, ids=range(len(NONSENSE)))
def test_what_is_no_snapserver_is_a_sentence(said: bytes) -> None:
    with pytest.raises(SnapcastError, match=r"^(What answers at .* is no|No) snapserver"):
        asked(said)


def test_another_stream_s_name_and_a_server_that_is_silent_or_away_are_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SnapcastError, match=r"has no stream ambient-player; see snapcast\.stream\.$"):
        asked(answer(name="default"))
    with pytest.raises(SnapcastError, match=r"^No snapserver answers at .*port 1 .*see snapcast\.host"):
        asyncio.run(condition(SnapcastSettings(host="127.0.0.1", port=1)))
    with pytest.raises(SnapcastError, match=r"^No snapserver answers at nowhere\.invalid"):
        asyncio.run(condition(SnapcastSettings(host="nowhere.invalid")))
    monkeypatch.setattr(module, "ANSWER_S", 0.1)
    with pytest.raises(SnapcastError, match=r"^No snapserver answers at .*no answer"):
        asked(b"", ends=False)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (StreamCondition(True, 2, 1), None),
        (StreamCondition(False, 2, 1), "No sound comes to the snapserver's stream x"),
        (StreamCondition(True, 0, 0), "nobody plays it: no client is connected"),
        (StreamCondition(True, 2, 0), "nobody hears it: every client"),
    ],
)
def test_why_no_room_hears_it(found: StreamCondition, why: str | None) -> None:
    said = wrong_with(found, "x")
    assert (why is None and said is None) or (why is not None and said is not None and why in said)


def run_with(
    state: str, found: StreamCondition | SnapcastError, check: Callable[[list[Json]], Any]
) -> list[Json]:
    """What the player is told of such a server while its music is so."""

    async def ask(_: SnapcastSettings) -> StreamCondition:
        if isinstance(found, SnapcastError):
            raise found
        return found

    async def run() -> list[Json]:
        now, said = status.whole(), list[Json]()
        player = FakePlayer(replace(now, playback=replace(now.playback, state=PlayerState(state))))
        board = StatusBoard(player)
        watched = Snapcast(SnapcastSettings(), board, said.append, ask, look_s=0.01)
        tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(watched.run())]
        await until(lambda: check(said))
        assert watched.trouble() is None
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return said

    return asyncio.run(run())


def test_the_player_is_told_once_who_plays_and_why_nobody_does() -> None:
    muted = run_with("playing", StreamCondition(True, 1, 0), lambda said: said and said[-1]["problem"])
    assert muted[-1]["players"] == 0
    assert len(muted) <= 2, "before the status has come, and then once"
    gone = run_with("playing", SnapcastError("gone."), lambda said: said)
    assert gone == [{"say": "snapcast", "players": None, "problem": "gone."}]


def test_while_the_music_pauses_an_idle_stream_is_no_fault() -> None:
    since = time.monotonic()
    said = run_with("paused", StreamCondition(False, 1, 1), lambda _: time.monotonic() > since + 0.1)
    assert said == [{"say": "snapcast", "players": 1, "problem": None}]
