"""What the room is like, as its owner teaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Done, Request, Sentence


class TeachRequest(Request):
    """Label this moment, or see and take back what was taught."""

    what: Annotated[
        Sentence,
        Field(
            description=(
                "quiet, normal, lively or a sentence of at most"
                f" {arguments.MAX_SENTENCE} characters; or list, forget and a number, or reset"
            ),
        ),
    ]


@dataclass(frozen=True)
class TaughtMoment:
    """One moment: when (ISO 8601), what was said, what was read then, and what it is to be read as."""

    number: int
    at: str
    word: str
    weight: float
    read_valence: float
    read_energy: float
    valence: float | None
    energy: float


@dataclass(frozen=True)
class TeachAnswer(Done):
    """With all moments, the oldest first."""

    moments: tuple[TaughtMoment, ...]
