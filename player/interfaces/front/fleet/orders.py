"""What the hub may have a room do: some commands with what each takes, and some of its settings."""

from __future__ import annotations

from player.config.house_rules import others
from player.errors import ArgumentError, ErrorCode
from player.interfaces.command_table import read_request
from player.interfaces.front.fleet.messages import Desired, MessageError, RoomAnswer, RoomCommand, shortened
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.player_client import PASSING, PlayerClient, PlayerRefusal
from player.log import EventLog, LogEvent
from player.types import Json

log = EventLog(__name__, LogEvent.FLEET)

COMMANDS = ("pause", "resume", "next", "volume", "pin", "unpin", "night")
TOO_LATE = "It came too late: it was valid until before now by this room's clock."
NO_NOTES = "The room cannot keep that the command has come (its disk), so it is not carried out."


def check_settings(settings: Json) -> None:
    """Raises MessageError for what is not the hub's to set."""
    if (found := next(others(settings), None)) is not None:
        from player.config.document import dotted  # noqa: PLC0415 - with it comes YAML, which few fronts need

        at, said = found
        raise MessageError(f"{dotted(at)}: {said}")


class Orders:
    """Carries out what comes from the hub; the notebook keeps what was done."""

    def __init__(self, client: PlayerClient, notebook: Notebook) -> None:
        self._client, self._notebook = client, notebook
        self.obstacle: str | None = None
        """Why the settings that were tried last cannot be taken over yet, where somebody has to mend it."""

    async def obey(self, command: RoomCommand, now: float) -> RoomAnswer:
        """Carry a command out, once; one that comes again is answered again."""
        if (known := self._notebook.answered(command.id)) is not None:
            return known
        if command.command not in COMMANDS:
            return RoomAnswer(
                command.id, False, f"A room takes no such command; it takes {', '.join(COMMANDS)}."
            )
        try:
            request = read_request(command.command, None, command.arguments)
        except ArgumentError as error:
            return RoomAnswer(command.id, False, shortened(str(error), 2000) or "refused")
        if now > command.expires_at:
            return RoomAnswer(command.id, False, TOO_LATE)
        if not self._notebook.begin(command, now):
            return RoomAnswer(command.id, False, NO_NOTES)
        answer = await self._give(command, request.as_json())
        self._notebook.finish(answer)
        return answer

    async def _give(self, command: RoomCommand, arguments: Json) -> RoomAnswer:
        try:
            said = (await self._client.command(command.command, arguments)).get("message", "done")
        except PlayerRefusal as error:
            log.warning("the hub's command %s was refused: %s", command.command, error.detail)
            return RoomAnswer(command.id, False, shortened(error.detail, 2000) or "refused")
        log.info("%s (from the hub, by %s)", said, command.who)
        return RoomAnswer(command.id, True, shortened(str(said), 2000) or "done")

    async def apply(self, desired: Desired) -> bool:
        """Take over the settings, all of them or none. False if the fault is not in them: try again."""
        if desired.revision == self._notebook.notes.revision:
            return True
        problem = None
        try:
            check_settings(desired.settings)
            if desired.settings:
                await self._client.command("config_write", {"changes": desired.settings})
        except MessageError as error:
            problem = str(error)
        except PlayerRefusal as error:
            if error.code in PASSING:
                return False
            obstacle = error.detail if error.code == ErrorCode.DISK else await self._own_mistake()
            if obstacle is not None:
                self._wait_for(shortened(obstacle, 2000))
                return False
            problem = error.detail
        self.obstacle = None
        if problem is None:
            log.info("the hub's settings, revision %s by %s, are taken over", desired.revision, desired.who)
        else:
            log.warning("the hub's settings, revision %s, are refused: %s", desired.revision, problem)
        self._notebook.tried(desired.revision, shortened(problem, 2000))
        return True

    async def _own_mistake(self) -> str | None:
        """What is wrong in the room's own config.yaml, with which no settings fit; None if nothing is."""
        try:
            found = (await self._client.command("config", {})).get("problems")
        except PlayerRefusal:
            return None
        return f"The room's own config.yaml has a mistake: {found[0]}" if found else None

    def _wait_for(self, obstacle: str | None) -> None:
        if obstacle != self.obstacle:
            log.warning("the hub's settings cannot be taken over yet, and are tried again: %s", obstacle)
        self.obstacle = obstacle
