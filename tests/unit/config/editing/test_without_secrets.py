"""A config file for who keeps it elsewhere: no password in its values, none in its comments."""

import re
from pathlib import Path

import pytest
import yaml

from player.config import document, loader
from player.config.editing.without_secrets import without_secrets
from player.privacy import redaction

PATH = Path("config.yaml")


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("# the old one was rtsp://ann:Tr0ub4dor@cam/1", "# the old one was rtsp://***@cam/1"),
        ("#   password: Tr0ub4dor   # of the broker", "#   password: ***"),
        ("#ann:Tr0ub4dor@cam", "#***@cam"),
        ("# pw = Tr0ub4dor, ask Ann", "# pw = *** ask Ann"),
        ("# 비밀번호: Tr0ub4dor", "# 비밀번호: ***"),
        ("# the camera has geheim, the broker sesam", "# the camera has ***, the broker ***"),
        ("# the key is ABCdef123", "# the key is ***"),
        ("# sesame bread on Mondays", "# sesame bread on Mondays"),
    ],
)
def test_a_password_in_a_comment_does_not_stay(comment: str, kept: str) -> None:
    text = (
        "camera: {source: 'rtsp://ann:geheim@10.0.0.5/stream'}\n"
        "mqtt:\n  password: sesam\n"
        f"{comment}\n"
        "library: {lastfm_key_env: ABCdef123}\n"
        "vision:\n  blip:\n"
        f"    prompt: |  {comment}\n      echo '# no comment, sesame'\n"
        f"    beams: 3  {comment}\n"
    )
    bare, keys = without_secrets(PATH, text)
    assert keys == ("camera.source", "mqtt.password", "library.lastfm_key_env")
    assert bare.count(kept) == 3
    for secret in ("Tr0ub4dor", "geheim", "ABCdef123"):
        assert secret not in bare
    assert document.parse(PATH, bare).values["vision"]["blip"]["prompt"] == "echo '# no comment, sesame'\n"


def test_a_comment_is_cleaned_where_no_setting_has_a_password() -> None:
    text = "# password: Tr0ub4dor\r\nvenue: {name: 'café #1'}  # token=abc123\r\n"
    bare = "# password: ***\r\nvenue: {name: 'café #1'}  # token=***\r\n"
    assert without_secrets(PATH, text) == (bare, ())


def test_the_comments_that_came_with_it_stay_as_they_are() -> None:
    text = loader.SHIPPED_PATH.read_text()
    assert without_secrets(loader.SHIPPED_PATH, text) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "library: {folders: [/media/pi/Musik@Bar, /media/pi/Musik, '/m/Live 12:30@home', '~/AC:DC@live']}\n",
        "library: {folders: [/music/pass/one, '/music/session=1/x']}\n",
        "rules: {exclude: {paths: ['*/Live @ Home/*', '*/AC:DC@live/*'], artists: ['Jazz: live @ home']}}\n",
        "venue: {name: 'Café Central @ Bahnhof'}\n",
        "announcements: {items: [{file: /srv/jingles/Jingle_01@home.mp3, at: ['12:00']}]}\n",
        "announcements: {items: [{command: /srv/jingles/Jingle_01@home, at: ['12:00']}]}\n",
    ],
)
def test_an_at_in_a_path_or_a_name_is_no_password(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    assert without_secrets(PATH, text) == (text, ())
    assert redaction.redacted("/media/pi/Musik is not there now") == "/media/pi/Musik is not there now"


@pytest.mark.parametrize(
    "source",
    [
        "rtsp://ann:Tr0ub4dor@cam/1", "rtsp://ann:Tr0ub 4dor@cam/1", "ann:Tr0ub4dor@cam/1",
        "//ann:Tr0ub4dor@cam/1", "rtsp//ann:Tr0ub4dor@cam/1", "://ann:Tr0ub4dor@cam/1",
        "rtsp:ann:Tr0ub4dor@cam/1", "/cfg/smb:/ann:Tr0ub4dor@cam/1",
    ],
)  # fmt: skip
def test_whatever_its_shape_a_password_in_an_address_does_not_stay(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    password = source.partition("ann:")[2].partition("@")[0]
    bare, keys = without_secrets(PATH, f"camera: {{source: '{source}'}}  # it has {password}\n")
    assert keys == ("camera.source",)
    assert password not in bare
    assert password not in redaction.redacted(f"login {password} refused")


def test_a_short_or_usual_password_spoils_no_words_in_comments() -> None:
    text = "mqtt: {password: an}  # an evening\nfleet: {password: set}  # sets and settings\n"
    bare, _ = without_secrets(PATH, text)
    assert "# an evening" in bare
    assert "# sets and settings" in bare


COMMANDS = (
    "mytts --password 'Ge heim 77'", "curl --pw Geheim77 http://x/", "curl -p Geheim77",
    "say --api-key Geheim77",
    "say --access-token Geheim77", "curl --auth anna:Geheim77", "curl --proxy-user anna:Geheim77 x",
    "mysql -uanna:Geheim77", "TOKEN='my Geheim77' say", "curl -H 'api-key: Geheim77'",
    "curl -H 'Authorization: Token Geheim77' x", "curl\t--token\n Geheim77", "/opt/say.sh Geheim77",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_program_is_told_stays_behind(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    values = {
        "announcements": {
            "items": [{"command": command, "at": ["12:00"]}],
            "voice": {"command": ["curl", "--user", "anna:Geheim77", "S3cretTok3n", "{file}"]},
        }
    }
    bare, keys = without_secrets(PATH, f"{yaml.safe_dump(values)}# S3cretTok3n, Geheim77 and {{file}}\n")
    assert not re.search("[Hh]eim|S3cret", bare)
    assert keys == ("announcements.items[0].command", "announcements.voice.command")
    config = loader.validated(document.parse(PATH, bare))
    known = {f"{name} ..." for name in ("mytts", "curl", "say", "mysql", "say.sh")} | {"..."}
    assert config.announcements.items[0].command in known
    assert config.announcements.voice.command == ()
    assert bare.endswith("# ***, *** and {file}\n")
