"""The few-shot reader: a language model behind an OpenAI-compatible endpoint reads the mood of a sentence.

Only sentences are sent, never a picture. Whatever goes wrong, the bundled reader answers in its place.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from time import monotonic

from player.config.settings.mood import LlmSettings
from player.errors import EndpointError
from player.log import EventLog, LogEvent
from player.mood.llm.cache import ResponseCache, cache_key
from player.mood.llm.client import ChatClient, HttpChatClient, is_local
from player.mood.llm.prompt import Prompt
from player.mood.llm.rate_limiter import HOUR_S, RateLimiter
from player.mood.llm.response import BadAnswerError, MoodResponse, middle, parse
from player.mood.reader import MoodReader, ReaderName
from player.privacy.redaction import address
from player.types import Mood

log = EventLog(__name__, LogEvent.MOOD)

PATIENCE = 4
"""An answer that comes too late is still worth keeping: a request lives for this many times `timeout_s`."""
LONGEST_TEXT = 400
"""Characters that are sent; captions have about 80."""


class LlmMoodReader:
    """MoodReader that asks a language model, and `fallback` if that gives no answer. Safe for threads.

    `read` waits at most `timeout_s` for each sentence, however slow the endpoint or the look-up of its name:
    requests go out on a thread of their own, one at a time. A late answer is kept for the next time.
    """

    name: str = ReaderName.LLM

    def __init__(
        self,
        settings: LlmSettings,
        fallback: MoodReader,
        cache_file: Path | None = None,
        clock: Callable[[], float] = monotonic,
        client: ChatClient | None = None,
    ) -> None:
        self._settings, self._fallback, self._clock = settings, fallback, clock
        self._client = client or HttpChatClient(settings, clock)
        self._prompt = Prompt()
        self._cache = ResponseCache(cache_file)
        self._pace = RateLimiter(settings.per_hour)
        self._lock = threading.Lock()
        self._pending: Future[MoodResponse] | None = None
        self._problem: str | None = None
        self._told_of_budget_at = float("-inf")
        where = "" if is_local(settings.url) else "; they leave this machine, pictures never do"
        log.info(
            "sentences about the room are read by %s at %s%s", settings.model, address(settings.url), where
        )

    @property
    def note(self) -> str | None:
        """Why the fallback answers new sentences; None while the language model does."""
        with self._lock:
            now, problem = self._clock(), self._problem
            wait_s = max(self._pace.pause_s(now), self._pace.budget_s(now, self._requests))
        if problem is None and wait_s == 0:
            return None
        problem = problem or f"{self._settings.per_hour} requests an hour (mood.llm.per_hour) are used up"
        return f"{problem}; the {self._fallback.name} reader reads new sentences, next try in {wait_s:.0f} s"

    def knows(self, text: str) -> bool:
        """A language model is not asked for that; as long as the fallback answers, it says."""
        return self.note is None or self._fallback.knows(text)

    def is_word(self, word: str) -> bool:
        """As the fallback has it: a language model is not asked for that."""
        return self._fallback.is_word(word)

    def read(self, texts: Sequence[str]) -> list[Mood]:
        """One Mood for each text, in order: remembered, asked for now, or the fallback's."""
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Mood:
        sentence = _tidy(text)
        opinion = self._opinion(sentence) if any(map(str.isalpha, sentence)) else None
        return opinion.as_mood() if opinion is not None else self._fallback.read([text])[0]

    def _opinion(self, sentence: str) -> MoodResponse | None:
        settings = self._settings
        key = cache_key(
            self._prompt.version,
            settings.url,
            settings.model,
            settings.opinions,
            settings.head,
            settings.temperature,
            sentence,
        )
        with self._lock:
            known = self._cache.get(key)
            if known is not None or not self._may_ask():
                return known
            future = self._pending = self._start(key, sentence)
        try:
            opinion = future.result(settings.timeout_s)
        except TimeoutError:
            self._failed(EndpointError(f"gave no answer within {settings.timeout_s:g} s"))
        except EndpointError as error:
            self._failed(error)
        else:
            self._succeeded()
            return opinion
        return None

    def _may_ask(self) -> bool:
        """Whether a request may go out now; then it is counted. Called with the lock held."""
        now, requests = self._clock(), self._requests
        if (self._pending is not None and not self._pending.done()) or self._pace.pause_s(now) > 0:
            return False
        if self._pace.budget_s(now, requests) > 0:
            if now - self._told_of_budget_at >= HOUR_S:
                self._told_of_budget_at = now
                log.warning(
                    "%d requests an hour (mood.llm.per_hour) are used up; the %s reader reads new sentences",
                    self._settings.per_hour,
                    self._fallback.name,
                )
            return False
        self._pace.spend(now, requests)
        return True

    @property
    def _requests(self) -> int:
        """How many requests one sentence takes."""
        opinions = self._settings.opinions
        return opinions + (opinions > 1 and self._settings.head == "request")

    def _start(self, key: str, sentence: str) -> Future[MoodResponse]:
        future: Future[MoodResponse] = Future()

        def run() -> None:
            try:
                opinion = self._ask(sentence)
            except EndpointError as error:
                future.set_exception(error)
            except Exception as error:  # the edge of the thread: the room must be read all the same
                log.exception("a question to the language model failed in an unknown way")
                future.set_exception(EndpointError(f"could not be asked ({type(error).__name__})"))
            else:
                with self._lock:
                    self._cache.put(key, opinion)
                future.set_result(opinion)

        # A daemon, and no executor: a server that hangs must not hold up the end of the program.
        threading.Thread(target=run, name="llm", daemon=True).start()
        return future

    def _ask(self, sentence: str) -> MoodResponse:
        """All opinions, one after another, and what they come to. Raises EndpointError for not one."""
        settings, give_up_at = self._settings, self._clock() + self._settings.timeout_s
        opinions: list[MoodResponse] = []
        bad: EndpointError | None = None
        for voice in range(settings.opinions):
            if opinions and self._clock() >= give_up_at:
                break
            try:
                opinions.append(self._complete(self._prompt.messages(sentence, voice)))
            except BadAnswerError as error:
                bad = error  # another voice may do better
            except EndpointError:
                if not opinions:
                    raise
                break
        if bad is not None and not opinions:
            raise bad
        if settings.head == "median" or len(opinions) == 1:
            return middle(opinions)
        try:
            return self._complete(self._prompt.decision(sentence, opinions))
        except EndpointError:
            return middle(opinions)

    def _complete(self, messages: list[dict[str, str]]) -> MoodResponse:
        return parse(self._client.complete(messages, PATIENCE * self._settings.timeout_s))

    def _failed(self, error: EndpointError) -> None:
        with self._lock:
            first = self._problem is None
            self._problem = f"the language model at {address(self._settings.url)} {error}"
            self._pace.failed(self._clock(), error.retry_after_s)
        log.log(logging.WARNING if first else logging.DEBUG, "%s", self.note)

    def _succeeded(self) -> None:
        with self._lock:
            was, self._problem = self._problem, None
            self._pace.succeeded()
        if was is not None:
            log.info("the language model reads the room again")


def _tidy(text: str) -> str:
    """One line of valid unicode (a lone surrogate cannot be sent), not too long."""
    return " ".join(text.encode("utf-8", "ignore").decode("utf-8").split())[:LONGEST_TEXT]
