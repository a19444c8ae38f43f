"""The status is what docs/status.md promises: keys, types, and what may be null."""

import json
import re
from dataclasses import fields, replace

import pytest

from player.library.service import library_status
from player.playback.service import playback_status
from player.room.perception_session import perception_status
from player.status import (
    AnnouncementStatus,
    FrontStatus,
    GateStatus,
    LastStepStatus,
    LensState,
    LibraryCounts,
    MusicStatus,
    PlayerStatus,
    PointStatus,
    ReadingStatus,
    RoomNoiseStatus,
    RoomStatus,
    SceneStatus,
    TargetStatus,
    WatchdogStep,
    as_json,
)
from tests.fakes import status as well
from tests.support.status_contract import declared, enums, given, promised, rows


def test_the_types_declare_what_is_promised() -> None:
    assert declared(PlayerStatus) == promised()


@pytest.mark.parametrize(("path", "values"), enums(PlayerStatus).items())
def test_every_value_of_an_enum_is_promised(path: str, values: list[str]) -> None:
    (meaning,) = (meaning for own, _, meaning in rows() if own == path)
    assert re.findall(r"\*(.*?)\*", meaning) == values


def test_a_whole_part_keeps_what_one_of_it_says() -> None:
    music = well.playback(silent_reason="no music", next=well.SONG, volume=41, volume_wanted=43, night=True)
    listening = well.heard(audible=True)
    counts = LibraryCounts(tracks=1, analysed=2, unreadable=3, plays=4, pending=5)
    reading = ReadingStatus(
        LensState.DARK,
        "compact",
        SceneStatus("a cafe", 2, 0.1),
        GateStatus(looked=1, saved=2, last_difference=0),
    )
    library, perception = well.library(), well.perception()
    wholes: list[tuple[object, object]] = [
        (music, playback_status(music, listening, AnnouncementStatus("a gong", 0), RoomNoiseStatus())),
        (
            counts,
            library_status(
                counts,
                analysis=library.analysis,
                problem=None,
                skipped=library.skipped,
                left_out=library.left_out,
                playlists=(),
            ),
        ),
        (
            reading,
            perception_status(
                reading, camera=perception.camera, suspended=True, problem=None, note=None, mood_reader=None
            ),
        ),
    ]
    for base, whole in wholes:
        kind = MusicStatus if base is music else type(base)
        for name in (each.name for each in fields(kind)):  # type: ignore[arg-type]
            assert getattr(whole, name) == getattr(base, name), name


def test_what_the_watchdog_did_is_given_as_promised() -> None:
    """A player that hears itself has nothing to say of it."""
    steps = dict.fromkeys(WatchdogStep, 1)
    heard = replace(well.heard(), steps=steps, last_step=LastStepStatus(WatchdogStep.SAFE, 3))
    status = PlayerStatus(
        playback=well.playback(audible=heard, announcement=AnnouncementStatus("a gong", 1)),
        room=RoomStatus(
            PointStatus(0, 0), ("busier than usual",), TargetStatus("calm", 0, 0, "why"), "day", None
        ),
        perception=well.perception(),
        library=well.library(),
        hours=well.hours(),
        front=FrontStatus(running=True, address="http://127.0.0.1:8787/", problem=None),
        problems=("no sound server",),
        version="1.2.3",
    )
    given_json, contract = json.loads(json.dumps(as_json(status))), promised()
    for path, words in given(given_json, contract).items():
        assert words <= contract[path], path
    assert given_json["playback"]["audible"]["last_step"] == {"step": "safe folder", "ago_s": 3}
    assert list(given_json["playback"]["audible"]["steps"]) == [step.value for step in WatchdogStep]
