"""What is heard against what is claimed: monitor, watchdog, controller, play history, on fake decks."""

from collections import Counter
from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings
from player.errors import NoMusicError
from player.events import Alarm, Muted, PlaybackEvent, TrackEnded, TrackFailed, TrackHeard, TrackStarted
from player.playback.monitor.audio_monitor import PlayedStream
from player.playback.monitor.watchdog import LADDER
from player.playback.service import PlaybackService
from player.status import WatchdogStep
from player.types import Choice, Json, Track
from tests.fakes.playback import FakeDeck, FakeMonitor

STEP_S = 0.05
PIDS = (101, 102)


class Bar:
    """A playback service on fake decks, with a monitor and the test's clock. The test says what sounds."""

    def __init__(self, tracks: list[Track] | None = None, deaf: bool = False, **settings: object) -> None:
        defaults = {"volume": 100, "start_volume": 100, "watchdog": {"silent_s": 8}}
        self.settings = PlaybackSettings.model_validate(defaults | settings)
        self.tracks = tracks or [Track(Path(name), name, duration_s=600, loudness_lufs=-18) for name in "abc"]
        self.tracks.append(Track(Path("safe"), "safe", duration_s=600))
        lengths = {track.path: track.duration_s for track in self.tracks}
        self.decks = (FakeDeck("A", lengths), FakeDeck("B", lengths))
        for deck, pid in zip(self.decks, PIDS, strict=True):
            deck.process = pid
        self.monitor = FakeMonitor()
        self.deaf = deaf
        self.silent = ""
        """Title of a track from which nothing comes; "*" is all."""
        self.sink_muted = self.streams_muted = False
        self.events: list[PlaybackEvent] = []
        self.asked: list[str] = []
        self.restarts: list[str] = []
        self.now = 0.0
        self.playback = PlaybackService(
            self.settings,
            self.decks,
            self._choose,
            self.events.append,
            lambda: self.now,
            self.monitor,
            self.restarts.append,
        )
        self.playback._controller.start(None, 0.0, self.now)

    def _choose(self, why: str) -> Choice:
        self.asked.append(why)
        if why == "safe":
            return Choice(self.tracks[-1], why)
        return Choice(self.tracks[(len(self.asked) - 1) % (len(self.tracks) - 1)], why)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            self._sound()
            self.playback.step(self.now)

    def _sound(self) -> None:
        streams = []
        for deck in self.decks:
            silent = deck.path is not None and self.silent in ("*", deck.path.name)
            deck.voiceless = silent
            if deck.path is not None and deck.pid is not None:
                quiet = silent or deck.level() == 0 or self.sink_muted or self.streams_muted
                streams.append(PlayedStream(deck.pid, "bar", self.streams_muted, -120.0 if quiet else -12.0))
        if not self.deaf:
            self.monitor.hear(*streams, muted=self.sink_muted)

    @property
    def heard(self) -> Json:
        return self.playback.status().audible

    def of(self, kind: type) -> list[PlaybackEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def steps(self) -> list[str]:
        return [event.step for event in self.events if isinstance(event, Alarm)]

    def on_air(self) -> str:
        return str(self.playback.status().track.title)


@pytest.mark.parametrize("deaf", [False, True])
def test_music_that_is_heard_alarms_nobody(deaf: bool) -> None:
    bar = Bar(deaf=deaf)
    bar.run(120)
    assert not bar.steps()
    assert bar.heard.audible is True
    assert bar.heard.listening == ("the players' own report" if deaf else "monitor of bar")
    assert bar.heard.heard_db == (None if deaf else -12.0)


@pytest.mark.parametrize("deaf", [False, True])
def test_a_silent_track_gives_way_and_the_play_history_says_so(deaf: bool) -> None:
    bar = Bar(deaf=deaf)
    bar.silent = "a"
    bar.run(20)
    assert bar.steps() == [WatchdogStep.NEXT]
    assert bar.on_air() == "b"
    assert bar.of(TrackEnded) == [TrackEnded(Choice(bar.tracks[0], "start"), audible=False, why="alarm")]
    assert bar.heard.silent_s == 0
    bar.run(20)
    bar.playback.skip()
    bar.run(3)
    assert bar.of(TrackEnded)[-1] == TrackEnded(Choice(bar.tracks[1], "alarm"), audible=True, why="skip")


@pytest.mark.parametrize("deaf", [False, True])
def test_a_sleep_of_the_whole_machine_is_nobodys_fault(deaf: bool) -> None:
    """Two minutes in which all processes were stopped, and half a second until the decks are back."""
    bar = Bar(deaf=deaf)
    bar.run(10)
    position_s = bar.playback.status().position_s
    bar.now += 120
    for deck in bar.decks:
        deck.now, deck.frozen = bar.now, True
    bar.silent = "*"
    bar.run(0.5)
    bar.silent = ""
    for deck in bar.decks:
        deck.frozen = False
    bar.run(20)
    # That it was heard for so long is told besides, and is no trouble.
    assert [event for event in bar.events if not isinstance(event, TrackHeard)] == bar.of(TrackStarted)
    assert bar.asked == ["start"]
    assert bar.steps() == []
    assert not any(deck.restarts for deck in bar.decks)
    assert bar.playback.status().position_s == pytest.approx(position_s + 20, abs=1)


def test_before_the_monitor_has_answered_nobody_can_tell() -> None:
    bar = Bar(deaf=True)
    bar.monitor.answered = False
    bar.run(2)
    assert bar.playback.status().state == "playing"
    assert bar.heard.audible is None
    bar.deaf = False
    bar.run(1)
    assert bar.heard.audible is True


def test_where_the_monitor_hears_only_others_the_decks_own_account_counts() -> None:
    bar = Bar(deaf=True)
    bar.monitor.hear()  # a PulseAudio on which nothing of ours plays: the music goes to ALSA
    bar.run(5)
    assert bar.heard.listening == "the players' own report"
    assert bar.heard.audible is True
    bar.silent = "*"
    bar.run(15)
    assert bar.steps() == [WatchdogStep.NEXT]


def test_a_stubborn_silence_climbs_the_whole_ladder() -> None:
    bar = Bar(watchdog={"silent_s": 5, "restarts_per_hour": 1})
    bar.silent = "*"
    bar.run(5.5 * 5)
    assert bar.steps() == list(LADDER)
    assert bar.restarts == ["nothing could be heard, and no other step has helped"]
    assert [len(deck.restarts) for deck in bar.decks] in ([2, 1], [1, 2])  # one fresh deck, then both
    assert bar.asked == ["start", "alarm", "safe"]
    assert bar.on_air() == "safe"
    assert not bar.of(TrackFailed)  # no file is to blame
    assert {event.audible for event in bar.of(TrackEnded)} == {False}
    assert bar.heard.steps == {step.value: 1 for step in LADDER}
    assert bar.heard.last_step.step == "restart"
    bar.run(3600)
    assert len(bar.restarts) == 1
    assert Counter(bar.steps())["fresh libVLC"] > 2
    bar.silent = ""
    bar.run(30)
    assert bar.heard.audible is True
    assert bar.playback.status().state == "playing"


def test_a_fresh_deck_goes_on_where_the_track_was() -> None:
    bar = Bar()
    bar.run(5)
    bar.silent = "*"
    bar.run(17.5)
    assert bar.steps() == [WatchdogStep.NEXT, WatchdogStep.DECK]
    assert bar.on_air() == "b"
    bar.silent = ""
    bar.run(5)
    assert 8 < bar.playback.status().position_s < 16
    assert bar.asked == ["start", "alarm"]


def test_a_silence_the_library_knows_alarms_nobody() -> None:
    silences = ((30.0, 80.0),)
    track = Track(Path("a"), "a", duration_s=200, loudness_lufs=-18, silences=silences, music_end_s=150)
    bar = Bar([track])
    for _ in range(1500):
        position_s = bar.playback.status().position_s or 0.0
        bar.silent = "*" if 30 <= position_s < 80 or position_s > 150 else ""
        bar.run(0.1)
    assert not bar.steps()


@pytest.mark.parametrize("what", ["sink", "stream"])
def test_what_somebody_muted_is_said_once_and_left_alone(what: str) -> None:
    bar = Bar()
    bar.run(5)
    bar.sink_muted, bar.streams_muted = what == "sink", what == "stream"
    bar.run(600)
    assert not bar.steps()
    (said,) = bar.of(Muted)
    assert isinstance(said, Muted)
    assert "muted" in said.place
    assert bar.heard.problem == said.place
    assert bar.heard.audible is False
    bar.sink_muted = bar.streams_muted = False
    bar.run(3)
    assert bar.of(Muted)[-1] == Muted("")
    assert bar.heard.problem is None


def test_a_pause_is_no_word_about_what_is_muted() -> None:
    bar = Bar()
    bar.run(5)
    bar.sink_muted = True
    bar.run(60)
    bar.playback.pause()
    bar.run(60)
    assert bar.heard.problem is None
    bar.playback.resume()
    bar.run(60)
    assert bar.heard.problem is not None
    assert Muted("") not in bar.of(Muted)


def test_what_was_unmuted_while_no_music_was_due_is_told_with_the_next_sound() -> None:
    bar = Bar()
    bar.run(5)
    bar.sink_muted = True
    bar.run(60)
    bar.playback.stop(1.0)
    bar.run(60)
    bar.sink_muted = False
    bar.run(60)
    assert bar.of(Muted)[-1] != Muted(""), "nobody knows yet"
    bar.playback._controller.start(None, 0.0, bar.now)
    bar.run(10)
    assert bar.of(Muted)[1:] == [Muted("")]


@pytest.mark.parametrize("volume", [0, 10])
def test_music_too_quiet_to_be_told_from_silence_is_not_judged(volume: int) -> None:
    bar = Bar(volume=volume)
    bar.silent = "*"
    bar.run(120)
    assert not bar.steps()
    assert bar.heard.audible is None


def test_pause_and_stop_are_no_silence() -> None:
    bar = Bar()
    bar.run(5)
    bar.silent = "*"
    bar.playback.pause()
    bar.run(60)
    bar.playback.resume()
    bar.run(5)
    bar.playback.stop(0.5)
    bar.run(60)
    assert not bar.steps()


def test_a_known_reason_for_silence_is_not_climbed() -> None:
    bar = Bar()
    for deck in bar.decks:
        deck.no_output = "the output usb is gone"
    bar.run(300)
    assert bar.playback.status().state == "silent"
    assert not bar.steps()


def test_without_safe_music_the_ladder_goes_on() -> None:
    bar = Bar(watchdog={"silent_s": 5})
    choose = bar._choose

    def none_is_safe(why: str) -> Choice:
        if why == "safe":
            raise NoMusicError("there is no safe music")
        return choose(why)

    bar.playback._controller._queue._choose = none_is_safe
    bar.silent = "*"
    bar.run(5.5 * 5)
    assert bar.steps() == list(LADDER)
    bar.silent = ""
    bar.run(10)
    assert bar.playback.status().state == "playing"


def test_the_restarts_are_known_to_the_next_life() -> None:
    bar = Bar(watchdog={"silent_s": 5})
    bar.silent = "*"
    bar.run(5.5 * 5)
    assert bar.playback.restarted_at == (pytest.approx(26, abs=1),)
    assert len(bar.of(TrackStarted)) >= 3


def test_an_output_that_comes_back_is_tried_at_once() -> None:
    bar = Bar(retry_max_s=600)
    bar.deaf = True
    for deck in bar.decks:
        deck.no_output = "the output usb is not there"
    bar.run(400)
    for deck in bar.decks:
        deck.no_output = ""
    loads = sum(len(deck.loads) for deck in bar.decks)
    bar.run(30)
    assert sum(len(deck.loads) for deck in bar.decks) == loads  # the pause is long by now
    bar.monitor.hear()
    bar.run(2)
    assert bar.playback.status().state == "playing"
