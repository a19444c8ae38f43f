"""Setting the player up: what is set, what is there, and a sound to try it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from player.errors import ControlError
from player.interfaces import machine_search, test_sound
from player.interfaces.machine_search import MachineSearch
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.setup import (
    FoldersAnswer,
    FoldersRequest,
    SetupAnswer,
    SetupRequest,
    SoundTestAnswer,
    SoundTestRequest,
)
from player.log import EventLog, LogEvent
from player.types import Json

log = EventLog(__name__, LogEvent.COMMAND)

STEPS: Mapping[str, Sequence[str]] = {
    "output": ("playback.output",),
    "camera": ("camera.source", "camera.enabled"),
    "folders": ("library.folders",),
    "range": ("mood.valence", "mood.energy"),
}
"""The settings of each step."""


class SetupCommands:
    """For the owner.

    config  what config.yaml says, with defaults and without passwords, and the keys that stand in it.
            Raises PlayerError
    output  the one that is in use
    say     has a file announced: whether it is heard already. Raises ControlError
    folder  has the player's state
    blip    whether BLIP is not there and there is room for it
    """

    def __init__(
        self,
        config: Callable[[], tuple[Json, tuple[str, ...]]],
        output: Callable[[], str],
        say: Callable[[str], bool],
        folder: Path,
        blip: Callable[[], bool],
        search: MachineSearch | None = None,
    ) -> None:
        self._config, self._output, self._say, self._folder = config, output, say, folder
        self._blip, self._search = blip, search or MachineSearch()

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            SetupRequest: self._setup,
            FoldersRequest: self._folders,
            SoundTestRequest: self._test_sound,
        }

    def _setup(self, _: SetupRequest) -> SetupAnswer:
        values, given = self._config()
        held = [step for step, keys in STEPS.items() if any(_is_under(key, given) for key in keys)]
        mood, camera = values["mood"], values["camera"]
        return SetupAnswer(
            given=tuple(held),
            output=values["playback"]["output"],
            camera=str(camera["source"]),
            camera_on=camera["enabled"],
            folders=tuple(map(str, values["library"]["folders"])),
            valence=_range(mood["valence"]),
            energy=_range(mood["energy"]),
            outputs=self._search.outputs(),
            cameras=machine_search.cameras(),
            found_folders=self._search.music(),
            blip=values["vision"]["reader"] == "auto" and self._blip(),
        )

    def _folders(self, request: FoldersRequest) -> FoldersAnswer:
        return self._search.folders(Path(request.path) if request.path else Path.home())

    def _test_sound(self, request: SoundTestRequest) -> SoundTestAnswer:
        present = self._output()
        if request.output not in (None, present):
            raise ControlError(
                f"the sound can only come from the output that the music uses ({present}):"
                " choose the other one first, the music goes over to it at once."
            )
        try:
            file = test_sound.written(self._folder)
        except OSError as error:
            raise ControlError(f"the test sound cannot be written ({error.strerror}).") from error
        heard = self._say(str(file))
        message = "you hear the test sound" if heard else "the test sound waits for its turn"
        log.info("%s", "a test sound is played")
        return SoundTestAnswer(f"{message}; if not, look at the amplifier or choose another output", present)


def _is_under(key: str, given: Sequence[str]) -> bool:
    return any(each == key or each.startswith((f"{key}.", f"{key}[")) for each in given)


def _range(ends: Sequence[float]) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])
