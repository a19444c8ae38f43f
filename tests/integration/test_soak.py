"""A year of tracks in a minute: nothing may grow."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from player.playback.vlc import VlcDeck
from tests import music
from tests.integration.pulse import private_pulse


def test_a_deck_keeps_nothing_of_the_tracks_that_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-vlc remembers every player that it was once asked about: 6 KB a track, 400 MB a year."""
    song = music.calm(tmp_path / "song.wav", 3)
    with private_pulse() as pulse:
        monkeypatch.setenv("PULSE_SERVER", pulse.env["PULSE_SERVER"])
        deck = VlcDeck("pulse")
        for _ in range(12):
            deck.load(str(song), 0.0)
        gc.collect()
        kept = [type(thing).__name__ for thing in gc.get_objects() if type(thing).__module__ == "vlc"]
        deck.release()
    for kind in ("MediaPlayer", "EventManager", "Media"):
        assert kept.count(kind) <= 1, kind
