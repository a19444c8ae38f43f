"""The real player in a process of its own, its log read line by line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from player.errors import ControlError
from player.interfaces import socket
from player.types import Json
from tests.support.processes import children
from tests.support.quiet import limits
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]

QUICK: Json = {
    "camera": {"source": "demo", "photo_s": 3600},
    "gate": {"interval_s": 0.5},
    "mood": {"half_life_s": 1, "baseline_hours": 0, "shift": {"dwell_s": 2, "cooldown_s": 3}},
    "playback": {"shift_fade_s": 3, "crossfade_s": 3, "output": "pulse", "start_volume": 100},
    "choice": {"seed": 1, "variety": 0},
    "web": {"enabled": False},
    "mpris": {"enabled": False},
    "library": {"busy_percent": 100},
}
"""Settings with which a shift takes seconds, not minutes, the analysis waits for no other test, and
no desktop sees the player."""


def merged(base: Json, changes: Mapping[str, Any]) -> Json:
    """`base` with nested `changes`."""
    result = dict(base)
    for key, value in changes.items():
        result[key] = merged(result.get(key, {}), value) if isinstance(value, Mapping) else value
    return result


class Daemon:
    """`ambient-player` as a user runs it; a context manager that leaves no process behind."""

    def __init__(
        self,
        folder: Path,
        changes: Mapping[str, Any],
        env: Mapping[str, str],
        command: tuple[str, ...] = ("run",),
        root: Path = ROOT,
        behind: tuple[str, ...] = (),
    ) -> None:
        """`behind`: a command that turns into one that runs the player as its only child, strace for one."""
        folder.mkdir(exist_ok=True)
        self.config = folder / "config.yaml"
        values = merged(QUICK, {"state_dir": str(folder / "state"), **changes})
        self.config.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        self.socket = folder / "state" / "control.sock"
        self.events: list[Json] = []
        self.other_lines: list[str] = []
        self._behind = bool(behind)
        self._has_listened = False
        self._arguments = [
            *behind,
            sys.executable,
            "-m",
            "player",
            *command,
            "--config",
            str(self.config),
            "--log-json",
        ]
        path = os.pathsep.join([str(root), *filter(None, [env.get("PYTHONPATH")])])
        self._env = {**os.environ, **env, "PYTHONPATH": path}
        self._cwd = root
        self._news = threading.Condition()

    def listen(self) -> None:
        """Let its library listen to all tracks before it starts: while it plays, that waits for all else."""
        words = [sys.executable, "-m", "player", "library", "analyze", "--config", str(self.config)]
        subprocess.run(words, cwd=ROOT, check=False, capture_output=True)  # 1 where one cannot be read

    def __enter__(self) -> Daemon:
        self.started_at = time.time()
        self.process = subprocess.Popen(
            self._arguments, stderr=subprocess.PIPE, env=self._env, cwd=self._cwd, encoding="utf-8"
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.kill(self._player_pid(), signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self._reader.join(10)

    def _player_pid(self) -> int:
        """The player's own: strace does not hand a signal on."""
        pid = self.process.pid
        behind = children(pid) if self._behind else []
        return behind[0] if behind else pid

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                try:
                    self.events.append(json.loads(line))
                except ValueError:
                    self.other_lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def wait_for(self, kind: str, timeout_s: float = 60, after: Json | None = None, **fields: Any) -> Json:
        """The first event of a kind with these fields that follows event `after`; fails the test in vain."""
        return self._first(
            lambda event: event["event"] == kind and fields.items() <= event.items(),
            f"{kind} {fields}",
            timeout_s,
            after,
        )

    def wait_for_scene(
        self, like: Callable[[Json], bool], timeout_s: float = 90, after: Json | None = None
    ) -> Json:
        """The first such scene that follows event `after`; fails the test in vain."""
        return self._first(
            lambda event: event["event"] == "scene" and like(event), "such scene", timeout_s, after
        )

    def _first(self, like: Callable[[Json], bool], what: str, timeout_s: float, after: Json | None) -> Json:
        def match() -> Json | None:
            start = 0 if after is None else self.events.index(after) + 1
            return next(filter(like, self.events[start:]), None)

        for limit_s in limits(timeout_s):
            with self._news:
                self._news.wait_for(lambda: match() or self.process.poll() is not None, limit_s)
                found = match()
            if found or self.process.poll() is not None:
                break
        assert found is not None, f"no {what} within {timeout_s} s:\n{self.transcript()}"
        return found

    def wait_until(self, what: Callable[[Json], Any], timeout_s: float = 60) -> Json:
        """The first status for which `what` holds; fails the test in vain."""
        status: Json = {}
        pause = threading.Event()
        for limit_s in limits(timeout_s):
            deadline = time.monotonic() + limit_s
            while time.monotonic() < deadline and self.process.poll() is None:
                with suppress(ControlError):  # it has not come so far, or its predecessor was killed
                    status = self.tell("status")
                    if what(status):
                        return status
                pause.wait(0.1)
        raise AssertionError(
            f"the status never came true within {timeout_s} s: {status}\n{self.transcript()}"
        )

    def tell(self, command: str, value: Any = None) -> Json:
        """Send a command; returns its answer. The first sound comes before the socket: that is waited for."""
        if not self._has_listened:
            running = (self.socket,)
            wait_for(lambda: socket.answering(running) or self.process.poll() is not None, 20, "the socket")
        answer = socket.send(self.socket, command, value)
        self._has_listened = True
        return answer

    def ends(self, within_s: float) -> int:
        """With which status it ends by itself; fails the test in vain."""
        for limit_s in limits(within_s):
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(limit_s)
        raise AssertionError(f"it has not ended within {within_s} s:\n{self.transcript()}")

    def kill(self) -> None:
        """What a power cut does."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def transcript(self) -> str:
        """The log so far."""
        return "\n".join([json.dumps(event, ensure_ascii=False) for event in self.events] + self.other_lines)
