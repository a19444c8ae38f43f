"""Playlists for a mood or a picture, and what the camera sees."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Protocol

from player.camera.picture_limits import PictureError
from player.errors import ArgumentError
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.pictures import (
    PlaylistAnswer,
    PlaylistRequest,
    PreviewAnswer,
    PreviewRequest,
)
from player.log import EventLog, LogEvent
from player.mood.wishes import ReadWish
from player.room.preview import Preview
from player.selection.playlist import Narrowing, Playlist, Wish
from player.types import Image, Scene

log = EventLog(__name__, LogEvent.COMMAND)

WIDTH, HEIGHT = 640, 480
"""A picture is read at the size of a camera's frame."""


class Perception(Protocol):
    """What these need of perception; room/perception.py says what each does."""

    def read_wish(self, text: str) -> ReadWish: ...  # noqa: D102
    def look(self, image: Image) -> tuple[Scene, ReadWish]: ...  # noqa: D102
    def preview(self) -> Preview: ...  # noqa: D102


class Playlists(Protocol):
    """What these need of the selection; selection/playlist_service.py says what it does."""

    def plan(  # noqa: D102
        self, wish: Wish, minutes: int, follow: bool, narrowing: Narrowing
    ) -> Playlist: ...


class Decoder(Protocol):
    """What these need of the process that decodes; interfaces/pictures/process.py says what it does."""

    def decode(self, data: bytes, width: int, height: int) -> Image: ...  # noqa: D102


class PictureCommands:
    """All on the thread of who asks: nothing here is waited for by the music or by the room's reading."""

    def __init__(self, perception: Perception, playlists: Playlists, decoder: Decoder) -> None:
        self._perception, self._playlists, self._decoder = perception, playlists, decoder

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {PlaylistRequest: self._playlist, PreviewRequest: self._preview}

    def _playlist(self, request: PlaylistRequest) -> PlaylistAnswer:
        wish = self._said(request.mood) if request.mood is not None else self._seen(request.picture or "")
        narrowing = Narrowing(request.tracks, tuple(request.genres), tuple(request.without_genres))
        found = self._playlists.plan(wish, request.minutes, request.follow, narrowing)
        log.info("playlist made: %s", found.summary)
        return PlaylistAnswer(found.summary, found)

    def _said(self, text: str) -> Wish:
        read = self._perception.read_wish(text)
        return Wish(text, read.mood, read.why)

    def _seen(self, picture: str) -> Wish:
        try:
            image = self._decoder.decode(b64decode(picture), WIDTH, HEIGHT)
        except PictureError as error:
            raise ArgumentError(f"the picture cannot be used: {error.why}.", "picture") from error
        scene, read = self._perception.look(image)
        return Wish("a picture", read.mood, read.why, scene)

    def _preview(self, _: PreviewRequest) -> PreviewAnswer:
        seen = self._perception.preview()
        return PreviewAnswer(
            message=seen.message,
            jpeg=b64encode(seen.jpeg).decode(),
            width=seen.width,
            height=seen.height,
            age_s=seen.age_s,
            source=seen.source,
            lens=seen.lens,
            gate=seen.gate,
        )
