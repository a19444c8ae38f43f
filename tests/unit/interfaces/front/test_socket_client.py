"""The player behind its control socket, as the front asks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from player.interfaces.front.player_client import News, PlayerRefusal
from player.interfaces.front.socket_client import AT_ONCE, SocketClient
from player.types import Json

Answer = Callable[[Json, asyncio.StreamWriter], Awaitable[None]]


def run(folder: Path, answer: Answer, ask: Callable[[Path], Awaitable[None]]) -> None:
    """Ask a player that answers each command so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(json.loads(await reader.readline()), writer)
        writer.close()

    async def both() -> None:
        path = folder / "control.sock"
        async with await asyncio.start_unix_server(serve, path):
            await ask(path)

    asyncio.run(both())


def say(writer: asyncio.StreamWriter, **said: object) -> None:
    writer.write(json.dumps(said).encode() + b"\n")


def test_fields_go_there_and_the_answer_comes_back(tmp_path: Path) -> None:
    async def answer(asked: Json, writer: asyncio.StreamWriter) -> None:
        say(writer, ok=True, message=f"{asked['command']} {asked['percent']}")

    async def ask(path: Path) -> None:
        assert await SocketClient(path).command("volume", {"percent": 40}) == {"message": "volume 40"}

    run(tmp_path, answer, ask)


def test_no_field_takes_the_place_of_the_command(tmp_path: Path) -> None:
    async def answer(asked: Json, writer: asyncio.StreamWriter) -> None:
        say(writer, ok=True, asked=[*asked.items()])

    async def ask(path: Path) -> None:
        fields = {"state": "off", "command": "camera"}
        assert (await SocketClient(path).command("pause", fields))["asked"] == [
            ["command", "pause"],
            ["state", "off"],
        ]

    run(tmp_path, answer, ask)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ok": False, "error": "Not now.", "code": "refused"}, "refused"),
        ({"ok": False, "error": "Not now."}, "refused"),
        (None, "away"),
    ],
)
def test_what_it_refuses_has_a_code(tmp_path: Path, said: Json | None, code: str) -> None:
    async def answer(_: Json, writer: asyncio.StreamWriter) -> None:
        if said is not None:
            say(writer, **said)

    async def ask(path: Path) -> None:
        with pytest.raises(PlayerRefusal) as refused:
            await SocketClient(path).command("next", {})
        assert refused.value.code == code

    run(tmp_path, answer, ask)


def test_nobody_there_and_no_answer_in_time_are_said(tmp_path: Path) -> None:
    async def silent(_: Json, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)

    async def ask(path: Path) -> None:
        with pytest.raises(PlayerRefusal) as away:
            await SocketClient(tmp_path / "none").command("next", {})
        with pytest.raises(PlayerRefusal) as late:
            await SocketClient(path, answer_s=0.01).command("next", {})
        assert (away.value.code, late.value.code) == ("away", "timeout")

    run(tmp_path, silent, ask)


def test_so_many_at_a_time_and_no_more(tmp_path: Path) -> None:
    """A flood of requests does not become a flood of the player's threads."""
    under_way, most = 0, 0
    free = asyncio.Event()

    async def answer(_: Json, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await free.wait()
        under_way -= 1
        say(writer, ok=True, message="done")

    async def ask(path: Path) -> None:
        client = SocketClient(path, wait_s=0.05)
        tasks = [asyncio.ensure_future(client.command("next", {})) for _ in range(3 * AT_ONCE)]
        refused, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        async with asyncio.timeout(60):  # who waits for a turn may give up before all turns are taken
            while under_way < AT_ONCE:
                await asyncio.sleep(0.01)
        free.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(result == {"message": "done"} for result in results) >= AT_ONCE
        assert {each.code for each in results if isinstance(each, PlayerRefusal)} == {"busy"}
        assert refused

    run(tmp_path, answer, ask)
    assert most == AT_ONCE


def test_lines_come_as_they_are_made_until_it_ends_or_refuses(tmp_path: Path) -> None:
    had = asyncio.Event()

    async def answer(asked: Json, writer: asyncio.StreamWriter) -> None:
        say(writer, ok=True, step=1)
        await had.wait()
        say(writer, **({"ok": True, "step": 2} if asked["mood"] == "calm" else {"ok": False, "error": "No."}))

    async def lines(path: Path, mood: str) -> list[Json]:
        found = []
        async for line in SocketClient(path).lines("playlist_steps", {"mood": mood}):
            found.append(line)
            had.set()
        return found

    async def ask(path: Path) -> None:
        assert await lines(path, "calm") == [{"step": 1}, {"step": 2}]
        with pytest.raises(PlayerRefusal, match=r"No\."):
            await lines(path, "odd")

    run(tmp_path, answer, ask)


def test_watch_gives_statuses_and_heartbeats_until_it_ends(tmp_path: Path) -> None:
    async def answer(asked: Json, writer: asyncio.StreamWriter) -> None:
        assert asked == {"command": "watch"}
        say(writer, ok=True, id="a-1", status={"playback": {}})
        say(writer, ok=True, id="a-1", heartbeat=True)

    async def ask(path: Path) -> None:
        news = []
        try:
            async for each in SocketClient(path).watch():
                news.append(each)
        except PlayerRefusal as error:
            ended = error
        assert news == [News("a-1", {"playback": {}}), News("a-1", None)]
        assert ended.code == "away"

    run(tmp_path, answer, ask)
