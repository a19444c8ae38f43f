"""Requests as HTTP takes them: the fields of the command, in JSON's own types alone.

A person at a terminal writes 1:30, ON or 040; a program writes what the schema says, and the schema says all.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic.fields import FieldInfo

from player.interfaces.messages.base import Request

WHOLE_PATH = StringConstraints(pattern=r"^/[^\x00]*$", max_length=1000)
"""A file of the machine that the player runs on."""
SAYS_SOMETHING = StringConstraints(pattern=r"[^\s\x00-\x1f\x7f-\x9f]")
"""Text is brought onto one line: it must not be only spaces."""


class Body(BaseModel):
    """The fields of a command, as JSON has them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def body_of(request: type[Request]) -> type[Body]:
    """The type of the JSON that a command takes over HTTP."""
    fields = {name: (_annotated(info), _default(info)) for name, info in request.model_fields.items()}
    made: type[Body] = create_model(  # type: ignore[call-overload]
        request.__name__.replace("Request", "Body"), __base__=Body, __doc__=request.__doc__, **fields
    )
    return made


def _annotated(info: FieldInfo) -> Any:
    kind = _plain(info.annotation)
    limits = [each for each in info.metadata if not isinstance(each, BeforeValidator)]
    if Path in (info.annotation, *get_args(info.annotation)):
        limits.append(WHOLE_PATH)
    elif any(isinstance(each, MinLen) for each in limits):
        limits.append(SAYS_SOMETHING)
    if int in (info.annotation, *get_args(info.annotation)):
        limits.append(BeforeValidator(_whole))
    for each in limits:
        kind = Annotated[kind, each]
    return kind


def _whole(value: object) -> object:
    """JSON knows one kind of number: 100.0 is 100."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(kind: Any) -> Any:
    """The type without what JSON does not have: an enum is one of a few words, a path is text."""
    if get_origin(kind) in (Union, UnionType):
        parts = tuple(_plain(each) for each in get_args(kind))
        return Union[parts]  # noqa: UP007 - of as many as there are
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Literal[tuple(each.value for each in kind)]
    return str if kind is Path else kind


def _default(info: FieldInfo) -> Any:
    if info.is_required():
        return Field(description=info.description)
    return Field(info.get_default(call_default_factory=True), description=info.description)
