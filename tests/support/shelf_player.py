"""A player with a real library, as the front sees it: for what is asked of that."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from mutagen.id3 import ID3, TALB, TCON, TIT2, TPE1

from player.config.settings.config import Config
from player.errors import ControlError, PlayerError
from player.interfaces.command_table import read_request
from player.interfaces.commands import CommandHandler
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.handlers.library import LibraryCommands
from player.interfaces.pictures.covers import Cover
from player.library.database.store import Library
from player.library.rules import HouseRules, compile_rules
from player.mood.wishes import ReadWish
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.unit.library import files

ASKED = ("library", "collection", "track")


class NoCovers:
    """No track has one."""

    def cover(self, track_id: int) -> Cover:
        """See Covers."""
        raise PlayerRefusal("missing", f"track {track_id} has no cover.")


class Anything:
    """Nothing is kept from being chosen."""

    @property
    def rules(self) -> HouseRules:
        """See Selection."""
        return compile_rules(Config().rules, Config().dayparts)

    def resting(self) -> frozenset[int]:
        """See Selection."""
        return frozenset()


def _no_wish(_: str) -> ReadWish:
    raise ControlError("a sentence cannot be read now.")


class ShelfPlayer(FakePlayer):
    """Answers from the library what is asked of it, and all else as its parent does."""

    def __init__(self, folder: Path, songs: list[tuple[str, str, str, str]]) -> None:
        """`songs`: artist, album, title and genre of each, in the order of their numbers."""
        super().__init__()
        music = folder / "music"
        music.mkdir()
        for place, (artist, album, title, genre) in enumerate(songs):
            path = files.mp3(music / f"{place:04}.mp3")
            tags = ID3()
            for frame, text in ((TPE1, artist), (TALB, album), (TIT2, title), (TCON, genre)):
                if text:
                    tags.add(frame(encoding=3, text=[text]))
            tags.save(path)
        self.library = Library(folder / "library.db")
        self.library.scan([music])
        self.commands = CommandHandler(
            [
                LibraryCommands(
                    self.library.database.path,
                    self.library,
                    NoCovers(),
                    lambda: UTC,
                    Anything(),
                    _no_wish,
                    lambda _: True,
                )
            ]
        )

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        if name not in ASKED:
            return await super().command(name, arguments)
        self.told.append((name, arguments))
        try:
            answer: Json = self.commands.execute(read_request(name, more=arguments)).as_json()  # type: ignore[union-attr]
        except PlayerError as error:
            raise PlayerRefusal(getattr(error, "code", "refused"), str(error)) from None
        return answer
