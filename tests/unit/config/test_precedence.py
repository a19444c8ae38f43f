"""Setting against command: the newer one holds, over an edit while it plays and over a restart."""

from datetime import time

import pytest

from player.config import precedence
from player.config.precedence import Asked
from player.config.settings import Config, Daypart, PlaybackSettings

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
    assert precedence.night(now, before, commanded) == night


def test_what_is_read_of_a_config() -> None:
    parts = (
        Daypart(name="day", start=time(7), mood="calm"),
        Daypart(name="late", start=time(22), mood="calm", night=True, volume=20),
    )
    config = Config(dayparts=parts, playback=PlaybackSettings(volume=55))
    assert precedence.asked(config, parts[1]) == Asked(55, "22:00:00", 20)
    assert precedence.nights(parts) == "22:00:00"
