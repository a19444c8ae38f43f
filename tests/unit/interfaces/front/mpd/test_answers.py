"""What MPD's programs are told of the player."""

from __future__ import annotations

from dataclasses import replace

import pytest

from player.interfaces.front.mpd import answers
from player.status import as_json
from tests.fakes import status


@pytest.mark.parametrize(
    ("known_s", "heard_s", "said"),
    [(61.4, None, "61"), (61.4, 63.0, "63"), (None, 63.0, "63"), (None, None, None)],
)
def test_the_queue_says_how_long_its_songs_are(
    known_s: float | None, heard_s: float | None, said: str | None
) -> None:
    song = as_json(status.whole(playback=status.playback(track=replace(status.SONG, duration_s=known_s))))
    told = dict(answers.song(song["playback"]["track"], 0, heard_s))
    assert told.get("Time") == said
    assert ("duration" in told) == (said is not None)
