"""A day as a drawing: where on it each curve, track and mark lies, in CSS pixels from its left and top."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from player.types import Json

HOUR_PX = 95
"""Twelve hours fill a desk's width; a track of four minutes is as wide as a small key."""
TITLE_LETTERS = 60
"""Of a block; the list has all of it, and a day may have a thousand blocks."""
PAD_PX = 12
"""Beside the first and the last hour."""
LEAST_H = 12
"""A day on which less happened is drawn as long as this."""
MARKS = (6, 46)
MOOD = (58, 168)
PEOPLE = (184, 236)
VOLUME = (252, 292)
TRACKS = (308, 344)
HOURS_Y = 366
HEIGHT = 376
"""Top and bottom of each lane."""
FEWEST_PEOPLE = 5.0
"""At the top of the lane, if there were fewer."""
LASTING = ("fault", "pin", "camera_off")
At = Callable[[datetime], float]


@dataclass(frozen=True)
class Block:
    """A track as it was played; `look` says what became of it."""

    id: int
    x: float
    width: float
    look: str
    title: str


@dataclass(frozen=True)
class Sign:
    """A mark; one that lasted has a width."""

    x: float
    y: float
    width: float
    kind: str
    text: str


@dataclass(frozen=True)
class Chart:
    """The drawing.

    start_s, end_s  what is drawn, in Unix time
    step_s          how long a step of the curves is
    hours           where each hour begins, and what the clock says then
    curves          names and paths: valence, energy, what the house wanted of both, people and volume
    area            the path of the people, down to the floor
    most_people     at the top of their lane
    now             where it is now; None on another day
    """

    width: float
    start_s: float
    end_s: float
    step_s: int
    hours: tuple[tuple[float, str], ...]
    curves: dict[str, str]
    area: str
    most_people: int
    blocks: tuple[Block, ...]
    signs: tuple[Sign, ...]
    now: float | None


def chart(day: Json, now: datetime) -> Chart:
    """The drawing of a day as the command `day` answers it."""
    start, end = (datetime.fromisoformat(day[name]) for name in ("start", "end"))
    is_today = start <= now < end
    first, last = _span(day, start, end, now if is_today else None)
    curves, origin = day["curves"], first.timestamp()

    def at(when: datetime) -> float:
        return round(PAD_PX + (min(max(when, first), last).timestamp() - origin) / 3600 * HOUR_PX, 1)

    def curve(name: str, lane: tuple[int, int], least: float, most: float) -> str:
        places = (
            (at(start + timedelta(seconds=(i + 0.5) * curves["step_s"])), value)
            for i, value in enumerate(curves[name])
        )
        return _path(places, lane, least, most)

    most_people = max([FEWEST_PEOPLE, *(value for value in curves["people"] if value is not None)])
    drawn = {
        **{
            name: curve(name, MOOD, -1, 1)
            for name in ("target_valence", "target_energy", "valence", "energy")
        },
        "people": curve("people", PEOPLE, 0, most_people),
        "volume": curve("volume", VOLUME, 0, 100),
    }
    until = min(now, end) if is_today else end
    return Chart(
        width=at(last) + PAD_PX,
        start_s=origin,
        end_s=last.timestamp(),
        step_s=curves["step_s"],
        hours=tuple(_hours(day, first, last, at)),
        curves=drawn,
        area=_area(drawn["people"], PEOPLE[1]),
        most_people=round(most_people),
        blocks=tuple(_block(play, at, until) for play in day["tracks"]),
        signs=tuple(_sign(mark, at, until) for mark in day["marks"]),
        now=at(now) if is_today else None,
    )


def _span(day: Json, start: datetime, end: datetime, now: datetime | None) -> tuple[datetime, datetime]:
    """From the first to the last hour in which something is known."""
    step = timedelta(seconds=day["curves"]["step_s"])
    lengths = [values for name, values in day["curves"].items() if name != "step_s"]
    seen = [start + i * step for values in lengths for i, value in enumerate(values) if value is not None]
    for each in (*day["tracks"], *day["marks"]):
        seen.extend(datetime.fromisoformat(each[name]) for name in ("start", "end") if each[name])
    seen = [*(min(max(each, start), end) for each in seen), *([now] if now else [])]
    if not seen:
        return start, end
    hour = timedelta(hours=1)
    first = start + (min(seen) - start) // hour * hour
    last = min(end, start + -(-(max(seen) - start) // hour) * hour)
    if (missing := LEAST_H * hour - (last - first)) > timedelta():
        last = min(end, last + missing)
        first = max(start, last - LEAST_H * hour)
    return first, last


def _hours(day: Json, first: datetime, last: datetime, at: At) -> Iterator[tuple[float, str]]:
    for each in day["hours"]:
        hour = datetime.fromisoformat(each)
        if first <= hour < last:
            yield at(hour), f"{hour:%H:%M}"


def _path(
    places: Iterator[tuple[float, float | None]], lane: tuple[int, int], least: float, most: float
) -> str:
    """A line through what is known; it stops where nothing is."""
    top, bottom = lane
    parts, pen_is_up = [], True
    for x, value in places:
        if value is None:
            pen_is_up = True
            continue
        y = bottom - (min(max(value, least), most) - least) / (most - least) * (bottom - top)
        # A single value between gaps is a dot: a line of no length with round ends.
        parts.append(f"{'M' if pen_is_up else 'L'}{x:g} {y:.1f}{'h0' if pen_is_up else ''}")
        pen_is_up = False
    return "".join(parts)


def _area(line: str, floor: int) -> str:
    """The path beneath a line."""
    parts = []
    for piece in filter(None, line.split("M")):
        points = piece.replace("h0", "").split("L")
        first, last = points[0].split(" ")[0], points[-1].split(" ")[0]
        parts.append(f"M{first} {floor}L{'L'.join(points)}L{last} {floor}Z")
    return "".join(parts)


def _block(play: Json, at: At, until: datetime) -> Block:
    start = datetime.fromisoformat(play["start"])
    end = datetime.fromisoformat(play["end"]) if play["end"] else until
    judged = {"liked": "liked", "wrong mood": "wrong"}.get(play["judged"], "")
    look = judged or ("unheard" if play["audible"] is False else "")
    named = f"{play['title']} – {play['artist']}" if play["artist"] else play["title"]
    title = named[:TITLE_LETTERS] + ("…" if len(named) > TITLE_LETTERS else "")
    return Block(play["id"], at(start), max(1.5, round(at(end) - at(start) - 1, 1)), look, title)


def _sign(mark: Json, at: At, until: datetime) -> Sign:
    start = datetime.fromisoformat(mark["start"])
    lasts = mark["kind"] in LASTING
    end = datetime.fromisoformat(mark["end"]) if mark["end"] else until
    row = LASTING.index(mark["kind"]) if lasts else 0
    y = MARKS[0] + 18 + row * 8 if lasts else MARKS[0] + 8
    width = max(4.0, round(at(end) - at(start), 1)) if lasts else 0.0
    return Sign(at(start), y, width, mark["kind"], f"{start:%H:%M} {mark['text']}")
