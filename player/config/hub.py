"""hub.yaml: read, and every mistake explained at once; and house rules as the hub's page takes them."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from player.config import document, loader
from player.config.document import Document
from player.config.house_rules import SECTIONS, others
from player.config.settings.hub import HubSettings
from player.errors import ConfigError
from player.privacy.redaction import kind
from player.system import resources
from player.types import Json

FILE = "hub.yaml"
TYPED = Path("settings")
"""What the text of a page is called where something is wrong with it."""
RULES_BYTES = 100_000


def default_path() -> Path | None:
    """The owner's hub.yaml, beside config.yaml; None if there is none."""
    try:
        folder = resources.user_folder("XDG_CONFIG_HOME", "~/.config")
    except RuntimeError:
        return None
    return folder / FILE if (folder / FILE).is_file() else None


def load(path: Path | None) -> HubSettings:
    """The settings of a hub; None is the owner's file or, without one, the defaults.

    Raises ConfigError with every problem found.
    """
    path = path or default_path()
    if path is None:
        return HubSettings()
    found = document.read(path)
    try:
        made = HubSettings.model_validate(found.values)
    except ValidationError as error:
        raise found.error([_problem(found, detail) for detail in error.errors()]) from None
    base = path.resolve().parent
    update = {"state_dir": made.state_dir and _full(base, made.state_dir)}
    broker = made.broker.model_copy(
        update={"ca_file": made.broker.ca_file and _full(base, made.broker.ca_file)}
    )
    return made.model_copy(update={**update, "broker": broker})


def _full(base: Path, path: Path) -> Path:
    try:
        return base / path.expanduser()
    except RuntimeError:
        raise ConfigError([f"{path}: nobody knows whose home that is; write the path in full."]) from None


def _problem(found: Document, detail: object) -> tuple[int, str]:
    assert isinstance(detail, dict)
    at = tuple(detail["loc"])
    if detail["type"] == "extra_forbidden":
        return found.problem(at, "there is no such setting; docs/fleet.md has those there are.")
    if detail["type"] == "value_error":
        return found.problem(at, f"{detail['ctx']['error']}.")
    return found.problem(at, f"found {kind(detail['input'])}; {detail['msg']}.")


def house_rules(text: str) -> Json:
    """Settings for rooms as somebody has typed them, in YAML as config.yaml has it.

    They are checked as a room checks them; null is the default of a setting. Raises ConfigError with every
    problem found.
    """
    if len(text) > RULES_BYTES:
        raise ConfigError([f"settings are at most {RULES_BYTES} characters."])
    found = document.parse(TYPED, document.decode(TYPED, text.encode(errors="replace")))
    if not found.values:
        raise ConfigError([f"write some settings: {', '.join(SECTIONS)}."])
    if problems := [found.problem(at, said) for at, said in others(found.values)]:
        raise found.error(problems)
    loader.validated(Document(TYPED, _without_defaults(found.values), found.lines))
    return found.values


def _without_defaults(values: Json) -> Json:
    """Without what is to be as the default has it: that is always right."""
    return {
        name: _without_defaults(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value is not None
    }


def as_yaml(settings: Json) -> str:
    """Settings as a person reads them."""
    text: str = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False, width=100)
    return text if settings else ""
