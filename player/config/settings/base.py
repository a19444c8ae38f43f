"""What every section of the settings is made of: a closed, frozen model, and the usual ranges."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from typing import Annotated, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from player.privacy.redaction import shown

Unit = Annotated[float, Field(ge=0, le=1)]
Axis = Annotated[float, Field(ge=-1, le=1)]


def _ascending(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError(f"the lower end {ends[0]} is above the upper end {ends[1]}")
    return ends


Range = Annotated[tuple[Axis, Axis], AfterValidator(_ascending)]


def _of_day(value: object) -> object:
    """Keeps what is written as a time of day: a number would count as seconds."""
    written = isinstance(value, str) and re.fullmatch(r"\d\d?:\d\d(:\d\d)?", value.strip())
    if not written and not isinstance(value, time):
        raise ValueError(f'found {shown(value)}; allowed is a time of day such as "07:30"')
    return value


TimeOfDay = Annotated[time, BeforeValidator(_of_day)]
"""A time by the venue's clock."""


class Settings(BaseModel):
    """Frozen, and closed to keys that do not exist."""

    # Built when first read: the page's process knows all sections and reads its own alone.
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        # YAML reads yes and on as true, and true would count as 1: a volume of which nothing is heard.
        found = value if isinstance(value, list) else [value]
        has_switch = any(isinstance(each, bool) for each in found)
        if has_switch and _takes_numbers(cls.model_fields[str(info.field_name)].annotation):
            raise PydanticCustomError("switch_for_number", "allowed is a number")
        return value


def _takes_numbers(kind: object) -> bool:
    """Whether a field of this type is a number, or a list of some."""
    return kind in (int, float) or any(map(_takes_numbers, get_args(kind)))


def _variable(name: str) -> str:
    # The text is not repeated: it may well be the key.
    if not re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)?", name):
        raise ValueError("not the name of an environment variable; the key itself never stands in this file")
    return name


Variable = Annotated[str, AfterValidator(_variable)]
"""Name of an environment variable; empty for none."""


def one_line(text: str) -> str:
    """The text itself. Raises ValueError if it is more than a line, or has what nobody sees."""
    if any(unicodedata.category(letter).startswith("C") for letter in text) or text != " ".join(text.split()):
        raise ValueError(f"found {shown(text)}; allowed is text on one line, without blanks around it")
    return text


Line = Annotated[str, AfterValidator(one_line)]
