"""Setting against command: the newer one holds, over an edit while it plays and over a restart."""

from dataclasses import dataclass, field
from datetime import time
from itertools import product
from typing import Any

import pytest

from player.config import precedence
from player.config.precedence import Asked
from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart
from player.config.settings.playback import PlaybackSettings
from player.state.store import SavedState
from player.types import NightMode

PLAIN = Asked(70, "07:00:00", None)
EVENING = Asked(70, "18:00:00", 40)


@pytest.mark.parametrize(
    ("now", "before", "held", "volume"),
    [
        (PLAIN, None, None, 70),  # the first start
        (EVENING, None, None, 40),
        (PLAIN, None, 30, 70),  # a state of nobody knows when
        (PLAIN, PLAIN, 30, 30),  # nothing was edited: the command holds
        (EVENING, EVENING, 30, 30),
        (Asked(55, "07:00:00", None), PLAIN, 30, 55),  # the volume was edited
        (Asked(70, "18:00:00", 50), EVENING, 30, 50),  # that of the part of the day was
        (Asked(55, "18:00:00", 40), EVENING, 30, 30),  # the general one, which does not count in the evening
        (EVENING, PLAIN, 30, 40),  # the evening has begun meanwhile
        (PLAIN, EVENING, 40, 40),  # it has ended: null keeps the volume that is set
        (Asked(70, "18:00:00", 40), Asked(70, "18:00:00", None), 30, 40),  # it was given a volume
        (Asked(70, "18:00:00", None), EVENING, 30, 30),  # it has none any more
        (EVENING, Asked(70, "", None), 30, 40),  # an older version's state
        (Asked(70, "18:00:00", 0), EVENING, 30, 0),
        (PLAIN, PLAIN, 0, 0),
    ],
)
def test_volume(now: Asked, before: Asked | None, held: int | None, volume: int) -> None:
    assert precedence.volume(now, before, held) == volume


@pytest.mark.parametrize(
    ("now", "general_before", "volume", "counted"),
    [
        (PLAIN, 70, None, 70),  # null keeps the volume that is set
        (EVENING, 70, 40, 70),
        (
            Asked(55, "18:00:00", 40),
            70,
            40,
            70,
        ),  # edited, it does not count in the evening
        (Asked(55, "07:00:00", None), 70, 55, 55),  # but after it
        (Asked(55, "07:00:00", None), 55, None, 55),  # once
    ],
)
def test_the_volume_with_which_a_part_of_the_day_begins(
    now: Asked, general_before: int, volume: int | None, counted: int
) -> None:
    assert precedence.volume_of_part(now, general_before) == volume
    assert precedence.counted(now, general_before) == counted


@pytest.mark.parametrize(
    ("enabled", "before", "on", "at_start", "after_edit"),
    [
        (True, True, True, True, True),
        (True, True, False, False, False),  # switched off by command
        (True, False, False, True, True),  # edited to true: it does not stay off
        (True, False, True, True, True),
        (False, True, True, False, False),  # edited to false
        (False, True, False, False, False),
        (False, False, False, False, False),
        (False, False, True, False, True),  # on by command, while it runs: after a restart off is off
    ],
)
def test_camera(enabled: bool, before: bool, on: bool, at_start: bool, after_edit: bool) -> None:
    assert precedence.camera_at_start(enabled, before, on) == at_start
    assert precedence.camera_after_edit(enabled, before, on) == after_edit


def test_a_camera_of_an_older_version_s_state_stays_as_it_was() -> None:
    assert not precedence.camera_at_start(True, None, False)
    assert precedence.camera_at_start(True, None, True)


@pytest.mark.parametrize(
    ("now", "before", "commanded", "night"),
    [
        ("", "", "", "auto"),
        ("", "", "on", "on"),
        ("22:00:00", "22:00:00", "off", "off"),
        ("22:00:00", "", "off", "auto"),  # `night: true` was written: it does not stay off
        ("", "22:00:00", "on", "auto"),  # and taken out: it does not stay on
        ("21:00:00", "22:00:00", "off", "auto"),
        ("22:00:00", None, "off", "off"),  # an older version's state
        ("22:00:00", "22:00:00", "auto", "auto"),
    ],
)
def test_night(now: str, before: str | None, commanded: str, night: str) -> None:
    said = NightMode(commanded) if commanded else None
    assert precedence.night(now, before, said) is NightMode(night)


def test_what_is_read_of_a_config() -> None:
    parts = (
        Daypart(name="day", start=time(7), mood="calm"),
        Daypart(name="late", start=time(22), mood="calm", night=True, volume=20),
    )
    config = Config(dayparts=parts, playback=PlaybackSettings(volume=55))
    assert precedence.asked(config, parts[1]) == Asked(55, "22:00:00", 20)
    assert precedence.nights(parts) == "22:00:00"


@dataclass
class Venue:
    """What is in the file, in force, and saved, as one thing after the other happens to it."""

    file: dict[str, Any] = field(
        default_factory=lambda: {"general": 70, "of_part": None, "camera": True, "nights": ""}
    )
    volume: int = 70
    on: bool = True
    night: NightMode = NightMode.AUTO

    def __post_init__(self) -> None:
        self.read = dict(self.file)

    @staticmethod
    def asked(settings: dict[str, Any]) -> Asked:
        return Asked(settings["general"], "07:00:00", settings["of_part"])

    def reload(self) -> None:
        now, old, self.read = dict(self.file), self.read, dict(self.file)
        self.volume = precedence.volume(self.asked(now), self.asked(old), self.volume)
        self.on = precedence.camera_after_edit(now["camera"], old["camera"], self.on)
        self.night = precedence.night(now["nights"], old["nights"], self.night)

    def restart(self) -> None:
        saved = SavedState.of(
            {
                "volume": self.volume, "configured_volume": self.read["general"],
                "configured_part": "07:00:00", "configured_part_volume": self.read["of_part"],
                "configured_camera": self.read["camera"], "configured_nights": self.read["nights"],
                "camera_on": self.on, "night": self.night,
            }
        )  # fmt: skip
        self.read = now = dict(self.file)
        self.volume = precedence.volume(self.asked(now), saved.configured, saved.volume)
        self.on = precedence.camera_at_start(now["camera"], saved.configured_camera, saved.camera_on)
        self.night = precedence.night(now["nights"], saved.configured_nights, saved.night)


EVENTS = ("command", "edit", "edit back", "reload", "restart")


@pytest.mark.parametrize("camera_off", [True, False])
@pytest.mark.parametrize("of_part", [True, False])
def test_in_any_order_the_newer_one_holds(of_part: bool, camera_off: bool) -> None:
    """Of 3905 orders of commands, edits, reloads and restarts, each."""
    edits: dict[str, Any] = {"of_part" if of_part else "general": 45, "camera": False, "nights": "22:00:00"}
    if not camera_off:
        edits["camera"] = True
    for events in (order for length in range(1, 6) for order in product(EVENTS, repeat=length)):
        venue = Venue()
        if not camera_off:
            venue.file["camera"] = venue.read["camera"] = venue.on = False
        plain, commanded = dict(venue.file), False
        for event in events:
            match event:
                case "command":
                    venue.volume, venue.on, venue.night, commanded = (
                        20,
                        camera_off is False,
                        NightMode.ON,
                        True,
                    )
                case "edit":
                    venue.file |= edits
                case "edit back":
                    venue.file |= plain
                case _:
                    edited = venue.file != venue.read
                    commanded = commanded and not edited
                    before = venue.volume, venue.on, venue.night
                    getattr(venue, event)()
                    wanted = venue.file["of_part"] or venue.file["general"]
                    if edited and (not of_part or venue.file["of_part"]):
                        assert venue.volume == wanted, events
                    else:  # nothing is set about it any more, or nothing was changed
                        assert venue.volume == before[0], events
                    stays = before[1] and (event == "reload" or venue.file["camera"])
                    assert venue.on == (venue.file["camera"] if edited else stays), events
                    assert venue.night == ("auto" if edited else before[2]), events
        if commanded:
            assert (venue.volume, venue.night) == (20, "on"), events


PARTS = {"morning": None, "evening": 40, "night": 20}


def loud(events: tuple[str, ...], taken_up_by: str) -> tuple[int, int]:
    """The volume after all that, and the general one as it last counted."""
    general, part, volume, before, counted = 70, "evening", 40, Asked(70, "evening", 40), 70
    for event in events:
        match event:
            case "edit":
                general = 55
            case "edit back":
                general = 70
            case "command":
                volume, counted = 90, before.general
            case "take up":
                now = Asked(general, part, PARTS[part])
                old = Asked(counted, before.part, before.of_part)
                if taken_up_by == "restart":
                    said = {"configured_volume": counted, "configured_part": part}
                    saved = SavedState.of(said | {"volume": volume, "configured_part_volume": PARTS[part]})
                    assert saved.configured == old
                volume = precedence.volume(now, old, volume)
                before, counted = now, precedence.counted(now, counted)
            case _:
                part, before = event, Asked(before.general, event, PARTS[event])
                begins = precedence.volume_of_part(before, counted)
                volume = volume if begins is None else begins
                counted = precedence.counted(before, counted)
    return volume, counted


@pytest.mark.parametrize(
    ("events", "volume"),
    [
        (("edit", "take up", "morning"), 55),
        (("edit", "take up", "night", "morning"), 55),
        (("edit", "take up", "take up", "morning"), 55),
        (("edit", "take up", "edit back", "take up", "morning"), 40),
        (("edit", "take up", "command", "morning"), 90),  # the command is newer
        (("command", "edit", "take up", "morning"), 55),
        (("command", "edit", "take up"), 90),
        (("morning", "edit", "take up"), 55),
        (("morning", "edit", "take up", "command", "evening", "morning"), 40),
    ],
)
def test_the_general_volume_edited_in_a_part_with_its_own_counts_after_it(
    events: tuple[str, ...], volume: int
) -> None:
    """The same after a reload as after a restart."""
    assert loud(events, "reload")[0] == volume
    assert loud(events, "restart") == loud(events, "reload")
