"""Playlists beside the music: by the settings that hold now, and what the player knows at present."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.config.settings.config import Config
from player.config.settings.library import ChoiceSettings
from player.errors import LibraryError, NoMusicError
from player.library.database.store import Library
from player.library.models import Analysis
from player.selection.learning import Learning
from player.selection.playlist_service import PlaylistService
from player.types import Track
from tests.unit.library import files
from tests.unit.selection.test_playlist_planner import NOON, names, wish


def test_settings_what_rests_and_what_plays_are_those_of_the_moment(tmp_path: Path) -> None:
    music, path = tmp_path / "music", tmp_path / "library.db"
    music.mkdir()
    library = Library(path)
    for n in range(4):
        files.wav(music / f"t{n}.wav")
    library.scan([music])
    for n in range(4):
        analysis = Analysis(0.4 + 0.01 * n, -0.7, "Q4", {"calm": 1.0}, -18.0, -3.0, None, 180.0, 5.0)
        library.save(music / f"t{n}.wav", analysis)
    tracks = sorted(library.tracks(), key=lambda track: track.path)
    settings = Config.model_validate({"choice": {"seed": 1, "variety": 0, "artist_gap": 0}})
    resting: set[int] = set()
    playing: list[Track | None] = [None]
    service = PlaylistService(
        settings,
        path,
        Learning(ChoiceSettings(), library),
        lambda: NOON,
        lambda: frozenset(resting),
        lambda: playing[0],
    )
    assert names(service.plan(wish(), 6, follow=False)) == ["t0", "t1"]
    resting.add(tracks[0].id)
    playing[0] = tracks[1]
    assert names(service.plan(wish(), 6, follow=False)) == ["t1", "t2"]
    assert names(service.plan(wish(), 6, follow=True)) == ["t2", "t3"]
    service.configure(Config.model_validate({"rules": {"exclude": {"paths": ["t*"]}}}))
    with pytest.raises(NoMusicError):
        service.plan(wish(), 6, follow=False)
    library.close()
    path.unlink()
    with pytest.raises(LibraryError, match="There is no library"):
        service.plan(wish(), 6, follow=False)
    assert not path.exists(), "to read is to begin nothing"
