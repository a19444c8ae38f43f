"""The view Help: what to do if something is wrong, the log of the last day, and a report."""

from __future__ import annotations

import asyncio
import platform
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from player import __version__
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.access import OwnerPage
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.live import Facts
from player.interfaces.front.web.page.phrases import log_line
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.page.rendering import PageReader, page
from player.interfaces.recent_log import LogLevel
from player.types import Json

router = APIRouter()
SHOWN = 200
"""Lines; the report has them all."""
SEARCHED = 1000
"""Lines that are looked through for what stands in them in another language than the player's."""

Text = Annotated[str, Query(max_length=200)]


def shown(lines: list[Json]) -> list[Json]:
    """Lines of the log, with the clock's time, and the day where it is another than the line's before."""
    made: list[dict[str, Any]] = []
    day = None
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        made.append({**line, "clock": f"{at:%H:%M:%S}", "day": at.date() if at.date() != day else None})
        day = at.date()
    return made


async def _log(request: Request, level: LogLevel, text: str) -> Facts:
    language = PageReader.of(request).language
    is_english = language is Language.ENGLISH or text.isascii()
    fields = {"level": level, "text": text, "limit": SHOWN}
    if not is_english:
        fields |= {"text": "", "limit": SEARCHED}
    try:
        answer = await read(request, "log", fields)
    except PlayerRefusal:
        return {"away": True, "lines": [], "left_out": 0}
    lines, left_out = answer["lines"], answer["left_out"]
    if not is_english:
        lines = await asyncio.to_thread(holding, lines, text, language)
        left_out += max(0, len(lines) - SHOWN)
    return {"away": False, "lines": shown(lines[:SHOWN]), "left_out": left_out}


def holding(lines: list[Json], text: str, language: Language) -> list[Json]:
    """Those in which the text stands as the reader sees them, in letters of any case."""
    asked = text.casefold()
    return [
        line
        for line in lines
        if asked in line["message"].casefold() or asked in log_line(line["message"], language).casefold()
    ]


@router.get("/help", include_in_schema=False)
async def help(request: Request, _: OwnerPage) -> Response:
    """The whole page."""
    snapshot = request.app.state.board.current
    facts = {
        **await _log(request, LogLevel.INFO, ""),
        "problems": snapshot.status["problems"] if snapshot else [],
        "versions": {"ambient-player": __version__, "Python": platform.python_version()},
        "levels": list(LogLevel),
        "here": "/help",
    }
    return page(request, "help.html", facts)


@router.get("/help/log", include_in_schema=False)
async def help_log(
    request: Request, _: OwnerPage, level: LogLevel = LogLevel.INFO, text: Text = ""
) -> Response:
    """The log as it is now."""
    return page(request, "help_log.html", await _log(request, level, text))
