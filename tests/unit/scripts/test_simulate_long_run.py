"""A day of a venue in small: what it writes stays under what a memory card is meant to take."""

from pathlib import Path

import pytest

from player.selection import play_history
from scripts.bench.writes import AIM_MB
from scripts.simulate.long_run import Venue

HOURS = 3
OPEN_A_DAY = 15


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return Venue(tmp_path, HOURS, tracks=50)


def test_quiet_playing_writes_less_to_a_card_than_the_aim(venue: Venue) -> None:
    """Pages and commits are counted in the real database's log, not guessed from the code."""
    hours = venue.week(days=1)
    assert hours.card_bytes / HOURS * OPEN_A_DAY < AIM_MB * 1e6
    assert hours.commits <= 2.5 * hours.plays, "a track begins, and is heard: the rest rides along"
    assert hours.minutes == HOURS * 60, "all of it is there"
    venue.library.close()


def test_it_would_be_noticed_if_nothing_waited(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_history, "HEARD_S", 0.0)
    hours = venue.week(days=1)
    assert hours.card_bytes / HOURS * OPEN_A_DAY > AIM_MB * 1e6
    venue.library.close()
