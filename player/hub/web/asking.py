"""What is asked of the hub over HTTP, and by whom."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from player.errors import ConfigError
from player.hub.hub import Hub
from player.interfaces.front.fleet.messages import Id
from player.interfaces.front.web.page.views.people import device
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.authenticator import Identity, Means

MOST_LETTERS = 100_000
EVERYWHERE = "*"


class RoomsAsked(BaseModel):
    """Which rooms: one, those of a group, or all (`*`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    room: Id | None = None
    group: Annotated[str, Field(max_length=60)] | None = None


class SettingsRequest(RoomsAsked):
    """Settings for rooms, in YAML as config.yaml has them."""

    settings: Annotated[str, Field(min_length=1, max_length=MOST_LETTERS)]


class CommandRequest(RoomsAsked):
    """A command for rooms.

    valid_s  a room that has not had it by then is never told
    """

    command: Literal["pause", "resume", "next", "volume", "pin", "unpin", "night"]
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    mood: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    mode: Literal["on", "off", "auto"] | None = None
    valid_s: Annotated[int, Field(ge=10, le=86_400)] = 120

    def arguments(self) -> dict[str, Any]:
        """Those that the command takes. Raises Problem if they are not those."""
        given = {name: getattr(self, name) for name in ("percent", "mood", "mode")}
        given = {name: value for name, value in given.items() if value is not None}
        wanted = {"volume": {"percent"}, "pin": {"mood"}, "night": {"mode"}}.get(self.command, set())
        if set(given) != wanted:
            takes = ", ".join(sorted(wanted)) or "nothing more"
            raise Problem(422, "argument", f"{self.command} takes {takes}.")
        return given


def hub_of(request: Request) -> Hub:
    """The hub that is asked."""
    found: Hub = request.app.state.hub
    return found


def rooms_of(hub: Hub, target: RoomsAsked) -> list[str]:
    """The rooms that are meant. Raises Problem if there are none."""
    if (target.room is None) == (target.group is None):
        raise Problem(422, "argument", "name a room, or a group; the group * is all rooms.")
    if target.room is not None:
        found = [target.room] if hub.rooms.get(target.room) else []
    else:
        found = hub.rooms.ids(None if target.group == EVERYWHERE else target.group)
    if not found:
        raise Problem(404, "missing", "there is no such room.")
    return found


def who(identity: Identity) -> str:
    """How the list of changes calls whoever asks."""
    if identity.means is Means.SESSION:
        browser, address = device(identity.name)
        return f"{identity.role}, {address} ({browser})"
    return f"{identity.role}, {identity.name or 'this machine'}"


def refused(error: ConfigError) -> Problem:
    """Settings that no room would take."""
    return Problem(422, "argument", " ".join(error.problems[:10]))
