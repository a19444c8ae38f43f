"""Kills the player at random moments of real playback, and looks whether it comes back as it was.

    .venv/bin/python -m scripts.system.kills [--kills 100] [--seed 1]

A real daemon, real decks, a private PulseAudio whose null sink is recorded. After each `kill -9` the player
is started again, and some of these starts are killed on their way. It must be heard within SOUND_S (longer by
as much as other programs slow a start of Python down), go on
within SAVE_S and TOLERANCE_S of where it was, and find its pin and volume; state.json must be whole,
library.db pass its check and have every entry of the play history that was complete. Exits with 1 if
it does not.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from player.playback.on_air import NEAR_END_S
from player.state.store import SAVE_S, SOON_S
from player.types import Json
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse, Recording, levels_db, private_pulse, recording
from tests.support.quiet import is_soon_enough
from tests.support.waiting import wait_for

SOUND_S = 5.0
TOLERANCE_S = 2.0
TRACK_S = 40.0
AUDIBLE_DB = -65.0
CUT_SHORT = 0.15
"""Share of the starts that are killed before they are looked at."""
LONGEST_S = 9.0
COMMANDS = ("next", "volume", "pin", "unpin", "pause")


@dataclass
class Report:
    """What came of the kills."""

    sound_s: list[float] = field(default_factory=list)
    """From each start to the first sound."""
    off_s: list[float] = field(default_factory=list)
    """How far from its place the music went on, where the same track did."""
    faults: list[str] = field(default_factory=list)
    plays: int = 0

    def __str__(self) -> str:
        sound, off = self.sound_s or [0.0], self.off_s or [0.0]
        lines = [
            f"{len(self.sound_s)} starts after kill -9, {self.plays} plays in the play history",
            f"start to sound: median {statistics.median(sound):.2f} s, longest {max(sound):.2f} s",
            f"place of the music: median {statistics.median(off):.1f} s off, at most {max(off):.1f} s",
            f"faults: {len(self.faults)}",
        ]
        return "\n".join([*lines, *self.faults])


class House:
    """A player that is killed again and again."""

    def __init__(
        self, folder: Path, pulse: PrivatePulse, seed: int, longest_s: float, changes: Mapping[str, Any]
    ) -> None:
        songs = folder / "songs"
        songs.mkdir()
        for number in range(6):
            music.calm(songs / f"{number}.wav", TRACK_S, 180 + 20 * number)
        self._folder, self._pulse, self._changes = folder, pulse, changes
        self._settings = {
            "library": {"folders": [str(songs)]},
            "choice": {"variety": 0.5, "seed": seed},
            **changes,
        }
        self._random, self._longest_s = random.Random(seed), longest_s
        self.report = Report()
        self._history: dict[int, tuple[Any, ...]] = {}
        self._before: Json | None = None

    def life(self) -> None:
        """Start, check, play and command a while, kill."""
        if self._before is not None and self._random.random() < CUT_SHORT:
            with Daemon(self._folder / "player", self._settings, self._pulse.env) as daemon:
                time.sleep(self._random.uniform(0.0, 2.0))
                daemon.kill()
            self._check_files()
        with (
            recording(self._pulse) as heard,
            Daemon(self._folder / "player", self._settings, self._pulse.env) as daemon,
        ):
            started_at = time.monotonic() - (time.time() - daemon.started_at)
            resumed = self._before is not None and self._before["playback"]["state"] == "paused"
            if resumed:
                status = daemon.wait_until(lambda status: status["playback"]["state"] == "paused", SOUND_S)
                self._check_status(status, 0.0)
                daemon.tell("resume")
                started_at = time.monotonic()
            sound_at = self._check_sound(daemon, heard, started_at)
            status = daemon.wait_until(lambda status: status["playback"]["state"] == "playing")
            self._check_status(status, time.monotonic() - sound_at)
            self._before = self._live(daemon, resumed)
            daemon.kill()
        self._check_files()

    def _live(self, daemon: Daemon, commanded: bool) -> Json:
        """Some random time with random commands; what the player said of itself at its end."""
        end_at = time.monotonic() + self._random.uniform(0.0, self._longest_s)
        if self._random.random() < 0.6:
            commanded = True
            command = self._random.choice(COMMANDS)
            value = {"volume": self._random.randint(30, 90), "pin": self._random.choice(["calm", "sad"])}
            daemon.tell(command, value.get(command))
        if commanded:  # what was ordered is remembered once it has been written
            end_at = max(end_at, time.monotonic() + 2 * SOON_S + 0.5)
        while (left_s := end_at - time.monotonic()) > 0:
            time.sleep(min(left_s, 0.1))
        return daemon.tell("status")

    def _fault(self, text: str) -> None:
        self.report.faults.append(f"start {len(self.report.sound_s)}: {text}")

    def _check_sound(self, daemon: Daemon, heard: Recording, started_at: float) -> float:
        """That it is soon heard; since when it is, on the monotonic clock."""

        def sounding() -> bool:
            return bool((levels_db(heard.since(started_at), 0.02) > AUDIBLE_DB).any())

        try:
            wait_for(sounding, 3 * SOUND_S, "sound")
        except AssertionError:
            self._fault(f"no sound at all:\n{daemon.transcript()}")
            return time.monotonic()
        samples = heard.since(started_at)
        first_s = float((levels_db(samples, 0.02) > AUDIBLE_DB).argmax()) * 0.02
        first_s += max(0.0, heard.started_at - started_at)
        self.report.sound_s.append(first_s)
        if not is_soon_enough(first_s, SOUND_S):
            since = datetime.fromtimestamp(daemon.started_at, UTC).isoformat(timespec="milliseconds")
            self._fault(f"{first_s:.2f} s from {since} to the first sound:\n{daemon.transcript()}")
        return started_at + first_s

    def _check_status(self, status: Json, played_s: float) -> None:
        """That the player is where it was, having played on for so long; on a busy machine one looks late."""
        if self._before is None:
            return
        before, after = self._before, status
        self._before = None
        if before["playback"]["volume"] != after["playback"]["volume"]:
            self._fault(f"volume {before['playback']['volume']} -> {after['playback']['volume']}")
        if before["room"]["pinned"] != after["room"]["pinned"]:
            self._fault(f"pinned {before['room']['pinned']} -> {after['room']['pinned']}")
        was, now = before["playback"], after["playback"]
        young = was["position_s"] < SAVE_S + TOLERANCE_S  # the track before may still be the saved one
        over = was["position_s"] > was["duration_s"] - NEAR_END_S - SAVE_S - TOLERANCE_S
        if was["track"]["path"] != now["track"]["path"]:
            if not (young or over):
                self._fault(f"{was['track']['title']} -> {now['track']['title']}, not at a track's end")
            return
        off_s = abs(now["position_s"] - played_s - was["position_s"])
        if off_s > SAVE_S + TOLERANCE_S and not over:
            self._fault(f"{was['position_s']:.1f} s -> {now['position_s']:.1f} s")
        if not over:
            self.report.off_s.append(off_s)

    def _check_files(self) -> None:
        state = self._folder / "player" / "state"
        try:
            json.loads((state / "state.json").read_text(encoding="utf-8"))
        except ValueError as error:
            self._fault(f"state.json is broken: {error}")
        except FileNotFoundError:
            if self.report.plays > 3:
                self._fault("there is no state.json")
        with closing(sqlite3.connect(state / "library.db")) as database:
            if (said := database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                self._fault(f"library.db: {said}")
            rows = database.execute("SELECT id, path, started_at, ended_at FROM plays").fetchall()
        now = {row[0]: row for row in rows}
        for number, row in self._history.items():
            if number not in now or (row[3] is not None and now[number] != row):
                self._fault(f"entry {number} of the play history is gone")
        self._history = now
        self.report.plays = len(now)
        if leftover := [
            path.name for path in state.iterdir() if "corrupt" in path.name or "damaged" in path.name
        ]:
            self._fault(f"{', '.join(leftover)} were set aside")


def run(
    kills: int,
    folder: Path,
    pulse: PrivatePulse,
    seed: int = 1,
    longest_s: float = LONGEST_S,
    changes: Mapping[str, Any] | None = None,
) -> Report:
    """Kill a player so often, each time after at most `longest_s` of music, and start it a last time."""
    house = House(folder, pulse, seed, longest_s, changes or {"camera": {"enabled": False}})
    for number in range(kills + 1):
        house.life()
        print(f"\r{number} of {kills}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return house.report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--camera", action="store_true", help="the demo camera too, and the models")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, private_pulse() as pulse:
        changes: Json = {"camera": {"enabled": options.camera}}
        report = run(options.kills, Path(name), pulse, options.seed, changes=changes)
    print(report)
    raise SystemExit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
