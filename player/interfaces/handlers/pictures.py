"""Playlists for a mood or a picture, and what the camera sees."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from player.camera.picture_limits import PictureError
from player.errors import ArgumentError
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.pictures import (
    PlaylistAnswer,
    PlaylistRequest,
    PlaylistStep,
    PlaylistStepsRequest,
    PreviewAnswer,
    PreviewRequest,
)
from player.interfaces.steps import Steps
from player.log import EventLog, LogEvent
from player.mood.wishes import ReadWish
from player.room.preview import Preview
from player.selection.playlist import MoodStep, Narrowing, PhotoScene, Playlist, Wish
from player.types import Image, Scene

log = EventLog(__name__, LogEvent.COMMAND)

WIDTH, HEIGHT = 640, 480
"""A picture is read at the size of a camera's frame."""


class Perception(Protocol):
    """What these need of perception; room/perception.py says what each does."""

    def read_wish(self, text: str) -> ReadWish: ...  # noqa: D102
    def look(self, image: Image) -> Scene: ...  # noqa: D102
    def feel(self, scene: Scene) -> ReadWish: ...  # noqa: D102
    def preview(self) -> Preview: ...  # noqa: D102


class Playlists(Protocol):
    """What these need of the selection; selection/playlist_service.py says what it does."""

    def plan(  # noqa: D102
        self, wish: Wish, minutes: int, follow: bool, narrowing: Narrowing
    ) -> Playlist: ...


class PictureDecoder(Protocol):
    """What these need of the process that decodes; interfaces/pictures/process.py says what it does."""

    def decode(self, data: bytes, width: int, height: int) -> Image: ...  # noqa: D102


class PictureCommands:
    """All on the thread of who asks: nothing here is waited for by the music or by the room's reading."""

    def __init__(self, perception: Perception, playlists: Playlists, decoder: PictureDecoder) -> None:
        self._perception, self._playlists, self._decoder = perception, playlists, decoder

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            PlaylistRequest: self._playlist,
            PlaylistStepsRequest: lambda request: Steps(self._steps(request)),
            PreviewRequest: self._preview,
        }

    def _playlist(self, request: PlaylistRequest) -> PlaylistAnswer:
        *_, last = self._steps(request)
        assert last.playlist is not None
        return PlaylistAnswer(last.playlist.summary, last.playlist)

    def _steps(self, request: PlaylistRequest) -> Iterator[PlaylistStep]:
        step, scene = PlaylistStep(), None
        if request.picture is not None:
            scene = self._perception.look(self._decoded(request.picture))
            yield (step := replace(step, seen=PhotoScene.of(scene)))
        text = request.mood or "a picture"
        read = self._perception.feel(scene) if scene else self._perception.read_wish(text)
        yield (step := replace(step, mood=MoodStep.of(read.mood, read.why)))
        narrowing = Narrowing(request.tracks, tuple(request.genres), tuple(request.without_genres))
        wish = Wish(text, read.mood, read.why, scene)
        found = self._playlists.plan(wish, request.minutes, request.follow, narrowing)
        log.info("playlist made: %s", found.summary)
        yield replace(step, playlist=found)

    def _decoded(self, picture: str) -> Image:
        try:
            return self._decoder.decode(b64decode(picture), WIDTH, HEIGHT)
        except PictureError as error:
            raise ArgumentError(f"the picture cannot be used: {error.why}.", "picture") from error

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
