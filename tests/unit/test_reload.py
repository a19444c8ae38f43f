"""config.yaml read again: what a reload takes over, what it leaves alone, and when it comes."""

import logging
import threading
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from player import components
from player.components import Components
from player.config.settings.config import Config
from player.errors import BusyError, ConfigError, ControlError
from player.events import SettingsReloaded
from player.library.database.feedback import Feedback, Outcome
from player.playback.monitor.audio_monitor import NullMonitor
from player.reload import Reloader, changed_sections
from player.state.store import SavedState
from player.status import TransitionStatus
from player.types import Json, Mood, NightMode, Transition
from tests.fakes.playback import FakeDeck
from tests.support.waiting import wait_for

DAY = {"name": "day", "start": "00:00", "mood": "calm"}
SETTINGS: Json = {
    "playback": {"volume": 70},
    "dayparts": [DAY],
    "camera": {"enabled": False},
    "mood": {"baseline_hours": 0},
}


class House:
    """All parts of a player, on decks without processes; its config.yaml is `settings`."""

    def __init__(self, folder: Path) -> None:
        self.settings = deepcopy(SETTINGS) | {"state_dir": str(folder)}
        self.parts = components.build(self._read(), folder, SavedState(), lambda reason: None, list)
        self.reloader = Reloader(self.parts, self._read(), self._read)
        self.turn()

    def _read(self) -> Config:
        return Config.model_validate(self.settings)

    def turn(self) -> Json:
        """Let the playback thread do what it was told; its status."""
        self.parts.playback.step(0.0)
        return self.parts.playback.status()

    def edit(self, **sections: object) -> list[str]:
        """Write other sections and reload; the sections that have changed."""
        self.settings |= sections
        changed = self.reloader.reload()
        self.turn()
        return changed

    @property
    def volume(self) -> int:
        return int(self.turn().volume_wanted)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    root, player = logging.getLogger(), logging.getLogger("player")
    handlers, levels = root.handlers[:], (root.level, player.level)
    decks = (FakeDeck("A", {}), FakeDeck("B", {}))
    monkeypatch.setattr(components, "spawn_decks", lambda settings: decks)
    monkeypatch.setattr(components, "AudioMonitorProcess", NullMonitor)
    made = House(tmp_path)
    yield made
    made.parts.library.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    player.setLevel(levels[1])


def test_web_settings_that_lock_everybody_out_change_nothing(house: House) -> None:
    with pytest.raises(ControlError, match="without a password"):
        house.edit(web={"listen": "0.0.0.0"}, playback={"volume": 20})
    assert house.volume == 70
    house.edit(web={"enabled": False, "listen": "0.0.0.0"})
    assert house.volume == 20


def test_a_file_that_says_the_same_changes_nothing(house: House) -> None:
    house.parts.playback.set_volume(30, 0.0)
    house.parts.mood_controller.set_night(NightMode.ON)
    house.parts.room.pin(Mood(0.8, 0.9), "party")
    assert house.edit() == []
    assert house.volume == 30
    assert house.turn().night
    assert house.parts.room.target().name == "party"


def test_only_sections_that_differ_have_changed() -> None:
    old = Config.model_validate(SETTINGS)
    assert changed_sections(old, Config.model_validate(SETTINGS)) == []
    edited = Config.model_validate(SETTINGS | {"playback": {"volume": 71}, "mood": {}})
    assert changed_sections(old, edited) == [
        name for name in Config.model_fields if name in {"mood", "playback"}
    ]


def test_an_edited_volume_takes_the_place_of_the_commanded_one(house: House) -> None:
    house.parts.playback.set_volume(30, 0.0)
    house.turn()
    assert house.edit(playback={"volume": 55}) == ["playback"]
    assert house.volume == 55


def test_the_general_volume_does_not_count_where_the_part_of_the_day_has_its_own(house: House) -> None:
    house.edit(dayparts=[DAY | {"volume": 40}])
    assert house.volume == 40, "the part was given a volume"
    house.parts.playback.set_volume(30, 0.0)
    house.turn()
    house.edit(playback={"volume": 55})
    assert house.volume == 30


def test_commanded_night_holds_until_the_parts_of_the_day_say_otherwise(house: House) -> None:
    house.parts.mood_controller.set_night(NightMode.ON)
    house.edit(playback={"volume": 55})
    assert house.turn().night
    house.edit(dayparts=[DAY, {"name": "late", "start": "23:59:59", "mood": "calm", "night": True}])
    assert house.parts.mood_controller.night == "auto"


@pytest.mark.parametrize(
    "section",
    [{"mood": {"baseline_hours": 0, "energy": (-1.0, -0.9)}}, {"dayparts": [DAY | {"mood": "joyful"}]}],
)
def test_the_room_follows_edited_moods_and_keeps_its_pin(house: House, section: Json) -> None:
    before = house.parts.room.target()
    house.edit(**section)
    assert house.parts.room.target().point != before.point
    house.parts.room.pin(Mood(0.8, 0.9), "party")
    house.edit(**SETTINGS)
    assert house.parts.room.target().name == "party"


@pytest.mark.parametrize("key", ["state_dir", "control"])
def test_what_needs_a_restart_is_refused_and_nothing_else_taken_over(
    house: House, tmp_path: Path, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    value = str(tmp_path / "other") if key == "state_dir" else {"socket": str(tmp_path / "other.sock")}
    before = house.reloader.config
    with pytest.raises(ConfigError, match=f"{key}.*restart"):
        house.edit(**{key: value, "playback": {"volume": 55}})
    assert "restart" in caplog.text
    assert "the music plays on" in caplog.text
    assert house.reloader.config == before
    assert house.volume == 70


def test_what_is_saved_for_a_restart_goes_by_the_new_settings(house: House) -> None:
    house.edit(playback={"volume": 55}, camera={"enabled": True})
    saved = house.parts.snapshot()
    assert (saved["configured_volume"], saved["configured_camera"]) == (55, True)


def test_the_general_volume_edited_in_a_part_with_its_own_counts_without_it(house: House) -> None:
    own = [DAY | {"volume": 40}]
    house.edit(dayparts=own)
    house.edit(dayparts=own, playback={"volume": 55})
    assert house.volume == 40
    saved = house.parts.snapshot()
    assert (saved["configured_volume"], saved["configured_part_volume"]) == (70, 40), "it has not counted yet"
    house.edit(dayparts=[DAY], playback={"volume": 55})
    assert (house.volume, house.parts.snapshot()["configured_volume"]) == (55, 55)


def test_a_venue_that_is_no_longer_to_be_learnt_from_is_not(house: House) -> None:
    judgement = Feedback(1, datetime(2026, 5, 1, tzinfo=UTC), Outcome.LIKED, "day", None)
    house.edit(choice={"learn": False})
    house.parts.learning.note(judgement)
    assert house.parts.library.feedback.count() == 0
    house.edit(choice={"learn": True})
    house.parts.learning.note(judgement)
    assert house.parts.library.feedback.count() == 1


def test_an_edited_transition_holds_from_the_next_one_on(house: House) -> None:
    house.edit(playback={"volume": 70, "transition": "cut", "crossfade_s": 9})
    assert house.turn().transition == TransitionStatus(Transition.CUT, 9)


def test_who_subscribes_is_told_which_sections_have_changed(house: House) -> None:
    told: list[SettingsReloaded] = []
    house.parts.events.subscribe(SettingsReloaded, told.append)
    house.edit(playback={"volume": 55})
    assert told == [SettingsReloaded(("playback",))]


def test_who_asks_during_a_reload_gets_another_one_and_none_after_the_end() -> None:
    begun: list[int] = []
    go_on = threading.Semaphore(0)

    def reread() -> Config:
        begun.append(1)
        go_on.acquire()
        raise ConfigError(["a mistake"])

    reloader = Reloader(cast(Components, None), Config(), reread)
    reloader.soon()  # before it has started
    reloader.start()
    wait_for(lambda: len(begun) == 1, 10, "the first reload")
    reloader.soon()
    reloader.soon()
    go_on.release()
    wait_for(lambda: len(begun) == 2, 10, "another reload")
    reloader.soon()
    reloader.stop()
    go_on.release()
    with pytest.raises(BusyError, match="stopping"):
        reloader.reload()
    assert len(begun) == 2
