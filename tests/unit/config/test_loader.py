import datetime
import json
import os
import re
import tempfile
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from player.config import loader, plausibility
from player.config.document import read
from player.config.settings.config import Config
from player.errors import ConfigError
from tests.support.dead_mount import DEAD, dead_mount


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def doubts_of(path: Path) -> list[str]:
    found = read(path)
    return loader.doubts_about(found, loader.validated(found))


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loader.load(write(tmp_path, text))
    return [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_the_shipped_file_holds_exactly_the_defaults() -> None:
    assert loader.load() == Config()


def test_the_shipped_file_names_every_setting() -> None:
    def keys(model: type[BaseModel]) -> dict[str, Any]:
        nested = {
            name: field.annotation
            for name, field in model.model_fields.items()
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        }
        return {name: keys(nested[name]) if name in nested else None for name in model.model_fields}

    def same(written: Any, expected: Any) -> Any:
        return {k: same(v, expected[k]) for k, v in written.items()} if isinstance(expected, dict) else None

    written = yaml.safe_load(loader.SHIPPED_PATH.read_text(encoding="utf-8"))
    assert same(written, keys(Config)) == keys(Config)


def test_every_setting_has_a_comment() -> None:
    for number, line in enumerate(loader.SHIPPED_PATH.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("  ") and ":" in line and not line.lstrip().startswith(("#", "- ")):
            assert "#" in line, f"config.yaml:{number} says nothing about {line.strip()}"


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert loader.load(write(tmp_path, "")) == Config()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("camera: {widht: 5}", "config.yaml:1: camera.widht: unknown key; did you mean 'width'?"),
        ("camera:\n  fps: 500", "config.yaml:2: camera.fps: found 500; allowed is a number from 0.1 to 30."),
        (
            "camera: {enabled: maybe}",
            "config.yaml:1: camera.enabled: found 'maybe'; allowed is true or false.",
        ),
        ("camera: {fps: .nan}", "config.yaml:1: camera.fps: found nan; allowed is a number from 0.1 to 30."),
        ("vision: 5", "config.yaml:1: vision: found 5; allowed is a section of keys."),
        (
            "mood: {policy: liff}",
            "config.yaml:1: mood.policy: found 'liff'; allowed is one of match, lift, steady.",
        ),
        (
            "playback: {transition: fade}",
            "config.yaml:1: playback.transition: found 'fade'; allowed is one of crossfade, cut, fade_out.",
        ),
        (
            "dayparts: [{name: a, start: '00:00', mood: calm, transition: fade}]",
            "config.yaml:1: dayparts[0].transition: found 'fade'; allowed is one of crossfade, cut, fade_out "
            "or null.",
        ),
        (
            "mood: {valence: [0.5, -0.5]}",
            "config.yaml:1: mood.valence: the lower end 0.5 is above the upper end -0.5.",
        ),
        (
            "mood: {valence: [0, 2]}",
            "config.yaml:1: mood.valence[1]: found 2; allowed is a number from -1 to 1.",
        ),
        (
            "playback: {output: hdmi}",
            "config.yaml:1: playback.output: found 'hdmi'; "
            "allowed is auto, pulse, alsa, pulse:SINK or alsa:DEVICE.",
        ),
        (
            "web: {listen: 'cafe.example'}",
            "config.yaml:1: web.listen: found 'cafe.example'; allowed is an address of this machine, "
            "such as 127.0.0.1, 0.0.0.0 or ::1.",
        ),
        (
            "web: {port: 99999}",
            "config.yaml:1: web.port: found 99999; allowed is a whole number from 0 to 65535.",
        ),
        (
            "web: {base_path: music}",
            "config.yaml:1: web.base_path: found 'music'; allowed is a path such as /music, or nothing.",
        ),
        (
            "web: {hosts: [my cafe]}",
            "config.yaml:1: web.hosts[0]: found 'my cafe'; "
            "allowed is a name such as cafe.example, without http://.",
        ),
        (
            "web: {proxies: [proxy]}",
            "config.yaml:1: web.proxies[0]: found 'proxy'; allowed is an address such as 10.0.0.2, "
            "or a network such as 10.0.0.0/24.",
        ),
        (
            "web: {staff_volume: [80, 10]}",
            "config.yaml:1: web.staff_volume: the lower end 80 is above the upper end 10.",
        ),
        (
            "mqtt: {password: 123456}",
            "config.yaml:1: mqtt.password: found a number, a date or true or false; allowed is text.",
        ),
        (
            "mqtt: {base_topic: 'cafe/#'}",
            "config.yaml:1: mqtt.base_topic: found text that is not repeated here (it may hold a password); "
            "allowed is a topic such as ambient-player or cafe/music: letters, figures, and . _ ~ - "
            "between slashes.",
        ),
        ("dayparts: []", "config.yaml:1: dayparts: found an empty list; at least one daypart is needed."),
        ("dayparts: [{name: a, start: '09:00'}]", "config.yaml:1: dayparts[0].mood: missing; it needs text."),
        (
            "dayparts: [{name: a, start: 25:00, mood: calm}]",
            "config.yaml:1: dayparts[0].start: found '25:00'; allowed is a time of day such as \"07:30\".",
        ),
        ("camera:\n  fps: 1\n  fps: 2", "config.yaml:3: camera.fps: this key stands here a second time."),
        (
            "dayparts: [{name: a, start: '09:00', mood: clam}]",
            "config.yaml:1: dayparts[0].mood: found 'clam', which is no mood; did you mean 'calm'?",
        ),
        (
            "mood:\n  never: [scary, xyzzy]",
            "config.yaml:2: mood.never[1]: found 'xyzzy', which is no mood; "
            "`ambient-player moods` lists those there are.",
        ),
        (
            "library:\n  playlists:\n    - source: http://radio.example/x",
            "config.yaml:3: library.playlists[0]: a station needs a mood; `ambient-player moods` lists them.",
        ),
        (
            "library: {playlists: [{source: a.m3u, mood: clam}]}",
            "config.yaml:1: library.playlists[0].mood: found 'clam', which is no mood; did you mean 'calm'?",
        ),
        (
            "hours: {open: {mon-fry: closed}}",
            "config.yaml:1: hours.open.mon-fry: found 'mon-fry', which names no days; "
            'allowed are mon, tue, wed, thu, fri, sat, sun, mon-fri, "mon,wed" and daily.',
        ),
        (
            "hours:\n  open:\n    mon: 8-20",
            "config.yaml:3: hours.open.mon: found '8-20'; allowed is closed, open, or times such as "
            '"08:00-19:30" or "08:00-12:00,14:00-18:00".',
        ),
        (
            "hours: {open: {sun: off}}",
            "config.yaml:1: hours.open.sun: found False; allowed is closed, open, or times such as "
            '"08:00-19:30" or "08:00-12:00,14:00-18:00".',
        ),
        (
            "hours: {open: {mon: 08:00-25:00}}",
            "config.yaml:1: hours.open.mon: found '08:00-25:00', "
            "in which 08:00-25:00 is no time from 00:00 to 24:00.",
        ),
        (
            "hours: {open: {mon: '08:00-12:00,11:00-13:00'}}",
            "config.yaml:1: hours.open.mon: found '08:00-12:00,11:00-13:00', in which two times overlap.",
        ),
        (
            "hours: {open: {mon: 20:00-20:00}}",
            "config.yaml:1: hours.open.mon: found '20:00-20:00', which ends as it begins; "
            "write open for a whole day.",
        ),
        (
            "hours: {open: {mon-wed: open, 'tue,thu': closed}}",
            "config.yaml:1: hours.open: tue is named twice, in 'mon-wed' and in 'tue,thu'.",
        ),
        (
            "hours: {holidays: {02-30: closed}}",
            "config.yaml:1: hours.holidays.02-30: found '02-30', which is no date; "
            'allowed is "MM-DD" (every year) or "YYYY-MM-DD".',
        ),
        (
            "timezone: Berlin",
            "config.yaml:1: timezone: found 'Berlin', which is no time zone; one is Europe/Berlin.",
        ),
        ("[1, 2]", "config.yaml:1: found [1, 2] where the sections (camera:, gate:, ...) are expected."),
        ("camera: {source: [}", "config.yaml:1: this is not YAML: expected the node content, but found '}'."),
    ],
)
def test_a_mistake_is_explained(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


@pytest.mark.parametrize("switch", ["yes", "on", "off", "true"])
@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("playback: {volume: %s}", "a whole number from 0 to 100"),
        ("playback: {ramp_s: %s}", "a number from 0 to 600"),
        ("camera: {fps: %s}", "a number from 0.1 to 30"),
        ("vision: {object_score: %s}", "a number from 0 to 1"),
        ("vision: {blip: {beams: %s}}", "a whole number from 1 to 10 or null"),
        ("sensors: [{name: a, valence: %s}]", "a number from -1 to 1 or null"),
        ("mood: {valence: [%s, 0.5]}", "a list of 2, each a number from -1 to 1"),
        ("web: {staff_volume: [10, %s]}", "a list of 2, each a whole number from 0 to 100"),
    ],
)
def test_a_switch_is_no_number(tmp_path: Path, text: str, allowed: str, switch: str) -> None:
    (problem,) = problems(tmp_path, text % switch)
    assert re.search(rf": found .*{switch != 'off'}.*; allowed is ", problem)
    assert problem.endswith(f"; allowed is {allowed}.")


@pytest.mark.parametrize("digits", ["0815471", "815471"])
@pytest.mark.parametrize(
    "text",
    [
        "mqtt: {password: %s}",
        "fleet: {password: %s}",
        "camera: {fps: 500, source: %s}",
        "announcements: {voice: {command: [curl, '{file}', %s]}}",
        "announcements: {voice: {command: %s}}",
        "announcements: {voice: %s}",
        "announcements: {items: [{command: %s, at: ['10:00']}]}",
    ],
)
def test_no_digits_are_repeated_that_may_be_a_password(tmp_path: Path, text: str, digits: str) -> None:
    assert "815471" not in "".join(problems(tmp_path, text % digits))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "nope: 1\ncamera:\n  fps: 500\ngate: {interval_s: abc}\nmood:\n  shift: {dwel_s: 5}\n"
    found = problems(tmp_path, text)
    assert [problem.split(": ")[1] for problem in found] == [
        "nope",
        "camera.fps",
        "gate.interval_s",
        "mood.shift.dwel_s",
    ]


def test_dates_and_times_of_opening_need_no_quotes(tmp_path: Path) -> None:
    """YAML reads 2026-12-24 as a date."""
    text = "hours: {open: {mon-fri: 08:00-19:30}, holidays: {2026-12-24: 08:00-14:00, 12-25: closed}}"
    hours = loader.load(write(tmp_path, text)).hours
    assert hours.open == {"mon-fri": "08:00-19:30"}
    assert hours.holidays == {"2026-12-24": "08:00-14:00", "12-25": "closed"}


def test_two_dayparts_cannot_start_together(tmp_path: Path) -> None:
    text = "dayparts: [{name: a, start: '09:00', mood: calm}, {name: b, start: 9:00, mood: sad}]"
    (problem,) = problems(tmp_path, text)
    assert "start" in problem


@pytest.mark.parametrize("start", ["11:00", '"11:00"', "'07:30'"])
def test_a_time_of_day_needs_no_quotes(tmp_path: Path, start: str) -> None:
    """YAML 1.1 reads 11:00 as the number 660."""
    loaded = loader.load(write(tmp_path, f"dayparts: [{{name: a, start: {start}, mood: calm}}]"))
    assert loaded.dayparts[0].start == datetime.time.fromisoformat(start.strip("\"'"))


def test_dayparts_are_sorted(tmp_path: Path) -> None:
    text = "dayparts: [{name: b, start: 18:00, mood: calm}, {name: a, start: '09:00', mood: sad}]"
    assert [part.name for part in loader.load(write(tmp_path, text)).dayparts] == ["a", "b"]


def test_the_first_webcam_may_be_written_as_a_number(tmp_path: Path) -> None:
    assert loader.load(write(tmp_path, "camera: {source: 0}")).camera.source == "0"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "clip.avi").touch()
    text = "camera: {source: clip.avi}\nlibrary: {folders: [music, ~/more]}\nstate_dir: state"
    loaded = loader.load(write(tmp_path, text))
    assert loaded.camera.source == str(tmp_path / "clip.avi")
    assert loaded.library.folders == (tmp_path / "music", Path.home() / "more")
    assert loaded.state_dir == tmp_path / "state"


@pytest.mark.parametrize("name", ["auto", "Demo", "picamera", "0", "12"])
def test_a_file_that_is_called_like_a_camera_does_not_take_its_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    for source, meant in ((name, name), (f"./{name}", str(tmp_path / name))):
        path = write(tmp_path, f"camera: {{source: {source}}}")
        assert loader.load(path).camera.source == meant
        assert doubts_of(path) == []


def test_no_path_on_a_mount_that_never_answers_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plausibility, "LOOK_S", 0.05)
    text = (
        f"camera: {{source: {DEAD}/clip.avi}}\n"
        f"library: {{folders: [{DEAD}/music], playlists: [{{source: {DEAD}/a.m3u}}]}}\n"
        f"dayparts: [{{name: a, start: '09:00', mood: calm, safe_folder: {DEAD}/safe}}]\n"
        f"announcements: {{items: [{{file: {DEAD}/x.mp3, at: ['10:00']}}]}}\n"
        f"backup: {{folder: {DEAD}/copies}}\nstate_dir: {DEAD}/state\n"
        f"control: {{socket: {DEAD}/sock}}\nmqtt: {{ca_file: {DEAD}/ca.pem}}\n"
    )
    with dead_mount(monkeypatch):
        loaded = loader.load(write(tmp_path, text))
    assert loaded.state_dir == DEAD / "state"
    assert loaded.camera.source == str(DEAD / "clip.avi")
    assert loaded.announcements.items[0].file == DEAD / "x.mp3"


def test_a_link_that_leads_in_a_circle_stays_the_path_it_is(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    text = "state_dir: loop/state\nannouncements: {items: [{file: loop, at: ['10:00']}]}"
    loaded = loader.load(write(tmp_path, text))
    assert loaded.state_dir == tmp_path / "loop" / "state"
    assert loaded.announcements.items[0].file == tmp_path / "loop"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        loader.load(tmp_path / "nowhere.yaml")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00camera")
    with pytest.raises(ConfigError, match="cannot be read"):
        loader.load(path)


def test_a_config_with_mistakes_still_says_where_the_player_is(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("volumne: 3\nstate_dir: here\ncamera: {fps: lots}\n", encoding="utf-8")
    assert loader.whereabouts(path).state_dir == tmp_path / "here"
    path.write_text("state_dir: [1]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r":1: state_dir"):
        loader.whereabouts(path)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghi")
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 9)}]}}\n" for old, new in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (b"x: 1\nhours: {holidays: {2026-02-30: closed}}", 2, "'2026-02-30', which is no date"),
        (b"x: 1\nhours: {holidays: {0000-01-01: closed}}", 2, "'0000-01-01', which is no date"),
        (b"timezone: 2026-13-01", 1, "no time zone"),
        (b"library:\n  folders:\n    - ~no-such-user/Music", 3, "there is no user no-such-user; write"),
        (b"camera: {source: ~no-such-user/x.mp4}", 1, "camera.source: there is no user no-such-user"),
        (b"library: {playlists: [{source: ~no-such-user/x.m3u}]}", 1, "there is no user"),
        (b"announcements: {items: [{file: ~no-such-user/x.mp3, at: ['10:00']}]}", 1, "there is no user"),
        (b"state_dir: ~no-such-user/x", 1, "state_dir: there is no user no-such-user"),
        (b"control: {socket: ~no-such-user/x}", 1, "control.socket: there is no user"),
        (b"control:\n  socket: /", 2, "control.socket: names no file; write the path of one."),
        (f"control: {{socket: {'../' * 30}}}".encode(), 1, "control.socket: names no file"),
        (b"camera: &a\n  source: *a", 1, "camera.source: an alias (*) stands for what it is"),
        (b"camera: &x1 {}\ngate: &x1 {}", 2, ":2: this anchor (&) stands here a second time; call it"),
        (b"a: &a [*a]", 1, "an alias (*) stands for"),
        (LAUGHS.encode(), None, "stand for more than 20000 values"),
        (MERGES.encode(), None, "stand for more than 20000 values"),
        (b"gate: {}\ncamera: {fps: 2}\n\0", 3, "control character (U+0000)"),
        (b"camera:\n  source: '\x07'", 2, "control character (U+0007)"),
        (b'camera: {source: "a\\0b"}', 1, "camera.source: holds a control character"),
        (b'library: {folders: ["C:\\new\\bells"]}', 1, "holds a control character"),
        (b'state_dir: "\\ud800"', 1, "state_dir: holds a control character"),
        (b"camera:\n\tfps: 2", 2, "a tab stands where YAML wants spaces"),
        ("camera: {fps: 2}".encode("utf-16"), 1, "cannot be read, as it is UTF-16; save it as UTF-8"),
        ("camera: {fps: 2}".encode("utf-16-le"), 1, "control character"),
        ("gate: {}\n# Küche".encode("latin-1"), 2, "not UTF-8; save it as UTF-8"),
        (b"42", 1, "found 42 where the sections"),
        (b"- a", 1, "found a list where the sections"),
        (b"camera: {width: " + b"9" * 5000 + b"}", 1, "camera.width: found a number of many digits"),
        (b"camera: {width: '" + b"9" * 5000 + b"'}", 1, "camera.width: found"),
        (b"choice: {seed: -1}", 1, "choice.seed: found -1"),
        (b"camera: {fps: .inf}", 1, "camera.fps: found inf"),
        (b"camera: !!python/object/apply:os.system [ls]", 1, "camera: a value cannot have a type (!)"),
        (b"camera: {source: !!binary '###'}", 1, "a value cannot have a type"),
        (b"camera: {width: !!int abc}", 1, "a value is not what its !! says"),
        (b"camera: {loop: !!bool perhaps}", 1, "a value is not what its !! says"),
        (b"x: 1\ncamera: {fps: !!float ''}", 2, "a value is not what its !! says"),
        (b"camera: {width: !!int ''}", 1, "a value is not what its !! says"),
        (b"camera: {width: !!int _}", 1, "a value is not what its !! says"),
        (b"camera: {width: !!int '-'}", 1, "a value is not what its !! says"),
        (b"camera: {<<: 5}", 1, "this is not YAML: expected a mapping"),
        (b"camera: {fps: 1}\n---\ngate: {}", 2, "a second document begins here"),
        (b"1: 2", 1, "1: unknown key"),
        (b"null: 2", 1, "null: unknown key"),
        (b"camera: {[1]: 2}", 1, "camera: a key is a word"),
        (b"? {a: 1}\n: 2", 1, "a key is a word"),
        (b"hours: {open: {mon: 22:00}}", 1, "hours.open.mon: found '22:00'; allowed is"),
        (b"dayparts: [{name: a, start: 730, mood: calm}]", 1, "start: found 730; allowed is a time of day"),
        (b"dayparts: [{name: a, start: '07:30Z', mood: calm}]", 1, "allowed is a time of day"),
        (b"dayparts: [{name: a, start: 2026-01-01, mood: calm}]", 1, "allowed is a time of day"),
        (b"announcements: {items: [{command: x, at: [1080]}]}", 1, "at[0]: found 1080; allowed is a time"),
        (b"playback: {volume: 070}", 1, "volume: found a number that begins with 0; leave that 0 out, or"),
        (b"x: " + b"[" * 500, 1, "nested too deeply"),
        (b"x" * 300_000, None, "has more than 256 kB"),
        (b"camera: {source: *x}", 1, "a value that begins with * needs quotes"),
        (b"camera: {source: @x}", 1, "needs quotes"),
    ],
)  # fmt: skip
def test_whatever_the_file_holds_is_a_sentence_with_its_line(
    tmp_path: Path, text: bytes, line: int | None, said: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(text)
    with pytest.raises(ConfigError) as caught:
        loader.load(path)
    (problem,) = (problem for problem in caught.value.problems if said in problem)
    assert problem.startswith(f"{path}:{line}: " if line else f"{path}:")
    assert "\n" not in problem


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfcamera: {fps: 3}", b"camera: {fps: 3}\r\n", b"camera: {fps: 3}\n...\n",
        b"camera: {fps: &x 3}\ngate: {refresh_s: *x}", b"camera: {<<: {fps: 3}}", b"'camera': {\"fps\": 3.0}",
    ],
)  # fmt: skip
def test_what_is_right_in_an_unusual_way_is_taken(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(text)
    assert loader.load(path).camera.fps == 3


@given(st.binary(max_size=60) | st.text("camera:{}[]&*!|>?-'\"\\# \n\t<0.%@`", max_size=60).map(str.encode))
def test_no_bytes_end_in_a_traceback(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        with suppress(ConfigError):
            doubts_of(Path(file.name))


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.config.document.ANSWER_S", 0.1)
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(ConfigError, match="does not answer"):
        loader.load(tmp_path / "config.yaml")


@pytest.mark.parametrize("where", ["folder", "name"])
def test_what_is_no_file_is_a_sentence(tmp_path: Path, where: str) -> None:
    path = tmp_path if where == "folder" else Path("x" * 400)
    with pytest.raises(ConfigError, match=r"this is a folder|cannot be read"):
        loader.load(path)


@pytest.mark.parametrize(
    "source",
    [
        "rtsp:/10.0.0.5/s", "rtsp:10.0.0.5", "http//10.0.0.5/s", "http/10.0.0.5", "rtsp://", "rtsp:///s", "http://:80/x",
        "rtsp://me:pw@/s", "rtsp://10.0.0.5:/s", "rtsp://10.0.0.5:99999/s", "rtsp://10.0.0.5:0/s",
        "http://h:port/s",
        "rtsp://me:a/b@10.0.0.5/s", "rtsp://me:a#b@10.0.0.5/s", "rtsp://ho st/s", "rtsp://[::1/s",
        "rtp://10.0.0.5/s",
        "rstp://10.0.0.5/s", "http://-/s", "admin:pw@10.0.0.5/s", "10.0.0.5:554/s",
        "clip.avi", "/no/such/clip.avi", "~/no such clip.avi", "$HOME/clip.avi",
        "${HOME}/clip.avi", "%USERPROFILE%/clip.avi",
        "C:\\clip.avi", "webcam",
        "-1", "", "x" * 5000, "rtsp", "https", "256", "9" * 5000, "/dev/video256", "/dev/video99999999999",
        "rtsp://a..b/s", "http://.cam/s", "http://cam-.lan/s",
        "http://192.168.1.300/x", "http://192.168.1.5.6/x", "http://999.1.1.1:80/", "http://cam.5/x", "http://[1:2]/x",
        f"http://{'a' * 64}.lan/x", f"http://{'a.' * 127}lan/x", "http://cam/snap\u200b.jpg", "http://\ufeffcam/x",
        "http://cam:\uff18\uff10/x", "http://\uff11\uff19\uff12.168.1.5/x", "\u0663",
    ],
)  # fmt: skip
def test_a_camera_that_cannot_be_is_not_in_order(tmp_path: Path, source: str) -> None:
    path = write(tmp_path, yaml.safe_dump({"camera": {"fps": 2, "source": source}}))
    (doubt,) = set(doubts_of(path)) or {""}
    assert doubt.startswith(f"{path}:3: camera.source: ")
    assert loader.load(path).camera.fps == 2, "the music plays in spite of it"


@pytest.mark.parametrize(
    "source",
    [
        "auto", " Demo", "picamera", "0", "/dev/video0", "rtsp://10.0.0.5/s", "rtsp://me:p%40ss@cam.lan:554/s?a=b",
        "http://[fe80::1]:80/x", "RTSPS://cam/s", "https://me:a@b@cam/x.mjpg", "rtsp://my_cam/1", "http://cam",
        "http://cam/x?mail=a@b", "http://cam.lan./", "http://192.168.1.5./x", "http://[fe80::1%25eth0]/x",
        "http://5.cam/x", f"http://{'a' * 63}.lan/x", "http://k\u00fcche.lan/x",
        "255", "/dev/video10", "/dev/v4l/by-id/usb-1",
        "clip.avi", ".", "$odd/clip.avi", "a@b.avi",
    ],
)  # fmt: skip
def test_a_camera_that_can_be_is_in_order(tmp_path: Path, source: str) -> None:
    (tmp_path / "$odd").mkdir()
    for name in ("clip.avi", "$odd/clip.avi", "a@b.avi"):
        (tmp_path / name).touch()
    assert doubts_of(write(tmp_path, yaml.safe_dump({"camera": {"source": source}}))) == []


@pytest.mark.parametrize(
    "path",
    [
        "C:\temp",
        "$HOME/Music",
        "${HOME}/Music",
        "/media/$USER/music",
        "/media/$user/music",
        "/home/$(whoami)/Music",
        "%HOME%\\Music",
        "D:\\Music",
        " ",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "library: {folders: [~/a, %s]}", "library: {playlists: [{source: %s}]}", "state_dir: %s",
        "control: {socket: %s}", "mqtt: {ca_file: %s}", "fleet: {ca_file: %s}",
        "dayparts: [{name: a, start: '00:00', mood: calm, safe_folder: %s}]",
        "announcements: {items: [{file: %s, at: ['10:00']}]}",
    ],
)  # fmt: skip
def test_a_path_with_a_variable_is_said(tmp_path: Path, text: str, path: str) -> None:
    doubts = doubts_of(write(tmp_path, text % json.dumps(path)))
    assert any(re.search("variable|Windows|is empty|holds a tab", doubt) for doubt in doubts)


@pytest.mark.parametrize("text", ["library: {folders: [%s]}", "state_dir: %s", "control: {socket: %s}"])
def test_an_address_is_no_folder(tmp_path: Path, text: str) -> None:
    (doubt,) = doubts_of(write(tmp_path, text % "'smb://me:hunter2@nas/music'"))
    assert "is an address, not a path" in doubt
    assert "hunter2" not in doubt


@pytest.mark.parametrize("section", ["mqtt", "fleet"])
def test_an_authority_that_is_not_there_is_said(tmp_path: Path, section: str) -> None:
    path = write(tmp_path, f"{section}:\n  ca_file: ca.pem\n")
    assert doubts_of(path) == [f"{path}:2: {section}.ca_file: there is no such file; check its name."]
    (tmp_path / "ca.pem").touch()
    assert doubts_of(path) == []


def test_a_singer_with_a_dollar_is_no_variable(tmp_path: Path) -> None:
    text = "library: {folders: ['/music/$uicideboy$', '/music/A$AP Rocky', '/music/Ke$ha']}"
    assert doubts_of(write(tmp_path, text)) == []


@pytest.mark.parametrize(
    "source",
    [
        "http:/radio.example/x",
        "http://",
        "http://h:x/",
        "http://10.0.0.256/x",
        "http://radio.example/x\u200b",
        "rtsp://radio.example/x",
        "me:pw@radio.example/x",
        "no.m3u",
    ],
)
def test_a_playlist_that_cannot_be_is_not_in_order(tmp_path: Path, source: str) -> None:
    text = yaml.safe_dump({"library": {"playlists": [{"source": source, "mood": "calm"}]}})
    (doubt,) = doubts_of(write(tmp_path, text))
    assert "library.playlists[0].source: " in doubt
    assert "radio.example" not in doubt
