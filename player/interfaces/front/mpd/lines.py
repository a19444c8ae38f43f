"""MPD's lines: a command as words, and answers as pairs (protocol 0.23.5, mpd.readthedocs.io)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

Pair = tuple[str, str]


class Ack(IntEnum):
    """Why a command is refused."""

    NOT_LIST = 1
    ARG = 2
    PASSWORD = 3
    PERMISSION = 4
    UNKNOWN = 5
    NO_EXIST = 50
    SYSTEM = 52


class Refusal(Exception):  # noqa: N818 - the server is well, it says no
    """A command that is not done: why, for programs, and in words."""

    def __init__(self, ack: Ack, said: str) -> None:
        self.ack, self.said = ack, said
        super().__init__(said)


def words(line: str) -> list[str]:
    """A command and its arguments; in double quotes a backslash takes the next character as it is.

    Raises Refusal.
    """
    found: list[str] = []
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
        elif line[at] == '"':
            word, at = _quoted(line, at + 1)
            found.append(word)
        else:
            end = next((n for n in range(at, len(line)) if line[n] in " \t"), len(line))
            found.append(line[at:end])
            at = end
    if not found:
        raise Refusal(Ack.UNKNOWN, "No command given")
    return found


def _quoted(line: str, at: int) -> tuple[str, int]:
    word = ""
    while at < len(line):
        if line[at] == '"':
            if at + 1 < len(line) and line[at + 1] not in " \t":
                raise Refusal(Ack.ARG, "Space expected after closing '\"'")
            return word, at + 1
        if line[at] == "\\":
            at += 1
            if at == len(line):
                break
        word += line[at]
        at += 1
    raise Refusal(Ack.ARG, "Missing closing '\"'")


def whole(text: str) -> int:
    """A whole number. Raises Refusal."""
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        raise Refusal(Ack.ARG, f"Integer expected: {text[:40]}")
    return int(text)


def seconds(text: str) -> float:
    """A time, without its sign. Raises Refusal."""
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{0,9})?", text):
        raise Refusal(Ack.ARG, f"Number expected: {text[:40]}")
    return abs(float(text))


def span(text: str) -> tuple[int, int | None]:
    """START:END, START: or START; the end is left out. Raises Refusal."""
    start_text, colon, end_text = text.partition(":")
    start = whole(start_text)
    end = (whole(end_text) if end_text else None) if colon else start + 1
    if start < 0 or (end is not None and end < start):
        raise Refusal(Ack.ARG, f"Bad range: {text[:40]}")
    return start, end


def pairs(answer: Iterable[Pair]) -> bytes:
    """As they are sent: a line each, whatever a title holds."""
    return b"".join(
        f"{key}: {' '.join(value.splitlines())}\n".encode(errors="replace") for key, value in answer
    )


def refusal(error: Refusal, command: str, number: int) -> bytes:
    """The line that ends a command, or a list of them at this one."""
    said = " ".join(error.said.splitlines())
    return f"ACK [{error.ack.value}@{number}] {{{command[:40]}}} {said}\n".encode(errors="replace")
