"""No password is printed, whatever it holds, wherever it was written and whoever prints it."""

import io
import json
import logging
import math
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from player import log
from player.camera.factory import make_source
from player.cli.json_output import unreadable
from player.config import loader
from player.config.settings.library import PlaylistSettings
from player.config.settings.perception import CameraSettings
from player.errors import CameraError, ConfigError
from player.interfaces.messages.base import Answer, Request
from player.interfaces.messages.playing import NextRequest, PauseRequest
from player.interfaces.socket import LocalSocket, send
from player.library.configured_playlists import named_music
from player.privacy import redaction
from player.privacy.redaction import address, cleaned, redacted, shown
from player.types import Json
from tests.fakes.status import Said

SECRET = "hunter2"
SHAPES = (
    "rtsp://admin:hunter2@10.0.0.5/s",
    "rtsp:/admin:hunter2@10.0.0.5/s",
    "rtsp:admin:hunter2@10.0.0.5/s",
    "rtsp//admin:hunter2@10.0.0.5/s",
    "RTSPS://admin:hunter2@10.0.0.5",
    "://admin:hunter2@10.0.0.5/s",
    "admin:hunter2@10.0.0.5",
    "hunter2@10.0.0.5",
    "rtsp://admin:x@hunter2@10.0.0.5/s",
    "rtsp://admin:x/hunter2@10.0.0.5/s",
    "rtsp://admin:x#hunter2@10.0.0.5/s",
    "rtsp://admin:x?hunter2@10.0.0.5/s",
    "rtsp://admin:%40hunter2%3A@10.0.0.5/s",
    "rtsp://admin:hunter2 x@10.0.0.5/s",
    "rtsp://admin:hunter2",
    "http://10.0.0.5/video?user=admin&pwd=hunter2",
    "10.0.0.5/video?user=admin&pwd=hunter2",
    "http://10.0.0.5/video?hunter2",
    "http://10.0.0.5/video#hunter2",
    "rtsp://10.0.0.5/user=admin&password=hunter2&channel=1",
    "rtsp://10.0.0.5/admin/password/hunter2",
    "ftp://admin:hunter2@10.0.0.5/s",
    "http://radio.example/x?token=hunter2",
    "http:/me:hunter2@radio.example/x",
    "smb://me:hunter2@nas/music",
    "//me:hunter2@nas/music",
    "sk-hunter2-aB3",
    "hunter2",
)
SECTIONS = (
    "camera",
    "gate",
    "mood",
    "library",
    "dayparts",
    "hours",
    "playback",
    "announcements",
    "log",
    "nope",
)
SETTINGS = (
    "camera.source", "camera.sorce", "camera.fps", "camera.enabled", "gate.threshold", "mood.llm.url",
    "mood.llm.api_key_env", "mood.llm.api_key", "mood.policy", "mood.never", "library.folders",
    "library.folder", "library.playlists", "library.lastfm_key_env", "timezone", "dayparts", "hours.open",
    "playback.output",
    "playback.volume", "announcements.items", "log.level", "nope", "state_dir",
)  # fmt: skip


def filled(places: tuple[str, ...], value: object) -> Json:
    """A config in which `value` stands at every one of these dotted places."""
    whole: Json = {}
    for place in places:
        *sections, name = place.split(".")
        section = whole
        for outer in sections:
            section = section.setdefault(outer, {})
        section[name] = value
    return whole


def said_of(path: Path, values: object) -> str:
    """What `check` says of a config, or nothing if it finds nothing wrong."""
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    try:
        found = loader.read(path)
        return "\n".join(loader.doubts_about(found, loader.validated(found)))
    except ConfigError as error:
        return str(error)


@pytest.fixture(autouse=True)
def _nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())


@pytest.mark.parametrize("shape", SHAPES)
def test_no_found_value_is_repeated_wherever_it_stands(tmp_path: Path, shape: str) -> None:
    for value in (shape, [shape, shape], {shape: 1}, [{"source": shape}]):
        for places in (SECTIONS, SETTINGS, ("mood.llm",)):
            said = said_of(tmp_path / "c.yaml", filled(places, value))
            assert said, "it finds much that is wrong"
            assert SECRET not in said
    for whole in (
        shape,
        [shape],
        {shape: {"a": 1}},
        {"camera": {"source": shape}, "library": {"folders": [shape]}},
    ):
        assert SECRET not in said_of(tmp_path / "c.yaml", whole)


@pytest.mark.parametrize(
    "text",
    [
        "camera: {source: *hunter2}",
        "mqtt: {password: &hunter2 }\nfleet: {password: &hunter2 }",
        "camera: {source: !hunter2 x}",
        "camera: {source: !hunter2!x y}",
        "camera: {source: rtsp://admin:hunter2@[10.0.0.5/s}",
        "camera: {source: 'rtsp://admin:hunter2@10.0.0.5/s}",
        "camera:\n  source: rtsp: //admin:hunter2@10.0.0.5/s",
        "camera:\n  rtsp://admin:hunter2@10.0.0.5/s\n  fps: 2",
        "camera: {rtsp://admin:hunter2@10.0.0.5/s}",
        "? {rtsp://admin:hunter2@10.0.0.5/s: 1}\n: 2",
        "camera: {source: %hunter2}",
        "camera: {source: \"\\hunter2\"}",
        "camera: {hunter2: 1, hunter2: 2}",
    ],
)  # fmt: skip
def test_nor_is_what_is_not_even_yaml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        loader.load(path)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_camera_and_a_station_never_say_their_address_whole(
    shape: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert SECRET not in called(shape)
    _, stations, *_ = named_music(
        [PlaylistSettings(source=shape), PlaylistSettings(source=shape, mood="calm")]
    )
    assert not any(SECRET in station.title for station in stations)
    assert SECRET not in caplog.text


def called(source: str) -> str:
    """What a camera is called, or why there can be none."""
    try:
        return make_source(CameraSettings(source=source)).name
    except CameraError as error:
        return str(error)


@pytest.mark.parametrize("name", ["list.m3u", "list.pls"])
def test_nor_does_an_entry_of_a_playlist(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    url = "http://me:hunter2@radio.example/x?token=hunter2"
    pls = f"[playlist]\nFile1={url}\nTitle1={url}\n"
    (tmp_path / name).write_text(pls if name.endswith("pls") else f"#EXTM3U\n#EXTINF:-1,{url}\n{url}\n")
    for mood in ("calm", None):
        _, stations, *_ = named_music([PlaylistSettings(source=str(tmp_path / name), mood=mood)])
        assert not any(SECRET in station.title for station in stations)
    assert len(caplog.records) == 1, "the one without a mood does not play"
    assert SECRET not in caplog.text


LOOSE = [shape for shape in SHAPES if "@" in shape and ":" in shape and " " not in shape] + [
    "http://10.0.0.5/video?user=admin&pwd=hunter2", "pwd=hunter2", "curl -u admin:hunter2 http://x/",
    "Authorization: Bearer hunter2.hunter2", "/cfg/smb:/me:hunter2@nas/music", "curl --password hunter2 x",
    "api_key=hunter2 refused", "('http://me:hunter2@radio.example/x', 401)", "/cfg/me:hunter2@nas/music",
]  # fmt: skip


@pytest.mark.parametrize("text", LOOSE)
@pytest.mark.parametrize("as_json", [True, False])
def test_the_log_redacts_whatever_is_said(text: str, as_json: bool, quiet_log: io.StringIO) -> None:
    log.setup("info", as_json, quiet_log)
    logger = logging.getLogger("player.camera.capture")
    logger.error("camera %s lost", text, extra=log.event("camera", url=text, all=[{"deep": (text,)}]))
    try:
        raise OSError(2, text)
    except OSError:
        logger.exception("a bug")
    said = quiet_log.getvalue()
    assert SECRET not in said
    assert "camera" in said
    assert not as_json or all(json.loads(line) for line in said.splitlines())


@pytest.fixture
def quiet_log() -> Iterator[io.StringIO]:
    """Where the log goes during a test; afterwards it goes where it went before."""
    root, ours = logging.getLogger(), logging.getLogger("player")
    before = root.handlers[:], root.level, ours.level
    yield io.StringIO()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_what_the_config_gave_away_is_masked_in_any_surroundings(tmp_path: Path) -> None:
    """A library words it in its own way: decoded, by itself, with spaces."""
    assert "Qx 7 z!" in redacted("login Qx 7 z! refused")
    said_of(tmp_path / "c.yaml", {"camera": {"source": "rtsp://admin:Qx%207%20z!@10.0.0.5/s"}})
    for said in ("login Qx 7 z! refused", "Qx%207%20z!", "sent <Qx 7 z!>"):
        assert "Qx" not in redacted(said)
    assert redacted("the demo camera at 12:03:41") == "the demo camera at 12:03:41"


def test_answers_are_redacted_and_files_keep_their_names(tmp_path: Path) -> None:
    said: Json = {
        "error": "rtsp:/admin:hunter2@h/s",
        "path": "/m/AC:DC@live/a=b.mp3",
        "n": [1, 2.5, None, True],
    }

    def execute(request: Request) -> Answer:
        if isinstance(request, NextRequest):
            raise CameraError("admin:hunter2@10.0.0.5 is lost")
        if isinstance(request, PauseRequest):
            raise RuntimeError("admin:hunter2@10.0.0.5")
        return Said(said)

    listening = LocalSocket(tmp_path / "s", execute)
    listening.start()
    try:
        answer = send(tmp_path / "s", "status")
        for command in ("next", "pause", f"admin:{SECRET}@10.0.0.5"):
            with pytest.raises(ConnectionError) as caught:
                send(tmp_path / "s", command)
            assert SECRET not in str(caught.value)
    finally:
        listening.stop()
    assert SECRET not in json.dumps(answer)
    assert answer["path"] == said["path"]
    assert answer["n"] == said["n"]


CRASH = """
import threading
from player.privacy.redaction import guard_tracebacks
guard_tracebacks()
def fail(): raise ValueError("no rtsp://admin:hunter2@10.0.0.5/s")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_a_traceback_of_python_itself_holds_none() -> None:
    done = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("ValueError") == 2
    assert SECRET not in done.stderr.replace(CRASH, "")


@pytest.mark.parametrize(
    "text", ["12:03:41 scene        a table", "c.yaml:3: camera.fps: unknown key", "a@b", ""]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text
    assert cleaned({"a": [text]}) == {"a": [text]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "nothing"), (True, "True"), (5, "5"), (10**30, "a number of many digits"), (math.inf, "inf"),
        ("mon-fry", "'mon-fry'"), ("25:00", "'25:00'"), ("10s", "'10s'"), ("조용", "'조용'"),
        ([1, 2], "[1, 2]"),
        ({"a": 1}, "a section of keys"), (["a"], "a list"), ("hunter2", redaction.HIDDEN),
    ],
)  # fmt: skip
def test_plain_words_and_numbers_are_shown(value: object, said: str) -> None:
    assert shown(value) == said


def test_what_could_not_be_read_is_named_but_for_its_password() -> None:
    assert SECRET not in str(unreadable("path", Path("http://me:hunter2@h/x.jpg"), "gone"))
    assert unreadable("path", "a:b@c.jpg", "gone")["path"] == "a:b@c.jpg"


def test_the_variable_that_should_name_a_key_may_be_the_key() -> None:
    assert redaction.variable("LASTFM_API_KEY") == "LASTFM_API_KEY"
    assert SECRET not in redaction.variable("hunter2hunter2")


def test_learning_on_many_threads_loses_nothing() -> None:
    urls = [f"rtsp://me:Secret{n}Qx@h/" for n in range(50)]
    threads = [threading.Thread(target=redaction.learn, args=([url],)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("Secret" not in redacted(f"pass Secret{n}Qx") for n in range(50))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://cam/1", "rtsp://cam/1"),
        ("rtsp://cam:554", "rtsp://cam:554"),
        ("rtsp://me:secret@cam:554/1/2", "rtsp://cam:554/1/2"),
        ("rtsp://me:sec@ret@cam/1", "rtsp://cam/1"),
        ("rtsp://me:sec/ret@cam/1", "rtsp://..."),
        ("rtsp://me:sec#ret@cam/1", "rtsp://..."),
        ("rtsp://me:sec?ret@cam/1", "rtsp://..."),
        ("http://cam/video?user=me&pwd=secret", "http://cam/video"),
        ("http://cam/video?pwd=sec@ret", "http://..."),
        ("http://cam/video#secret", "http://cam/video"),
        ("rtsp://cam/user=me&password=secret&channel=1", "rtsp://cam/..."),
        ("rtsp://[::1]:554/1", "rtsp://[::1]:554/1"),
        ("/dev/video0", "/dev/video0"),
        ("demo", "demo"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert address(url) == shown


@settings(max_examples=50)
@given(
    user=st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
    password=st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
)
def test_no_password_survives_whatever_it_holds(user: str, password: str) -> None:
    secret = f"SECRET{password}SECRET"

    assert "SECRET" not in address(f"rtsp://{user}:{secret}@camera.lan/1")
    assert "SECRET" not in address(f"http://camera.lan/1?{user}={secret}")


def test_a_long_word_keeps_nobody_busy() -> None:
    """A pattern that looked at it from each of its letters to its end took 25 s, and the music's time."""
    began_s = time.process_time()
    assert redacted("x" * 60_000) == "x" * 60_000
    assert time.process_time() - began_s < 5


@pytest.mark.parametrize(
    "piece",
    [
        "a://", "a:/b", "https://", "pass.", "pass", "-pass", "user=", "a:b", "'a:b", "(a:", "/a:b", "x@",
        "@", "a:/?", "a://b?", "?", "/pass/", "Basic ", "-u ", "--password", "sk-", "a" * 30 + ":/", "(", ":",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "@h", "=x"])
def test_a_text_four_times_as_long_takes_four_times_as_long(piece: str, end: str) -> None:
    """What a stranger has made up, a title or the answer of a camera, must not take the music's time."""

    def cost_s(length: int) -> float:
        text = piece * (length // len(piece)) + end
        costs = []
        for _ in range(3):
            began_s = time.thread_time()
            redacted(text)
            address(text)
            costs.append(time.thread_time() - began_s)
        return min(costs)

    short, long = 2_000, 8_000
    assert cost_s(long) < 8 * cost_s(short) + 0.01, "it is read again from each of its letters"
