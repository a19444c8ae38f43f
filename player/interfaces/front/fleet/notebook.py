"""What a room remembers of its fleet over a restart or a power cut: a small file beside its state."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from player.interfaces.front.fleet.messages import RoomAnswer, RoomCommand
from player.log import EventLog, LogEvent
from player.privacy import private_files
from player.types import json_text

log = EventLog(__name__, LogEvent.FLEET)

NAME = "fleet.json"
BEGUN = "It was begun before a restart, and nobody knows whether it was done."
MOST_COMMANDS = 1000


@dataclass
class Notes:
    """Everything in it.

    room        whose notes these are: another room begins anew
    revision    the newest that was tried, 0 for none
    problem     why it was refused; None if it is applied
    applied     the newest revision that is applied
    taken       the number of the last play that the hub has, 0 for none
    taken_at    when that began, as the history says it
    commands    until when each command of late would have been valid, whether it was done, and the answer
    """

    room: str = ""
    revision: int = 0
    problem: str | None = None
    applied: int = 0
    taken: int = 0
    taken_at: str = ""
    commands: dict[str, tuple[float, bool, str]] = field(default_factory=dict)


class Notebook:
    """Kept in a folder; None keeps it in memory alone."""

    def __init__(self, folder: Path | None, room: str) -> None:
        self._path = folder / NAME if folder else None
        self._said: str | None = ""
        self.notes = self._read(room)

    def tried(self, revision: int, problem: str | None) -> None:
        """A revision was applied, or refused with this problem."""
        self.notes.revision, self.notes.problem = revision, problem
        if problem is None:
            self.notes.applied = revision
        self._write()

    def taken(self, number: int, started_at: str) -> None:
        """The hub has all plays up to this one."""
        self.notes.taken, self.notes.taken_at = number, started_at
        self._write()

    def answered(self, id: str) -> RoomAnswer | None:
        """What was answered to a command; None for one that has not come yet."""
        found = self.notes.commands.get(id)
        return RoomAnswer(id, found[1], found[2]) if found else None

    def begin(self, command: RoomCommand, now: float) -> bool:
        """Note, before it is carried out, that a command has come. False if that cannot be kept."""
        held = {id: each for id, each in self.notes.commands.items() if each[0] > now}
        while len(held) >= MOST_COMMANDS:
            del held[next(iter(held))]
        self.notes.commands = {**held, command.id: (command.expires_at, False, BEGUN)}
        return self._write()

    def finish(self, answer: RoomAnswer) -> None:
        """Note what has become of it."""
        expires_at = self.notes.commands[answer.id][0]
        self.notes.commands[answer.id] = (expires_at, answer.done, answer.said)
        self._write()

    def _read(self, room: str) -> Notes:
        if self._path is not None:
            try:
                held: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
                held["commands"] = {id: (*each,) for id, each in held["commands"].items()}
                notes = Notes(**held)
                if notes.room == room:
                    return notes
            except FileNotFoundError:
                pass
            except (OSError, ValueError, TypeError, KeyError, AttributeError):
                # All that is lost: plays are sent once more, and the hub knows them.
                log.warning("%s cannot be read and starts over; the hub is told everything again", self._path)
        return Notes(room=room)

    def _write(self) -> bool:
        if self._path is None:
            return True
        try:
            private_files.replace(self._path, json_text(asdict(self.notes)))
        except OSError as error:
            if error.strerror != self._said:
                log.error("%s cannot be written (%s); make room on its disk", self._path, error.strerror)
            self._said = error.strerror
            return False
        self._said = ""
        return True
