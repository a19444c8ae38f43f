"""The player itself: its status, its camera, its config."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from player.interfaces.messages.base import Done, Handler, Request
from player.interfaces.messages.playing import (
    CameraRequest,
    OnOff,
    ReloadAnswer,
    ReloadRequest,
    StatusAnswer,
    StatusRequest,
)
from player.log import EventLog, LogEvent
from player.status import PlayerStatus

log = EventLog(__name__, LogEvent.COMMAND)


class HouseCommands:
    """Status, camera and reload.

    status         all that the player knows about itself
    enable_camera  uses the camera, or releases it
    reload         reads the config again; returns the sections that have changed. Raises PlayerError
    """

    def __init__(
        self,
        status: Callable[[], PlayerStatus],
        enable_camera: Callable[[bool], None],
        reload: Callable[[], Sequence[str]],
    ) -> None:
        self._status, self._enable_camera, self._reload = status, enable_camera, reload

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            StatusRequest: lambda _: StatusAnswer(self._status()),
            CameraRequest: self._camera,
            ReloadRequest: self._read_config_again,
        }

    def _camera(self, request: CameraRequest) -> Done:
        self._enable_camera(request.state is OnOff.ON)
        message = f"camera {request.state}"
        log.info("%s", message)
        return Done(message)

    def _read_config_again(self, _: ReloadRequest) -> ReloadAnswer:
        changed = tuple(self._reload())
        said = f"changed: {', '.join(changed)}" if changed else "nothing has changed"
        return ReloadAnswer(f"config.yaml was read again; {said}", changed)
