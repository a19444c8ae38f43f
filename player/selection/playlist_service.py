"""Playlists beside the music that plays: by the settings that hold, each from a library opened for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from player.clock import Wall
from player.config.settings.config import Config
from player.library.database.store import Library
from player.selection.learning import Learning
from player.selection.playlist import ANY, Narrowing, Playlist, Wish
from player.selection.playlist_planner import PlaylistPlanner
from player.types import Track


class PlaylistService:
    """Plans on the thread of who asks; the playback thread and its connection know nothing of it."""

    def __init__(
        self,
        config: Config,
        database: Path,
        learning: Learning,
        wall: Wall,
        resting: Callable[[], frozenset[int]],
        playing: Callable[[], Track | None],
    ) -> None:
        """`resting`: ids of tracks that could not be played a while ago; `playing`: what plays."""
        self._config, self._database, self._learning = config, database, learning
        self._wall, self._resting, self._playing = wall, resting, playing

    def configure(self, config: Config) -> None:
        """Go on by other settings."""
        self._config = config

    def plan(self, wish: Wish, minutes: int, follow: bool, narrowing: Narrowing = ANY) -> Playlist:
        """A list that begins now; with `follow`, it leads on from what plays.

        Raises WishError, NoMusicError or LibraryError, in one sentence.
        """
        with closing(Library(self._database, read_only=True)) as library:
            planner = PlaylistPlanner(self._config, library, self._learning.opinion, self._resting())
            after = self._playing() if follow else None
            return planner.plan(wish, minutes, self._wall(), after, narrowing)
