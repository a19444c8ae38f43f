"""The library as MPD's programs look into it: tracks that fit, and what there is by name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.filters import All, TrackFilter
from player.interfaces.front.player_client import PlayerClient, PlayerRefusal
from player.interfaces.messages.library import MAX_TEXT
from player.types import Json

PAGE, MOST = 100, 2000
"""Tracks asked of the library at a time, and answered at most."""
EVERYTHING = All()
BY_NAME = frozenset(("artist", "albumartist", "album", "genre"))
"""Tags that the collection alone tells."""


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """Tracks that are alike in what was asked for: one of them, how many, and how long they last."""

    track: Json
    tracks: int
    duration_s: float


class Shelf:
    """Asks one thing at a time: the player answers others, too. All of it raises PlayerRefusal."""

    def __init__(self, client: PlayerClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._collection: Json = {"version": None, "albums": [], "changed": None}

    async def collection(self) -> Json:
        """What the `collection` command answers, with the albums that are known from before."""
        async with self._turn:
            known = self._collection
            answer = await self._client.command("collection", {"known": known["version"]})
            if answer["albums"] is None:
                answer |= {"albums": known["albums"], "changed": known["changed"]}
            self._collection = answer
            return answer

    async def rows(self, wanted: TrackFilter, fold: bool, tags: set[str]) -> list[ShelfRow]:
        """What fits, as far as these tags tell it apart."""
        if {*tags, *wanted.tags()} <= BY_NAME:
            albums = (await self.collection())["albums"]
            rows = [ShelfRow({**each, "title": ""}, each["tracks"], each["duration_s"]) for each in albums]
            return [row for row in rows if wanted.fits(row.track, fold)]
        found = await self.tracks(wanted, fold)
        return [ShelfRow(track, 1, track["duration_s"] or 0.0) for track in found]

    async def tracks(self, wanted: TrackFilter = EVERYTHING, fold: bool = False) -> list[Json]:
        """The tracks that fit, by artist and title; at most MOST."""
        if (address := wanted.address()) is not None:
            return [track for track in await self._at(address) if wanted.fits(track, fold)]
        found: list[Json] = []
        after: Any = None
        while len(found) < MOST:
            asked = {"text": _words(wanted), "limit": PAGE, "after": after}
            given = {name: value for name, value in asked.items() if value is not None}
            async with self._turn:  # what is not given is left out: the player takes no null for a text
                answer = await self._client.command("library", given)
            found += (track for track in answer["tracks"] if wanted.fits(track, fold))
            after = answer["next"]
            if after is None:
                break
        return found[:MOST]

    async def _at(self, address: str) -> list[Json]:
        if (number := answers.number(address)) is None:
            return []
        try:
            async with self._turn:
                return [(await self._client.command("track", {"id": number}))["track"]]
        except PlayerRefusal as error:
            if error.code in ("missing", "argument"):
                return []
            raise


def _words(wanted: TrackFilter) -> str | None:
    """What the library is asked for; the rest is looked at here."""
    text = ""
    for word in " ".join(wanted.needed()).split():
        if len(text) + len(word) >= MAX_TEXT:
            break
        text = f"{text} {word}".strip()
    return text or None
