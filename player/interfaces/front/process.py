"""The front as seen from the daemon: a child process that is started, watched and replaced.

Nothing of it is heard: whatever becomes of it, the music plays, and status and log say what is wrong.
"""

from __future__ import annotations

import json
import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from player.config.settings.front import FrontSettings
from player.interfaces.front.mdns import names
from player.interfaces.front.mpris import session_bus
from player.log import EventLog, LogEvent, event
from player.status import FrontStatus, MqttState, MqttStatus, SnapcastStatus
from player.system import child_process
from player.system.backoff import BackOff
from player.types import Json

log = EventLog(__name__, LogEvent.WEB)

CHILD = child_process.module_command("player.interfaces.front.child")
RESPAWN_S, RESPAWN_MAX_S = 0.5, 15.0
"""The first replacement comes at once, the next after so long, then ever more slowly."""
STEADY_S = 30.0
"""A process that has lived so long does not count as one more in a row of failures."""
HANG_S = 20.0
"""It gives a sign of life every 5 s; one that has not for so long hangs, or does not come up."""
ANSWERS_S = 0.5
"""So long it goes on after its settings have changed."""
END_S = 1.0
"""So long it may take to end."""
NO_SOCKET = "There is no control socket: the page and the API have nobody to ask."
UP, DOWN = "The player can be reached at %s", "The page and the API cannot be reached: %s"
OTHERS_DOWN = "Other programs and the desktop cannot reach the player: %s"
"""... where there is no page."""


NO_BROKER = MqttStatus(MqttState.OFF, None)
NOT_ASKED = SnapcastStatus(None, None)


class FrontProcess:
    """One child process, from `start` to `stop`, on a thread of its own.

    folder     has the player's state
    command    the program and its arguments
    passwords  the folder of the page's passwords; None is `folder`
    """

    def __init__(
        self,
        settings: FrontSettings,
        folder: Path,
        command: Sequence[str] = CHILD,
        clock: Callable[[], float] = time.monotonic,
        passwords: Path | None = None,
    ) -> None:
        self._settings, self._folder, self._passwords = settings, folder, passwords or folder
        self._command, self._clock = tuple(command), clock
        self._socket: Path | None = None
        self._lock = threading.Lock()
        self._again = threading.Event()
        self._stopping = False
        self._process: child_process.Process | None = None
        self._address: str | None = None
        self._problem: str | None = None
        self._trouble: str | None = None
        self._broker, self._snapcast = NO_BROKER, NOT_ASKED
        self._said = ""
        self._back_off = BackOff(RESPAWN_S, RESPAWN_MAX_S, free=1)
        self._thread: threading.Thread | None = None

    def start(self, socket: Path | None) -> None:
        """Start it, as a client of this control socket."""
        self._socket = socket
        self._thread = threading.Thread(target=self._run, name="front", daemon=True)
        self._thread.start()

    def configure(self, settings: FrontSettings) -> None:
        """Another port, for one: the process is replaced, where anything has changed."""
        with self._lock:
            old, self._settings = self._settings, settings
            if _served(settings) == _served(old):
                return
        self._back_off.worked()
        if self.pid is None:
            self._replace()
            return
        # Who has changed it over the API is answered by the process that is there.
        later = threading.Timer(ANSWERS_S, self._replace)
        later.daemon = True
        later.start()

    def check(self, settings: FrontSettings) -> None:
        """Whether it could be reached with these settings. Raises ControlError, in one sentence."""
        from player.interfaces.front import listening  # noqa: PLC0415 - who edits may wait

        listening.check_change(self._settings.web, settings.web, self._passwords)

    def stop(self) -> None:
        """End it for good."""
        self._stopping = True
        self._replace()
        if self._thread is not None:
            self._thread.join(3 * END_S)

    def status(self) -> FrontStatus:
        """Whether it can be reached, and where."""
        return FrontStatus(
            self._address is not None,
            self._address,
            self._problem or self._trouble,
            self._broker,
            self._snapcast,
        )

    @property
    def pid(self) -> int | None:
        """The process id, None while there is no process."""
        process = self._process
        return process.pid if process is not None else None

    def _replace(self) -> None:
        self._again.set()
        with self._lock:
            if self._process is not None:
                _hang_up(self._process)

    def _run(self) -> None:
        while not self._stopping:
            self._again.clear()
            with self._lock:
                settings = self._settings
            if not _is_wanted(settings):
                self._address = self._problem = self._trouble = None
                self._again.wait()
            elif self._socket is None:
                self._fail(NO_SOCKET)
                self._again.wait()
            else:
                self._again.wait(self._live(settings, self._socket))

    def _live(self, settings: FrontSettings, socket: Path) -> float:
        """One process from its start to its end; returns how long to wait before the next one."""
        started_at = self._clock()
        try:
            process = child_process.start(self._command, own_session=True)
        except OSError as error:  # no memory, no process slots: both pass
            self._fail(f"no process can be started ({error.strerror}).")
            return self._back_off.failed(self._clock())
        with self._lock:
            self._process = process
            if self._again.is_set():  # told between the settings' reading and now
                _hang_up(process)
        orders = {
            **settings.model_dump(mode="json"),
            "socket": str(socket),
            "folder": str(self._folder),
            "passwords": str(self._passwords),
        }
        reason = self._watch(process, json.dumps(orders).encode() + b"\n")
        self._address, self._broker, self._snapcast = None, NO_BROKER, NOT_ASKED
        with self._lock:
            self._process = None
        self._end(process)
        if self._stopping or self._again.is_set():
            return 0.0
        self._fail(reason)
        if self._clock() - started_at > STEADY_S:
            self._back_off.worked()
        return self._back_off.failed(self._clock())

    def _watch(self, process: child_process.Process, orders: bytes) -> str:
        """Follow it to its end; returns what was wrong with it."""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, ValueError):  # gone already, or hung up: its output says so
            process.stdin.write(orders)
            process.stdin.flush()
        unread, reason = b"", "its process ended; it is restarted."
        while select.select([process.stdout], [], [], HANG_S)[0]:
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return reason
            *lines, unread = (unread + data).split(b"\n")
            for line in lines:
                with suppress(ValueError):  # half a line of one that was killed
                    reason = self._hear(json.loads(line)) or reason
        return "its process hung; it is restarted."

    def _hear(self, said: Json) -> str | None:
        """Take in what the process says; returns why it will end, if it says that."""
        match said:
            case {"say": "ready", "address": address}:
                self._address, self._problem, self._said = address, None, ""
                if address:
                    log.info(UP, address, extra=event(LogEvent.WEB, address=address))
            case {"say": "mqtt", "state": state, "problem": problem}:
                self._broker = MqttStatus(MqttState(state), problem)
            case {"say": "snapcast", "players": players, "problem": problem}:
                self._snapcast = SnapcastStatus(players, problem)
            case {"say": "alive", "trouble": trouble}:
                if trouble and trouble != self._trouble:
                    log.error("%s", trouble)
                self._trouble = trouble
            case {"say": "log", "level": level, "message": message, "event": about}:
                severity = {"INFO": 20, "WARNING": 30}.get(level, 40)
                log.log(severity, "%s", message, extra=event(LogEvent(about)))
            case {"say": "refused", "reason": reason}:
                self._fail(str(reason))
            case {"say": "fatal", "reason": reason}:
                return str(reason)
        return None

    def _fail(self, reason: str) -> None:
        """Say what is wrong, once as long as it is the same."""
        down = DOWN if self._settings.web.enabled else OTHERS_DOWN
        self._problem = down % reason
        if reason != self._said:
            self._said = reason
            log.warning(down, reason)

    def _end(self, process: child_process.Process) -> None:
        _hang_up(process)
        if not child_process.wait(process, END_S):
            process.kill()
            child_process.wait(process, END_S)
        child_process.close_pipes(process)


def _is_wanted(settings: FrontSettings) -> bool:
    """Whether there is anything for it to do."""
    ways = (settings.web, settings.mqtt, settings.mpd, settings.fleet, settings.snapcast)
    return any(way.enabled for way in ways) or _has_desktop(settings)


def _has_desktop(settings: FrontSettings) -> bool:
    return settings.mpris.enabled and session_bus.is_possible(os.environ)


def _served(settings: FrontSettings) -> FrontSettings:
    """What of them makes a difference: a page whose venue is renamed goes on, if nobody is told the name."""
    if not settings.web.enabled:
        settings = settings.model_copy(update={"timezone": None})
    tells = (
        settings.mqtt.enabled
        or settings.fleet.enabled
        or names.is_announced(settings.web)
        or _has_desktop(settings)
    )
    return settings if tells else settings.model_copy(update={"name": ""})


def _hang_up(process: child_process.Process) -> None:
    """It ends when its standard input does."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
