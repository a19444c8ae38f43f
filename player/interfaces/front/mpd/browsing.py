"""What MPD's programs ask of the library: to look, search and count; nothing of it changes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.filters import All, Below, Tag, TrackFilter, condition
from player.interfaces.front.mpd.lines import Ack, Pair, Refusal, pairs, span
from player.interfaces.front.mpd.shelf import Shelf, ShelfRow
from player.interfaces.front.mpd.tags import NAMES, tag_named, value
from player.library.search_text import plain
from player.types import Json

Arguments = list[str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, in which order, and which of it."""

    wanted: TrackFilter
    sort: str | None
    window: tuple[int, int | None]

    @classmethod
    def of(cls, arguments: Arguments, exact: bool) -> Question:
        """From a command's words. Raises Refusal."""
        left, sort = list(arguments), None
        window: tuple[int, int | None] = (0, None)
        while len(left) > 2 and left[-2] in ("sort", "window"):
            said = left.pop()
            if left.pop() == "window":
                window = span(said)
            else:
                sort = said
                tag_named(sort.removeprefix("-"))
        if not left:
            raise Refusal(Ack.ARG, "too few arguments")
        return cls(condition(left, exact), sort, window)

    def picked(self, tracks: list[Json]) -> list[Json]:
        """The tracks in this order, as far as they are asked for."""
        if self.sort is not None:
            tag = tag_named(self.sort.removeprefix("-"))
            tracks = sorted(
                tracks, key=lambda track: plain(value(track, tag)), reverse=self.sort.startswith("-")
            )
        start, end = self.window
        return tracks[start:end]


class Browsing:
    """The commands, each by its name after `do_`. All of them raise Refusal and PlayerRefusal."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def do_find(self, arguments: Arguments) -> bytes:
        """Tracks with exactly these tags."""
        return await self._found(arguments, exact=True)

    async def do_search(self, arguments: Arguments) -> bytes:
        """Tracks with tags that hold this, whatever the case."""
        return await self._found(arguments, exact=False)

    async def _found(self, arguments: Arguments, exact: bool) -> bytes:
        question = Question.of(arguments, exact)
        found = await self._shelf.tracks(question.wanted, fold=not exact)
        return entries(question.picked(found))

    async def do_list(self, arguments: Arguments) -> bytes:
        """Every value of a tag."""
        if not arguments:
            raise Refusal(Ack.ARG, "too few arguments")
        if arguments[0].lower() == "file":
            found = await self._shelf.tracks(condition(arguments[1:], exact=True))
            return pairs(("file", answers.uri(track)) for track in found)
        tag, (rest, groups) = tag_named(arguments[0]), _grouped(arguments[1:])
        if len(rest) == 1 and not rest[0].startswith("(") and tag == "album":
            rest = ["artist", *rest]  # as clients did before there were filters
        rows = await self._shelf.rows(condition(rest, exact=True), fold=False, tags={tag, *groups})
        values = sorted({tuple(value(row.track, each) for each in (*groups, tag)) for row in rows})
        return pairs(_listed((*groups, tag), values))

    async def do_count(self, arguments: Arguments) -> bytes:
        """How many tracks, and how long they last."""
        rest, groups = _grouped(arguments)
        if not rest and not groups:
            raise Refusal(Ack.ARG, "too few arguments")
        rows = await self._shelf.rows(condition(rest, exact=True), fold=False, tags={*groups})
        if not groups:
            return pairs(_counted(rows))
        rows = sorted(rows, key=lambda row: value(row.track, groups[0]))
        return b"".join(
            pairs([(NAMES[groups[0]], said), *_counted(list(same))])
            for said, same in groupby(rows, lambda row: value(row.track, groups[0]))
        )

    async def do_stats(self, _: Arguments) -> bytes:
        """How much there is, and how long the player has run and been heard."""
        found = await self._shelf.collection()
        albums = found["albums"]
        changed = found["changed"] and datetime.fromisoformat(found["changed"]).astimezone(UTC)
        return pairs(
            (
                ("artists", str(len({each["artist"] for each in albums if each["artist"]}))),
                ("albums", str(len({each["album"] for each in albums if each["album"]}))),
                ("songs", str(sum(each["tracks"] for each in albums))),
                ("uptime", str(round(found["running_s"]))),
                ("db_playtime", str(round(sum(each["duration_s"] for each in albums)))),
                ("db_update", str(round(changed.timestamp()) if changed else 0)),
                ("playtime", str(round(found["heard_s"]))),
            )
        )

    async def folder(self, arguments: Arguments) -> bytes:
        """What stands in a folder: the root has artists, an artist's has albums."""
        place = _place(arguments)
        if answers.number(place) is not None:
            return entries(await self._there(place))
        folders, stand_here = await self._below(place)
        tracks = await self._in(place, deep=False) if stand_here else []
        return pairs(("directory", name) for name in folders) + entries(tracks)

    async def do_listfiles(self, arguments: Arguments) -> bytes:
        """The same without tags."""
        place = _place(arguments)
        folders, stand_here = await self._below(place)
        tracks = await self._in(place, deep=False) if stand_here else []
        names = (("directory", name.rpartition("/")[2]) for name in folders)
        return pairs(names) + pairs(("file", answers.uri(track)) for track in tracks)

    async def do_listall(self, arguments: Arguments) -> bytes:
        """A folder with all that is below it, by addresses."""
        return await self._all(arguments, tags=False)

    async def do_listallinfo(self, arguments: Arguments) -> bytes:
        """... with tags."""
        return await self._all(arguments, tags=True)

    async def _all(self, arguments: Arguments, tags: bool) -> bytes:
        place = _place(arguments)
        if answers.number(place) is not None:
            tracks = await self._there(place)
        else:
            await self._below(place)
            tracks = await self._in(place, deep=True)
        said, told = [], set[str]()
        for track in sorted(tracks, key=answers.folder):
            for name in _way(answers.folder(track)):
                if name not in told and name.startswith(place):
                    told.add(name)
                    said.append(pairs([("directory", name)]))
            said.append(entries([track]) if tags else pairs([("file", answers.uri(track))]))
        return b"".join(said)

    async def _there(self, address: str) -> list[Json]:
        found = await self._shelf.tracks(Tag("file", "==", address))
        if not found:
            raise Refusal(Ack.NO_EXIST, "No such song")
        return found

    async def _below(self, place: str) -> tuple[list[str], bool]:
        """Folders in a folder, in order, and whether tracks stand in it themselves. Raises Refusal."""
        albums = (await self._shelf.collection())["albums"]
        known = {answers.folder(each) for each in albums}
        start = f"{place}/" if place else ""
        inside = {name.removeprefix(start).partition("/")[0] for name in known if name.startswith(start)}
        if place and not inside and place not in known:
            raise Refusal(Ack.NO_EXIST, "No such directory")
        return [f"{start}{name}" for name in sorted(inside - {""}, key=str.casefold)], place in known

    async def _in(self, place: str, deep: bool) -> list[Json]:
        """Tracks of a folder, and with `deep` of those below it."""
        names = await self._names(place)
        found = [track for wanted in names for track in await self._shelf.tracks(wanted)]
        return found if deep else [track for track in found if answers.folder(track) == place]

    async def _names(self, place: str) -> list[TrackFilter]:
        """What the tracks of a folder have in their tags: a folder may have those of two spellings."""
        if not place:
            return [All()]
        albums = (await self._shelf.collection())["albums"]
        below = Below(place)
        spelt = Counter(
            (each["artist"], each["album"]) for each in albums if below.fits({**each, "id": 0}, False)
        )
        if "/" not in place:
            return [All((Tag("artist", "==", name), below)) for name in sorted({name for name, _ in spelt})]
        return [All((Tag("artist", "==", by), Tag("album", "==", name), below)) for by, name in sorted(spelt)]


def entries(tracks: Iterable[Json]) -> bytes:
    """Tracks of the library, with their tags."""
    return b"".join(pairs(answers.entry(track)) for track in tracks)


def _place(arguments: Arguments) -> str:
    return arguments[0].strip("/") if arguments else ""


def _way(folder: str) -> Iterator[str]:
    """A folder, after those it is in."""
    parts = folder.split("/")
    return ("/".join(parts[: n + 1]) for n in range(len(parts)))


def _grouped(arguments: Arguments) -> tuple[Arguments, list[str]]:
    """The words before `group`, and the tags by which it is grouped, the outermost first."""
    left, groups = list(arguments), list[str]()
    while len(left) > 1 and left[-2].lower() == "group":
        groups.append(tag_named(left.pop()))
        left.pop()
    return left, groups


def _listed(tags: tuple[str, ...], values: Iterable[tuple[str, ...]]) -> Iterator[Pair]:
    """A tag's values, each group said when it begins."""
    last: tuple[str, ...] = ()
    for each in values:
        same = next((n for n, (a, b) in enumerate(zip(last, each, strict=False)) if a != b), len(last))
        for n in range(min(same, len(tags) - 1), len(tags)):
            yield NAMES[tags[n]], each[n]
        last = each


def _counted(rows: list[ShelfRow]) -> list[Pair]:
    seconds = sum(row.duration_s for row in rows)
    return [("songs", str(sum(row.tracks for row in rows))), ("playtime", str(round(seconds)))]
