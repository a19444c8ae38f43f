"""The few-shot reader against an endpoint on 127.0.0.1 that speaks the protocol, and misbehaves on demand."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.cli.doctor import examine
from player.config.settings.config import Config
from player.config.settings.mood import LlmSettings, MoodSettings
from player.config.settings.perception import CameraSettings
from player.errors import EndpointError
from player.mood.factory import CACHE_FILE, open_reader
from player.mood.llm.client import HttpChatClient
from player.mood.llm.reader import LlmMoodReader
from player.mood.llm.response import SCHEMA
from player.mood.onnx_reader import OnnxMoodReader
from tests.fakes.llm import FakeLlmServer, said
from tests.fakes.readers import CALM, FakeMoodReader

ASKED = [{"role": "user", "content": "an empty café"}]
DAY = "Tue, 01 Feb 2000"
PATIENT_S = 20.0
"""Far more than any of this takes."""


@pytest.fixture
def server() -> Iterator[FakeLlmServer]:
    server = FakeLlmServer()
    server.start()
    yield server
    server.stop()


def settings(server: FakeLlmServer, **more: object) -> LlmSettings:
    return LlmSettings.model_validate({"url": server.url, "model": "tiny", "timeout_s": PATIENT_S} | more)


def reader(server: FakeLlmServer, **more: object) -> LlmMoodReader:
    return LlmMoodReader(settings(server, **more), FakeMoodReader())


def test_it_speaks_the_protocol(server: FakeLlmServer) -> None:
    mood = reader(server, temperature=0.5).read(["Gäste lachen an einem Tisch"])[0]
    assert (mood.mood7, mood.valence, mood.energy) == ("happy", 1.0, 0.5)
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["Content-Type"] == "application/json"
    assert "Authorization" not in asked.headers
    assert (asked.body["model"], asked.body["temperature"]) == ("tiny", 0.5)
    assert asked.body["messages"][-1] == {"role": "user", "content": "Gäste lachen an einem Tisch"}
    assert asked.body["response_format"]["json_schema"]["schema"] == SCHEMA


MISBEHAVIOUR: dict[str, tuple[dict[str, object], str]] = {
    "not JSON at all": ({"page": b"<html>Please log in</html>"}, "no chat completion"),
    "another JSON": ({"page": b'{"choices": []}'}, "no chat completion"),
    "a list": ({"page": b"[1, 2]"}, "no chat completion"),
    "deep JSON": ({"page": b"[" * 200_000}, "no chat completion"),
    "bytes that are no text": ({"page": b"\xff\xfe\x00"}, "no chat completion"),
    "nothing": ({"page": b""}, "no chat completion"),
    "no words": ({"page": b'{"choices": [{"message": {"content": null}}]}'}, "without words"),
    "too much": ({"page": b" " * (3 << 20)}, "sent too much"),
    "prose": ({"answer": "What a lovely café!"}, "did not answer in JSON"),
    "a mood of its own": ({"answer": said("cosy")}, "wrong mood"),
    "off the scale": ({"answer": said(valence=11)}, "wrong valence"),
    "out of breath": ({"finish_reason": "length"}, "cut off"),
    "a broken line": ({"cut_at": 20}, "no chat completion"),
    "hanging up": ({"hangs_up": True}, "cannot be reached"),
    "an error": ({"status": 500, "page": b"out of\n memory"}, "status 500 (out of memory)"),
    "no such model": ({"status": 404}, "status 404"),
    "too many requests": ({"status": 429}, "status 429"),
    "a bad request": ({"status": 400}, "status 400"),
    "another address": ({"status": 302, "headers": {"Location": "/elsewhere"}}, "status 302"),
}


@pytest.mark.parametrize(("how", "complaint"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_whatever_the_endpoint_does_the_fallback_answers(
    server: FakeLlmServer, how: dict[str, object], complaint: str
) -> None:
    for name, value in how.items():
        setattr(server, name, value)
    asking = reader(server)
    assert asking.read(["an empty café", "an empty bar"]) == [CALM, CALM]
    assert asking.note is not None
    assert complaint in asking.note
    assert {asked.path for asked in server.asked} == {"/v1/chat/completions"}, "no redirect is followed"
    assert len({str(asked.body["messages"]) for asked in server.asked}) == 1, "it pauses after the first"


def test_nobody_there(server: FakeLlmServer) -> None:
    server.stop()
    asking = reader(server)
    assert asking.read(["an empty café"]) == [CALM]
    assert asking.note is not None
    assert "cannot be reached" in asking.note


@pytest.mark.parametrize("how", ["mute", "drips"])
def test_a_slow_endpoint_holds_nobody_up(server: FakeLlmServer, how: str) -> None:
    setattr(server, how, True)
    asking = reader(server, timeout_s=0.2)
    started = time.monotonic()
    assert asking.read(["an empty café", "an empty bar", "an empty shop"]) == [CALM] * 3
    assert time.monotonic() - started < PATIENT_S
    assert asking.note is not None
    assert "gave no answer within 0.2 s" in asking.note


def test_dripping_comes_to_an_end(server: FakeLlmServer) -> None:
    server.drips = True
    with pytest.raises(EndpointError, match="too slowly"):
        HttpChatClient(settings(server)).complete(ASKED, 2.0)


def test_silence_comes_to_an_end(server: FakeLlmServer) -> None:
    server.mute = True
    with pytest.raises(EndpointError, match="timed out"):
        HttpChatClient(settings(server)).complete(ASKED, 0.3)


@pytest.mark.parametrize(
    ("refused", "requests"),
    [
        (("json_schema",), 2),
        (("json_schema", "json_object"), 3),
        (("json_schema", "json_object", "max_tokens"), 4),
        (("temperature",), 4),
    ],
)
def test_structured_output_is_asked_for_as_the_server_knows_it(
    server: FakeLlmServer, refused: tuple[str, ...], requests: int
) -> None:
    server.refused = refused
    client = HttpChatClient(settings(server))
    assert client.complete(ASKED, PATIENT_S) == said()
    assert len(server.asked) == requests
    client.complete(ASKED, PATIENT_S)
    assert len(server.asked) == requests + 1, "the form that worked is remembered"


def test_a_server_that_calls_a_refusal_an_error_is_understood(server: FakeLlmServer) -> None:
    server.refused = ("json_schema",)
    server.refusal = (500, b"1 validation error: {'loc': ('body', 'response_format', 'type')}")
    assert HttpChatClient(settings(server)).complete(ASKED, PATIENT_S) == said()
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"Retry-After": "120"}, 120),
        # A date is set against the server's own clock, which may be years off ours.
        ({"Retry-After": f"{DAY} 12:11:30 GMT", "Date": f"{DAY} 12:10:00 GMT"}, 90),
        ({"Retry-After": f"{DAY} 12:00:00 GMT", "Date": f"{DAY} 12:10:00 GMT"}, 0),
        ({"Retry-After": f"{DAY} 12:11:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_the_endpoint_says_when_to_come_back(
    server: FakeLlmServer, headers: dict[str, str], pause_s: float | None
) -> None:
    server.status, server.headers = 429, headers
    with pytest.raises(EndpointError) as caught:
        HttpChatClient(settings(server)).complete(ASKED, PATIENT_S)
    assert caught.value.retry_after_s == pause_s


def test_the_key_comes_from_the_environment(server: FakeLlmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.key = "secret-1234"
    monkeypatch.setenv("MOOD_KEY", "secret-1234\n")
    assert reader(server, api_key_env="MOOD_KEY").read(["a party"])[0].mood7 == "happy"


@pytest.mark.parametrize("value", [None, "", "  ", "secret\x01", "schlüssel"])
def test_without_a_key_nothing_is_sent(
    server: FakeLlmServer, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("MOOD_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MOOD_KEY", value)
    asking = reader(server, api_key_env="MOOD_KEY")
    assert asking.read(["a party"]) == [CALM]
    assert asking.note is not None
    assert "MOOD_KEY" in asking.note
    assert not server.asked


def test_nothing_that_is_said_holds_the_key(
    server: FakeLlmServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server.key = "another"
    monkeypatch.setenv("MOOD_KEY", "secret-1234")
    with caplog.at_level(logging.DEBUG):
        asking = reader(server, api_key_env="MOOD_KEY")
        asking.read(["a party"])
    assert asking.note is not None
    assert "status 401 (no such key: Bearer ***)" in asking.note
    assert "secret-1234" not in caplog.text


def test_this_machine_is_never_asked_through_a_proxy(
    server: FakeLlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert reader(server).read(["a party"])[0].mood7 == "happy"


def test_it_comes_back_when_the_endpoint_does(server: FakeLlmServer) -> None:
    now = 0.0
    server.status = 503
    asking = LlmMoodReader(settings(server), FakeMoodReader(), clock=lambda: now)
    assert asking.read(["an empty café"]) == [CALM]
    server.status, now = 200, 60.0
    assert asking.read(["an empty café"])[0].mood7 == "happy"
    assert asking.note is None


def test_several_threads_ask_at_once(server: FakeLlmServer) -> None:
    asking = reader(server)
    moods: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: moods.append(asking.read([f"a party of {n}"])[0].mood7))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENT_S)
    assert len(moods) == 8
    assert set(moods) <= {"happy", CALM.mood7}
    assert "happy" in moods


def test_the_setting_chooses_the_reader(server: FakeLlmServer, tmp_path: Path) -> None:
    bundled = open_reader(MoodSettings(), lambda: pytest.fail("needs no folder"))
    assert isinstance(bundled, OnnxMoodReader)
    chosen = open_reader(MoodSettings(reader="llm", llm=settings(server)), lambda: tmp_path)
    assert (chosen.name, chosen.note) == ("llm", None)
    assert chosen.read(["a party"])[0].mood7 == "happy"
    assert (tmp_path / CACHE_FILE).is_file()
    server.stop()
    # Without the endpoint it reads as the bundled one does, and what it knows it still knows.
    sentence = "An old man sleeps on a bench in an empty station."
    assert chosen.read([sentence]) == bundled.read([sentence])
    assert chosen.read(["a party"])[0].valence == 1.0


def test_the_doctor_asks_it_too(server: FakeLlmServer, tmp_path: Path) -> None:
    def found() -> list[tuple[bool, str]]:
        mood = MoodSettings(reader="llm", llm=settings(server))
        config = Config(mood=mood, camera=CameraSettings(enabled=False), state_dir=tmp_path)
        return [(finding.ok, finding.text) for finding in examine(config) if finding.name == "mood"]

    assert found() == [(True, f"tiny at {server.url} answers: a quiet café is happy")]
    server.answer = "I cannot help with that."
    ((ok, text),) = found()
    assert not ok
    assert "did not answer in JSON ('I cannot help with that.')" in text
