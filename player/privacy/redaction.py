"""No password reaches a person's eyes: the one place that decides what of a text may be shown.

An address is shown by `address`, a value or key found in config.yaml by `shown` and `key`; `redacted` and
`cleaned` are the second line of defence, through which every log line, traceback and answer goes.
"""

from __future__ import annotations

import re
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import date
from types import TracebackType
from typing import Any
from urllib.parse import quote, unquote

MASK = "***"
A_COMMAND = "a command"
HIDDEN = "text that is not repeated here (it may hold a password)"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{0,30}"
_TELLING = re.compile(
    "user|usr|login|account|pass|pwd|psw|token|auth|key|secret|sig|session|credential|access", re.IGNORECASE
)
"""Parameters with this in their names: their values are nobody's business."""
_TELLING_NAMES = {"pw", "sid", "code", "hash"}
# Each pattern is read but once from any place: a text of a stranger's must not take the music's time.
_WORD = re.compile(r"\S+")
_BEGINNING = re.compile(rf"{_SCHEME}:/+")
_USER = re.compile(r"(?<![^\s/'\"@:=])([^\s/'\"@:=]+):(?!/+\*)[^\s@]")
_OPENING = re.compile(r"[(\[{,<>]")
_HOST_BEGINS = re.compile(r"@(?=[\w\[])")
_LOGIN_BEGINS = re.compile(rf"{_SCHEME}:/+|(?<!\S)(?:(?:{_SCHEME})?:?//+)?(?=[^\s/~*:]+:\S*$)")
"""Before the last "@" of a text that is or holds an address; an "@" in a path or a name is but a sign."""
_UNQUOTED = re.compile(r"[^\s'\"]+")
_QUERY = re.compile(r"[?#](?=.)", re.DOTALL)
_NAME = re.compile(r"(?<![\w.-])([\w.-]+)=(?=[^\s&;'\"])")
_VALUE = re.compile(r"[^\s&;'\"]+")
_RULES = (
    (re.compile(r"(/(?:password|passwd|pass|pwd)/)[^\s/]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"""(\bpassword:[ \t]+)(?!""|'')\S[^\n]*"""), rf"\1{MASK}"),  # a line of config.yaml
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{4,}"), rf"\1 {MASK}"),
    (re.compile(r"((?<!\S)(?:-u|--?(?:user|password|passwd|pass|token|key|secret))[ =])\S+"), rf"\1{MASK}"),
    (re.compile(r"\b(?:sk|pk|ghp|gho|hf|xox[abp]|AIza)[-_]?[A-Za-z0-9_-]{16,}|\bsk-[\w-]{4,}"), MASK),
)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+)(?::\d{1,5})?")
_UNIT = re.compile(
    r"[-+]?\d{1,6}(?:[.:]\d+)*(?:%|ms|s|min|h|d|dB|LUFS|Hz|kHz|px|x|fps|am|pm)?", re.IGNORECASE
)
_SETTING = re.compile(r"\w+=")
_BEFORE_PROGRAM = {"env", "exec", "nice", "nohup", "sudo"}
_PROGRAM = re.compile(r"[\w+][\w.+-]{0,39}")
_FILE = re.compile(r"(?:~|\.{1,2})?/[\w./ -]*")

_secrets: set[str] = set()
"""Passwords in addresses of config.yaml: masked wherever they turn up, whatever stands around them."""
_learning = threading.Lock()


def learn(value: Any) -> None:
    """Remember every password in a text, or in the keys and values of lists and maps of texts."""
    _remember(list(secrets_in(value)))


def secrets_in(value: Any) -> Iterator[str]:
    """Every password in a text, or in the keys and values of lists and maps of texts; usual words, too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from secrets_in(name)
            yield from secrets_in(inner)
            if name == "password" and isinstance(inner, str):
                yield inner
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from secrets_in(inner)
    elif isinstance(value, str):
        yield from _secrets_of(value)


def _remember(secrets: list[str]) -> None:
    found = {spelt for secret in secrets for spelt in (secret, unquote(secret), quote(secret))}
    with _learning:
        # What is also a usual word is left to the patterns: else every "demo" in the log would be masked.
        _secrets.update(each for each in found if len(each) >= 4 and not (tame(each) and len(each) < 12))


def _secrets_of(text: str) -> list[str]:
    before, at, _ = text.rpartition("@")
    begins = _LOGIN_BEGINS.search(before) if at else None
    login = before[begins.end() :] if begins else ""
    # The last is the password behind a scheme without its slashes.
    found = [login, login.partition(":")[2], login.rpartition(":")[2]] if login else []
    return found + [text[slice(*place)] for place in _parameters(text)]


def redacted(text: str) -> str:
    """A text without the passwords in it: of addresses in any shape, parameters, and those learnt."""
    with _learning:
        secrets = sorted(_secrets, key=len, reverse=True)
    for secret in secrets:
        text = text.replace(secret, MASK)
    text = _WORD.sub(lambda found: _without_user(found[0]), text)
    text = _UNQUOTED.sub(lambda found: _without_query(found[0]), text)
    text = _without_parameters(text)
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def _without_user(word: str) -> str:
    """A word without what stands before an "@" in it.

    scheme://user:password@host, with any number of slashes and whatever the password holds; and
    user:password@host, by itself or at the end of a path that was made of it.
    """
    if (at := word.rfind("@")) < 0:
        return word
    if beginning := _BEGINNING.search(word, 0, at):
        word = f"{word[: beginning.end()]}{MASK}{word[at:]}"
    ends = [found.start() for found in _HOST_BEGINS.finditer(word)]
    for user in _USER.finditer(word, 0, ends[-1]) if ends else ():
        start, end = user.span(1)
        if start and word[start - 1] in "@:":  # no beginning of anything; what opens within may be
            opening = _OPENING.search(word, start, end - 1)
            start = opening.end() if opening else -1
        if start >= 0:
            return f"{word[:start]}{MASK}{word[ends[-1] :]}"
    return word


def _without_query(piece: str) -> str:
    """A piece without everything after the ? or # of an address."""
    beginning = _BEGINNING.search(piece)
    query = _QUERY.search(piece, beginning.end()) if beginning else None
    return f"{piece[: query.start()]}?..." if query else piece


def _parameters(text: str) -> Iterator[tuple[int, int]]:
    """Where the values of telling parameters begin and end."""
    place = 0
    while name := _NAME.search(text, place):
        place = name.end()
        if _is_telling(name[1]) and (value := _VALUE.match(text, place)):
            place = value.end()
            yield value.span()


def _without_parameters(text: str) -> str:
    kept, place = [], 0
    for start, end in _parameters(text):
        kept += [text[place:start], MASK]
        place = end
    return "".join([*kept, text[place:]])


def _is_telling(name: str) -> bool:
    return name.lower() in _TELLING_NAMES or _TELLING.search(name) is not None


def cleaned(value: Any, name: str = "") -> Any:
    """JSON with every text in it redacted; an absolute path under "path" stays the name of its file.

    A picture under "jpeg" is no text: what looks like a secret in base64 is chance.
    """
    if isinstance(value, dict):
        return {key: cleaned(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [inner if type(inner) in (int, float) else cleaned(inner, name) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    spared = name == "jpeg" or (name == "path" and text.startswith("/"))
    return text if spared else redacted(text)


def address(text: str) -> str:
    """An address as it may be shown: no user, no password, no query, no path that carries settings or a key.

    Cameras take passwords before an "@", in the query, and some in the path ("/user=admin&password=...").
    A word or the path of a file is returned as it is, anything else as "...".
    """
    match = re.match(rf"({_SCHEME}://)(.*)", text, re.DOTALL)
    if match is None:
        return text if not text or tame(text) or _FILE.fullmatch(text) else "..."
    scheme, rest = match[1], match[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    tail = rest[len(authority) :]
    host = authority.rpartition("@")[2]
    if "@" in tail or not _HOST.fullmatch(host):  # a password with a "/": no telling where the host is
        return f"{scheme}..."
    path = re.split(r"[?#]", tail, maxsplit=1)[0]
    segments = path.split("/")
    telling = any(map(_is_telling, segments))
    return scheme + host + (path if all(map(_is_plain, segments)) and not telling else "/...")


def _is_plain(segment: str) -> bool:
    """Whether a part of a path is a name, not a setting and not a key: keys are long and mixed."""
    words = re.split(r"[._-]", segment)
    return bool(re.fullmatch(r"[\w .+-]*", segment)) and all(
        word.isalpha() or word.isdecimal() or len(word) <= 8 for word in words
    )


def program(command: str) -> str:
    """The name of the program that a shell's command runs, as it may be shown: the rest may be a key."""
    for word in command.split():
        if _SETTING.match(word) or word in _BEFORE_PROGRAM:
            if word.count("'") % 2 or word.count('"') % 2:
                break  # the next word belongs to it
            continue
        name = word.rpartition("/")[2]
        return name if _PROGRAM.fullmatch(name) else A_COMMAND
    return A_COMMAND


def is_path(text: str) -> bool:
    """Whether a text of config.yaml is a path or a pattern of paths, in which no sign hides a secret."""
    return text.startswith(("/", "~", "*")) and not text.startswith("//") and not _BEGINNING.search(text)


def tame(text: str) -> bool:
    """Whether a text is made of plain words, times and numbers only, so that it can be no password."""
    words = [word for word in re.split(r"[\s,/_.;-]+", text) if word]
    return len(text) <= 60 and all(_UNIT.fullmatch(word) or _is_word(word) for word in words)


def _is_word(word: str) -> bool:
    usual = word.islower() or word.isupper() or word.istitle() or word.lower() == word.upper()
    return word.isalpha() and usual and len(word) <= 20


def key(name: object) -> str:
    """A key of config.yaml as it may be shown: an address that was written as one is not."""
    return str(name) if tame(str(name)) else "(...)"


def kind(value: object) -> str:
    """What sort of value was found, if not even a plain word is shown."""
    match value:
        case None:
            return "nothing"
        case str():
            return HIDDEN
        case int() | float() | date():
            return "a number, a date or true or false"
        case dict():
            return "a section of keys"
        case _:
            return "a list"


def variable(name: str) -> str:
    """The name of an environment variable as it may be shown: somebody may have put the key itself there."""
    return name if re.fullmatch(r"[A-Z]+(?:_[A-Z]+)+", name) else "the environment variable"


def shown(value: object) -> str:
    """A value that was found in config.yaml as it may be shown."""
    match value:
        case None:
            text = "nothing"
        case int() if abs(value) >= 10**9:
            text = "a number of many digits"
        case bool() | int() | float():
            text = repr(value)
        case date():
            text = value.isoformat()
        case str():
            text = repr(value) if tame(value) else HIDDEN
        case [*items] if len(items) <= 4 and all(isinstance(item, int | float) for item in items):
            text = f"[{', '.join(map(shown, items))}]"
        case [*_]:
            text = "a list"
        case _:
            text = "a section of keys"
    return text


def guard_tracebacks() -> None:
    """Redact what Python itself prints of an exception that nobody caught, on any thread."""

    def tell(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error or kind(), trace)
        elif sys.stderr is not None:
            sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = tell
    threading.excepthook = lambda args: tell(args.exc_type, args.exc_value, args.exc_traceback)
