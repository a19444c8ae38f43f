"""What a snapserver says of itself: its streams, and who plays them (JSON-RPC, a line each way)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

from player.config.settings.front import SnapcastSettings
from player.errors import PlayerError
from player.types import Json

ANSWER_S = 3.0
"""It is on the local network or on this machine."""
LONGEST_ANSWER = 1_000_000
"""Bytes; a client takes about 700."""
MOST_LINES = 100
"""It tells all that happens to everybody who is connected, between question and answer, too."""
_QUESTION = b'{"id":1,"jsonrpc":"2.0","method":"Server.GetStatus"}\r\n'


class SnapcastError(PlayerError):
    """A snapserver that cannot be asked, in one sentence."""


@dataclass(frozen=True, slots=True)
class StreamCondition:
    """How the player's stream is at the server.

    playing  sound comes through its pipe
    clients  that are connected to it
    heard    of them, those that are not muted
    """

    playing: bool
    clients: int
    heard: int


async def condition(settings: SnapcastSettings) -> StreamCondition:
    """Ask the server for the stream. Raises SnapcastError."""
    where = f"{settings.host}, port {settings.port}"
    try:
        async with asyncio.timeout(ANSWER_S):
            found = await _status(settings)
    except (OSError, asyncio.LimitOverrunError) as error:  # TimeoutError is an OSError
        said = getattr(error, "strerror", None) or "no answer"
        raise SnapcastError(
            f"No snapserver answers at {where} ({said}); see snapcast.host and snapcast.port."
        ) from error
    except ValueError as error:
        raise _no_snapserver(where) from error
    try:
        names = [stream["id"] for stream in found["server"]["streams"]]
        if settings.stream not in names:
            raise SnapcastError(
                f"The snapserver at {where} has no stream {settings.stream}; see snapcast.stream."
            )
        return _of_stream(found["server"], settings.stream)
    except (KeyError, TypeError) as error:
        raise _no_snapserver(where) from error


def _no_snapserver(where: str) -> SnapcastError:
    return SnapcastError(f"What answers at {where} is no snapserver; see snapcast.port.")


async def _status(settings: SnapcastSettings) -> Json:
    """The server's answer. Raises OSError, TimeoutError, ValueError if it makes no sense."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port, limit=LONGEST_ANSWER)
    try:
        writer.write(_QUESTION)
        for _ in range(MOST_LINES):
            said = json.loads(await reader.readline())
            if isinstance(said, dict) and said.get("id") == 1 and isinstance(said.get("result"), dict):
                return dict(said["result"])
        raise ValueError("no answer among many lines")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    finally:
        writer.close()


def _of_stream(server: Json, name: str) -> StreamCondition:
    (stream,) = (stream for stream in server["streams"] if stream["id"] == name)
    clients = list(_connected(server, name))
    return StreamCondition(stream["status"] == "playing", len(clients), sum(clients))


def _connected(server: Json, name: str) -> Iterator[bool]:
    """For each client that is connected to the stream, whether it can be heard."""
    for group in server["groups"]:
        if group["stream_id"] != name:
            continue
        for client in group["clients"]:
            if client["connected"]:
                volume = client["config"]["volume"]
                yield not group["muted"] and not volume["muted"] and volume["percent"] > 0
