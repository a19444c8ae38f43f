"""Changes of settings, worked into the values and the text of a config file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from player.config import document, loader
from player.config.document import Document, Location, dotted
from player.config.editing import setting_keys
from player.config.editing.edit import edited, same
from player.config.editing.secrets import key_of, masked, unmasked
from player.config.editing.setting_keys import (
    NOTHING,
    default,
    is_section,
    location,
    meant,
    schema_at,
    unknown,
)
from player.config.explanations import allowed
from player.config.settings.config import Config
from player.errors import ConfigError
from player.privacy.redaction import MASK, shown
from player.types import Json, is_utf8, json_text

Changes = Json
"""Values by the keys of settings; None is "as the default has it"."""
MOST = 500
NEED_RESTART = ("state_dir", "control.socket")
"""What cannot change while the player runs."""


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text that may take the place of another one: it has been read, and holds no mistake."""

    text: str
    config: Config
    changed: tuple[str, ...]
    """Keys of the settings that are new, in the order in which they were given."""
    said: str
    """The same with their values, on one line; without passwords."""
    doubts: tuple[str, ...]
    """What is allowed but can hardly be meant, a sentence each."""

    @property
    def needs_restart(self) -> tuple[str, ...]:
        """Of what is new, what holds only after a restart."""
        return tuple(fixed for fixed in NEED_RESTART if any(_covers(key, fixed) for key in self.changed))


def _covers(key: str, fixed: str) -> bool:
    return key == fixed or key.startswith(f"{fixed}.") or fixed.startswith(f"{key}.")


def effective(values: Json) -> Json:
    """The values of a file, with the defaults of what it does not say."""
    whole: Json = _over(setting_keys.defaults(), values)
    return whole


def _over(below: Any, above: Any) -> Any:
    """Section by section; a map whose keys are free, and a list, is what the file says, as a whole."""
    if not (isinstance(below, dict) and below and isinstance(above, dict)):
        return above
    both = {name: _over(value, above[name]) if name in above else value for name, value in below.items()}
    return both | {name: value for name, value in above.items() if name not in below}


def candidate(path: Path, text: str, changes: Changes) -> CheckedText:
    """What a config file would be with these changes. Raises ConfigError with every problem found."""
    if not isinstance(changes, dict) or not all(isinstance(key, str) for key in changes):
        raise ConfigError(["Changes are values by the keys of settings, like playback.volume."])
    if len(changes) > MOST or not is_utf8(json.dumps(changes, ensure_ascii=False, default=str)):
        raise ConfigError([f"Changes are at most {MOST} values of text and numbers."])
    old = document.parse(path, text).values
    new, changed, said = _apply(old, changes)
    try:
        after = edited(text, old, new, _order)
    except (yaml.YAMLError, LookupError) as error:
        raise _by_hand(changed) from error
    return checked(path, after, changed, said, new)


def rewritten(path: Path, text: str, old: Json, new: Json) -> str:
    """A config file's text, which says `old`, so that it says `new`. Raises ConfigError."""
    try:
        after = edited(text, old, new, _order)
    except (yaml.YAMLError, LookupError) as error:
        raise _by_hand([path.name]) from error
    if not same(document.parse(path, document.decode(path, after.encode())).values, new):
        raise _by_hand([path.name])
    return after


def checked(
    path: Path, text: str, changed: Sequence[str], said: str, expected: Json | None = None
) -> CheckedText:
    """A text that is to stand in a file, if it loads. Raises ConfigError.

    expected  what it must say; None if that is not known
    """
    found = document.parse(path, document.decode(path, text.encode()))
    if expected is not None and not same(found.values, expected):
        raise _by_hand(changed)
    config = loader.validated(found)
    return CheckedText(text, config, tuple(changed), said, tuple(loader.doubts_about(found, config)))


def _by_hand(changed: Sequence[str]) -> ConfigError:
    return ConfigError(
        [f"{', '.join(changed)}: stands in the file in a way that only a person can change; edit it by hand."]
    )


def _order(at: Location) -> Sequence[str]:
    return list(schema_at(at).get("properties", ()))


def _apply(old: Json, changes: Changes) -> tuple[Json, list[str], str]:
    """The values after the changes, the keys of what is new, and a line about it."""
    new, changed, said = _copied(old), [], []
    problems: list[str] = []
    for written, value in changes.items():
        try:
            whole = effective(new)
            for at, each in list(_single(location(written, whole), value, new)):
                before = _get(new, at)
                _set(new, at, each)
                after = _get(new, at)
                if not same(before, after):
                    changed.append(dotted(at))
                    said.append(_in_short(at, after))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return new, changed, ", ".join(said)


def _single(at: Location, value: Any, values: Json) -> Iterator[tuple[Location, Any]]:
    """The single settings that a change of a section is about: those it does not name stay as they are."""
    schema = schema_at(at)
    if not is_section(schema) or isinstance(at[-1], int) or not (value is None or isinstance(value, dict)):
        yield at, value
        return
    if value is None:
        there = _get(values, at)
        value = dict.fromkeys(there) if isinstance(there, dict) else {}
    for name, inner in value.items():
        if name not in schema["properties"]:
            raise ConfigError([f"{dotted((*at, str(name)))}: {unknown(str(name), schema)}"])
        yield from _single((*at, name), inner, values)


def _in_short(at: Location, value: Any) -> str:
    """A setting and its value for a person, as far as that may be shown."""
    if value is NOTHING:
        return f"{dotted(at)}: taken out"
    name = key_of(at)
    if name == "password" and value:
        return f"{dotted(at)} = {MASK}"  # behind "password: " nothing of a line is shown
    text = json_text(masked(value, name), default=str)
    return f"{dotted(at)}: {text if len(text) <= 60 else shown(value)}"


def _set(values: Json, at: Location, value: Any) -> None:
    """Let a value stand at a key path. Raises ConfigError."""
    schema = schema_at(at)
    if value is not None:
        value = meant(value, schema)
    current = _get(values, at)
    if value is None:
        if current is not NOTHING:
            _reset(values, at, current)
        return
    if _is_mixed_up(value, schema):
        raise ConfigError([f"{dotted(at)}: found {shown(value)}; allowed is {allowed(at)}."])
    value = unmasked(_copied(value), None if current is NOTHING else current, at, key_of(at))
    holder = _holder(values, at)
    if isinstance(holder, list) and at[-1] == len(holder):
        holder.append(value)
    else:
        holder[at[-1]] = value


def _is_mixed_up(value: Any, schema: Json) -> bool:
    """Whether it is a switch in the place of a number, the other way round, or no number at all."""
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value))
    return kind == "boolean" and not isinstance(value, bool)


def _reset(values: Json, at: Location, current: Any) -> None:
    """Back to the default: it takes the place of what the file says, whose line and comment stay.

    What has no default, as the items of a list and days with hours of their own, is taken out.
    """
    usual, holder = default(at), _holder(values, at)
    if usual is NOTHING:
        del holder[at[-1]]
        return
    usual = _copied(usual)
    if isinstance(usual, list) and isinstance(current, list):
        for n, (item, there) in enumerate(zip(usual, current, strict=False)):
            if isinstance(item, dict) and isinstance(there, dict):  # its lines stay, too
                more = {name: default((*at, n, name)) for name in there if name not in item}
                item |= {name: value for name, value in more.items() if value is not NOTHING}
    holder[at[-1]] = usual


def _get(values: Any, at: Location) -> Any:
    """What the file says at a key path, or NOTHING."""
    for part in at:
        try:
            values = values[part]
        except (LookupError, TypeError):
            return NOTHING
    return values


def _holder(values: Json, at: Location) -> Any:
    """What holds the value at a key path; sections and lists that the file lacks are made."""
    inner: Any = values
    part: Any
    for n, part in enumerate(at[:-1], 1):
        there = inner[part] if isinstance(inner, list) else inner.get(part)
        if not isinstance(there, dict | list) or (not there and isinstance(there, list)):
            usual = default(at[:n])
            there = _copied(usual) if isinstance(usual, list) else {}
            inner[part] = there
        inner = there
    if not isinstance(inner, list if isinstance(at[-1], int) else dict):
        raise ConfigError([f"{dotted(at[:-1])}: is not what it should be here; set it as a whole first."])
    return inner


def _copied(value: Any) -> Any:
    """A copy in which nothing stands twice, as aliases make it."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(inner) for inner in value]
    return value


def values_of(found: Document) -> Json:
    """What a document says, with defaults, and without its passwords."""
    shown_values: Json = masked(effective(found.values))
    return shown_values
