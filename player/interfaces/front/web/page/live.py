"""Tells open pages that what they show has changed: a word as a server-sent event, and they ask for the rest.

What a view shows is computed once for each status, however many look at it, and most statuses change nothing
that it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.command_table import Role
from player.interfaces.front.status_board import StatusBoard, StatusSnapshot
from player.interfaces.front.web.page.rendering import PageReader, rendered
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.routes.events import EventStream, StreamPlaces
from player.interfaces.front.web.security.authenticator import Identity, require
from player.types import Json, json_text

router = APIRouter()
CHANGED, AWAY = b"event: changed\ndata: %d\n\n", b"event: away\ndata: {}\n\n"
BEAT = b"event: beat\ndata: %s\n\n"
_NONCE = "@nonce@"
MOST_KEPT = 8
"""Renderings of one version: by language, role and prefix."""

Facts = Mapping[str, Any]


class LiveView:
    """What one view shows of the status, as it is now.

    name      as it is called in addresses
    template  of the part that changes
    facts     what of a status it shows; None if the player does not answer
    numbers   what of it runs by itself, of a status that is so many seconds old: open pages are told every
              ten seconds and with each change, and show it without asking for anything
    """

    def __init__(
        self,
        name: str,
        template: str,
        facts: Callable[[Json | None], Facts],
        numbers: Callable[[Json, float], Json] | None = None,
    ) -> None:
        self.name, self.template, self._facts_of, self.numbers = name, template, facts, numbers
        self._seen: StatusSnapshot | None = None
        self._facts: Facts | None = None
        self._rendered: dict[Any, str] = {}
        self.version = 0

    def look(self, snapshot: StatusSnapshot | None) -> int:
        """The version of what is shown: one more whenever that is something else."""
        if self._facts is None or snapshot is not self._seen:
            self._seen = snapshot
            facts = self._facts_of(snapshot.status if snapshot else None)
            if facts != self._facts:
                self._facts = facts
                self._rendered.clear()
                self.version += 1
        return self.version

    def facts(self, snapshot: StatusSnapshot | None) -> Facts:
        """What it shows."""
        self.look(snapshot)
        assert self._facts is not None
        return self._facts

    def html(self, snapshot: StatusSnapshot | None, reader: PageReader) -> str:
        """The part that changes, made once for all who see the same."""
        facts = self.facts(snapshot)
        role = reader.identity.role if reader.identity else None
        key = (reader.language, role, reader.prefix)
        if key not in self._rendered:
            if len(self._rendered) >= MOST_KEPT:
                self._rendered.clear()
            anybody = PageReader(reader.language, reader.identity, reader.prefix, "", _NONCE)
            self._rendered[key] = rendered(self.template, anybody, {**facts, "live": self.version})
        return self._rendered[key].replace(_NONCE, reader.nonce)


class LiveStream(EventStream):
    """A view's changes to one reader."""

    def __init__(
        self, view: LiveView, board: StatusBoard, places: StreamPlaces, address: str, shown: int
    ) -> None:
        """`shown` is the version that the reader's page has."""
        super().__init__(board, places, address, None)
        self._view, self._shown = view, shown

    def _news(self) -> bytes:
        snapshot = self._board.current
        if snapshot is None:
            said, self._said_away = self._said_away, True
            return b"" if said else AWAY
        version = self._view.look(snapshot)
        came_back, self._said_away = self._said_away, False
        if version == self._shown and not came_back:
            return self._beat(snapshot)
        self._shown = version
        return CHANGED % version + self._beat(snapshot)

    def _heartbeat(self) -> bytes:
        snapshot = self._board.current
        return (self._beat(snapshot) if snapshot else b"") or super()._heartbeat()

    def _beat(self, snapshot: StatusSnapshot) -> bytes:
        """The numbers that run by themselves, as they are now."""
        if self._view.numbers is None:
            return b""
        return BEAT % json_text(self._view.numbers(snapshot.status, self._board.age_s(snapshot))).encode()


@router.get("/live/{name}", include_in_schema=False)
async def live(
    request: Request, name: str, _: Annotated[Identity, Depends(require(Role.STAFF))], shown: int = 0
) -> Response:
    """A stream for one open page."""
    state = request.app.state
    view: LiveView | None = state.live_views.get(name)
    if view is None:
        raise Problem(404, "unknown", "There is nothing at this address.")
    address = request.state.asker.address
    state.places.full(address)
    return LiveStream(view, state.board, state.places, address, shown)
