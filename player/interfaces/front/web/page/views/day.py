"""The view Day: how a day went, as curves, and one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page import day_chart, phrases
from player.interfaces.front.web.page.access import OwnerPage
from player.interfaces.front.web.page.formatting import music_word, room_word
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.live import Facts, LiveView
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.page.rendering import PageReader, page
from player.types import Json

router = APIRouter()
ENTRIES = 20
"""Of a page of the list."""
WEEKDAYS = "월화수목금토일"


def facts(status: Json | None) -> Facts:
    """What a day that is open changes with: another track, another fault."""
    if status is None:
        return {"away": True}
    track = status["playback"]["track"]
    return {"away": False, "track": track and track["path"], "faults": len(status["problems"])}


LIVE = LiveView("day", "day_chart.html", facts)


@router.get("/day", include_in_schema=False)
async def day(request: Request, __: OwnerPage) -> Response:
    """The whole page."""
    snapshot = request.app.state.board.current
    said = {**LIVE.facts(snapshot), "live": LIVE.version, "here": "/day"}
    try:
        shown = _shown(request, await _asked(request))
    except PlayerRefusal as refusal:
        shown = {"refused": refusal.detail}
    return page(request, "day.html", {"refused": "", **said, **shown})


@router.get("/day/chart", include_in_schema=False)
async def day_drawn(request: Request, __: OwnerPage) -> Response:
    """The drawing, as it is now."""
    return await _part(request, "day_chart.html")


@router.get("/day/list", include_in_schema=False)
async def day_list(request: Request, __: OwnerPage) -> Response:
    """A page of what happened: `text` and `only` narrow it, `start` is the play that it begins with."""
    return await _part(request, "day_list.html")


@router.get("/day/play/{number}", include_in_schema=False)
async def day_play(request: Request, __: OwnerPage, number: int) -> Response:
    """One track as it was played."""
    return await _part(request, "day_play.html", number)


async def _part(request: Request, template: str, number: int | None = None) -> Response:
    try:
        shown = _shown(request, await _asked(request))
    except PlayerRefusal as refusal:
        return page(request, "day_refused.html", {"refused": refusal.detail})
    entry = next((each for each in shown["tracks"] if each["id"] == number), None)
    if number is not None and entry is None:
        return page(request, "day_refused.html", {"refused": ""})
    return page(request, template, {**shown, "entry": entry})


async def _asked(request: Request) -> Json:
    """The day that the address names; what is no date is today."""
    said = request.query_params.get("date", "")[:40]
    try:
        wanted = {"date": date.fromisoformat(said).isoformat()} if said else {}
    except ValueError:
        wanted = {}
    answer: Json = await read(request, "day", wanted)
    return answer


def _shown(request: Request, found: Json) -> Json:
    """All that the templates speak of."""
    asked, language, now = request.query_params, PageReader.of(request).language, datetime.now(UTC)
    marks = [{**each, "text": phrases.said(each["text"], language)} for each in found["marks"]]
    found = {**found, "marks": marks}
    day = date.fromisoformat(found["date"])
    today = now.astimezone(datetime.fromisoformat(found["end"]).tzinfo).date()
    drawn = day_chart.chart(found, now)
    has_curves = any(map(_known, found["curves"].values()))
    return {
        "day": day,
        "title": day_in_words(day, language),
        "is_today": day == today,
        "today": today,
        "before": day - timedelta(days=1),
        "following": day + timedelta(days=1) if day < today else None,
        "month": (day.replace(day=1), last_of_month(day)),
        "chart": drawn,
        "lanes": day_chart,
        "steps": [*steps(found, drawn, language)],
        "numbers": [*numbers(found)],
        "is_empty": not (found["tracks"] or marks or has_curves),
        "has_curves": has_curves,
        "left_out": found["left_out"],
        "tracks": found["tracks"],
        **_listed(found, *(asked.get(name, "") for name in ("text", "only", "after", "start"))),
    }


def _listed(found: Json, text: str, only: str, after: str, start: str) -> Json:
    """A page of the list."""
    entries = [*entries_of(found, text, only)]
    began = next((each["key"] for each in entries if each["is_track"] and str(each["id"]) == start), "")
    rest = [
        each for each in entries if (not after or each["key"] < after) and (not began or each["key"] <= began)
    ]
    more = rest[ENTRIES - 1]["key"] if len(rest) > ENTRIES else ""
    return {
        "entries": rest[:ENTRIES],
        "next": more,
        "most": ENTRIES,
        "first": not after,
        "text": text,
        "only": only,
    }


def _known(values: object) -> bool:
    return isinstance(values, list) and any(value is not None for value in values)


def entries_of(day: Json, text: str, only: str) -> Iterator[Json]:
    """Tracks and marks together, the newest first; each with a `key` by which they are in order."""
    words = text.casefold().split()
    entries = [
        *({**each, "is_track": True, "key": _key(each, "t")} for each in day["tracks"]),
        *({**each, "is_track": False, "key": _key(each, "m")} for each in day["marks"]),
    ]
    for entry in sorted(entries, key=lambda each: str(each["key"]), reverse=True):
        named = f"{entry['title']} {entry['artist']}" if entry["is_track"] else entry["text"]
        if all(word in named.casefold() for word in words) and _is_wanted(entry, only):
            yield entry


def _key(entry: Json, kind: str) -> str:
    at_s = int(datetime.fromisoformat(entry["start"]).timestamp())
    return f"{at_s:012d}{kind}{entry['id']:016d}"


def _is_wanted(entry: Json, only: str) -> bool:
    if only in ("", "music", "events"):
        return not only or entry["is_track"] is (only == "music")
    wanted = {"liked": ("judged", "liked"), "wrong": ("judged", "wrong mood"), "unheard": ("audible", False)}
    name, value = wanted.get(only, ("", None))
    return bool(entry["is_track"]) and entry.get(name, ...) == value


def steps(day: Json, drawn: day_chart.Chart, language: Language) -> Iterator[list[str | float | None]]:
    """What the chart tells at each step: the clock, the room, the music wanted, people, volume."""
    curves, start = day["curves"], datetime.fromisoformat(day["start"])
    length = timedelta(seconds=curves["step_s"])
    hours = [datetime.fromisoformat(each) for each in day["hours"]] or [start]
    for i in range(len(curves["people"])):
        at = start + i * length
        if not drawn.start_s <= at.timestamp() < drawn.end_s:
            continue
        clock = at.astimezone(next(each for each in reversed(hours) if each <= at).tzinfo)
        room = _word_at(curves["valence"][i], curves["energy"][i], room_word, language)
        music = _word_at(curves["target_valence"][i], curves["target_energy"][i], music_word, language)
        yield [f"{clock:%H:%M}", room, music, curves["people"][i], curves["volume"][i]]


def _word_at(valence: float | None, energy: float | None, word: object, language: Language) -> str | None:
    if valence is None or energy is None or not callable(word):
        return None
    return str(word({"valence": valence, "energy": energy}, language))


def numbers(day: Json) -> Iterator[Json]:
    """Each hour of which something is known, as means."""
    curves = day["curves"]
    per_hour = max(1, 3600 // curves["step_s"])
    for i, hour in enumerate(day["hours"]):
        row = {
            name: _mean(values[i * per_hour : (i + 1) * per_hour])
            for name, values in curves.items()
            if name != "step_s"
        }
        if any(value is not None for value in row.values()):
            yield {"hour": f"{datetime.fromisoformat(hour):%H:%M}", **row}


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def day_in_words(day: date, language: Language) -> str:
    """With its weekday."""
    if language is Language.KOREAN:
        return f"{day.year}년 {day.month}월 {day.day}일 {WEEKDAYS[day.weekday()]}요일"
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def last_of_month(day: date) -> date:
    """The last day of its month."""
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)
