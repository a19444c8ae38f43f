"""A changed setting changes its line in config.yaml, and nothing else, in the file or in what it says."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config import document, loader
from player.config.editing.changes import candidate, effective, values_of
from player.config.editing.form import fields
from player.config.editing.setting_keys import location
from player.config.settings.config import Config
from player.errors import ConfigError
from player.types import Json

SHIPPED = loader.SHIPPED_PATH.read_text(encoding="utf-8")
PATH = Path("/srv/config.yaml")
TIMES = st.sampled_from(["08:00-19:30", "08:00-12:00,14:00-18:00", "closed", "open"])
WORDS = {
    "camera.source": st.sampled_from(
        ["auto", "0", "/dev/video0", "rtsp://u:pa#s@host/x?y=1", "on", "~", "08:00", "1e3"]
    ),
    "mood.llm.url": st.sampled_from(["http://127.0.0.1:8080/v1", "https://[::1]/x"]),
    "mood.never": st.lists(st.sampled_from(["sad", "calm", "annoying"]), max_size=4),
    "timezone": st.sampled_from(["Asia/Seoul", "UTC", None]),
    "hours.open": st.dictionaries(st.sampled_from(["mon", "tue", "sat,sun"]), TIMES),
    "hours.holidays": st.dictionaries(st.sampled_from(["12-25", "2026-12-24", "02-29"]), TIMES),
    "playback.output": st.sampled_from(["alsa:hw:0,0", "pulse:a b", "auto"]),
    "web.listen": st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "localhost"]),
    "mpd.listen": st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "localhost"]),
    "web.base_path": st.sampled_from(["", "/music", "/a/b-c"]),
    "web.hosts": st.lists(st.sampled_from(["cafe.example", "10.0.0.2"]), max_size=3),
    "web.proxies": st.lists(st.sampled_from(["10.0.0.2", "10.0.0.0/24", "::1"]), max_size=3),
    "web.staff_volume": st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted),
    "snapcast.host": st.sampled_from(["localhost", "rooms.example", "::1"]),
    "snapcast.stream": st.sampled_from(["ambient-player", "bar.1"]),
    "announcements.voice.command": st.sampled_from([[], ["piper", "-f", "{file}"], ["a b", "x{file}"]]),
    "mqtt.host": st.sampled_from(["localhost", "broker.example", "10.0.0.2", "::1"]),
    "mqtt.base_topic": st.sampled_from(["ambient-player", "cafe/music"]),
    "mqtt.discovery_prefix": st.sampled_from(["homeassistant", "", "ha/x"]),
    "fleet.enabled": st.just(False),  # one that is on needs an id beside it
    "playback.follow_noise.microphone": st.sampled_from(["auto", "alsa_input.usb-1", "마이크 1"]),
    "fleet.host": st.sampled_from(["localhost", "broker.example", "10.0.0.2", "::1"]),
    "fleet.room": st.sampled_from(["", "seoul-03", "a"]),
    "fleet.prefix": st.sampled_from(["ambient", "cafe/music"]),
    "dayparts[].name": st.sampled_from(["on", "밤", "a.b", "7", "a, b}"]),
    "dayparts[].mood": st.sampled_from(["calm", "joyful"]),
}  # fmt: skip
"""Settings that take only certain texts."""


def texts(field: Json) -> st.SearchStrategy[Any]:
    if field["key"].endswith("_key_env"):
        return st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)
    plain = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40)
    return plain | st.sampled_from(ODD)


ODD = [
    "on", "off", "null", "~", "08:00", "1e3", "0x1f", "12:30:00", "-", "# x", "a: b", "- a", "[a]", "{a",
    "&a",
    "*a", "!a", "%a", "@a", "`a", "'", '"', "a #b", " a ", "y", "<<", "2026-12-24", "\ufeffa",
    "a\u2028b", "\x85",
    "커피숍", "---", "1_000", "a\nb", "\\",
]  # fmt: skip


def values(field: Json) -> st.SearchStrategy[Any]:
    """What a setting may be."""
    if field["key"] in WORDS:
        return WORDS[field["key"]]
    low, high = field.get("minimum"), field.get("maximum")
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "switch": st.booleans(),
        "whole number": st.integers(low, high if high is not None else 10**9),
        "number": st.floats(low, high) | st.integers(math.ceil(low or 0), math.floor(high or 0)),
        "choice": st.sampled_from(field.get("choices", [None])),
        "time": st.times().map(lambda time: time.isoformat()[:5]),
        "path": st.sampled_from(["~/a b", "/srv/새 음악", "c:d", "x #1", "/tmp/[a]"]),
        "text": texts(field),
    }
    if field["type"] == "list" and isinstance(field["items"], list) and "key" not in field["items"][0]:
        one = field["items"][0]
        ends = st.floats(one["minimum"], one["maximum"])
        return st.tuples(ends, ends).map(sorted)
    if field["type"] == "list" and isinstance(field["items"], dict):
        return st.lists(kinds[field["items"]["type"]], max_size=4)
    found = kinds[field["type"]]
    return found | st.none() if field.get("nullable") else found


SINGLE = {
    field["key"]: field
    for field in fields()
    if field["key"] not in ("dayparts", "library.playlists", "announcements.items", "sensors")
}
(DAYPARTS,) = (field for field in fields() if field["key"] == "dayparts")
for n in range(4):
    for field in DAYPARTS["items"]:
        # A part's own start keeps the parts apart; the pool is a section of its own.
        if not field["key"].endswith(".start") and ".pool" not in field["key"]:
            SINGLE[field["key"].replace("[]", f"[{n}]")] = field


def lines_changed(before: str, after: str) -> set[int]:
    """Which lines differ, counted from 1; there are as many as before."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=True)
    return {number for number, (old, new) in enumerate(pairs, 1) if old != new}


def expected(changes: Json) -> Config:
    """The settings that the shipped file gives with other values, made without the editor."""
    whole = effective(document.parse(PATH, SHIPPED).values)
    for key, value in changes.items():
        *above, last = location(key, whole)
        inner: Any = whole
        for part in above:
            inner = inner.setdefault(part, {}) if isinstance(inner, dict) else inner[part]
        inner[last] = value
    return Config.model_validate(whole)


@settings(max_examples=12, deadline=None, database=None)
@given(st.fixed_dictionaries({}, optional={key: values(field) for key, field in SINGLE.items()}))
def test_each_value_changed_changes_its_line_and_nothing_else(changes: Json) -> None:
    made = candidate(PATH, SHIPPED, changes)
    said = document.parse(PATH, SHIPPED)
    lines = set()
    for key in made.changed:
        at = location(key, said.values)
        lines.add(next(said.lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in said.lines))
    assert lines_changed(SHIPPED, made.text) == lines
    assert made.text.count("#") >= SHIPPED.count("#"), "no comment goes"
    assert Config.model_validate(document.parse(PATH, made.text).values) == expected(changes)


@pytest.mark.parametrize("key", ["playback.volume", "dayparts[0].energy", "dayparts[3].volume", "mood.never"])
def test_one_value_changed_changes_one_line(key: str) -> None:
    made = candidate(PATH, SHIPPED, {key: OTHER[key]})
    assert len(lines_changed(SHIPPED, made.text)) == 1
    assert made.config != loader.validated(document.parse(PATH, SHIPPED))


def test_null_is_the_default_on_the_same_line() -> None:
    changed = candidate(PATH, SHIPPED, OTHER)
    assert set(changed.changed) == set(OTHER)
    back = candidate(PATH, changed.text, dict.fromkeys(OTHER) | {"dayparts[0].energy": [-1.0, 0.0]})
    assert back.config == loader.validated(document.parse(PATH, SHIPPED))
    assert lines_changed(SHIPPED, changed.text) >= lines_changed(changed.text, back.text) > set()


OTHER: Json = {
    "playback.volume": 5, "camera.source": "demo", "mood.never": ["sad"], "hours.open": {"mon": "open"},
    "timezone": "UTC", "dayparts[0].volume": 30, "log.level": "error", "mood.valence": [-0.5, 0.5],
    "camera.loop": False, "library.folders": ["/a"], "playback.night.ceiling": 30, "vision.blip.prompt": "a",
    "dayparts[0].energy": [-0.5, 0.0], "dayparts[3].volume": 40, "state_dir": "/srv/x",
}  # fmt: skip


def change(text: str, changes: Json) -> str:
    return candidate(PATH, text, changes).text


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("", {"playback.volume": 5}, "playback:\n  volume: 5\n"),
        ("# mine\n", {"log.level": "debug"}, "# mine\nlog:\n  level: debug\n"),
        ("# mine", {"timezone": "UTC"}, "# mine\ntimezone: UTC\n"),
        ("---\nlog: {level: info}\n...\n", {"timezone": "UTC"},
         "---\nlog: {level: info}\ntimezone: UTC\n...\n"),
        ("log: {level: info}", {"log.level": "error"}, "log: {level: error}"),
        ("log: {level: info}", {"log.json_lines": True}, "log: {level: info, json_lines: true}"),
        ("log: {}\n", {"log.json_lines": True}, "log: {json_lines: true}\n"),
        ("log:\r\n  level: info # x\r\n", {"log": {"level": "error", "json_lines": True}},
         "log:\r\n  level: error # x\r\n  json_lines: true\r\n"),
        ("log:\n    level: 'info'   # x\n\n# end\n", {"log.level": "error"},
         "log:\n    level: 'error'  # x\n\n# end\n"),
        ("hours:\n  open: {mon: {}}\n", {"hours.open.mon": "closed"}, "hours:\n  open: {mon: closed}\n"),
        ("rules: {include: {tags: [a]}}\n", {"rules.include.tags": ["-", "?", "b"]},
         'rules: {include: {tags: ["-", "?", b]}}\n'),
        ('{"log": {"level": "info"}}', {"log.level": "error"}, '{"log": {"level": "error"}}'),
        ("log:\n", {"log.level": "error"}, "log: {level: error}\n"),
        ("library:\n  folders:\n  - /a  # one\n  - /b\n\ntimezone: UTC\n",
         {"library.folders": ["/a", "/c", "/d"]},
         "library:\n  folders:\n  - /a  # one\n  - /c\n  - /d\n\ntimezone: UTC\n"),
        ("library:\n  folders:   # mine\n    - /a\n    - /b\n  workers: 2\n", {"library.folders": []},
         "library:\n  folders: []  # mine\n  workers: 2\n"),
        ("library:\n  folders: [/a, /b, /c]\n", {"library.folders[1]": None},
         "library:\n  folders: [/a, /c]\n"),
        ("library:\n  folders: [/a, /b, /c]\n", {"library.folders": ["/c"]}, "library:\n  folders: [/c]\n"),
        ("vision:\n  blip:\n    prompt: >\n      a photo\n      of\n\n  threads: 2\n",
         {"vision.blip.prompt": "a\nb"},
         'vision:\n  blip:\n    prompt: "a\\nb"\n\n  threads: 2\n'),
        ("vision:\n  blip:\n    prompt: 'a\n      b'\n  threads: 2\n", {"vision.threads": 3},
         "vision:\n  blip:\n    prompt: 'a\n      b'\n  threads: 3\n"),
        ("hours:\n  open: {mon: '08:00-12:00', tue: closed}\n", {"hours.open.tue": None},
         "hours:\n  open: {mon: '08:00-12:00'}\n"),
        ("hours:\n  open:\n    mon: closed # x\n    tue: closed\n", {"hours.open.mon": None},
         "hours:\n  open:\n    tue: closed\n"),
        ("hours:\n  open:\n    mon: closed # x\n", {"hours.open": {}}, "hours:\n  open: {}\n"),
        ("playback: {volume: &v 5, start_volume: *v}\n", {"playback.volume": 7},
         "playback: {volume: 7, start_volume: 5}\n"),
        ("playback: {volume: &v 5, start_volume: *v}\n", {"playback.start_volume": 7},
         "playback: {volume: &v 5, start_volume: 7}\n"),
        ("rules:\n  include: &r\n    genres: [a]\n  exclude:\n    <<: *r\n", {"rules.exclude.tags": ["x"]},
         "rules:\n  include: &r\n    genres: [a]\n  exclude:\n    <<: *r\n    tags: [x]\n"),
        ("rules:\n  include: &r\n    genres: [a]\n  exclude:\n    <<: *r\n", {"rules.include.genres": ["b"]},
         "rules:\n  include: &r\n    genres: [b]\n  exclude:\n    <<: {genres: [a]}\n"),
    ],
)  # fmt: skip
def test_files_as_people_write_them(before: str, changes: Json, after: str) -> None:
    assert change(before, changes) == after


def test_dayparts_go_by_name_or_number() -> None:
    by_name = change(SHIPPED, {"dayparts.evening.volume": 55})
    assert (
        by_name == change(SHIPPED, {"dayparts[3].volume": 55}) == change(SHIPPED, {"dayparts.3.volume": 55})
    )
    assert by_name == change(SHIPPED, {"dayparts.Evening.volume": "55"})
    assert change("", {"dayparts.evening.volume": 55}).count("\n") == 5, "the other parts stay as they were"


def test_a_name_may_have_dots() -> None:
    text = 'dayparts: [{name: "a", start: "01:00", mood: calm}, {name: a.b, start: "02:00", mood: calm}]'
    assert candidate(PATH, text, {"dayparts.a.b.volume": 5}).changed == ("dayparts[1].volume",)


def test_what_is_not_given_of_a_section_stays_and_what_is_not_given_of_an_item_goes() -> None:
    made = candidate(PATH, SHIPPED, {"mood": {"lift": 0.5, "shift": {"dwell_s": 20}}})
    assert made.changed == ("mood.lift", "mood.shift.dwell_s")
    assert len(lines_changed(SHIPPED, made.text)) == 2
    item = {"name": "evening", "start": "18:00", "mood": "calm"}
    made = candidate(PATH, SHIPPED, {"dayparts.evening": item})
    assert '  - {name: evening, start: "18:00", mood: calm}\n' in made.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"playback.volume": 500}, "playback.volume: found 500; allowed is a whole number from 0 to 100"),
        ({"playback.volume": True}, "playback.volume: found True; allowed is a whole number from 0 to 100"),
        ({"camera.loop": 1}, "camera.loop: found 1; allowed is true or false"),
        ({"playback.volume": math.nan}, "allowed is a whole number from 0 to 100"),
        ({"playback.vol": 5}, "playback.vol: unknown key; did you mean 'volume'?"),
        ({"log": {"levl": "x"}}, "log.levl: unknown key; did you mean 'level'?"),
        ({"playback.volume.x": 5}, "playback.volume: has no settings of its own"),
        ({"playback": 5}, "playback: found 5; allowed is a section of keys"),
        ({"dayparts.evenin.volume": 5}, "night, morning, day, evening"),
        ({"dayparts[9].volume": 5}, "has no item"),
        ({"dayparts.evening.name": None}, "dayparts[3].name: missing"),
        ({"dayparts": []}, "at least one daypart"),
        ({"": 5}, "A setting is named like"),
        ({"library.lastfm_key_env": "0123-my-secret"}, "the key itself never stands in this file"),
        ({"vision.blip.prompt": "\ud800"}, "text and numbers"),
        ({"vision.blip.prompt": "a\x00b"}, "control character"),
        ({"camera.source": "x" * 300_000}, "more than 256 kB"),
        ({"playback.volume": [[[[1]]]]}, "playback.volume: found a list"),
    ],
)
def test_what_cannot_be_is_a_sentence(changes: Json, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        candidate(PATH, SHIPPED, changes)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        candidate(PATH, SHIPPED, {"playback.volume": 500, "mood.lift": 7})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "text", ["log:\n  level: info\n  level: info\n", "log: [", "log:\n\tlevel: info\n", "- a\n"]
)
def test_a_file_that_cannot_be_read_is_not_touched(text: str) -> None:
    with pytest.raises(ConfigError):
        candidate(PATH, text, {"log.level": "debug"})


def test_a_mistake_in_the_file_can_be_mended() -> None:
    assert change("playback: {volume: 500}\n", {"playback.volume": 50}) == "playback: {volume: 50}\n"


def test_what_needs_a_restart_is_said() -> None:
    assert candidate(PATH, SHIPPED, {"state_dir": "/srv/x"}).needs_restart == ("state_dir",)
    assert candidate(PATH, SHIPPED, {"control": {"socket": "/srv/x"}}).needs_restart == ("control.socket",)
    assert not candidate(PATH, SHIPPED, {"log.level": "debug"}).needs_restart


CAMERA = """camera: {source: 'rtsp://u:geheim@host/x'}
library:
  playlists:
    - {source: 'http://a/x?key=one', mood: calm}
"""


def test_a_secret_that_comes_back_hidden_is_kept() -> None:
    seen = values_of(document.parse(PATH, CAMERA))
    assert "geheim" not in str(seen)
    assert "one" not in str(seen["library"]["playlists"])
    back = {"camera.source": seen["camera"]["source"], "library.playlists": seen["library"]["playlists"]}
    assert change(CAMERA, back) == CAMERA
    more = [{"source": "/b.m3u"}, *seen["library"]["playlists"]]
    assert "http://a/x?key=one" in change(CAMERA, {"library.playlists": more})


@pytest.mark.parametrize("source", ["rtsp://***@other/x", "rtsp://u:***@host/x", "http://host/x?..."])
def test_a_new_address_with_a_hidden_part_is_refused(source: str) -> None:
    with pytest.raises(ConfigError, match="hidden here"):
        candidate(PATH, CAMERA, {"camera.source": source})


def test_a_password_of_its_own_is_hidden_and_comes_back() -> None:
    text = "mqtt: {user: cafe, password: 'latte'}\n"
    assert values_of(document.parse(PATH, text))["mqtt"]["password"] == "***"
    assert values_of(document.parse(PATH, "mqtt: {user: cafe}\n"))["mqtt"]["password"] == ""
    assert change(text, {"mqtt.password": "***"}) == text
    made = candidate(PATH, text, {"mqtt.password": "mocha"})
    assert "mocha" in made.text
    assert made.said == "mqtt.password = ***"
    with pytest.raises(ConfigError, match="hidden here"):
        candidate(PATH, "mqtt: {user: cafe}\n", {"mqtt.password": "***"})


def test_the_line_about_a_change_tells_no_secret() -> None:
    made = candidate(PATH, SHIPPED, {"camera.source": "rtsp://u:geheim@host/x", "playback.volume": 5})
    assert made.said == 'camera.source: "rtsp://***@host/x", playback.volume: 5'


PROGRAMS: Json = {
    "announcements": {
        "items": [
            {"command": "play --pw Geheim77 one.wav", "at": ["12:00"]},
            {"command": "play --pw Geheim77 two.wav", "at": ["13:00"]},
            {"file": "/srv/gong.mp3", "at": ["14:00"]},
        ],
        "voice": {"command": ["curl", "--user", "anna:Geheim77", "-o", "{file}"]},
    }
}
ITEMS, VOICE = "announcements.items", "announcements.voice.command"


def test_what_programs_are_told_is_hidden_and_comes_back() -> None:
    text = yaml.safe_dump(PROGRAMS)
    seen = values_of(document.parse(PATH, text))["announcements"]
    assert seen["items"][0] == {"command": "play ...", "at": ["12:00"]}
    assert seen["voice"]["command"] == ["curl", "..."]
    back = {ITEMS: seen["items"], VOICE: seen["voice"]["command"]}
    assert change(text, back) == text
    assert change(text, {f"{ITEMS}[1].command": "play ...", f"{VOICE}[2]": "..."}) == text
    one, two, gong = PROGRAMS["announcements"]["items"]
    shown_one, shown_two, shown_gong = seen["items"]
    late, bell = {"at": ["18:00"]}, {"command": "bell.sh", "at": ["15:00"]}
    for edited, real in (
        ([shown_two, shown_gong], [two, gong]),
        ([shown_one, shown_two, shown_gong, bell], [one, two, gong, bell]),
        ([shown_two, shown_gong, bell], [two, gong, bell]),
        ([shown_one | late, shown_two, shown_gong], [one | late, two, gong]),
    ):
        after = change(text, {ITEMS: edited})
        assert document.parse(PATH, after).values["announcements"]["items"] == real


@pytest.mark.parametrize(
    "changes",
    [
        {VOICE: ["curl", "...", "{file}"]},
        {f"{VOICE}[5]": "..."},
        {f"{ITEMS}[2]": {"command": "play ...", "at": ["14:00"]}},
        {f"{ITEMS}[0].command": "play ... louder"},
        {f"{ITEMS}[0].command": "..."},
        {f"{ITEMS}[0].command": "play --pw *** one.wav"},
        {ITEMS: [{"command": "play ...", "at": ["19:00"]}]},
    ],
)
def test_a_command_with_a_hidden_part_is_refused(changes: Json) -> None:
    with pytest.raises(ConfigError, match="hidden here"):
        candidate(PATH, yaml.safe_dump(PROGRAMS), changes)


def test_the_line_about_a_change_tells_nothing_of_what_programs_are_told() -> None:
    said = [
        candidate(PATH, yaml.safe_dump(PROGRAMS), {key: value}).said
        for key, value in (
            (f"{ITEMS}[0].command", "say --key Lat7e"),
            (f"{VOICE}[2]", "Lat7e"),
            (VOICE, ["say", "-k", "Lat7e", "{file}"]),
        )
    ]
    assert said == [f'{ITEMS}[0].command: "say ..."', f'{VOICE}[2]: "..."', f'{VOICE}: ["say", "..."]']
