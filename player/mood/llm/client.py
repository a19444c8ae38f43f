"""Asks an OpenAI-compatible endpoint for one chat completion, with Python's own HTTP client."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from email.message import Message as Headers
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

from player.config.settings.mood import LlmSettings
from player.errors import EndpointError
from player.mood.llm.prompt import Message
from player.mood.llm.response import SCHEMA, BadAnswerError
from player.privacy.redaction import variable
from player.types import Json

MAX_TOKENS = 200
"""An answer has about 30; a model that talks on is cut off."""
LARGEST_REPLY = 1 << 20
REFUSED_FORMAT = (400, 415, 422, 501)
"""What servers say to a parameter they do not know."""


class ChatClient(Protocol):
    """Whatever completes a chat."""

    def complete(self, messages: Sequence[Message], timeout_s: float) -> str:
        """The model's words. Raises EndpointError if there are none by then, or they are cut off."""
        ...


class HttpChatClient:
    """ChatClient on `POST {url}/chat/completions`.

    Servers differ in the structured output they know: OpenAI, Ollama and llama.cpp take a JSON Schema,
    llama-cpp-python takes one in another place, some take none. What is refused is asked again with less,
    and the form that worked is remembered.
    """

    def __init__(self, settings: LlmSettings, clock: Callable[[], float] = monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._url = settings.url.rstrip("/") + "/chat/completions"
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if is_local(settings.url):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)
        self._form = 0

    def complete(self, messages: Sequence[Message], timeout_s: float) -> str:
        """The model's words; `timeout_s` is for each step of the talk, and for the whole once it has begun.

        Raises EndpointError.
        """
        forms = _forms(self._settings.temperature)
        while True:
            request = {"model": self._settings.model, "messages": list(messages)} | forms[self._form]
            try:
                return _content(self._post(request, timeout_s))
            except _FormatRefusedError:
                if self._form + 1 == len(forms):
                    self._form = 0  # the format was not what it disliked
                    raise
                self._form += 1

    def _post(self, what: Json, timeout_s: float) -> bytes:
        give_up_at = self._clock() + timeout_s
        key = _key(self._settings.api_key_env)
        request = urllib.request.Request(self._url, json.dumps(what).encode("utf-8"))
        request.add_header("Content-Type", "application/json")
        request.add_header("User-Agent", "ambient-player")
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        try:
            with self._opener.open(request, timeout=timeout_s) as response:
                return b"".join(self._chunks(response, give_up_at))
        except urllib.error.HTTPError as error:
            raise _refusal(error, key) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            # URLError wraps what happened; some of the others have no words of their own.
            reason = getattr(error, "reason", None) or error
            raise EndpointError(f"cannot be reached ({str(reason) or type(reason).__name__})") from error

    def _chunks(self, response: http.client.HTTPResponse, give_up_at: float) -> Iterator[bytes]:
        """The body; a time-out of the socket alone would let a server drip for ever."""
        size = 0
        while chunk := response.read1(1 << 16):
            size += len(chunk)
            if size > LARGEST_REPLY or self._clock() > give_up_at:
                raise EndpointError("sent too much, or too slowly")
            yield chunk


class _FormatRefusedError(EndpointError):
    """The server does not take the request in this form."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would take the key along to wherever it is sent."""

    def redirect_request(self, *_: object) -> None:
        """None: the redirect is an HTTPError."""


def is_local(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _forms(temperature: float) -> list[Json]:
    limits: Json = {"temperature": temperature, "max_tokens": MAX_TOKENS}
    schema = {"name": "mood", "strict": True, "schema": SCHEMA}
    return [
        limits | {"response_format": {"type": "json_schema", "json_schema": schema}},
        limits | {"response_format": {"type": "json_object", "schema": SCHEMA}},
        limits,
        {},  # some hosted models refuse a temperature, or max_tokens
    ]


def _key(name: str) -> str:
    """The key in the environment variable of that name. No message of ours ever holds it."""
    if not name:
        return ""
    key, named = os.environ.get(name, "").strip(), f"{variable(name)} (mood.llm.api_key_env)"
    if not key:
        raise EndpointError(f"needs a key, and {named} is not set in the environment")
    if not (key.isascii() and key.isprintable()):
        raise EndpointError(f"needs a key, and what {named} holds cannot be one")
    return key


def _refusal(error: urllib.error.HTTPError, key: str) -> EndpointError:
    try:
        said = error.read(2000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        said = ""
    words = " ".join((said.replace(key, "***") if key else said).split())
    text = f"refused with status {error.code}" + (f" ({words[:160]})" if words else "")
    # llama-cpp-python finds fault with a parameter in a 500.
    if error.code in REFUSED_FORMAT or "response_format" in said:
        return _FormatRefusedError(text)
    return EndpointError(text, _retry_after_s(error.headers))


def _retry_after_s(headers: Headers) -> float | None:
    """Seconds of a Retry-After header; a date in it is set against the server's own clock (RFC 9110)."""
    value = headers.get("Retry-After", "")
    try:
        if value.isdecimal():
            return float(value)
        then, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _content(reply: bytes) -> str:
    try:
        choice = json.loads(reply)["choices"][0]
        content, finish = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise EndpointError("sent something that is no chat completion") from error
    if finish == "length":
        raise BadAnswerError("gave an answer that was cut off at its length")
    if not isinstance(content, str):
        raise BadAnswerError("gave an answer without words")
    return content
