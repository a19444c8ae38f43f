"""`ambient-player doctor`: everything the player needs from this machine, looked at one by one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from player import models
from player.cli.printing import print_lines, say
from player.config.settings.config import Config
from player.config.settings.fleet import FleetSettings
from player.config.settings.mqtt import MqttSettings
from player.counting import counted
from player.errors import ControlError, PlayerError
from player.interfaces import socket
from player.library.demo_music import demo_folder
from player.library.scan.first_music import find_music
from player.privacy.redaction import address, redacted
from player.state import places, state_file
from player.status import CameraState
from player.system import login_session, resources
from player.system.audio_output import AudioOutput, OutputKind
from player.types import Json

LOW_DISK_BYTES = 200 * 1024**2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    text: str
    bad: bool = False
    """Whether the player cannot do its job; something that is not ok need not be bad."""

    @property
    def mark(self) -> str:
        """A sign for the terminal."""
        return "ok  " if self.ok else "BAD " if self.bad else "note"

    def record(self) -> Json:
        """The same for programs."""
        return {"name": self.name, "ok": self.ok, "bad": self.bad, "text": self.text}


def tell(findings: Iterable[Finding], as_json: bool) -> None:
    """Print them, and end the command: 1 if one is bad."""
    found = list(findings)
    if as_json:
        print_lines(each.record() for each in found)
    else:
        for each in found:
            say(redacted(f"{each.mark} {each.name:<9} {each.text}"))
    raise typer.Exit(1 if any(each.bad for each in found) else 0)


def examine(config: Config) -> Iterator[Finding]:
    """Look at sound, models, camera, music, disk and the running player, and say where the guides are."""
    status = _status(config)
    yield _libvlc()
    yield from _outputs(config)
    yield from _microphone(config)
    yield _models()
    yield from _language_model(config)
    yield _camera(config, status)
    yield from _broker(config)
    yield from _snapcast(config)
    yield _music(config)
    yield from _disk(config)
    yield Finding("docs", True, f"the guides are in {resources.ROOT / 'docs'}")
    yield _running(status)


def _libvlc() -> Finding:
    from player.playback.vlc import version  # noqa: PLC0415

    try:
        return Finding("libvlc", True, version())
    except PlayerError as error:
        return Finding("libvlc", False, str(error), bad=True)


def _outputs(config: Config) -> Iterator[Finding]:
    """Every output by the name one writes into config.yaml; the default one and the chosen one are marked."""
    from player.playback.pulse import default_sink  # noqa: PLC0415
    from player.playback.vlc import outputs  # noqa: PLC0415

    try:
        found = outputs()
    except PlayerError:
        return
    wanted = AudioOutput.parse(config.playback.output)
    default = AudioOutput(OutputKind.PULSE, default_sink() or "")
    # ALSA lists dozens of converters beside the cards; a card's name carries CARD=.
    real = [
        each for each in found if each.kind is OutputKind.PULSE or "CARD=" in each.device or each == wanted
    ]
    if not real:
        yield Finding("sound", False, "no sound device is there; it will be looked for again", bad=True)
    if (why := login_session.missing()) and wanted.needs_sound_server:
        yield Finding("sound", False, why)
    for each in real:
        marks = ["default"] * (each == default) + ["playback.output"] * (each == wanted)
        yield Finding("sound", True, f"{each}: {found[each]}" + f" ({', '.join(marks)})" * bool(marks))
    if wanted.device and wanted not in found:
        yield Finding("sound", False, f"{wanted} (playback.output) is not there now", bad=True)


def _microphone(config: Config) -> Iterator[Finding]:
    """Hear it for a moment, if the music is to follow the room's noise."""
    follow = config.playback.follow_noise
    if not follow.enabled:
        return
    from player.playback.pulse import default_sink  # noqa: PLC0415
    from player.playback.room_noise.microphone import MicrophoneProcess, heard  # noqa: PLC0415

    wanted = AudioOutput.parse(config.playback.output)
    sink = wanted.device or default_sink()
    if not sink or (not wanted.needs_sound_server and wanted.kind is OutputKind.ALSA):
        yield Finding("noise", False, "the microphone is used with PulseAudio or PipeWire alone")
        return
    name = None if follow.microphone == "auto" else follow.microphone
    problem = heard(MicrophoneProcess(), name, sink)
    yield Finding("noise", problem is None, problem or "the microphone hears the room")


def _models() -> Finding:
    try:
        names = list(models.manifest())
        for name in names:
            models.verified(name)
    except PlayerError as error:
        return Finding("models", False, str(error), bad=True)
    return Finding("models", True, f"{len(names)} files, all as in the manifest")


def _language_model(config: Config) -> Iterator[Finding]:
    """Ask it, if one is to read moods, for the mood of one sentence."""
    from player.mood.llm.client import HttpChatClient, is_local  # noqa: PLC0415
    from player.mood.llm.prompt import Prompt  # noqa: PLC0415
    from player.mood.llm.response import parse  # noqa: PLC0415

    settings = config.mood.llm
    if config.mood.reader != "llm":
        return
    host = address(settings.url)
    where = f"{settings.model} at {host}"
    if not is_local(settings.url):
        yield Finding("mood", False, f"sentences about the room leave this machine for {host}")
    messages = Prompt().messages("An old man reads in a quiet café.")
    try:
        opinion = parse(HttpChatClient(settings).complete(messages, settings.timeout_s))
    except PlayerError as error:
        yield Finding("mood", False, f"{where} {error}: the bundled reader would read moods in its place")
    else:
        yield Finding("mood", True, f"{where} answers: a quiet café is {opinion.mood}")


def _camera(config: Config, status: Json | str) -> Finding:
    """Look through it; one that the player holds is taken by it, and would not open."""
    from player.camera.factory import make_source  # noqa: PLC0415

    if not config.camera.enabled:
        return Finding("camera", True, "switched off (camera.enabled)")
    if isinstance(status, dict) and (held := status["perception"]["camera"])["state"] == CameraState.LIVE:
        return Finding("camera", True, f"{held['source']}, used by the player that runs")
    try:
        source = make_source(config.camera)
        source.open()
    except PlayerError as error:
        return Finding("camera", False, f"{error} The music would follow the schedule.")
    try:
        height, width = source.read().shape[:2]
        return Finding("camera", True, f"{source.name}, {width}x{height}")
    except PlayerError as error:
        return Finding("camera", False, str(error))
    finally:
        source.close()


def _broker(config: Config) -> Iterator[Finding]:
    """Connect to each that there is to be, beside a player that may be there."""
    brokers: tuple[tuple[str, MqttSettings | FleetSettings], ...] = (
        ("mqtt", config.mqtt),
        ("fleet", config.fleet),
    )
    for name, settings in brokers:
        if settings.enabled:
            yield _reached(name, settings)


def _said_for_a_trial(settings: MqttSettings | FleetSettings) -> str:
    """A topic at which an empty message that nobody keeps says nothing to anybody."""
    if isinstance(settings, FleetSettings):
        from player.interfaces.front.fleet.topics import FleetTopics  # noqa: PLC0415

        return FleetTopics(settings.prefix).of(settings.room, "presence")
    from player.interfaces.front.mqtt.run import topics_of  # noqa: PLC0415

    return topics_of(settings).state("doctor")


def _reached(name: str, settings: MqttSettings | FleetSettings) -> Finding:
    from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker  # noqa: PLC0415
    from player.interfaces.front.mqtt.broker import BrokerError  # noqa: PLC0415

    async def reach() -> None:
        async with AiomqttBroker(settings, "ambient-player-doctor", name).connect() as connection:
            await connection.publish(_said_for_a_trial(settings), b"", retain=False)

    try:
        asyncio.run(reach())
    except BrokerError as error:
        return Finding(name, False, str(error))
    where = f"{settings.host}, port {settings.port}"
    return Finding(name, True, f"the broker at {where} takes the player")


def _snapcast(config: Config) -> Iterator[Finding]:
    """Ask the snapserver, if there is to be one, whether anybody plays the stream."""
    if not config.snapcast.enabled:
        return
    from player.interfaces.front.snapcast.server import SnapcastError, condition  # noqa: PLC0415
    from player.interfaces.front.snapcast.service import wrong_with  # noqa: PLC0415

    try:
        found = asyncio.run(condition(config.snapcast))
    except SnapcastError as error:
        yield Finding("snapcast", False, str(error), bad=True)
        return
    wrong = wrong_with(found, config.snapcast.stream)
    heard = f"{counted(found.heard, 'client')} can be heard, of {found.clients} that are connected"
    yield Finding("snapcast", wrong is None, wrong or f"the stream {config.snapcast.stream}: {heard}")


def _music(config: Config) -> Finding:
    folders = config.library.folders
    where = ", ".join(map(str, folders)) or "no folder is configured (library.folders)"
    try:
        if folders and find_music(folders) is not None:
            return Finding("music", True, where)
    except OSError as error:
        where = f"{error.filename or where} cannot be opened ({error.strerror})"
    demo = demo_folder()
    if demo is None:
        return Finding("music", False, f"{where}: no music, and the demo music is not installed", bad=True)
    return Finding("music", not folders, f"{where}: the demo music plays ({demo})")


def _disk(config: Config) -> Iterator[Finding]:
    try:
        folder: Path = state_file.state_dir(config)
    except PlayerError as error:
        yield Finding("disk", False, f"{error} Until then the player forgets what it learns.")
        return
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB free for {folder}"
    yield Finding("disk", free > LOW_DISK_BYTES, text)
    if problem := state_file.open_to_others(folder):
        yield Finding("state", False, problem)


def _status(config: Config) -> Json | str:
    """How the player is that runs, or why there is no saying."""
    try:
        return socket.send(socket.of_player(places.sockets(config)), "status", timeout_s=5)
    except ControlError as error:
        return str(error)


def _running(status: Json | str) -> Finding:
    if isinstance(status, str):
        return Finding("player", False, status)
    return Finding("player", True, f"running, {status['playback']['state']}")
