"""For how long a track was heard, on fake decks: pauses and silence do not count, what fades out does."""

from pathlib import Path

import pytest

from player.events import TrackHeard
from player.types import Track
from tests.unit.playback.monitor.test_silence_monitor import Bar


def last(bar: Bar, *, leaving: bool) -> float:
    told = [event.heard_s for event in bar.of(TrackHeard) if event.leaving is leaving]  # type: ignore[attr-defined]
    return float(told[-1])


@pytest.mark.parametrize("deaf", [False, True])
def test_a_track_is_heard_until_it_has_faded_out(deaf: bool) -> None:
    tracks = [Track(Path(name), name, duration_s=60, loudness_lufs=-18) for name in "ab"]
    bar = Bar(tracks, deaf=deaf, crossfade_s=8, transition="crossfade")
    bar.run(75)
    until_the_next_s, in_all_s = last(bar, leaving=False), last(bar, leaving=True)
    assert until_the_next_s == pytest.approx(51, abs=0.8)
    assert in_all_s - until_the_next_s == pytest.approx(8, abs=0.8), "the time in which it fades out"


@pytest.mark.parametrize("deaf", [False, True])
def test_pauses_do_not_count(deaf: bool) -> None:
    bar = Bar(deaf=deaf)
    bar.run(20)
    bar.playback.pause()
    bar.run(100)
    bar.playback.resume()
    bar.run(20)
    bar.playback.stop(0)
    bar.run(3)
    assert last(bar, leaving=False) == pytest.approx(40, abs=2.5)


@pytest.mark.parametrize("deaf", [False, True])
def test_silence_does_not_count(deaf: bool) -> None:
    """Of the file, of a muted stream, of an output that was turned off."""
    bar = Bar(deaf=deaf)
    bar.run(20)
    bar.silent = "a"
    bar.run(5)
    bar.silent = ""
    bar.run(20)
    bar.playback.stop(0)
    bar.run(3)
    assert last(bar, leaving=False) == pytest.approx(41.5 if deaf else 40, abs=1.5)


def test_nothing_is_heard_at_volume_nought() -> None:
    bar = Bar(deaf=True)
    bar.run(10)
    bar.playback.set_volume(0, ramp_s=0)
    bar.run(60)
    bar.playback.stop(0)
    bar.run(1)
    assert last(bar, leaving=False) == pytest.approx(10, abs=1)


def test_what_was_heard_is_told_while_it_plays() -> None:
    """A crash then loses half a minute at most."""
    bar = Bar()
    bar.run(100)
    told = [event.heard_s for event in bar.of(TrackHeard)]  # type: ignore[attr-defined]
    assert told == pytest.approx([30, 60, 90], abs=1)
