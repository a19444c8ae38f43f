"""DeckProcess against children that misbehave, and the playback service's thread."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings
from player.playback.deck import Cue, DeckEvent, Died, Ended, NoOutput, Playing
from player.playback.deck_process import DeckProcess
from player.playback.service import PlaybackService
from player.types import Choice, Track
from tests.fakes.playback import FakeDeck
from tests.support.waiting import wait_for

ECHO = """
import json, sys
print(json.dumps({"say": "ready"}), flush=True)
for line in sys.stdin:
    told = json.loads(line)
    if told["do"] == "load":
        n = told["load"]
        print(json.dumps({"say": "ended", "load": n - 1}), flush=True)
        where = {"at": 1, "position_s": 2, "duration_s": 3}
        print(json.dumps({"say": "playing", "load": n, **where}), flush=True)
    print(json.dumps({"say": "alive"}), flush=True)
"""
MUTE = """
import sys
print('{"say": "ready"}', flush=True)
sys.stdin.read()
"""
KEEPS = """
import sys
print('{{"say": "ready"}}', flush=True)
for line in sys.stdin:
    with open({!r}, "a") as told:
        told.write(line)
    print('{{"say": "alive"}}', flush=True)
"""
FATAL = """
print('{"say": "fatal", "reason": "libVLC is missing"}', flush=True)
"""


class Watched:
    """A deck, and all that it said."""

    def __init__(self, code: str) -> None:
        settings = PlaybackSettings()
        self.deck = DeckProcess("A", settings, command=(sys.executable, "-S", "-c", code))
        self.events: list[DeckEvent] = []

    def poll(self) -> "Watched":
        self.events += self.deck.poll(time.monotonic())
        return self

    def wait_for(self, kind: type, count: int = 1) -> None:
        wait_for(
            lambda: [type(event) for event in self.poll().events].count(kind) >= count, 30, kind.__name__
        )


@pytest.fixture
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    one = Watched(request.param)
    yield one
    one.deck.close()


@pytest.mark.parametrize("watched", [ECHO], indirect=True)
def test_what_an_older_track_still_says_is_not_heard(watched: Watched) -> None:
    wait_for(lambda: watched.poll().deck.ready, 10, "the deck")
    for _ in range(3):
        watched.deck.load(Cue(Path("/music/a.ogg")))
    watched.wait_for(Playing)
    assert Ended not in [type(event) for event in watched.events]
    assert Playing(1, 2, 3) in watched.events


@pytest.mark.parametrize("watched", [MUTE], indirect=True)
def test_a_child_that_says_nothing_hangs_and_is_replaced(watched: Watched) -> None:
    wait_for(lambda: watched.poll().deck.ready, 10, "the deck")
    first = watched.deck.pid
    watched.wait_for(Died)
    assert watched.events[-1] == Died("it hangs")
    wait_for(lambda: watched.poll().deck.ready, 10, "its successor")
    assert watched.deck.pid != first


@pytest.mark.parametrize("watched", [ECHO], indirect=True)
def test_nobody_hangs_because_the_daemon_was_kept_waiting(watched: Watched) -> None:
    wait_for(lambda: watched.poll().deck.ready, 10, "the deck")
    assert not watched.deck.poll(time.monotonic() + 3600)
    assert watched.deck.ready


@pytest.mark.parametrize("watched", [FATAL], indirect=True)
def test_a_fatal_reason_is_passed_on_and_tried_again_ever_more_slowly(watched: Watched) -> None:
    watched.wait_for(Died, count=3)
    assert watched.events[:2] == [NoOutput("libVLC is missing"), Died("libVLC is missing")]
    assert not watched.poll().deck.ready


@pytest.mark.parametrize("watched", [ECHO], indirect=True)
def test_a_child_that_does_not_read_is_replaced(watched: Watched) -> None:
    wait_for(lambda: watched.poll().deck.ready, 10, "the deck")
    for _ in range(100_000):
        watched.deck.set_volume(1.0, 0)
    watched.wait_for(Died)


def test_a_new_child_comes_up_no_faster_than_the_one_before(tmp_path: Path) -> None:
    """As in the ten minutes in which a café's music comes up in the morning."""
    told = tmp_path / "told.jsonl"
    one = Watched(KEEPS.format(str(told)))

    def volumes() -> list[tuple[float, int]]:
        lines = map(json.loads, told.read_text().splitlines()) if told.exists() else ()
        return [(line["gain"], line["duration_ms"]) for line in lines if line["do"] == "volume"]

    try:
        one.deck.set_volume(0.1, 0)
        one.deck.set_volume(1.0, 600_000)
        wait_for(lambda: len(one.poll() and volumes()) >= 2, 10, "the child")
        told.unlink()
        one.deck.restart("for a test")
        wait_for(lambda: len(one.poll() and volumes()) >= 2, 10, "the next child")
        (level, at_once), (gain, left_ms) = volumes()[-2:]
        assert (at_once, gain) == (0, 1.0)
        assert 0.1 <= level < 0.2
        assert 500_000 < left_ms <= 600_000
        told.unlink()
        one.deck.set_volume(0.5, 0)
        one.deck.restart("for a test")
        wait_for(lambda: one.poll() and volumes()[-1:] == [(0.5, 0)], 10, "the third")
    finally:
        one.deck.close()


def test_the_service_obeys_ten_thousand_commands_and_closes(tmp_path: Path) -> None:
    track = Track(tmp_path / "a", "a", duration_s=600)
    decks = (FakeDeck("A", {track.path: 600.0}), FakeDeck("B", {track.path: 600.0}))
    playback = PlaybackService(PlaybackSettings(skip_fade_s=0.1), decks, lambda why: Choice(track, why))
    assert playback.status().state == "stopped"
    playback.start()
    for n in range(2_000):
        playback.skip()
        playback.shift("again")
        playback.set_volume(n % 101)
        playback.pause()
        playback.resume()
    wait_for(lambda: playback.status().state == "playing", 30, "music")
    playback.stop(0.1)
    playback.close()
    assert playback.status().state == "stopped"


def test_of_commands_of_one_kind_the_last_one_holds_and_others_keep_their_order(tmp_path: Path) -> None:
    track = Track(tmp_path / "a", "a", duration_s=600)
    decks = (FakeDeck("A", {track.path: 600.0}), FakeDeck("B", {track.path: 600.0}))
    asked: list[str] = []

    def choose(why: str) -> Choice:
        asked.append(why)
        return Choice(track, why)

    playback = PlaybackService(PlaybackSettings(), decks, choose, clock=lambda: 0.0)
    playback._post(lambda now: playback._controller.start(None, 0, now))  # as `start`, without the thread
    for n in range(5_000):
        playback.skip()
        playback.pause()
        playback.set_volume(n % 101)
        playback.resume()
    done: list[str] = []
    playback.configure(PlaybackSettings(), lambda: done.append("first"))
    playback.configure(PlaybackSettings(), lambda: done.append("second"))
    playback.step(1.0)
    assert asked == ["skip"]
    assert playback.status().volume == 4_999 % 101
    assert playback.status().state != "paused"
    assert done == ["first", "second"]


def test_the_service_outlives_a_listener_that_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    track = Track(tmp_path / "a", "a", duration_s=600)
    decks = (FakeDeck("A", {track.path: 600.0}), FakeDeck("B", {track.path: 600.0}))

    def fails(_: object) -> None:
        raise RuntimeError("the play history is locked")

    playback = PlaybackService(PlaybackSettings(), decks, lambda why: Choice(track, why), fails)
    playback.start()
    wait_for(lambda: playback.status().state == "playing", 30, "music")
    playback.close()
    assert "the play history is locked" in caplog.text
