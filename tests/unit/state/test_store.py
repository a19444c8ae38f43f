"""What is remembered, and that nothing in the file can do harm."""

import errno
import json
import logging
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.config.precedence import Asked
from player.config.settings.dayparts import DEFAULT_DAYPARTS
from player.config.settings.mood import MoodSettings
from player.mood.tracker import MoodTracker
from player.room.mood_state import MoodState
from player.state import state_file, store
from player.state.store import SavedState, StateStore, load
from player.types import NightMode
from tests.support.waiting import wait_for

KEYS = (
    "path", "position_s", "coming", "paused", "volume", "configured_volume", "camera_on", "night", "room",
    "tracker", "pinned", "at", "mood", "baseline", "ambience", "valence", "energy", "read_s", "held_s",
    "name", "moods", "usual", "camera", "observed_s", "restarted_at", "saved_at", "configured_part",
    "configured_part_volume", "configured_camera", "configured_nights", "left_s", "lasts_s", "closes_at",
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


def test_all_that_was_remembered_comes_back() -> None:
    said = {
        "path": "/m/한국어.mp3", "position_s": 12.5, "coming": "/m/b.mp3", "paused": True, "volume": 40,
        "configured_volume": 70, "camera_on": False, "night": "on", "room": {"tracker": {}},
        "open_by_hand": 1777615200.0, "restarted_at": [1200.5, 3], "saved_at": 1777615000.5,
        "configured_part": "18:00:00", "configured_part_volume": 50, "configured_camera": True,
        "configured_nights": "22:00:00",
    }  # fmt: skip
    expected = SavedState(
        Path("/m/한국어.mp3"),
        12.5,
        Path("/m/b.mp3"),
        paused=True,
        volume=40,
        configured=Asked(70, "18:00:00", 50),
        configured_camera=True,
        configured_nights="22:00:00",
        camera_on=False,
        night=NightMode.ON,
        room={"tracker": {}},
        open_by_hand=1777615200.0,
        saved_at=1777615000.5,
        restarted_at=(1200.5, 3.0),
    )
    assert SavedState.of(said) == expected


@pytest.mark.parametrize("mode", NightMode)
def test_night_mode_comes_back_as_the_word_that_the_player_goes_by(mode: NightMode) -> None:
    assert SavedState.of(json.loads(json.dumps({"night": mode}))).night is mode


@pytest.mark.parametrize(
    "said",
    [
        {"position_s": math.nan},
        {"position_s": -1},
        {"position_s": True},
        {"position_s": "12"},
        {"position_s": 1e300},
        {"volume": -5},
        {"volume": 1e9},
        {"volume": [40]},
        {"configured_volume": math.inf},
        {"configured_part": "18:00:00"},
        {"configured_camera": "yes"},
        {"configured_nights": [1]},
        {"saved_at": 1e11},
        {"path": ""},
        {"path": 7},
        {"path": "a\0b"},
        {"path": "\ud800"},
        {"coming": {}},
        {"paused": "yes"},
        {"camera_on": None},
        {"night": "always"},
        {"night": ["on"]},
        {"room": []},
        {"restarted_at": 12.0},
        {"restarted_at": ["12", None, -1.0]},
        *(
            {name: 10**400}
            for name in ("position_s", "volume", "configured_volume", "open_by_hand", "saved_at")
        ),
        {"restarted_at": [10**400, math.inf, math.nan]},
    ],
)
def test_what_makes_no_sense_is_not_remembered(said: dict[str, Any]) -> None:
    assert SavedState.of(said) == SavedState()


@given(ANYTHING)
def test_whatever_the_file_says_the_player_starts(said: Any) -> None:
    """Through JSON, as it is read, and into the room, which takes most of it."""
    said = json.loads(json.dumps(said))
    remembered = SavedState.of(said if isinstance(said, dict) else {"room": {"tracker": said}})
    assert 0 <= remembered.position_s < math.inf
    assert remembered.volume is None or 0 <= remembered.volume <= 100
    room = MoodState(MoodTracker(MoodSettings(), DEFAULT_DAYPARTS))
    room.restore(remembered.room)
    target = room.target()
    assert -1 <= target.point.valence <= 1
    assert -1 <= target.point.energy <= 1
    json.dumps(room.state(), allow_nan=False)


def test_a_change_is_saved_soon_and_what_is_the_same_is_not_written_again(tmp_path: Path) -> None:
    now: dict[str, Any] = {"volume": 40, "room": {"at": 1.0, "tracker": {"mood": {"read_s": 1.0}}}}
    path = tmp_path / "state.json"
    memory = StateStore(path, lambda: dict(now))
    memory.start()
    try:
        memory.changed()
        wait_for(lambda: state_file.load(path).get("volume") == 40, 5, "the state")
        first = path.stat().st_ino
        now["room"] = {"at": 6.0, "tracker": {"mood": {"read_s": 6.0}}}
        memory.save()
        assert path.stat().st_ino == first, "that time has passed is no news"
        now["volume"] = 41
        for _ in range(1000):
            memory.changed()
        wait_for(lambda: state_file.load(path).get("volume") == 41, 5, "the change")
    finally:
        now["volume"] = 42
        memory.stop()
    assert state_file.load(path).get("volume") == 42


def test_a_disk_in_trouble_is_said_once_and_its_recovery_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "state.json"
    memory = StateStore(path, lambda: {"volume": 40})
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            memory.save()
        assert caplog.text.count("cannot be saved") == 1
        path.parent.mkdir()
        memory.save()
    assert "can be saved again" in caplog.text
    assert state_file.load(path).get("volume") == 40


def test_while_no_track_plays_the_last_place_is_kept(tmp_path: Path) -> None:
    path, now = tmp_path / "state.json", {"path": None, "position_s": None, "volume": 1}
    memory = StateStore(path, lambda: dict(now), SavedState(Path("/m/a.mp3"), 12.5))
    memory.save()
    assert SavedState.of(state_file.load(path)) == SavedState(Path("/m/a.mp3"), 12.5, volume=1)
    now |= {"path": "/m/b.mp3", "position_s": 3.0}
    memory.save()
    now |= {"path": None, "position_s": None}
    memory.save()
    assert SavedState.of(state_file.load(path)) == SavedState(Path("/m/b.mp3"), 3.0, volume=1)


class Beside:
    """A state file with one in memory beside it; each `StateStore` is a process."""

    def __init__(self, folder: Path) -> None:
        (folder / "disk").mkdir()
        (folder / "memory").mkdir(mode=0o700)
        self.path, self.newest = folder / "disk" / "state.json", folder / "memory" / "newest.json"
        self.now: dict[str, Any] = {"path": "/m/a.mp3", "position_s": 0.0}

    def process(self) -> StateStore:
        return StateStore(self.path, lambda: dict(self.now), newest=self.newest)

    def found(self) -> tuple[str, float]:
        state = SavedState.of(load(self.path, self.newest))
        return str(state.path), state.position_s


@pytest.fixture
def beside(tmp_path: Path) -> Beside:
    return Beside(tmp_path)


def test_where_the_music_is_goes_into_memory_and_is_found_by_whoever_comes_after_a_kill(
    beside: Beside,
) -> None:
    killed = beside.process()
    killed.save()
    written = beside.path.stat().st_ino
    for position_s in (5.0, 10.0, 15.0):
        beside.now["position_s"] = position_s
        killed.note()
    assert beside.path.stat().st_ino == written, "a card need not be written for that"
    assert beside.found() == ("/m/a.mp3", 15.0)
    beside.now |= {"path": "/m/b.mp3", "position_s": 1.0}
    killed.save()
    assert beside.found() == ("/m/b.mp3", 1.0), "what is in memory goes on from an older one"


def test_after_a_power_cut_and_for_a_state_from_elsewhere_the_disk_counts(beside: Beside) -> None:
    killed = beside.process()
    killed.save()
    beside.now["position_s"] = 5.0
    killed.note()
    restored = json.dumps({"path": "/m/restored.mp3", "position_s": 7.0})
    beside.path.write_text(restored, encoding="utf-8")
    assert beside.found() == ("/m/restored.mp3", 7.0)
    beside.newest.unlink()
    assert beside.found() == ("/m/restored.mp3", 7.0)
    beside.newest.write_text("[" * 100)
    assert beside.found() == ("/m/restored.mp3", 7.0)


def test_the_disk_has_it_at_the_end_and_after_a_while(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = beside.process()
    one.save()
    beside.now["position_s"] = 5.0
    monkeypatch.setattr(store, "KEEP_S", 0.0)
    one.note()
    assert state_file.load(beside.path)["position_s"] == 5.0
    monkeypatch.undo()
    beside.now["position_s"] = 6.0
    one.note()
    assert beside.newest.exists()
    one.stop()
    assert state_file.load(beside.path)["position_s"] == 6.0
    assert not beside.newest.exists()


def test_a_card_that_takes_nothing_any_more_costs_no_restart_the_volume(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How most cards end: mounted read-only in the middle of an evening. Memory still takes all of it."""
    one = beside.process()
    one.save()
    save = state_file.save

    def read_only(path: Path, state: dict[str, Any]) -> None:
        if path == beside.path:
            raise OSError(errno.EROFS, "Read-only file system")
        save(path, state)

    monkeypatch.setattr(state_file, "save", read_only)
    for process in (one, beside.process()):  # the second finds the card as it is
        for volume in (20, 25):
            beside.now |= {"volume": volume, "paused": True}
            process.save()
            assert SavedState.of(load(beside.path, beside.newest)).volume == volume
        beside.now["volume"] = 30
        process.note()
        process.stop()
        found = SavedState.of(load(beside.path, beside.newest))
        assert (found.volume, found.paused) == (30, True)


def test_where_memory_takes_nothing_the_disk_has_all_of_it(beside: Beside) -> None:
    one = beside.process()
    one.save()
    beside.newest.parent.rmdir()
    beside.newest.parent.touch()
    for position_s in (5.0, 10.0):
        beside.now["position_s"] = position_s
        one.note()
    assert beside.found() == ("/m/a.mp3", 10.0)
    assert state_file.load(beside.path)["position_s"] == 10.0


@pytest.mark.parametrize("gone_for", [0, 3])
def test_memory_that_was_gone_for_a_moment_is_used_again(beside: Beside, gone_for: int) -> None:
    one = beside.process()
    one.save()
    one.note()
    shutil.rmtree(beside.newest.parent)
    if gone_for:
        beside.newest.parent.touch()
    for position_s in range(1, gone_for + 1):
        beside.now["position_s"] = position_s
        one.note()
        assert state_file.load(beside.path)["position_s"] == position_s
    beside.newest.parent.unlink(missing_ok=True)
    written = beside.path.stat().st_ino
    for position_s in range(4, 8):
        beside.now["position_s"] = float(position_s)
        one.note()
        assert beside.found() == ("/m/a.mp3", position_s)
    assert beside.path.stat().st_ino == written, "a card need not be written for that"
    assert beside.newest.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_in_memory_that_others_can_open_gets_nothing(beside: Beside) -> None:
    one = beside.process()
    one.save()
    beside.newest.parent.chmod(0o755)
    beside.now["position_s"] = 5.0
    one.note()
    assert not beside.newest.exists()
    assert state_file.load(beside.path)["position_s"] == 5.0
