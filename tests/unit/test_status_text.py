from typing import Any

from player.status_text import describe

STATUS: dict[str, Any] = {
    "playback": {"state": "playing", "volume": 70},
    "room": {"target": {"name": "calm", "reason": "the room is calm"}, "pinned": None},
    "eyes": {"camera": {"state": "off"}},
    "library": {"tracks": 3, "analysed": 2},
}


def with_eyes(**eyes: Any) -> str:
    return describe(STATUS | {"eyes": STATUS["eyes"] | eyes})


def test_it_says_which_reader_reads_moods_and_why_another_one_does() -> None:
    assert "moods    read by minilm" in with_eyes(moods={"reader": "minilm", "note": None}).splitlines()
    lines = with_eyes(note="BLIP is missing", moods={"reader": "llm", "note": "it is down"}).splitlines()
    assert "moods    read by llm" in lines
    assert [line for line in lines if line.startswith("note")] == [
        "note     BLIP is missing",
        "note     it is down",
    ]


def test_it_says_what_is_unusual_about_the_room() -> None:
    reasons = ["busier than usual: +0.2 energy", "dimmer than usual: -0.1 energy"]
    lines = describe(STATUS | {"room": STATUS["room"] | {"unusual": reasons}}).splitlines()
    assert "unusual  busier than usual: +0.2 energy, dimmer than usual: -0.1 energy" in lines
    assert "unusual" not in describe(STATUS | {"room": STATUS["room"] | {"unusual": []}})


def test_it_says_why_the_analysis_waits() -> None:
    waiting = STATUS["library"] | {"analysis": {"paused": "a crossfade is on"}}
    assert "waits    the analysis of new tracks: a crossfade is on" in describe(STATUS | {"library": waiting})
    running = STATUS["library"] | {"analysis": {"paused": None}}
    assert "waits" not in describe(STATUS | {"library": running})


def test_before_the_models_are_loaded_it_says_nothing_of_them() -> None:
    assert "moods" not in with_eyes(note=None)
