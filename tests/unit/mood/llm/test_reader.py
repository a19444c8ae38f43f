import json
import logging
from pathlib import Path

import pytest
from pydantic import ValidationError

from player.config import loader
from player.config.settings.mood import LlmSettings
from player.errors import ConfigError, EndpointError
from player.mood.llm.prompt import Prompt
from player.mood.llm.reader import LlmMoodReader
from player.types import Mood
from tests.fakes.llm import FakeChatClient, said
from tests.fakes.readers import CALM, FakeMoodReader
from tests.support.waiting import wait_for

HAPPY = said("happy", 9, 7)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Setup:
    """A reader with everything around it that a test moves."""

    def __init__(self, *answers: str | Exception, cache: Path | None = None, **settings: object) -> None:
        self.client, self.clock = FakeChatClient(*answers), Clock()
        self.settings = LlmSettings.model_validate(settings)
        self.reader = LlmMoodReader(self.settings, FakeMoodReader(), cache, self.clock, self.client)

    def read(self, text: str = "an empty café") -> Mood:
        return self.reader.read([text])[0]

    @property
    def requests(self) -> int:
        return len(self.client.asked)


def test_the_model_is_asked_once_for_each_sentence() -> None:
    setup = Setup(HAPPY, said("sad", 2, 2))
    first, second, again = setup.reader.read(["a party", "a closed shop", "a party"])
    assert (first.mood7, first.valence, first.energy) == ("happy", 1.0, 0.5)
    assert second.mood7 == "sad"
    assert again == first
    assert setup.requests == 2
    assert setup.reader.note is None


@pytest.mark.parametrize("text", ["", "  \n", "...", "12", "\ud800"])
def test_a_text_that_says_nothing_is_not_sent(text: str) -> None:
    setup = Setup()
    assert setup.read(text) == CALM
    assert setup.requests == 0


def test_what_is_sent_is_one_line_and_not_long() -> None:
    setup = Setup()
    setup.read("a\troom\n\ud800 " + "very " * 1000 + "long")
    sent = setup.client.asked[0][-1]["content"]
    assert sent.startswith("a room very very")
    assert len(sent) == 400


@pytest.mark.parametrize(
    "problem", [EndpointError("refused with status 500"), said("cosy"), "no JSON", RuntimeError("a defect")]
)
def test_whatever_goes_wrong_the_fallback_answers(problem: str | Exception) -> None:
    setup = Setup(problem)
    assert setup.read() == CALM
    assert setup.read("a lively bar").mood7 == "happy"
    assert setup.requests == 1, "it pauses after a failure"
    assert setup.reader.note is not None
    assert "the fake reader reads new sentences, next try in 15 s" in setup.reader.note


def test_an_outage_is_logged_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    setup = Setup(EndpointError("refused with status 500"), EndpointError("cannot be reached"), HAPPY)
    with caplog.at_level(logging.INFO):
        for _ in range(20):
            setup.read()
            setup.clock.now += 5
    assert setup.read().mood7 == "happy"
    assert setup.reader.note is None
    assert setup.requests == 3
    assert [message.split(";")[0] for message in caplog.messages] == [
        f"the language model at {setup.settings.url} refused with status 500",
        "the language model reads the room again",
    ]


def test_a_pause_the_server_asks_for_is_kept() -> None:
    setup = Setup(EndpointError("refused with status 429", retry_after_s=600), HAPPY)
    setup.read()
    setup.clock.now += 599
    assert setup.read() == CALM
    setup.clock.now += 1
    assert setup.read().mood7 == "happy"


def test_what_is_remembered_is_known_during_a_pause() -> None:
    setup = Setup(HAPPY, EndpointError("cannot be reached"))
    setup.read("a party")
    setup.read("a closed shop")
    assert setup.read("a party").mood7 == "happy"


def test_the_budget_is_never_exceeded(caplog: pytest.LogCaptureFixture) -> None:
    setup = Setup(HAPPY, per_hour=10)
    with caplog.at_level(logging.WARNING):
        for second in range(0, 3600, 60):
            setup.clock.now = 1000.0 + second
            setup.read(f"sentence {second}")
    assert setup.requests == 10
    assert len(caplog.messages) == 1, "said once an hour"
    assert setup.reader.note is not None
    assert setup.reader.note.startswith("10 requests an hour (mood.llm.per_hour) are used up")
    setup.clock.now = 1000.0 + 3600
    assert setup.reader.note is None
    assert setup.read("a sentence of the next hour").mood7 == "happy"


def test_an_answer_that_is_late_is_kept_for_the_next_time() -> None:
    setup = Setup(HAPPY, timeout_s=0.2)
    setup.client.may_answer.clear()
    assert setup.read() == CALM
    assert setup.reader.note is not None
    assert "gave no answer within 0.2 s" in setup.reader.note
    setup.clock.now += 3600
    assert setup.read("another sentence") == CALM
    assert setup.requests == 1, "one request at a time"
    setup.client.may_answer.set()
    wait_for(lambda: setup.read().mood7 == "happy", 5, "the late answer")
    assert setup.requests == 1


def test_a_restart_asks_nothing_again(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    Setup(HAPPY, cache=path).read()
    again = Setup(EndpointError("cannot be reached"), cache=path)
    assert again.read().mood7 == "happy"
    assert again.requests == 0
    assert "café" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("other", [{"model": "another"}, {"opinions": 3}, {"temperature": 1}])
def test_another_question_is_asked_again(tmp_path: Path, other: dict[str, object]) -> None:
    path = tmp_path / "cache.jsonl"
    Setup(HAPPY, cache=path).read()
    again = Setup(said("sad", 2, 2), cache=path, **other)
    assert again.read().mood7 == "sad"


def test_each_opinion_has_a_voice_of_its_own() -> None:
    setup = Setup(said("calm", 7, 2), said("calm", 6, 2), said("sad", 1, 9), opinions=3)
    mood = setup.read()
    assert (mood.mood7, mood.valence, mood.energy) == ("calm", 0.25, -0.75)
    assert len({asked[-1]["content"] for asked in setup.client.asked}) == 3


def test_opinions_that_are_none_do_not_count() -> None:
    setup = Setup("no JSON", said("calm", 7, 2), said("cosy"), opinions=3)
    assert setup.read().mood7 == "calm"
    assert setup.reader.note is None


def test_opinions_after_a_failure_are_done_without() -> None:
    setup = Setup(said("calm", 7, 2), EndpointError("cannot be reached"), HAPPY, opinions=3)
    assert setup.read().mood7 == "calm"
    assert setup.requests == 2


def test_no_further_opinion_is_asked_for_when_time_is_up() -> None:
    setup = Setup(said("calm", 7, 2), HAPPY, opinions=3)
    answer = setup.client.complete

    def slow(messages: list[dict[str, str]], timeout_s: float) -> str:
        setup.clock.now += 10
        return answer(messages, timeout_s)

    setup.client.complete = slow  # type: ignore[method-assign,assignment]
    assert setup.read().mood7 == "calm"
    assert setup.requests == 1


def test_a_head_may_decide() -> None:
    setup = Setup(said("calm", 7, 2), said("sad", 3, 2), said("romantic", 8, 3), opinions=2, head="request")
    assert setup.read().mood7 == "romantic"
    assert said("sad", 3, 2) in setup.client.asked[2][-1]["content"]


def test_a_head_that_fails_is_done_without() -> None:
    setup = Setup(said("calm", 7, 2), said("calm", 6, 2), "no JSON", opinions=2, head="request")
    assert setup.read().valence == pytest.approx(0.375)


def test_one_opinion_needs_no_head() -> None:
    setup = Setup(HAPPY, head="request")
    setup.read()
    assert setup.requests == 1


@pytest.mark.parametrize(
    ("url", "leaves"),
    [
        ("http://127.0.0.1:11434/v1", False),
        ("http://localhost:8080/v1", False),
        ("http://[::1]:8080/v1", False),
        ("http://192.168.1.5:11434/v1", True),
        ("https://api.example.com/v1", True),
    ],
)
def test_it_says_where_the_sentences_go(url: str, leaves: bool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Setup(url=url)
    (message,) = caplog.messages
    assert url in message
    assert ("leave this machine" in message) == leaves


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "ftp://example.com"),
        ("url", "example.com/v1"),
        ("url", "http:///v1"),
        ("url", "https://user:sk-secret@example.com/v1"),
        ("url", "https://example.com/v1?key=sk-secret"),
        ("api_key_env", "sk-secret"),
        ("model", ""),
        ("per_hour", 9),
        ("opinions", 6),
        ("timeout_s", 0),
        ("head", "mean"),
    ],
)
def test_settings_that_cannot_be_are_refused_without_saying_a_key(
    key: str, value: object, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps({"mood": {"llm": {key: value}}}), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        loader.load(path)
    assert f"mood.llm.{key}" in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_each_opinion_that_may_be_asked_for_has_a_voice() -> None:
    voices = Prompt().voices
    assert LlmSettings(opinions=len(voices)).opinions == len(set(voices))
    with pytest.raises(ValidationError):
        LlmSettings(opinions=len(voices) + 1)
