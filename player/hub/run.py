"""The hub's process: at its broker, with its page, until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

from player.config.settings.hub import HubSettings
from player.errors import StateError
from player.hub.hub import Hub
from player.hub.storage.store import Store
from player.interfaces.front.fleet.pace import KEEPALIVE_S, PACE, Pace
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker
from player.interfaces.front.tasks import end, run_loop
from player.interfaces.recent_log import RecentLog
from player.log import EventLog, LogEvent
from player.privacy import private_files
from player.privacy.redaction import learn
from player.system import resources

log = EventLog(__name__, LogEvent.FLEET)

CLIENT = "ambient-hub"
MOST_WAITING = 20_000
"""Messages: as many as all rooms may say while a disk is slow."""


def state_folder(settings: HubSettings) -> Path:
    """Where the hub keeps what it knows, created for its user alone. Raises StateError."""
    try:
        folder = settings.state_dir or resources.user_folder("XDG_STATE_HOME", "~/.local/state") / "hub"
        private_files.make_folder(folder)
    except RuntimeError as error:
        raise StateError("there is no home folder to keep the state in; set state_dir.") from error
    except OSError as error:
        raise StateError(
            f"the folder {error.filename} cannot be made ({error.strerror}); set state_dir."
        ) from error
    return folder


def make_hub(settings: HubSettings, folder: Path, pace: Pace = PACE, keepalive_s: int = KEEPALIVE_S) -> Hub:
    """A hub with what it knows from before. Raises StateError."""
    learn({"password": settings.broker.password})
    broker = AiomqttBroker(settings.broker, CLIENT, "broker", keepalive_s, MOST_WAITING)
    return Hub(broker, FleetTopics(settings.prefix), Store(folder), pace)


async def serve(hub: Hub, settings: HubSettings, folder: Path) -> None:
    """Run until cancelled; then what is known of the rooms is on the disk."""
    recent = RecentLog()
    logging.getLogger("player").addHandler(recent)
    tasks = [asyncio.ensure_future(hub.run())]
    if settings.web.enabled:
        from player.hub.web.server import serve_page  # noqa: PLC0415

        tasks.append(asyncio.ensure_future(serve_page(hub, settings.web, folder, recent)))
    try:
        await asyncio.gather(*tasks)
    finally:
        await end(tasks)
        hub.close()
        logging.getLogger("player").removeHandler(recent)


def run(settings: HubSettings) -> None:
    """Run until SIGTERM or SIGINT. Raises PlayerError."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    folder = state_folder(settings)
    hub = make_hub(settings, folder)

    async def until_told() -> None:
        loop, serving = asyncio.get_running_loop(), asyncio.current_task()
        assert serving is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, serving.cancel)
        await serve(hub, settings, folder)

    log.info("the hub keeps what it knows in %s", folder)
    try:
        run_loop(until_told())
    except asyncio.CancelledError:
        log.info("the hub has ended")
