"""What each of MPD's commands does, as staff; what would change the queue is refused."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable

from player import emotions
from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.browsing import Browsing
from player.interfaces.front.mpd.lines import Ack, Refusal, pairs, seconds, whole
from player.interfaces.front.mpd.queue_view import QueueView
from player.interfaces.front.mpd.refused import QUEUE, REFUSED
from player.interfaces.front.mpd.shelf import Shelf
from player.interfaces.front.mpd.tags import TAGS, tag_named
from player.interfaces.front.player_client import PlayerClient, PlayerRefusal
from player.interfaces.front.staff_controls import StaffControls
from player.interfaces.front.status_board import StatusBoard, StatusSnapshot

CHUNK = 8192
"""Bytes of a picture in one answer, unless a program wants it otherwise (MPD's own default)."""
COVERS = 8
"""So many are kept: each is asked for in many chunks, by several programs at a time."""

Arguments = list[str]
Handler = Callable[[Arguments], Awaitable[bytes]]
PICTURES = ("albumart", "readpicture")


class Commands:
    """Carries out what one or many connections ask.

    staff_volume  the least and the greatest volume that staff may set, percent
    """

    def __init__(self, client: PlayerClient, board: StatusBoard, staff_volume: tuple[int, int]) -> None:
        self._client, self._board, self._controls = client, board, StaffControls(client, staff_volume)
        self._browsing = Browsing(Shelf(client))
        self._found: dict[str, Handler] = {
            name.partition("do_")[2]: getattr(place, name)
            for place in (self, self._browsing, QueueView(board))
            for name in dir(place)
            if name.startswith(("_do_", "do_"))
        }
        self._covers: dict[int, bytes] = {}
        self._fetching = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        """All that can be asked."""
        return sorted({*self._found, *PICTURES, "binarylimit", "close", "idle", "noidle", "password", "ping"})

    async def run(self, name: str, arguments: Arguments, chunk: int = CHUNK) -> bytes:
        """The answer, less its OK; a picture in pieces of so many bytes. Raises Refusal."""
        if arguments == [answers.MODES.get(name)]:  # who asks for what is so, has it
            return b""
        if name in REFUSED:
            raise Refusal(Ack.PERMISSION, REFUSED[name])
        handler = self._found.get(name)
        if handler is None and name not in PICTURES:
            raise Refusal(Ack.UNKNOWN, f'unknown command "{name[:40]}"')
        try:
            if handler is None:
                return await self._picture(arguments, chunk, embedded=name == "readpicture")
            return await handler(arguments)
        except PlayerRefusal as error:
            raise Refusal(Ack.NO_EXIST if error.code == "missing" else Ack.SYSTEM, error.detail) from None

    def _now(self) -> StatusSnapshot:
        return answers.now(self._board)

    def _position_s(self, now: StatusSnapshot) -> float:
        playback = now.status["playback"]
        run_s = self._board.age_s(now) if playback["state"] == "playing" else 0.0
        position_s = float(playback["position_s"] or 0.0) + run_s
        return min(position_s, playback["duration_s"]) if playback["duration_s"] else position_s

    async def _do_status(self, _: Arguments) -> bytes:
        now = self._now()
        return pairs(answers.status(now.status, self._position_s(now)))

    async def _do_currentsong(self, _: Arguments) -> bytes:
        playback = self._now().status["playback"]
        track = playback["track"]
        return pairs(answers.song(track, 0, playback["duration_s"])) if track else b""

    async def _do_play(self, _: Arguments) -> bytes:
        await self._controls.play()
        return b""

    _do_playid = _do_play

    async def _do_pause(self, arguments: Arguments) -> bytes:
        if not arguments:
            await self._controls.toggle()
        elif arguments[0] == "0":
            await self._controls.play()
        else:
            await self._controls.pause()
        return b""

    async def _do_stop(self, _: Arguments) -> bytes:
        return await self._do_pause(["1"])

    async def _do_seekcur(self, arguments: Arguments) -> bytes:
        place_s = seconds(_only(arguments))
        if arguments[0][:1] in ("+", "-"):
            here_s = self._position_s(self._now())
            place_s = here_s + (-place_s if arguments[0].startswith("-") else place_s)
        await self._controls.seek(place_s)
        return b""

    async def _do_seek(self, arguments: Arguments) -> bytes:
        return await self._seek_in(arguments, "0")

    async def _do_seekid(self, arguments: Arguments) -> bytes:
        track = self._now().status["playback"]["track"]
        return await self._seek_in(arguments, str(answers.song_id(track)) if track else "")

    async def _seek_in(self, arguments: Arguments, current: str) -> bytes:
        """A place in the track that plays: what comes next depends on the room."""
        if len(arguments) != 2:
            raise Refusal(Ack.ARG, "wrong number of arguments")
        if arguments[0] != current:
            raise Refusal(Ack.PERMISSION, QUEUE)
        return await self._do_seekcur([str(seconds(arguments[1]))])

    async def _do_next(self, _: Arguments) -> bytes:
        await self._controls.skip()
        return b""

    async def _do_setvol(self, arguments: Arguments) -> bytes:
        return await self._set_volume(whole(_only(arguments)))

    async def _do_volume(self, arguments: Arguments) -> bytes:
        now = int(self._now().status["playback"]["volume_wanted"])
        return await self._set_volume(now + whole(_only(arguments)))

    async def _set_volume(self, percent: int) -> bytes:
        await self._controls.set_percent(percent)
        return b""

    async def _do_getvol(self, _: Arguments) -> bytes:
        return pairs([("volume", str(self._now().status["playback"]["volume"]))])

    async def _do_listplaylists(self, _: Arguments) -> bytes:
        stamp = "2026-01-01T00:00:00Z"
        return pairs(pair for name in playlists() for pair in (("playlist", name), ("Last-Modified", stamp)))

    async def _do_load(self, arguments: Arguments) -> bytes:
        name = arguments[0] if arguments else ""
        if name not in playlists():
            raise Refusal(Ack.NO_EXIST, "No such playlist; listplaylists has the moods.")
        if name == answers.FOLLOW:
            await self._client.command("unpin", {})
        else:
            await self._client.command("pin", {"mood": name})
        return b""

    async def _do_listplaylist(self, arguments: Arguments) -> bytes:
        if _only(arguments) not in playlists():
            raise Refusal(Ack.NO_EXIST, "No such playlist")
        return b""

    _do_listplaylistinfo = _do_listplaylist

    async def _do_lsinfo(self, arguments: Arguments) -> bytes:
        listed = await self._browsing.folder(arguments)
        return listed if "".join(arguments).strip("/") else listed + await self._do_listplaylists([])

    async def _picture(self, arguments: Arguments, chunk: int, embedded: bool) -> bytes:
        if len(arguments) != 2:
            raise Refusal(Ack.ARG, "wrong number of arguments")
        track, offset = answers.number(arguments[0]), whole(arguments[1])
        picture = await self._cover(track) if track is not None else None
        if picture is None and embedded and track is not None:
            return b""
        if picture is None:
            raise Refusal(Ack.NO_EXIST, "No file exists")
        if not 0 <= offset <= len(picture):
            raise Refusal(Ack.ARG, "Bad file offset")
        piece = picture[offset : offset + chunk]
        kind = [("type", "image/jpeg")] if embedded else []
        return pairs([("size", str(len(picture))), *kind, ("binary", str(len(piece)))]) + piece + b"\n"

    async def _cover(self, track: int) -> bytes | None:
        async with self._fetching:
            if track not in self._covers:
                try:
                    answer = await self._client.command("cover", {"id": track})
                except PlayerRefusal as error:
                    if error.code == "missing":
                        return None
                    raise
                self._covers[track] = base64.b64decode(answer["jpeg"])
                if len(self._covers) > COVERS:
                    del self._covers[next(iter(self._covers))]
            return self._covers[track]

    async def _do_commands(self, _: Arguments) -> bytes:
        return pairs(("command", name) for name in self.names)

    async def _do_notcommands(self, _: Arguments) -> bytes:
        return pairs(("command", name) for name in sorted(REFUSED))

    async def _do_tagtypes(self, arguments: Arguments) -> bytes:
        if not arguments:
            return pairs(("tagtype", tag) for tag in TAGS)
        if arguments[0] not in ("all", "clear", "enable", "disable"):
            raise Refusal(Ack.ARG, "Unknown sub command")
        for name in arguments[1:]:
            tag_named(name)
        return b""  # all of them are told anyway: a line more hurts nobody

    async def _do_outputs(self, _: Arguments) -> bytes:
        return pairs(
            (
                ("outputid", "0"),
                ("outputname", "ambient-player"),
                ("plugin", "libvlc"),
                ("outputenabled", "1"),
            )
        )

    async def _nothing(self, _: Arguments) -> bytes:
        return b""

    _do_urlhandlers = _do_decoders = _do_clearerror = _nothing
    _do_listmounts = _do_channels = _do_readmessages = _do_listneighbors = _nothing
    _do_clear = _nothing
    """Programs clear the queue before they load: the mood that is loaded takes its place."""

    async def _do_listpartitions(self, _: Arguments) -> bytes:
        return pairs([("partition", "default")])

    async def _do_replay_gain_status(self, _: Arguments) -> bytes:
        return pairs([("replay_gain_mode", "auto")])


def playlists() -> list[str]:
    """What can be loaded: no playlists, but what the music may be held at."""
    return [answers.FOLLOW, *emotions.vocabularies()["mood7"]]


def _only(arguments: Arguments) -> str:
    if len(arguments) != 1:
        raise Refusal(Ack.ARG, "wrong number of arguments")
    return arguments[0]
