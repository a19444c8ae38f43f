import json
import logging
import shutil
import sqlite3
import threading
import wave
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from player.clock import HistoryClock
from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings
from player.emotions import find
from player.errors import ControlError, LibraryError, MissingError, NoMusicError
from player.events import Audible, Event, FileMissing, Silent, TrackEnded, TrackFailed, TrackStarted
from player.library.database.feedback import Outcome
from player.library.database.stations import Station
from player.library.database.store import Library
from player.library.models import Analysis
from player.mood.tracker import MoodTracker
from player.playback.failure_reasons import CRASHED, NO_FILE, NOT_NOW
from player.room.mood_state import MoodState
from player.selection import selector
from player.selection.learning import Learning
from player.selection.selector import Selector
from player.types import ChangeReason, Choice, Mood, MoodPoint, Track

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class House:
    """A selection on a real library of tiny files, with clocks that the test moves."""

    def __init__(self, tmp_path: Path, **settings: object) -> None:
        self.now = NOON
        self.folder = tmp_path / "music"
        self.folder.mkdir()
        self.library = Library(tmp_path / "library.db")
        dayparts = [Daypart(name="day", start=time(0), mood="calm")]
        tracker = MoodTracker(MoodSettings(baseline_hours=0), dayparts)
        self.room = MoodState(tracker, clock=self.seconds, wall=self.wall)
        config = Config.model_validate(
            {"choice": {"seed": 1, "variety": 0}, "dayparts": [part.model_dump() for part in dayparts]}
            | settings
        )
        self.learning = Learning(config.choice, self.library)
        self.unresponsive = False
        self.missing: list[Event] = []
        """What was said of files that are not where the library has them."""
        self.selection = Selector(
            config,
            self.library,
            self.room,
            lambda: (self.folder,),
            self.wall,
            self.learning,
            self.missing.append,
            lambda: self.unresponsive,
        )

    def seconds(self) -> float:
        return self.now.timestamp()

    def wall(self) -> datetime:
        return self.now

    def play(self, why: str, audible: bool = True) -> None:
        """One track from its start to its end."""
        choice = self.selection.choose(ChangeReason.NEXT)
        self.selection.on_playback_event(TrackStarted(choice, 0.0))
        self.selection.on_playback_event(TrackEnded(choice, audible, why))

    def said(self) -> list[Outcome]:
        return [one.kind for one in self.library.feedback.training_data(100).feedback]

    def add(self, name: str, valence: float, energy: float) -> Path:
        path = self.folder / f"{name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(16000))
        self.library.scan([self.folder])
        self.library.save(path, Analysis(valence, energy, "Q4", {"calm": 1.0}, -18.0, -3.0, None, 1.0, 5.0))
        return path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.library.close()


def test_the_track_fits_the_target(house: House) -> None:
    house.add("wild", 0.8, 0.9)
    calm = house.add("still", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    assert choice.track.path == calm
    assert "calm" in choice.reason


def test_others_may_ask_what_plays_and_what_rests(house: House) -> None:
    assert (house.selection.playing(), house.selection.resting()) == (None, frozenset())
    path = house.add("still", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    house.selection.on_playback_event(TrackFailed(choice, CRASHED, lasting=False))
    assert house.selection.resting() == {choice.track.id}
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    playing = house.selection.playing()
    assert playing is not None
    assert playing.path == path
    house.now += timedelta(days=2)
    assert house.selection.resting() == frozenset()


def test_safe_music_comes_from_the_dayparts_own_folder_another_track_each_time(tmp_path: Path) -> None:
    (tmp_path / "safe").mkdir()
    part = {"name": "day", "start": "00:00", "mood": "calm", "safe_folder": str(tmp_path / "safe")}
    house = House(tmp_path, dayparts=[part])
    house.room = house.selection._room = MoodState(
        MoodTracker(MoodSettings(), [Daypart.model_validate(part)])
    )
    for name in ("x", "y"):
        shutil.copy(house.add(name, 0.0, 0.0), tmp_path / "safe" / f"{name}.wav")
    chosen = []
    for _ in range(4):
        choice = house.selection.choose(ChangeReason.SAFE)
        house.selection.on_playback_event(TrackStarted(choice, 0.0))
        chosen.append(choice.track.path)
    assert set(chosen) == {tmp_path / "safe" / "x.wav", tmp_path / "safe" / "y.wav"}
    assert chosen[:2] == chosen[2:]
    house.library.close()


def test_what_the_rules_forbid_is_not_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    safe, demo = tmp_path / "safe", tmp_path / "demo"
    part = {"name": "day", "start": "00:00", "mood": "calm", "safe_folder": str(safe)}
    rules = {"exclude": {"paths": ["*/safe/not*"]}}
    house = House(tmp_path, dayparts=[part], rules=rules)
    house.room = house.selection._room = MoodState(
        MoodTracker(MoodSettings(), [Daypart.model_validate(part)])
    )
    tune = house.add("tune", 0.0, 0.0)
    for path in (*(safe / f"not {n}.wav" for n in range(12)), safe / "fine.wav", demo / "demo.wav"):
        path.parent.mkdir(exist_ok=True)
        shutil.copy(tune, path)
    monkeypatch.setattr("player.selection.fallback.demo_folder", lambda: demo)
    (safe / "broken.wav").write_bytes(b"RIFF")
    for _ in range(3):
        assert house.selection.choose(ChangeReason.SAFE).track.path == safe / "fine.wav"
    (safe / "fine.wav").unlink()
    assert house.selection.choose(ChangeReason.SAFE).track.path == demo / "demo.wav"
    house.library.close()


def test_a_clock_that_is_set_back_lets_nobody_rest_for_longer(house: House) -> None:
    house.add("still", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    house.selection.on_playback_event(TrackFailed(choice, CRASHED, lasting=False))
    house.now -= timedelta(seconds=5)
    assert house.selection.resting() == {choice.track.id}
    house.now -= timedelta(days=30)
    assert house.selection.resting() == frozenset()


def test_without_a_safe_folder_the_demo_music_is_safe(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(house.add("x", 0.0, 0.0), tmp_path / "demo.wav")
    monkeypatch.setattr("player.selection.fallback.demo_folder", lambda: tmp_path)
    assert house.selection.choose(ChangeReason.SAFE).track.path.is_relative_to(tmp_path)
    monkeypatch.setattr("player.selection.fallback.demo_folder", lambda: None)
    with pytest.raises(NoMusicError, match="safe_folder"):
        house.selection.choose(ChangeReason.SAFE)


def test_what_played_before_the_library_knew_it_is_not_chosen_again_at_once(house: House) -> None:
    unknown = Track(house.folder / "first.wav", "first")
    house.selection.on_playback_event(TrackStarted(Choice(unknown, "nothing is scanned yet"), 0.0))
    house.add("first", 0.5, -0.6)  # meanwhile it is taken in, and fits best
    other = house.add("other", -0.2, 0.9)
    assert house.selection.choose(ChangeReason.NEXT).track.path == other


def test_a_pin_changes_the_choice_and_what_fits(house: House) -> None:
    wild = house.add("wild", 0.8, 0.9)
    house.add("still", 0.5, -0.6)
    house.selection.choose(ChangeReason.START)
    before = house.room.target()
    assert house.selection.fits(before, 0.1)
    target = house.room.pin(Mood(0.8, 0.9), "party")
    assert not house.selection.fits(target, 0.1)
    assert house.selection.choose(ChangeReason.SHIFT).track.path == wild
    assert house.selection.fits(target, 0.1)


def test_a_clock_set_back_neither_starves_nor_repeats(house: House, tmp_path: Path) -> None:
    """Twelve tracks, one every ten minutes: each comes again after two hours, and not sooner."""
    paths = {house.add(f"{number:02d}", 0.5, -0.6) for number in range(13)}
    machine = {"wall": NOON, "mono": 0.0}
    clock = HistoryClock(lambda: machine["wall"], house.library.last_play, lambda: machine["mono"])
    config = Config.model_validate({"choice": {"seed": 1, "artist_gap": 0}})
    selection = Selector(config, house.library, house.room, lambda: (house.folder,), clock)
    on_playback_event: list[Path] = []
    for number in range(39):
        choice = selection.choose(ChangeReason.NEXT)
        selection.on_playback_event(TrackStarted(choice, 0.0))
        machine["mono"] += 600
        machine["wall"] += timedelta(seconds=600) - timedelta(days=number == 20)
        selection.on_playback_event(TrackEnded(choice, True))
        assert choice.relaxed == (), f"choice {number}"
        on_playback_event.append(choice.track.path)
    assert all(len(set(on_playback_event[n : n + 12])) == 12 for n in range(27))
    assert set(on_playback_event) == paths
    starts = [play.started_at for play in house.library.recent_plays(NOON - timedelta(days=2))]
    assert [(b - a).total_seconds() for a, b in pairwise(starts)] == [600] * 38


def test_what_was_played_is_not_chosen_again(house: House) -> None:
    paths = {house.add(name, 0.5, -0.6) for name in ("a", "b", "c")}
    on_playback_event = []
    for _ in range(3):
        choice = house.selection.choose(ChangeReason.NEXT)
        house.selection.on_playback_event(TrackStarted(choice, 0.0))
        house.selection.on_playback_event(TrackEnded(choice, True))
        on_playback_event.append(choice.track.path)
        house.now += timedelta(minutes=3)
    assert set(on_playback_event) == paths


def test_the_play_history_knows_what_was_played(house: House) -> None:
    house.add("a", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    (play,) = house.library.recent_plays(NOON - timedelta(hours=1))
    assert play.path == choice.track.path


def test_before_the_first_scan_any_file_will_do(house: House, caplog: pytest.LogCaptureFixture) -> None:
    path = house.folder / "found.wav"
    house.add("found", 0.5, 0.5)
    house.library.scan([])
    choice = house.selection.choose(ChangeReason.START)
    assert choice.track.path == path
    assert "first file found" in choice.reason
    assert caplog.messages == [], "an empty library is in no trouble"


def test_without_a_library_all_files_come_and_none_twice_in_a_row(house: House) -> None:
    """A library of a newer version can never be opened: the music is not one and the same song for ever."""
    paths = {house.folder / "a.wav", house.folder / "b.wav"}
    for path in paths:
        house.add(path.stem, 0.5, 0.5)
    house.library.scan([])
    heard: list[Path] = []
    for _ in range(6):
        choice = house.selection.choose(ChangeReason.NEXT)
        house.selection.on_playback_event(TrackStarted(choice, 0.0))
        heard.append(choice.track.path)
    assert set(heard) == paths
    assert all(before != after for before, after in pairwise(heard))


def test_a_database_in_trouble_does_not_stop_the_music(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.add("a", 0.5, -0.6)
    house.add("b", 0.5, -0.6)
    first = house.selection.choose(ChangeReason.START)
    house.library.close()
    with caplog.at_level(logging.WARNING):
        house.selection.on_playback_event(TrackStarted(first, 0.0))
        second = house.selection.choose(ChangeReason.NEXT)
    assert second.track.path != first.track.path
    assert "the play history cannot be written now" in caplog.text
    assert "the music goes on from memory" in caplog.text


def test_from_memory_comes_nothing_that_rules_forbid_by_now(tmp_path: Path) -> None:
    parts = [
        {"name": "day", "start": "00:00", "mood": "calm"},
        {"name": "night", "start": "20:00", "mood": "calm", "pool": {"exclude": {"paths": ["b.wav"]}}},
    ]
    house = House(tmp_path, dayparts=parts)
    dayparts = [Daypart.model_validate(part) for part in parts]
    house.room.follow(MoodTracker(MoodSettings(baseline_hours=0), dayparts))
    house.add("a", 0.5, -0.6)
    house.add("b", 0.5, -0.6)
    house.selection.on_playback_event(TrackStarted(house.selection.choose(ChangeReason.START), 0.0))
    house.library.close()
    assert house.selection.choose(ChangeReason.NEXT).track.title == "b"
    house.now = NOON.replace(hour=21)
    assert house.selection.choose(ChangeReason.NEXT).track.title == "a"


def test_choosing_goes_on_with_a_database_that_was_mended(house: House, tmp_path: Path) -> None:
    house.add("a", 0.5, -0.6)
    assert house.selection.choose(ChangeReason.START).track.title == "a"
    reopened = threading.Event()
    house.library.database.on_reopened = reopened.set
    path = tmp_path / "library.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(b"noise" * 10_000)
    house.library.database.rows("PRAGMA shrink_memory")
    assert house.selection.choose(ChangeReason.NEXT).track.title == "a", "from memory"
    assert reopened.wait(60)
    house.add("b", 0.5, -0.6)
    assert {track.title for track in house.library.tracks()} == {"a", "b"}
    house.selection.on_playback_event(TrackStarted(house.selection.choose(ChangeReason.NEXT), 0.0))
    house.add("c", 0.4, -0.5)
    titles = set()
    for _ in range(3):
        house.selection.on_playback_event(TrackStarted(house.selection.choose(ChangeReason.NEXT), 0.0))
        titles.add(house.library.recent_plays(house.now)[-1].path.stem)
    assert "c" in titles, "what changes is noticed"


def test_no_music_at_all_is_said(house: House) -> None:
    with pytest.raises(NoMusicError, match="there is no music in"):
        house.selection.choose(ChangeReason.START)


def test_a_broken_file_is_marked_and_not_chosen_again(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.add("bad", 0.5, -0.6)
    good = house.add("good", 0.0, 0.5)
    choice = house.selection.choose(ChangeReason.START)
    with caplog.at_level(logging.WARNING):
        house.selection.on_playback_event(TrackFailed(choice, "it is noise"))
    assert "bad.wav cannot be played (it is noise)" in caplog.text
    assert house.selection.choose(ChangeReason.ERROR).track.path == good


def test_a_file_that_cannot_be_read_at_present_is_left_alone_and_is_not_marked(house: House) -> None:
    forbidden, other = house.add("forbidden", 0.5, -0.6), house.add("other", 0.0, 0.5)
    choice = house.selection.choose(ChangeReason.START)
    assert choice.track.path == forbidden
    house.selection.on_playback_event(TrackFailed(choice, NOT_NOW, lasting=False))
    assert house.selection.choose(ChangeReason.ERROR).track.path == other
    assert house.library.counts().unreadable == 0


def test_a_file_that_is_away_is_looked_for_and_not_marked(house: House) -> None:
    away, other = house.add("away", 0.5, -0.6), house.add("other", 0.0, 0.5)
    choice = house.selection.choose(ChangeReason.START)
    assert choice.track.path == away
    house.selection.on_playback_event(TrackFailed(choice, NO_FILE, lasting=False))
    assert house.missing == [FileMissing(away)]
    assert house.selection.choose(ChangeReason.ERROR).track.path == other
    house.now += timedelta(minutes=1, seconds=1)
    assert house.selection.choose(ChangeReason.NEXT).track.path == away, "it may be back"
    assert house.library.counts().unreadable == 0


@pytest.mark.parametrize(
    ("reason", "rest"), [("it hangs", timedelta(minutes=10)), (CRASHED, timedelta(days=1))]
)
def test_a_file_that_cost_a_deck_is_left_alone_not_marked(house: House, reason: str, rest: timedelta) -> None:
    path = house.add("a", 0.5, -0.6)
    house.add("b", 0.0, 0.5)
    house.selection.on_playback_event(
        TrackFailed(house.selection.choose(ChangeReason.START), reason, lasting=False)
    )
    house.now += rest - timedelta(seconds=1)
    assert house.selection.choose(ChangeReason.NEXT).track.path != path
    house.now += timedelta(seconds=2)
    assert house.selection.choose(ChangeReason.NEXT).track.path == path
    assert house.library.counts().unreadable == 0


def test_a_disk_on_which_everything_gets_stuck_is_given_a_rest(house: House) -> None:
    for number in range(5):
        house.add(str(number), 0.5, -0.6)
    stuck = [house.selection.choose(ChangeReason.START) for _ in range(1)]
    for _ in range(3):
        house.selection.on_playback_event(TrackFailed(stuck[-1], "it hangs", lasting=False))
        stuck.append(house.selection.choose(ChangeReason.ERROR))
    assert [choice.track.path.parent == house.folder for choice in stuck] == [True, True, True, False]
    assert len({choice.track.path for choice in stuck}) == 4
    assert "does not answer" in stuck[-1].reason
    house.selection.on_playback_event(TrackStarted(stuck[-1], 0.0))
    assert house.selection.choose(ChangeReason.NEXT).track.path.parent == house.folder, "it is asked again"
    assert house.library.counts().unreadable == 0
    assert len(house.missing) == 3, "and looked at by who has the time"
    house.unresponsive = True
    assert house.selection.choose(ChangeReason.NEXT).track.path.parent != house.folder


def test_silence_is_an_error_in_the_log_and_its_end_is_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        house.selection.on_playback_event(Silent("no audio device"))
        house.selection.on_playback_event(Audible())
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "silent: no audio device. Trying again."),
        ("INFO", "there is sound again"),
    ]


def test_a_restart_finds_its_track_or_does_without(house: House) -> None:
    path = house.add("a", 0.5, -0.6)
    resumed = house.selection.resumed(path)
    assert resumed is not None
    assert resumed.track.path == path
    path.unlink()
    assert house.selection.resumed(path) is None
    assert house.selection.resumed(house.folder / "never.wav") is None


def test_how_a_track_ended_is_a_lesson_unless_it_says_nothing(house: House) -> None:
    house.add("a", 0.5, -0.6)
    for why in ("next", "skip", "shift", "stop", "error"):
        house.play(why)
    house.play("next", audible=False)
    assert house.said() == [Outcome.FINISHED, Outcome.SKIPPED]
    (first, _) = house.library.feedback.training_data(9).feedback
    assert (first.daypart, first.at) == ("day", NOON)
    assert first.target == house.room.target().point


def test_a_lesson_is_about_what_the_track_was_chosen_for(house: House) -> None:
    house.add("a", 0.5, -0.6)
    wanted = house.room.target().point
    choice = house.selection.choose(ChangeReason.START)
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    house.room.pin(Mood(0.8, 0.9), "party")
    house.selection.choose(ChangeReason.NEXT)  # the next one is prepared before this one ends
    house.selection.on_playback_event(TrackEnded(choice, True, "next"))
    assert house.library.feedback.training_data(1).feedback[0].target == wanted


def test_a_wrong_mood_counts_once_and_not_as_a_skip_too(house: House) -> None:
    house.add("a", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    assert house.selection.record_feedback(Outcome.WRONG_MOOD).path == choice.track.path
    house.selection.on_playback_event(TrackEnded(choice, True, "skip"))
    house.play("skip")
    assert house.said() == [Outcome.WRONG_MOOD, Outcome.SKIPPED]


def test_nothing_can_be_said_of_silence(house: House) -> None:
    with pytest.raises(ControlError, match="no track of the library is playing"):
        house.selection.record_feedback(Outcome.LIKED)
    house.add("a", 0.5, -0.6)
    house.play("stop")
    with pytest.raises(ControlError, match="no track of the library is playing"):
        house.selection.record_feedback(Outcome.LIKED)


def test_what_began_before_the_library_knew_it_can_be_judged_once_it_does(house: House) -> None:
    house.add("a", 0.5, -0.6)
    known = house.selection.choose(ChangeReason.START)
    first = replace(known, track=replace(known.track, id=0, mood=None))
    house.selection.on_playback_event(TrackStarted(first, 0.0))
    assert house.selection.record_feedback(Outcome.LIKED).id == known.track.id
    assert house.said() == [Outcome.LIKED]
    assert house.selection.judge_track(Outcome.WRONG_MOOD, known.track.id).playing
    assert house.said() == [Outcome.WRONG_MOOD], "the last word on a play is the one that counts"


def begin(house: House, choice: Choice) -> Choice:
    """The loudspeaker plays it."""
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    return choice


@pytest.fixture
def bridged(tmp_path: Path) -> Iterator[House]:
    """A house where sad music plays and wild music, and something between, is there."""
    made = House(tmp_path, choice={"seed": 1, "variety": 0, "weights": {"freshness": 0}, "bridge_s": 60})
    made.room.pin(Mood(-0.3, -0.6), "sad")
    for step in range(-6, 9, 2):
        made.add(f"energy {step}", -0.3, step / 10)
    begin(made, made.selection.choose(ChangeReason.START))
    made.room.unpin()
    yield made
    made.library.close()


def shift(house: House, energy: float) -> Choice:
    """The room wants other music now."""
    house.room.update(Mood(-0.3, energy), house.seconds())
    house.now += timedelta(seconds=120)
    house.room.update(Mood(-0.3, energy), house.seconds())
    return begin(house, house.selection.choose(ChangeReason.SHIFT))


def test_a_far_mood_is_reached_over_a_bridge(bridged: House) -> None:
    far = [
        shift(bridged, 0.8),
        *(begin(bridged, bridged.selection.choose(ChangeReason.NEXT)) for _ in range(3)),
    ]
    energies = [choice.track.mood.energy for choice in far if choice.track.mood]
    assert energies[:3] == sorted(energies[:3])
    assert -0.6 < energies[0] < 0.3
    assert [choice.reason.split(" to ")[0].rsplit(" from")[0] for choice in far[:3]] == [
        "step 1 of 3", "step 2 of 3", "step 3 of 3",
    ]  # fmt: skip
    assert [choice.until_s for choice in far] == [60, 60, 60, None]
    assert "step " not in far[3].reason


def test_a_pin_goes_straight_there(bridged: House) -> None:
    shift(bridged, 0.8)
    bridged.room.pin(Mood(-0.3, 0.8), "wild")
    choice = bridged.selection.choose(ChangeReason.SHIFT)
    assert "step " not in choice.reason
    assert choice.until_s is None


def test_a_near_mood_needs_no_bridge(bridged: House) -> None:
    assert "step " not in shift(bridged, -0.1).reason


def test_without_music_between_the_shift_is_direct(house: House) -> None:
    house.add("still", -0.3, -0.6)
    wild = house.add("wild", -0.3, 0.8)
    house.add("still too", -0.3, -0.6)
    house.room.pin(Mood(-0.3, -0.6), "sad")
    begin(house, house.selection.choose(ChangeReason.START))
    house.room.unpin()
    choice = shift(house, 0.8)
    assert choice.track.path == wild
    assert choice.until_s is None


def test_the_play_history_keeps_what_counted(house: House) -> None:
    house.add("a", 0.5, -0.6)
    begin(house, house.selection.choose(ChangeReason.START))
    (row,) = house.library.database.rows("SELECT why FROM plays")
    assert set(json.loads(row["why"])["score"]) == {"mood", "freshness"}


def test_the_demo_plays_rather_than_what_is_excluded(tmp_path: Path) -> None:
    house = House(tmp_path, rules={"exclude": {"paths": ["music/*"]}})
    path = house.add("never", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    assert choice.track.path != path
    assert "demo music" in choice.reason
    assert house.selection.resumed(path) is None
    house.library.close()


def test_a_station_gives_way_after_its_time_and_is_left_alone_when_it_cannot_be_heard(tmp_path: Path) -> None:
    house = House(tmp_path)
    song = house.add("song", -0.9, 0.9)
    house.library.set_stations(
        [Station("http://radio.example/x", "Jazz", Mood(0.4, -0.6, {"calm": 1.0}), 900)]
    )
    station = house.selection.choose(ChangeReason.NEXT)
    assert (station.track.title, station.until_s) == ("Jazz", 900)

    house.selection.on_playback_event(TrackFailed(station, "it is away"))
    assert house.selection.choose(ChangeReason.ERROR).track.path == song

    house.now += timedelta(minutes=11)
    assert house.selection.choose(ChangeReason.NEXT).track.title == "Jazz"


def with_stations(tmp_path: Path, count: int) -> House:
    house = House(tmp_path)
    mood = Mood(0.4, -0.6, {"calm": 1.0})
    house.library.set_stations(
        [Station(f"http://radio.example/{number}", f"Radio {number}", mood, 900) for number in range(count)]
    )
    return house


def two_fail(house: House) -> Choice:
    """Two stations, one after the other; what comes then."""
    for _ in range(2):
        station = house.selection.choose(ChangeReason.NEXT)
        assert station.track.url
        house.selection.on_playback_event(TrackFailed(station, "libVLC finds no sound in it"))
    return house.selection.choose(ChangeReason.ERROR)


def test_where_no_station_can_be_heard_the_owners_files_play_and_no_disk_is_blamed(tmp_path: Path) -> None:
    house = with_stations(tmp_path, 4)
    nearer, farther = house.add("nearer", -0.8, 0.8), house.add("farther", -0.9, 0.9)
    choice = two_fail(house)
    assert choice.track.path == nearer
    assert house.missing == [], "nothing is looked for on the disk"
    assert len(house.selection.resting()) == 4, "the others are on the same line"
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    house.now += timedelta(minutes=11)
    assert two_fail(house).track.path == farther, "they are tried again, and it is as before"
    house.library.close()


@pytest.mark.parametrize("count", [1, 3])
def test_where_there_are_stations_alone_and_none_can_be_heard_the_demo_music_plays(
    tmp_path: Path, count: int
) -> None:
    house = with_stations(tmp_path, count)
    for _ in range(2):
        choice = two_fail(house)
        assert choice.reason.startswith("the demo music: nothing else can be played")
        house.selection.on_playback_event(TrackStarted(choice, 0.0))
    assert house.selection.choose(ChangeReason.NEXT).track.url, "and then they are tried again"
    assert house.missing == []
    house.library.close()


def test_the_play_history_says_what_is_left_out_of_a_track_with_a_long_silence(house: House) -> None:
    house.add("a", 0.5, -0.6)
    choice = house.selection.choose(ChangeReason.START)
    track = replace(choice.track, silences=((180.0, 250.0),), duration_s=300.0, music_end_s=300.0)
    house.selection.on_playback_event(TrackStarted(replace(choice, track=track), 0.0))
    (row,) = house.library.database.rows("SELECT why FROM plays")
    assert json.loads(row["why"])["left_out_s"] == [[180.0, 300.0]]


def paths(choices: list[Choice]) -> list[Path]:
    return [choice.track.path for choice in choices]


@pytest.mark.parametrize("settings", [{}, {"choice": {"seed": 5, "variety": 0.5}}], ids=["plain", "variety"])
def test_what_is_foreseen_comes(tmp_path: Path, settings: dict[str, object]) -> None:
    """One after the other, as if nobody had asked: with a twin that nobody asks the same is played."""
    for name in ("asked", "twin"):
        (tmp_path / name).mkdir()
    asked, twin = House(tmp_path / "asked", **settings), House(tmp_path / "twin", **settings)
    for number in range(8):
        for house in (asked, twin):
            house.add(f"song{number}", -0.2 + number / 10, -0.4 + number / 20)
    for _ in range(12):
        foreseen = asked.selection.foresee(3)
        assert len(foreseen) == 3
        assert len(set(paths(foreseen))) == 3
        chosen = asked.selection.choose(ChangeReason.NEXT)
        assert chosen.track.path == foreseen[0].track.path
        assert paths(asked.selection.foresee(3))[0] == chosen.track.path, "what was chosen comes first"
        for house, choice in ((asked, chosen), (twin, twin.selection.choose(ChangeReason.NEXT))):
            assert choice.track.path.name == chosen.track.path.name
            house.selection.on_playback_event(TrackStarted(choice, 0.0))
            house.now += timedelta(seconds=choice.track.duration_s)
        asked_next = asked.selection.foresee(3)
        assert paths(asked_next)[:2] == paths(foreseen)[1:]
    asked.library.close()
    twin.library.close()


def test_a_pinned_mood_and_a_bridge_are_foreseen(house: House) -> None:
    for number in range(11):
        house.add(f"song{number}", -1 + number / 5, -1 + number / 5)
    house.room.pin(Mood(-0.9, -0.9), "gloomy")
    house.play("end")
    house.room.pin(Mood(0.9, 0.9), "joyful")
    assert house.selection.foresee(1)[0].track.mood.valence > 0.5
    house.room.unpin()


def test_who_looks_ahead_brings_nothing_back_that_rests(house: House) -> None:
    """A track of half an hour ends when another one would be over its rest."""
    for number in range(3):
        house.add(f"song{number}", 0.4, -0.7)
    house.library.database.write("UPDATE tracks SET duration_s = 1800")
    failed = house.selection.choose(ChangeReason.START)
    house.selection.on_playback_event(TrackFailed(failed, NOT_NOW, lasting=False))
    assert failed.track.path in paths(house.selection.foresee(3)), "by then it may be tried again"
    assert house.selection.resting() == {failed.track.id}


def test_a_list_asked_for_under_a_pin_is_foreseen(house: House) -> None:
    ids = numbered(house, 4)
    house.room.pin(Mood(0.9, 0.9), "joyful")
    heard(house)
    wanted = [ids[3], ids[1], ids[3]]
    house.selection.request(wanted)
    assert [choice.track.id for choice in house.selection.foresee(3)] == wanted


def test_nothing_is_foreseen_where_nothing_can_be_chosen_from_the_library(house: House) -> None:
    assert house.selection.foresee(3) == []
    house.add("song", 0.0, 0.0)
    assert len(house.selection.foresee(1)) == 1
    house.unresponsive = True
    assert house.selection.foresee(3) == []


def test_a_choice_does_not_wait_for_a_look_ahead_that_hangs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds what choosing needs; the music goes on without, and is right again afterwards."""
    for number in range(4):
        house.add(f"song{number}", number / 10, 0.0)
    house.play("end")
    held, go_on = threading.Event(), threading.Event()
    track = Library.track

    def hangs(library: Library, track_id: int) -> Track | None:
        if threading.current_thread().name == "ahead":
            held.set()
            go_on.wait(20)
        return track(library, track_id)

    monkeypatch.setattr(Library, "track", hangs)
    monkeypatch.setattr(selector, "DEADLINE_S", 0.2)
    ahead = threading.Thread(target=house.selection.foresee, args=(3,), name="ahead")
    ahead.start()
    try:
        assert held.wait(60)
        house.selection.choose(ChangeReason.NEXT)
        assert ahead.is_alive(), "it hung all the while"
    finally:
        go_on.set()
        ahead.join()
    assert len(house.selection.foresee(3)) == 3


def numbered(house: House, count: int) -> list[int]:
    """So many tracks, and their ids by name."""
    paths = [house.add(f"track {number}", 0.4, -0.7) for number in range(count)]
    tracks = [house.library.track_at(path) for path in paths]
    return [track.id for track in tracks if track]


def heard(house: House) -> int:
    """The next track, played to its end."""
    choice = house.selection.choose(ChangeReason.NEXT)
    house.selection.on_playback_event(TrackStarted(choice, 0.0))
    house.selection.on_playback_event(TrackEnded(choice, True, "end"))
    return choice.track.id


def test_a_list_that_was_asked_for_plays_in_its_order_and_then_the_room_is_followed(house: House) -> None:
    ids = numbered(house, 6)
    wanted = [ids[4], ids[1], ids[4]]
    heard(house)
    assert house.selection.request(wanted) == 3
    assert [choice.track.id for choice in house.selection.foresee(4)][:3] == wanted
    assert [heard(house) for _ in wanted] == wanted
    assert "asked for" not in house.selection.choose(ChangeReason.NEXT).reason


@pytest.mark.parametrize("restarts", [False, True], ids=["next", "seek or another output"])
def test_a_track_of_a_list_that_was_chosen_and_has_not_begun_is_not_jumped_over(
    house: House, restarts: bool
) -> None:
    ids = numbered(house, 4)
    heard(house)
    house.selection.request(ids[:3])
    playing = begin(house, house.selection.choose(ChangeReason.SKIP))
    due = house.selection.choose(ChangeReason.NEXT)
    if restarts:  # the present track comes once more before the one that was chosen
        begin(house, playing)
    assert [choice.track.id for choice in house.selection.foresee(2)] == ids[1:3]
    again = house.selection.choose(ChangeReason.SKIP)
    assert (playing.track.id, due.track.id, again.track.id) == (ids[0], ids[1], ids[1])
    assert again.reason == "number 2 of 3 that were asked for"
    begin(house, again)
    assert heard(house) == ids[2]


def test_a_list_asked_for_just_before_the_next_track_is_due_begins_with_its_first(house: House) -> None:
    ids = numbered(house, 4)
    house.selection.request(ids[:2])
    heard(house)
    house.selection.request(ids[2:])
    house.selection.choose(ChangeReason.NEXT)  # before the command's `skip` is obeyed
    assert house.selection.choose(ChangeReason.SKIP).track.id == ids[2]


def test_a_list_waits_while_the_library_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(library: Library, track_id: int) -> Track | None:
        raise LibraryError("the disk is busy")

    ids = numbered(house, 4)
    heard(house)
    house.selection.request(ids[:2])
    with monkeypatch.context() as trouble:
        trouble.setattr(Library, "track", broken)
        assert "from memory" in begin(house, house.selection.choose(ChangeReason.NEXT)).reason
    assert "the list that was asked for waits" in caplog.text
    assert [heard(house), heard(house)] == ids[:2]


@pytest.mark.parametrize("lasting", [False, True])
def test_a_track_of_a_list_that_cannot_be_played_is_left_out_and_no_other(
    house: House, lasting: bool
) -> None:
    ids = numbered(house, 4)
    house.selection.request([ids[0], ids[0], ids[1]])
    playing = begin(house, house.selection.choose(ChangeReason.SKIP))
    house.selection.on_playback_event(TrackFailed(playing, CRASHED, lasting=False))
    house.now += timedelta(days=2)
    due = house.selection.choose(ChangeReason.NEXT)
    assert due.track.id == ids[0], "what had begun when it failed is over, and nothing else is"
    house.selection.on_playback_event(TrackFailed(due, NO_FILE, lasting=lasting))
    assert heard(house) == ids[1]


def test_the_room_takes_no_track_of_a_list_away_but_a_pin_does(house: House) -> None:
    ids = numbered(house, 4)
    house.selection.choose(ChangeReason.START)
    lively = replace(house.room.target(), point=MoodPoint(0.8, 0.9))
    assert not house.selection.fits(lively, 0.2)
    house.selection.request(ids[:2])
    assert house.selection.fits(lively, 0.2)
    assert [heard(house), heard(house)] == ids[:2]
    assert house.selection.fits(lively, 0.2), "the last one plays to its end"
    house.selection.request(ids[:2])
    calm = find("sad")
    assert calm is not None
    house.room.pin(calm.mood, "sad")
    assert not house.selection.fits(lively, 0.2)
    assert "asked for" not in house.selection.choose(ChangeReason.SHIFT).reason


def test_a_list_can_be_ended_whatever_is_pinned(house: House) -> None:
    ids = numbered(house, 4)
    assert not house.selection.end_list()
    house.selection.request(ids[:1])
    heard(house)
    assert house.selection.end_list(), "its last track plays"
    house.selection.request(ids[:2])
    assert house.selection.end_list()
    assert "asked for" not in house.selection.choose(ChangeReason.SHIFT).reason
    assert not house.selection.end_list()


def test_what_may_not_play_is_left_out_of_a_list(tmp_path: Path) -> None:
    house = House(tmp_path, rules={"exclude": {"paths": ["track 1*"]}})
    ids = numbered(house, 4)
    assert house.selection.request(ids) == 3
    (house.folder / "track 0.wav").unlink()
    assert [heard(house), heard(house)] == [ids[2], ids[3]]
    with pytest.raises(MissingError, match="no track 999"):
        house.selection.request([ids[0], 999])
    with pytest.raises(ControlError, match="rules"):
        house.selection.request([ids[1]])
    house.library.close()
