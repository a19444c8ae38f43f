"""A config file for who keeps it elsewhere: no password in its values, none in its comments."""

from pathlib import Path

import pytest

from player.config import document, loader
from player.config.editing.without_secrets import without_secrets

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
        "announcements:\n  items:\n"
        f"  - command: |  {comment}\n      echo '# no comment, sesame'\n"
        f"    at: ['12:00']  {comment}\n"
    )
    bare, keys = without_secrets(PATH, text)
    assert keys == ("camera.source", "mqtt.password", "library.lastfm_key_env")
    assert bare.count(kept) == 3
    for secret in ("Tr0ub4dor", "geheim", "ABCdef123"):
        assert secret not in bare
    command = document.parse(PATH, bare).values["announcements"]["items"][0]["command"]
    assert command == "echo '# no comment, sesame'\n"


def test_a_comment_is_cleaned_where_no_setting_has_a_password() -> None:
    text = "# password: Tr0ub4dor\r\nvenue: {name: 'café #1'}  # token=abc123\r\n"
    bare = "# password: ***\r\nvenue: {name: 'café #1'}  # token=***\r\n"
    assert without_secrets(PATH, text) == (bare, ())


def test_the_comments_that_came_with_it_stay_as_they_are() -> None:
    text = loader.SHIPPED_PATH.read_text()
    assert without_secrets(loader.SHIPPED_PATH, text) == (text, ())


def test_a_short_or_usual_password_spoils_no_words_in_comments() -> None:
    text = "mqtt: {password: an}  # an evening\nfleet: {password: set}  # sets and settings\n"
    bare, _ = without_secrets(PATH, text)
    assert "# an evening" in bare
    assert "# sets and settings" in bare
