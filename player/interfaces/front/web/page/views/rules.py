"""The view Rules: what config.yaml says of hours, moods, volumes and music, and all its other settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player import emotions
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.access import OwnerPage
from player.interfaces.front.web.page.live import Facts
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.page.rendering import page
from player.types import Json

router = APIRouter()
WORDS = ("feelings", "mood7", "plan5")
"""The vocabularies that a part of the day's mood is chosen from."""
ELSEWHERE = ("hours.open", "hours.holidays", "dayparts", "announcements.items")
"""What has an editor of its own on the page."""


@dataclass(frozen=True)
class Setting:
    """One setting as its input needs it.

    kind   switch, choice, whole, number, text, time, lines (a text each), pair (of numbers), sections or map
    items  the settings of each section, by their last name
    """

    key: str
    kind: str
    value: Any
    default: Any
    help: str
    unit: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    nullable: bool
    restart: bool
    items: tuple[Setting, ...]

    @property
    def section(self) -> str:
        """The first word of its key."""
        return self.key.split(".")[0]

    @property
    def name(self) -> str:
        """Its key within an item of a list."""
        return self.key.rpartition("[].")[2]

    @property
    def default_text(self) -> str:
        """The default as config.yaml would have it, on one line."""
        if self.default is None:
            return "null"
        if isinstance(self.default, bool):
            return str(self.default).lower()
        if isinstance(self.default, list | tuple):
            return "[" + ", ".join(map(str, self.default)) + "]"
        return "{}" if self.default == {} else str(self.default)


@dataclass(frozen=True)
class NamedMood:
    """A mood with a name, as the plane and the lists show it."""

    name: str
    korean: str
    valence: float
    energy: float


@dataclass(frozen=True)
class EarlierText:
    """An earlier text of config.yaml.

    at       by the clock of who wrote it; None if it is not known
    changed  what was changed to come to it, as the player wrote it down
    """

    number: int
    at: datetime | None
    changed: str


def setting(field: Json, values: Mapping[str, Any]) -> Setting:
    """What the player says of a setting, with its value."""
    items = field.get("items")
    sections = isinstance(items, list) and bool(items) and "key" in items[0]
    return Setting(
        key=field["key"],
        kind=_kind(field, items),
        value=value_at(values, field["key"]),
        default=field.get("default"),
        help=field.get("help", ""),
        unit=field.get("unit", ""),
        minimum=_limit(field, "minimum"),
        maximum=_limit(field, "maximum"),
        choices=tuple(map(str, field.get("choices", ()))),
        nullable=bool(field.get("nullable")),
        restart=bool(field.get("restart")),
        items=tuple(setting(each, {}) for each in items) if sections and isinstance(items, list) else (),
    )


def _kind(field: Json, items: object) -> str:
    plain = {"whole number": "whole", "path": "text"}
    kind = str(field["type"])
    if kind != "list":
        return plain.get(kind, kind)
    if isinstance(items, list):
        return "sections" if "key" in items[0] else "pair"
    return "lines"


def _limit(field: Json, which: str) -> float | None:
    first = field["items"][0] if isinstance(field.get("items"), list) and field["items"] else {}
    limit: float | None = field.get(which, first.get(which))
    return limit


def value_at(values: Mapping[str, Any], key: str) -> Any:
    """The value of a setting by its key; None if there is none."""
    here: Any = values
    for part in key.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return here


def moods() -> list[NamedMood]:
    """Those that a part of the day may begin with, the feelings first; none twice."""
    found: dict[str, NamedMood] = {}
    for vocabulary in WORDS:
        for name, named in emotions.vocabularies()[vocabulary].items():
            point = named.point
            found.setdefault(
                name, NamedMood(name, named.korean, round(point.valence, 3), round(point.energy, 3))
            )
    return list(found.values())


def facts(config: Json) -> Facts:
    """What the view shows of the player's config."""
    settings = {field["key"]: setting(field, config["values"]) for field in config["settings"]}
    return {
        "away": False,
        "problems": config["problems"],
        "settings": settings,
        "sections": {
            name: [one for one in settings.values() if one.section == name]
            for name in dict.fromkeys(one.section for one in settings.values())
        },
        "moods": moods(),
        "feelings": [mood for mood in moods() if mood.name in emotions.POINTS],
        "plane_moods": [asdict(mood) for mood in moods()],
        "config": {"etag": config["etag"], "values": config["values"]},
        "versions": versions(config["versions"]),
        "elsewhere": ELSEWHERE,
        "usable": bool(config["values"]) and bool(settings),
    }


def versions(said: Sequence[Mapping[str, Any]]) -> list[EarlierText]:
    """The earlier texts, the newest first."""
    return [EarlierText(each["number"], _time(each.get("time")), each.get("changed", "")) for each in said]


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


AWAY: Facts = {"away": True, "problems": (), "versions": [], "usable": False, "plane_moods": []}


async def _facts(request: Request) -> Facts:
    try:
        return facts(await read(request, "config", {}))
    except PlayerRefusal:
        return AWAY


@router.get("/rules", include_in_schema=False)
async def rules(request: Request, _: OwnerPage) -> Response:
    """The whole page."""
    return page(request, "rules.html", {**await _facts(request), "here": "/rules"})


@router.get("/rules/all", include_in_schema=False)
async def rules_all(request: Request, _: OwnerPage) -> Response:
    """The table of all settings, which few people open."""
    return page(request, "rules_all.html", await _facts(request))


@router.get("/rules/versions", include_in_schema=False)
async def rules_versions(request: Request, _: OwnerPage) -> Response:
    """The earlier versions, as they are now."""
    return page(request, "rules_versions.html", await _facts(request))
