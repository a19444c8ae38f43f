import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from player import config
from player.errors import ConfigError
from player.settings import Config


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.load(write(tmp_path, text))
    return [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_the_shipped_file_holds_exactly_the_defaults() -> None:
    assert config.load() == Config()


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

    written = yaml.safe_load(config.DEFAULT_PATH.read_text(encoding="utf-8"))
    assert same(written, keys(Config)) == keys(Config)


def test_every_setting_has_a_comment() -> None:
    for number, line in enumerate(config.DEFAULT_PATH.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("  ") and ":" in line and not line.lstrip().startswith(("#", "- ")):
            assert "#" in line, f"config.yaml:{number} says nothing about {line.strip()}"


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert config.load(write(tmp_path, "")) == Config()


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
    hours = config.load(write(tmp_path, text)).hours
    assert hours.open == {"mon-fri": "08:00-19:30"}
    assert hours.holidays == {"2026-12-24": "08:00-14:00", "12-25": "closed"}


def test_two_dayparts_cannot_start_together(tmp_path: Path) -> None:
    text = "dayparts: [{name: a, start: '09:00', mood: calm}, {name: b, start: 9:00, mood: sad}]"
    (problem,) = problems(tmp_path, text)
    assert "start" in problem


@pytest.mark.parametrize("start", ["11:00", '"11:00"', "'07:30'"])
def test_a_time_of_day_needs_no_quotes(tmp_path: Path, start: str) -> None:
    """YAML 1.1 reads 11:00 as the number 660."""
    loaded = config.load(write(tmp_path, f"dayparts: [{{name: a, start: {start}, mood: calm}}]"))
    assert loaded.dayparts[0].start == datetime.time.fromisoformat(start.strip("\"'"))


def test_dayparts_are_sorted(tmp_path: Path) -> None:
    text = "dayparts: [{name: b, start: 18:00, mood: calm}, {name: a, start: '09:00', mood: sad}]"
    assert [part.name for part in config.load(write(tmp_path, text)).dayparts] == ["a", "b"]


def test_the_first_webcam_may_be_written_as_a_number(tmp_path: Path) -> None:
    assert config.load(write(tmp_path, "camera: {source: 0}")).camera.source == "0"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "clip.avi").touch()
    text = "camera: {source: clip.avi}\nlibrary: {folders: [music, ~/more]}\nstate_dir: state"
    loaded = config.load(write(tmp_path, text))
    assert loaded.camera.source == str(tmp_path / "clip.avi")
    assert loaded.library.folders == (tmp_path / "music", Path.home() / "more")
    assert loaded.state_dir == tmp_path / "state"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        config.load(tmp_path / "nowhere.yaml")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00camera")
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(path)


def test_a_config_with_mistakes_still_says_where_the_player_is(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("volumne: 3\nstate_dir: here\ncamera: {fps: lots}\n", encoding="utf-8")
    assert config.whereabouts(path).state_dir == tmp_path / "here"
    path.write_text("state_dir: [1]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r":1: state_dir"):
        config.whereabouts(path)
