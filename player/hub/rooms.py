"""All rooms of a fleet, as the messages say; those that need somebody come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from player.hub.room_state import Condition, RoomState
from player.hub.storage.store import KeptRoom
from player.interfaces.front.fleet.messages import Desired, Reported, RoomReport

MOST_ROOMS = 5000
"""Whoever may write at the broker could invent rooms without end."""


@dataclass(frozen=True, slots=True)
class RoomNow:
    """A room with what it comes to now; `since` is in seconds since 1970."""

    room: RoomState
    condition: Condition
    since: float


class Rooms:
    """Kept in memory, on the event loop's thread alone.

    away_s  a room that has said nothing for so long is offline
    clock   a steady one, in seconds
    wall    seconds since 1970
    """

    def __init__(self, away_s: float, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._away_s, self._clock, self._wall = away_s, clock, wall
        self._rooms: dict[str, RoomState] = {}
        self._dirty: set[str] = set()

    def load(self, kept: list[KeptRoom]) -> None:
        """What was known before this start: each has the time to say something first."""
        now = self._clock()
        for one in kept:
            self._rooms[one.id] = RoomState(
                one.id, now, one.heard_s, False, one.report, one.desired, one.reported
            )

    def get(self, id: str) -> RoomState | None:
        """One of them."""
        return self._rooms.get(id)

    def seen(self, id: str) -> RoomNow | None:
        """One of them, as it is now."""
        found = self._rooms.get(id)
        return self._seen(found) if found else None

    def all(self) -> list[RoomNow]:
        """The worst first, and of these the one that has been so for longest."""
        order = list(Condition)
        found = map(self._seen, self._rooms.values())
        return sorted(found, key=lambda one: (order.index(one.condition), one.since, one.room.id))

    def ids(self, group: str | None = None) -> list[str]:
        """Those of a group; None: of all."""
        return sorted(id for id, room in self._rooms.items() if group is None or room.group == group)

    def groups(self) -> list[str]:
        """The groups that rooms say they belong to."""
        return sorted({room.group for room in self._rooms.values() if room.group})

    def waited_for(self) -> list[tuple[str, Desired]]:
        """Those that have not answered what is wanted of them, and what that is."""
        rooms = self._rooms.items()
        return [(id, room.desired) for id, room in rooms if room.desired and not room.is_up_to_date]

    def heard(self, id: str, report: RoomReport, retained: bool) -> bool:
        """A report has come; one that the broker had kept is no sign of life. False if there are too many."""
        room = self._known(id)
        if room is None:
            return False
        if retained and room.report is not None and report.at < room.report.at:
            return True
        self._put(replace(room, report=report), sign=not retained)
        return True

    def present(self, id: str, online: bool, retained: bool) -> None:
        """The broker, or the room itself, says whether it is connected."""
        room = self._known(id)
        if room is not None:
            self._put(replace(room, gone=not online), sign=online and not retained)

    def reported(self, id: str, reported: Reported) -> None:
        """What has become of the settings that were wanted."""
        room = self._known(id)
        if room is not None:
            self._put(replace(room, reported=reported), sign=False)

    def want(self, id: str, desired: Desired) -> None:
        """These settings are wanted of it."""
        room = self._known(id)
        if room is not None:
            self._rooms[id] = replace(room, desired=desired)

    def forget(self, id: str) -> None:
        """It is no more."""
        self._rooms.pop(id, None)
        self._dirty.discard(id)

    def unkept(self) -> list[RoomState]:
        """Those that have changed since they were last written down."""
        return [self._rooms[id] for id in sorted(self._dirty)]

    def kept(self, written: Iterable[RoomState]) -> None:
        """These are on the disk as they stand here; one that has changed since is not."""
        self._dirty -= {room.id for room in written if self._rooms.get(room.id) is room}

    def _known(self, id: str) -> RoomState | None:
        room = self._rooms.get(id)
        if room is None and len(self._rooms) < MOST_ROOMS:
            room = self._rooms[id] = RoomState(id, self._clock(), self._wall())
        return room

    def _put(self, room: RoomState, sign: bool) -> None:
        if sign:
            room = replace(room, heard_s=self._clock(), heard_at=self._wall(), gone=False)
        self._rooms[room.id] = room
        self._dirty.add(room.id)

    def _seen(self, room: RoomState) -> RoomNow:
        now = self._clock()
        return RoomNow(room, room.condition(now, self._away_s), room.since(now, self._away_s))
