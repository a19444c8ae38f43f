"""The number of a track that began before the library knew it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from player.selection.track_numbers import TrackNumbers
from player.status import PlaybackStatus, TrackStatus
from player.types import Track
from tests.fakes import status

UNKNOWN = replace(status.SONG, id=None)


class Shop:
    """What plays, and what the library knows."""

    def __init__(self, track: TrackStatus | None) -> None:
        self.playback = status.playback(track=track)
        self.asked: list[Path] = []
        self.library: dict[Path, Track] = {}
        self.numbers = TrackNumbers(lambda: self.playback, self.track_at)

    def track_at(self, path: Path) -> Track | None:
        self.asked.append(path)
        return self.library.get(path)

    def shown(self) -> PlaybackStatus:
        return self.numbers.added_to(self.playback)


def test_it_is_known_from_the_scan_that_finds_it_on() -> None:
    shop = Shop(UNKNOWN)
    shop.numbers.look()
    assert shop.shown().track == UNKNOWN
    shop.library[Path(UNKNOWN.path)] = Track(Path(UNKNOWN.path), "Song", id=12)
    assert shop.shown().track == UNKNOWN, "the library is not asked in between"
    shop.numbers.look()
    assert shop.shown().track == replace(UNKNOWN, id=12)
    shop.playback = status.playback(track=replace(UNKNOWN, path="/music/another.flac"))
    assert shop.shown() == shop.playback


@pytest.mark.parametrize(
    "track", [None, replace(status.SONG, id=3), replace(UNKNOWN, path="station:jazz.example-1a2b")]
)
def test_the_library_is_asked_of_nothing_else(track: TrackStatus | None) -> None:
    shop = Shop(track)
    shop.numbers.look()
    assert shop.asked == []
    assert shop.shown() == shop.playback
