"""What a fleet's topics are called: PREFIX/rooms/ID/KIND."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROOM = re.compile("[A-Za-z0-9_-]{1,64}")
"""The id of one."""


@dataclass(frozen=True, slots=True)
class FleetTopics:
    """Those below fleet.prefix."""

    prefix: str

    def of(self, room: str, kind: str) -> str:
        """Where messages of a kind are, for one room; "+" is any."""
        return f"{self.prefix}/rooms/{room}/{kind}"

    def read(self, topic: str) -> tuple[str, str] | None:
        """The room and the kind of a topic; None if it is none of the fleet's."""
        parts = topic.removeprefix(f"{self.prefix}/rooms/").split("/")
        is_ours = topic.startswith(f"{self.prefix}/rooms/") and len(parts) == 2 and ROOM.fullmatch(parts[0])
        return (parts[0], parts[1]) if is_ours else None
