"""What all requests and answers have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from player.interfaces import command_arguments as arguments
from player.types import Json

Sentence = Annotated[
    str, BeforeValidator(arguments.sentence), Field(min_length=1, max_length=arguments.MAX_SENTENCE)
]
"""What somebody says in a line of words."""


class Request(BaseModel):
    """A command as it is carried out. The first field is its main argument; a further one has a default, and
    null means that default.

    A field's description ends the sentence "volume takes ...". `Flag` and `OwnerOnly` may stand beside it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def argument(self) -> Any:
        """The main argument as JSON has it; None if there is none."""
        return next(iter(self.model_dump(mode="json").values()), None)

    def as_json(self) -> Json:
        """The fields that were given, as the wire has them."""
        return self.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True)
class Flag:
    """Beside a field: what a terminal calls it, if not by its own name ("for" is no name in Python)."""

    name: str


@dataclass(frozen=True)
class OwnerOnly:
    """Beside a field: staff may give the command, but not this."""


@dataclass(frozen=True)
class Answer:
    """What a command answers."""

    def as_json(self) -> Json:
        """For the edge: its fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class Done(Answer):
    """What was done, for a person."""

    message: str


class Stream(Protocol):
    """An answer of many lines that come when they come; one reader's own, used on its thread alone."""

    def fileno(self) -> int:
        """What becomes readable when there may be a line."""
        ...

    def line(self) -> bytes | None:
        """The newest line that this reader has not had, with its end; None if there is none."""
        ...

    def wait_s(self) -> float:
        """How long to wait at most before asking again, for what becomes due by itself."""
        ...

    @property
    def ended(self) -> bool:
        """Whether no more comes."""
        ...

    def close(self) -> None:
        """The reader has gone."""
        ...


Handler = Callable[[Any], Answer | Stream]
"""Carries out one type of request. Raises PlayerError, in one sentence, if it cannot."""
