"""What `ambient-player doctor` says beside a player that runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from player.camera import factory
from player.camera.source import FrameSource
from player.cli import doctor
from player.config.settings.config import Config
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.interfaces.messages.playing import StatusAnswer
from player.interfaces.socket import LocalSocket
from player.status import CameraState, CameraStatus
from tests.fakes.status import perception, whole


@pytest.mark.parametrize(
    ("state", "ok", "said"),
    [
        (CameraState.LIVE, True, "device /dev/video0, used by the player that runs"),
        (CameraState.LOST, False, "it is busy. The music would follow the schedule."),
    ],
)
def test_a_camera_that_the_player_holds_is_not_opened_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: CameraState, ok: bool, said: str
) -> None:
    opened: list[CameraSettings] = []

    def busy(settings: CameraSettings) -> FrameSource:
        opened.append(settings)
        raise CameraError("it is busy.")

    monkeypatch.setattr(factory, "make_source", busy)
    held = CameraStatus(enabled=True, state=state, source="device /dev/video0")
    status = whole(perception=replace(perception(), camera=held))
    config = Config(state_dir=tmp_path)
    listening = LocalSocket(tmp_path / "control.sock", lambda _: StatusAnswer(status))
    listening.start()
    try:
        found = doctor._status(config)
    finally:
        listening.stop()
    camera = doctor._camera(config, found)
    assert (camera.ok, camera.text, bool(opened)) == (ok, said, state is not CameraState.LIVE)
    assert doctor._running(found).text == "running, playing"
