"""Answers as the control socket has them: JSON that says whether it was done."""

from __future__ import annotations

from player.errors import ErrorCode, PlayerError
from player.interfaces.messages.base import Answer
from player.log import EventLog, LogEvent
from player.privacy.redaction import cleaned, redacted
from player.types import Json, json_text

log = EventLog(__name__, LogEvent.COMMAND)


def done(answer: Answer) -> Json:
    """What a command that was carried out answers."""
    return {"ok": True, **cleaned(answer.as_json())}


def refused(code: ErrorCode, sentence: str) -> Json:
    """An answer that is not ok."""
    return {"ok": False, "error": redacted(sentence), "code": code.value}


def failed(error: Exception) -> Json:
    """What a command answers that raised this; a fault of the player's own goes into its log too."""
    if isinstance(error, PlayerError):
        return refused(error.code, str(error))
    log.error("a command failed", exc_info=error)
    said = f"the command failed inside the player ({error!r}); see its log."
    return refused(ErrorCode.FAILED, said)


def line_of(answer: Json) -> bytes:
    """As it is sent."""
    return json_text(answer, default=str).encode() + b"\n"
