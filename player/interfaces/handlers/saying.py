"""What is spoken over the music: text into a file, and that is announced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from player.interfaces.messages.base import Done, Handler, Request
from player.interfaces.messages.playing import SayRequest
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.COMMAND)


class SayCommands:
    """speak     makes a file of a text
    announce  has a text heard from its file, and says whether it is by now

    Both raise ControlError. The thread of the command waits for them, the music does not.
    """

    def __init__(self, speak: Callable[[str], Path], announce: Callable[[str, Path], bool]) -> None:
        self._speak, self._announce = speak, announce

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {SayRequest: self._say}

    def _say(self, request: SayRequest) -> Done:
        heard = self._announce(request.text, self._speak(request.text))
        log.info("a spoken announcement")
        return Done("it is being said" if heard else "it waits for its turn")
