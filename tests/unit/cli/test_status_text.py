from typing import Any

import pytest

from player.cli.status_text import describe

STATUS: dict[str, Any] = {
    "playback": {"state": "playing", "volume": 70},
    "room": {
        "target": {"name": "sensual", "valence": 0.5, "energy": 0.1, "reason": "the room is pleasant"},
        "pinned": None,
    },
    "perception": {"camera": {"state": "off"}},
    "library": {"tracks": 3, "analysed": 2},
    "front": {"running": True, "address": "http://127.0.0.1:8787/", "problem": None},
    "hours": {"open": True, "manual_override": False, "changes_at": "2026-05-01T19:30:00+02:00"},
}


def perceiving(**perception: Any) -> str:
    return describe(STATUS | {"perception": STATUS["perception"] | perception})


def test_a_title_steers_no_terminal_and_begins_no_line() -> None:
    track = {"title": "Song\x1b[2J\nproblem  none", "artist": "A"}
    lines = describe(STATUS | {"playback": STATUS["playback"] | {"track": track}}).splitlines()
    assert "track    Song [2J problem  none by A (?:?? of ?:??)" in lines


def test_it_says_which_reader_reads_moods_and_why_another_one_does() -> None:
    assert (
        "moods    read by minilm" in perceiving(mood_reader={"reader": "minilm", "note": None}).splitlines()
    )
    lines = perceiving(
        note="BLIP is missing", mood_reader={"reader": "llm", "note": "it is down"}
    ).splitlines()
    assert "moods    read by llm" in lines
    assert [line for line in lines if line.startswith("note")] == [
        "note     BLIP is missing",
        "note     it is down",
    ]


def test_it_calls_the_music_by_a_plain_word() -> None:
    assert "target   easy-going music: the room is pleasant" in describe(STATUS).splitlines()
    assert "sensual" not in describe(STATUS)


def test_it_says_what_is_unusual_about_the_room() -> None:
    reasons = ["busier than usual (12 people)", "dimmer than usual"]
    lines = describe(STATUS | {"room": STATUS["room"] | {"unusual": reasons}}).splitlines()
    assert "unusual  busier than usual (12 people), dimmer than usual" in lines
    assert "unusual" not in describe(STATUS | {"room": STATUS["room"] | {"unusual": []}})
    dark = {"perception": STATUS["perception"] | {"sees": False, "lens": "dark", "scene": {"caption": "x"}}}
    said = describe(STATUS | {"room": STATUS["room"] | {"unusual": reasons}} | dark)
    assert "unusual" not in said
    assert "scene" not in said
    assert "no source, lens dark" in said


def test_it_says_why_the_analysis_waits() -> None:
    waiting = STATUS["library"] | {"analysis": {"paused": "a crossfade is on"}}
    assert "waits    the analysis of new tracks: a crossfade is on" in describe(STATUS | {"library": waiting})
    running = STATUS["library"] | {"analysis": {"paused": None}}
    assert "waits" not in describe(STATUS | {"library": running})


def test_it_says_which_playlists_name_what_is_not_here() -> None:
    lost = STATUS["library"] | {"playlists": ["a.m3u: 1 of 2 entries lead to no music that is here: x.mp3"]}
    said = "playlist a.m3u: 1 of 2 entries lead to no music that is here: x.mp3"
    assert said in describe(STATUS | {"library": lost}).splitlines()


def test_before_the_models_are_loaded_it_says_nothing_of_them() -> None:
    assert "moods" not in perceiving(note=None)


def test_a_closed_house_says_when_it_opens() -> None:
    closed = {"open": False, "manual_override": False, "changes_at": "2026-05-04T08:00:00+02:00"}
    silent = STATUS | {"playback": {"state": "closed", "volume": 70}, "hours": closed}
    assert describe(silent).splitlines()[0] == "closed, opens Mon 04 May 08:00, volume 70 %"
    assert describe(STATUS).splitlines()[0] == "playing, volume 70 %"
    at_night = STATUS | {"playback": {"state": "playing", "volume": 40, "night": True}}
    assert describe(at_night).splitlines()[0] == "playing, volume 40 % (night mode)"
    by_hand = STATUS | {"hours": closed | {"manual_override": True}}
    assert (
        describe(by_hand).splitlines()[0] == "playing (closed: by hand, until the next closing), volume 70 %"
    )


def test_it_says_what_is_heard_and_what_the_watchdog_did() -> None:
    heard: dict[str, Any] = {
        "heard_db": -14.2,
        "listening": "monitor of bar",
        "silent_s": 0.0,
        "problem": None,
    }
    heard |= {"steps": {"next track": 2, "fresh deck": 1}, "last_step": {"step": "fresh deck", "ago_s": 200}}
    lines = describe(STATUS | {"playback": STATUS["playback"] | {"audible": heard}}).splitlines()
    assert "heard    -14 dBFS, monitor of bar" in lines
    assert "watchdog 3 steps so far, the last 3 min ago: fresh deck" in lines
    heard |= {"silent_s": 12.3, "problem": "the output is muted"}
    lines = describe(STATUS | {"playback": STATUS["playback"] | {"audible": heard}}).splitlines()
    assert "silent   for 12 s, though it should be heard" in lines
    assert "problem  the output is muted" in lines


def test_it_says_where_the_page_is_or_why_it_is_not() -> None:
    assert "page     http://127.0.0.1:8787/" in describe(STATUS).splitlines()
    taken = {"running": False, "address": None, "problem": "The page cannot be reached: port 8787 is taken."}
    lines = describe(STATUS | {"front": taken}).splitlines()
    assert "problem  The page cannot be reached: port 8787 is taken." in lines
    assert not [line for line in lines if line.startswith("page")]


@pytest.mark.parametrize(
    ("part", "said", "line"),
    [
        ("playback", {"silent_reason": "no music is left"}, "silent   no music is left"),
        ("playback", {"announcement": {"title": "gong", "waiting": 0}}, "says     gong"),
        ("playback", {"announcement": {"title": "gong", "waiting": 2}}, "says     gong, 2 more waiting"),
        (
            "playback",
            {
                "track": {"title": "Blue", "reason": "as calm as the room"},
                "position_s": 61.9,
                "duration_s": None,
            },
            "track    Blue (1:01 of ?:??)",
        ),
        (
            "playback",
            {"room_noise": {"enabled": True, "noise_db": -41, "offset_db": 1.5, "problem": None}},
            "noise    -41 dB, volume +1.5 dB",
        ),
        (
            "playback",
            {"room_noise": {"enabled": True, "noise_db": None, "offset_db": 0.0, "problem": None}},
            "noise    not known yet, volume +0.0 dB",
        ),
        (
            "playback",
            {"room_noise": {"enabled": True, "problem": "no microphone is connected"}},
            "noise    the room is not heard: no microphone is connected",
        ),
        ("room", {"pinned": "calm"}, "pinned   calm"),
        (
            "room",
            {"pinned": "calm", "pinned_until": "2026-05-01T19:30:00+02:00"},
            "pinned   calm until Fri 19:30",
        ),
        ("room", {"unusual": ["busier than usual", "dark"]}, "unusual  busier than usual, dark"),
        ("library", {"tracks": 1, "analysed": 1}, "library  1 track, 1 analysed"),
        (
            "room",
            {"taught": {"moments": 1, "counting": 1, "weight": 0.5}},
            "taught   1 moment of this room; the reading follows 1 of them by 50%",
        ),
        (
            "room",
            {"taught": {"moments": 3, "counting": 0, "weight": 0, "problem": "The camera has moved."}},
            "taught   3 moments of this room; The camera has moved.",
        ),
        ("perception", {"scene": {"caption": "a cup on a table"}}, "scene    a cup on a table"),
    ],
)
def test_what_holds_at_the_moment_has_a_line(part: str, said: dict[str, Any], line: str) -> None:
    assert line not in describe(STATUS).splitlines()
    assert line in describe(STATUS | {part: STATUS[part] | said}).splitlines()


def test_it_says_what_each_sensor_says_and_does() -> None:
    def sensor(name: str, kind: str, said: str | None, **more: Any) -> dict[str, Any]:
        usual = {"value": None, "usual": None, "unit": "", "stale": False, "reason": None}
        return {"name": name, "kind": kind, "said": said} | usual | more

    sensors = [
        sensor("weather", "weather", "rainy", reason="rain: -0.2 energy"),
        sensor("door", "counter", "812", value=36.0, usual=24.5),
        sensor("terrace", "noise", "61.5 dB", value=61.5, usual=55.0, unit="dB", stale=True),
        sensor("till", "number", None),
    ]
    lines = describe(STATUS | {"room": STATUS["room"] | {"sensors": sensors}}).splitlines()
    assert [line for line in lines if line.startswith("sensor")] == [
        "sensor   weather: rainy (rain: -0.2 energy)",
        "sensor   door: 36 an hour, usually 24.5",
        "sensor   terrace: 61.5 dB, usually 55 dB (silent for too long to count)",
        "sensor   till: nothing yet",
    ]
