"""What a restart or a power cut finds again.

Some of it changes all the time: where in its track the music is, how the room has been. A file that takes
the name of another costs a memory card some 70 KB, whatever it holds. So `state.json` is written when a track
begins, after a command, and else seldom; every few seconds the newest state goes into a file in memory, which
outlives the process but not the machine.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from player.config.precedence import Asked
from player.log import EventLog, LogEvent
from player.state import places, state_file
from player.types import Json, NightMode, is_utf8

log = EventLog(__name__, LogEvent.STATE)

SAVE_S = 5.0
"""The state is kept this often: after a crash the music goes on at most this far from where it was."""
KEEP_S = 300.0
"""On the disk this often, if neither a track nor a command comes first: what a power cut costs at most."""
FOLLOWS = "follows"
"""Key in the file in memory: which `state.json` it goes on from, by the hash of what that says."""
AGES = ("at", "saved_at", "read_s", "held_s", "left_s")
"""Keys in the room's state that say how long ago something was."""
SOON_S = 0.5
"""A command is obeyed by then; and so many commands as there may be in this time cost one writing."""


@dataclass(frozen=True, slots=True)
class SavedState:
    """What `state.json` said, each value checked: what makes no sense counts as not remembered."""

    path: Path | None = None
    """The track that played ..."""
    position_s: float = 0.0
    """... and how far it had come."""
    coming: Path | None = None
    """The track that had been chosen to follow it."""
    paused: bool = False
    volume: int | None = None
    """As it was set, and below the settings at that time."""
    configured: Asked | None = None
    configured_camera: bool | None = None
    configured_nights: str | None = None
    camera_on: bool = True
    night: NightMode | None = None
    """As it was set by command, if it was."""
    room: Json = field(default_factory=dict)
    open_by_hand: float | None = None
    """Until when it may play although the venue is closed, in seconds since 1970."""
    saved_at: float | None = None
    """When all this was so, in seconds since 1970."""
    restarted_at: tuple[float, ...] = ()
    """When the watchdog restarted the process, on the monotonic clock, which outlives it."""

    @classmethod
    def of(cls, said: Json) -> SavedState:
        """Read a state, which may hold anything."""
        return cls(
            path=_path(said.get("path")),
            position_s=_number(said.get("position_s"), 0.0, 1e6) or 0.0,
            coming=_path(said.get("coming")),
            paused=said.get("paused") is True,
            volume=_percent(said.get("volume")),
            configured=_asked(said),
            configured_camera=on if isinstance(on := said.get("configured_camera"), bool) else None,
            configured_nights=when if isinstance(when := said.get("configured_nights"), str) else None,
            camera_on=said.get("camera_on") is not False,
            night=NightMode(night) if (night := said.get("night")) in list(NightMode) else None,
            open_by_hand=_number(said.get("open_by_hand"), 0, 1e12),
            saved_at=_number(said.get("saved_at"), 0, 4e9),
            restarted_at=_moments(said.get("restarted_at")),
            room=room if isinstance(room := said.get("room"), dict) else {},
        )


def _news(value: Any) -> Any:
    """A state without what changes by the mere passing of time: a card need not be written for that."""
    if not isinstance(value, dict):
        return value
    return {key: _news(each) for key, each in value.items() if key not in AGES}


def _number(value: Any, least: float, most: float) -> float | None:
    """A number in a range, or None; JSON may hold one of so many digits that no float is as large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if least <= value <= most else None


def _moments(value: Any) -> tuple[float, ...]:
    """The numbers of a list that are moments on the monotonic clock."""
    if not isinstance(value, list):
        return ()
    return tuple(moment for each in value[:100] if (moment := _number(each, 0.0, 1e10)) is not None)


def _percent(value: Any) -> int | None:
    number = _number(value, 0, 100)
    return None if number is None else round(number)


def _asked(said: Json) -> Asked | None:
    general, part = _percent(said.get("configured_volume")), said.get("configured_part")
    if general is None:
        return None
    return Asked(general, part if isinstance(part, str) else "", _percent(said.get("configured_part_volume")))


def _path(value: Any) -> Path | None:
    """A path that a file can have, or None."""
    possible = isinstance(value, str) and value and "\0" not in value and is_utf8(value)
    return Path(value) if possible else None


NOTHING_REMEMBERED = SavedState()


def load(path: Path, newest: Path | None) -> Json:
    """What was remembered last: in memory, if that goes on from what is on the disk; {} if nothing was.

    After a restart of the machine, or where somebody has put another `state.json` there, the latter counts.
    """
    kept = state_file.load(path)
    if newest is None or not newest.is_file():
        return kept
    said = state_file.load(newest)
    return said if kept and said.get(FOLLOWS) == _mark(path) else kept


def _mark(path: Path) -> str | None:
    """Tells contents of a file apart; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


class StateStore:
    """Writes the state on a thread of its own, so that a slow card or a full disk holds up nobody."""

    def __init__(
        self,
        path: Path,
        snapshot: Callable[[], Json],
        before: SavedState = NOTHING_REMEMBERED,
        newest: Path | None = None,
    ) -> None:
        """`snapshot` gives what is to be remembered, as JSON.

        If it knows no track (none has begun yet, nothing can be heard), the last place is kept: at first
        the one of `before`. `newest` is a file in memory for what changes all the time; without one, all
        of it goes to the disk.
        """
        self._path, self._snapshot, self._newest = path, snapshot, newest
        self._place: Json = {
            "path": before.path and str(before.path),
            "position_s": before.position_s,
            "coming": before.coming and str(before.coming),
        }
        self._saving = threading.Lock()
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._saved: Json | None = None
        self._saved_at = -math.inf
        self._noted: Json | None = None
        self._mark: str | None = None
        self._trouble = False
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def start(self) -> None:
        """Save from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End, and save a last time."""
        self._stopping.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        self.save()
        if self._newest is not None and not self._trouble:
            with suppress(OSError):
                self._newest.unlink(missing_ok=True)

    def changed(self) -> None:
        """Something was changed that has to be on the disk soon. From any thread; returns at once."""
        self._changed.set()

    def save(self) -> None:
        """Write down what a restart needs; trouble with the disk is said once and harms nothing else."""
        with self._saving:
            self._saved_at = -math.inf
            now = self._now()
            news = _news(now)
            if news == self._saved and self._path.exists():
                self._saved_at = monotonic()
                return
            try:
                state_file.save(self._path, now)
            except OSError as error:
                if not self._trouble:
                    log.warning("the state cannot be saved (%s): a restart would forget it", error)
                self._trouble, self._saved = True, None
                self._keep_in_memory(now)  # what a restart of the process alone then still finds
                return
            if self._trouble:
                log.info("the state can be saved again")
            self._trouble, self._saved, self._noted = False, news, news
            self._mark, self._saved_at = _mark(self._path), monotonic()

    def note(self) -> None:
        """Keep in memory what a process that is killed needs; on the disk if that is due or the only way."""
        if self._newest is None or monotonic() - self._saved_at >= KEEP_S:
            self.save()
            return
        with self._saving:
            now = self._now()
            if _news(now) == self._noted or self._keep_in_memory(now):
                return
        self.save()

    def _keep_in_memory(self, now: Json) -> bool:
        """Whether that worked."""
        if self._newest is None:
            return False
        try:
            places.make_private(self._newest.parent)  # its user's logout may have taken it
            state_file.save(self._newest, {**now, FOLLOWS: self._mark or _mark(self._path)})
        except OSError:
            log.debug("the newest state cannot be kept in memory", exc_info=True)
            return False
        self._noted = _news(now)
        return True

    def _now(self) -> Json:
        now = self._snapshot()
        if now.get("path") is None:
            now |= self._place
        self._place = {key: now.get(key) for key in self._place}
        return now

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._changed.wait(SAVE_S):
                    self._stopping.wait(SOON_S)
                    self._changed.clear()
                    self.save()
                else:
                    self.note()
            except Exception:
                log.exception("the state could not be saved; it is tried again")
