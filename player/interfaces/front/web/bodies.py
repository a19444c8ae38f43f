"""Requests as HTTP takes them: the fields of the command, in JSON's own types alone.

A person at a terminal writes 1:30, ON or 040; a program writes what the schema says, and the schema says all.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from annotated_types import MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic.fields import FieldInfo

from player.interfaces.messages.base import Request

WHOLE_PATH = StringConstraints(pattern=r"^/[^\x00]*$", max_length=1000)
"""A file of the machine that the player runs on."""
SAYS_SOMETHING = StringConstraints(pattern=r"[^\s\x00-\x1f\x7f-\x9f]")
"""Text is brought onto one line: it must not be only spaces."""
IN_AN_ADDRESS = StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")
"""An address with control characters is refused before anybody reads it (security/request_head.py)."""


class Body(BaseModel):
    """The fields of a command, as JSON has them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fields(BaseModel):
    """The fields of a command, as an address has them: all are text there."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@cache
def body_of(
    request: type[Request], kind: type[Body | Fields] = Body, without: tuple[str, ...] = ()
) -> type[Body | Fields]:
    """The type of what a command takes over HTTP, but for the fields that are said elsewhere."""
    known = {name: info for name, info in request.model_fields.items() if name not in without}
    always = [IN_AN_ADDRESS] if kind is Fields else []
    fields = {name: (_annotated(info, always), _default(info)) for name, info in known.items()}
    name = "".join(
        [request.__name__.removesuffix("Request"), kind.__name__, *(f"No{each}" for each in without)]
    )
    made = create_model(name, __base__=kind, __doc__=request.__doc__, **fields)  # type: ignore[call-overload]
    return cast("type[Body | Fields]", made)


def _annotated(info: FieldInfo, always: list[StringConstraints]) -> Any:
    kind, kinds = _plain(info.annotation), _kinds(info.annotation)
    limits = [each for each in info.metadata if not isinstance(each, BeforeValidator)]
    if Path in kinds:
        limits.append(WHOLE_PATH)
    elif str in kinds and list not in kinds and any(isinstance(each, MinLen) for each in limits):
        limits.append(SAYS_SOMETHING)
    if str in kinds and list not in kinds:
        limits += always
    if int in kinds:
        limits.append(BeforeValidator(_whole))
    for each in limits:
        kind = Annotated[kind, each]
    return kind


def _whole(value: object) -> object:
    """JSON knows one kind of number: 100.0 is 100."""
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kinds(kind: Any) -> set[Any]:
    """The types that a union or a list, annotated or not, is made of."""
    if get_origin(kind) is Annotated:
        return _kinds(get_args(kind)[0])
    if get_origin(kind) is list:
        return {list} | _kinds(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return set().union(*map(_kinds, get_args(kind)))
    return {kind}


def _plain(kind: Any) -> Any:
    """The type without what JSON does not have: an enum is one of a few words, a path is text."""
    if get_origin(kind) is Annotated:
        inner, *limits = get_args(kind)
        kind = _plain(inner)
        for each in limits:
            kind = kind if isinstance(each, BeforeValidator) else Annotated[kind, each]
        return kind
    if get_origin(kind) is list:
        inner = _plain(get_args(kind)[0])
        return list[Annotated[inner, SAYS_SOMETHING] if str in _kinds(inner) else inner]  # type: ignore[misc]
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
