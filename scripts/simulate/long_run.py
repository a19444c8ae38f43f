"""Weeks of a venue in a minute: how the database grows, what is pruned, and what a card is written.

    .venv/bin/python -m scripts.simulate.long_run [--weeks 8] [--hours 15] [--tracks 2000]

The real library, play history, diary and taste, in a temporary folder, by a clock that runs ahead: a track
every three minutes or so, a look at the room every minute, a shift now and then, a few judgements a day. Each
week ends with a backup. Room, choice and listeners are made up.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from player.backup import making
from player.config.settings.config import Config
from player.diary.recorder import DiaryRecorder
from player.events import DaypartChanged, HoursChanged, MoodShifted
from player.library.database.feedback import Outcome
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue
from player.playback.heard_time import REPORT_S
from player.selection.learning import Learning
from player.selection.play_history import PlayHistory
from player.state.state_file import DATABASE
from player.status import CameraState, LensState, PlayerStatus, PointStatus, SceneStatus
from player.types import ChangeReason, Choice, MoodPoint, MoodShift, Target, Track
from scripts.bench.library import build
from scripts.bench.wal_frames import WalWatch
from tests.fakes import status

ROOT = Path(__file__).resolve().parents[2]
OPENS = datetime(2026, 1, 5, 7, tzinfo=UTC)
STEP_S = REPORT_S
LENGTHS_S = 150.0, 270.0
SHIFT_EVERY_S = 2400.0
LIKES_A_DAY, SKIPS_A_DAY = 2, 6
COMMIT_BYTES, SAVE_BYTES = 14_000, 70_000
"""What an ext4's journal adds to a commit, and what replacing `state.json` takes (docs/long-run.md)."""


class SimulatedQueue(WriteQueue):
    """Waits by the simulated clock and has no thread: `pass_time` stands in for it."""

    def __init__(self, together: Callable[[], AbstractContextManager[None]], clock: Clock) -> None:
        super().__init__(together)
        self._make_one_commit, self._clock = together, clock
        self._held: list[Callable[[], object]] = []
        self._until = math.inf

    def write(self, what: Callable[[], object], within_s: float = 0.0) -> None:
        """See WriteQueue."""
        self._held.append(what)
        self._until = min(self._until, self._clock.now_s + within_s)
        if not within_s:
            self.pass_time()

    def pass_time(self) -> None:
        """Write what waits, if some of it is due."""
        if self._clock.now_s >= self._until:
            with self._make_one_commit():
                for what in self._held:
                    what()
            self._held.clear()
            self._until = math.inf


class Clock:
    """The simulated time, in seconds since the first opening."""

    now_s = 0.0

    def __call__(self) -> datetime:
        """The same, as a moment."""
        return OPENS + timedelta(seconds=self.now_s)


@dataclass(frozen=True)
class Week:
    """How it was at the end of a week, and what was written in it."""

    database_bytes: int
    backup_bytes: int
    plays: int
    minutes: int
    marks: int
    feedback: int
    commits: int
    pages: int
    card_bytes: float


class Venue:
    """A player's memory without the player."""

    def __init__(self, folder: Path, hours: float, tracks: int, seed: int = 1) -> None:
        self._folder, self._hours, self._random = folder, hours, Random(seed)
        build(folder / DATABASE, tracks)
        self.library, self._clock = Library(folder / DATABASE), Clock()
        self._known = self.library.tracks()
        config = Config()
        self._queue = SimulatedQueue(self.library.database.together, self._clock)
        learning = Learning(config.choice, self.library)
        self._history = PlayHistory(self.library, learning, self._clock, config, self._queue)
        self._diary = DiaryRecorder(
            config.diary, self.library.diary, self._queue.write, self._status, self._clock, lambda: True
        )
        self._watch = WalWatch(folder / DATABASE)
        self._watch.news()
        self._valence = self._energy = 0.0
        self._commits = self._pages = self._starts = 0

    def week(self, days: int = 7) -> Week:
        """Let it play so many days, and make a backup."""
        self._commits = self._pages = self._starts = 0
        for _ in range(days):
            self._day()
        rows = self.library.database.rows
        backup = self._folder / "backup.zip"
        backup.unlink(missing_ok=True)
        making.make(backup, ROOT / "config.yaml", self._folder, self._folder, self._clock())

        def count(table: str) -> int:
            return int(rows(f"SELECT count(*) FROM {table}")[0][0])

        pages = rows("PRAGMA page_count")[0][0] * rows("PRAGMA page_size")[0][0]
        written = self._pages * self._watch.frame_size + self._commits * COMMIT_BYTES
        return Week(
            database_bytes=pages,
            backup_bytes=backup.stat().st_size,
            plays=count("plays"),
            minutes=count("day_minutes"),
            marks=count("day_marks"),
            feedback=count("feedback"),
            commits=self._commits,
            pages=self._pages,
            card_bytes=written + self._starts * SAVE_BYTES,
        )

    def _day(self) -> None:
        opened_s, ends_s, shifts_s = self._clock.now_s, 0.0, SHIFT_EVERY_S
        self._diary.on_event(HoursChanged(True))
        choice: Choice | None = None
        heard_s = 0.0
        while self._clock.now_s < opened_s + self._hours * 3600:
            if choice is None or self._clock.now_s >= ends_s:
                choice, heard_s = self._next(choice, heard_s), 0.0
                ends_s = self._clock.now_s + self._random.uniform(*LENGTHS_S)
            if self._clock.now_s - opened_s >= shifts_s:
                shifts_s += SHIFT_EVERY_S
                self._shift()
            self._diary.look()
            self._clock.now_s += STEP_S
            heard_s += STEP_S
            self._history.heard(heard_s, leaving=False)
            self._pass_time()
            self._judge()
        self._history.ended(True, ChangeReason.STOP)
        self._diary.on_event(HoursChanged(False))
        self._clock.now_s = opened_s + 86_400
        self._pass_time()

    def _next(self, before: Choice | None, heard_s: float) -> Choice:
        """One track ends and another begins."""
        if before is not None:
            self._history.heard(heard_s, leaving=False)
            skipped = self._random.random() < SKIPS_A_DAY / 250
            self._history.ended(True, ChangeReason.SKIP if skipped else ChangeReason.NEXT)
        choice = self._choice(self._random.choice(self._known))
        target = Target(MoodPoint(self._valence, self._energy), "cosy", "the room is cosy")
        self._history.started(choice, "afternoon", target)
        self._starts += 1
        if before is not None:
            self._history.heard(heard_s + 6.0, leaving=True)
        self._pass_time()
        return choice

    def _choice(self, track: Track) -> Choice:
        score = {name: self._random.random() for name in ("mood", "continuity", "freshness", "taste")}
        said = f"number 3 in closeness to cosy music among 214; goes on from {track.title} (sound, tempo)"
        return Choice(track, said, self._random.random(), 214, (), {k: round(v, 3) for k, v in score.items()})

    def _shift(self) -> None:
        point = MoodPoint(self._valence, self._energy)
        said = "the room is cosy, unlike the start of afternoon"
        self._diary.on_event(MoodShifted(MoodShift(point, point, self._clock.now_s, said)))
        self._diary.on_event(DaypartChanged("afternoon"))

    def _judge(self) -> None:
        if self._random.random() < LIKES_A_DAY / (self._hours * 3600 / STEP_S):
            self._history.record_feedback(Outcome.LIKED)

    def _pass_time(self) -> None:
        self._queue.pass_time()
        news = self._watch.news()
        self._pages += len(news)
        self._commits += sum(frame.ends_commit for frame in news)

    def _status(self) -> PlayerStatus:
        def walk(at: float) -> float:
            return round(max(-0.9, min(0.9, at + self._random.gauss(0, 0.03))), 4)

        self._valence, self._energy = walk(self._valence), walk(self._energy)
        whole = status.whole()
        scene = SceneStatus("people at tables in a café", self._random.randint(0, 12), 0.1)
        camera = replace(whole.perception.camera, state=CameraState.LIVE)
        perception = replace(whole.perception, camera=camera, lens=LensState.OK, scene=scene)
        room = replace(whole.room, mood=PointStatus(self._valence, self._energy))
        return replace(whole, perception=perception, room=room)


def print_tables(library: Library) -> None:
    """What takes the room, the largest first."""
    sizes = library.database.rows(
        "SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name ORDER BY 2 DESC"
    )
    print(", ".join(f"{row['name']} {row['size'] / 1e6:.1f} MB" for row in sizes if row["size"] >= 50_000))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--hours", type=float, default=15, help="opening hours a day")
    parser.add_argument("--tracks", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        venue = Venue(Path(name), options.hours, options.tracks)
        print(
            "| week | database | backup | plays | minutes | marks | judgements | commits a day | card a day |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        weeks = []
        for number in range(1, options.weeks + 1):
            weeks.append(week := venue.week())
            print(
                f"| {number} | {week.database_bytes / 1e6:.1f} MB | {week.backup_bytes / 1e6:.1f} MB"
                f" | {week.plays} | {week.minutes} | {week.marks} | {week.feedback}"
                f" | {week.commits / 7:.0f} | {week.card_bytes / 7e6:.1f} MB |",
                flush=True,
            )
        if len(weeks) > 1:
            half = weeks[(len(weeks) - 1) // 2 :]
            grown = (half[-1].database_bytes - half[0].database_bytes) / (len(half) - 1) * 52.2
            print(f"\nthe database grows by {grown / 1e6:.0f} MB a year, at the pace of the last weeks")
        print_tables(venue.library)
        venue.library.close()
        began = perf_counter()
        Library(Path(name) / DATABASE).close()
        print(f"a start checks it in {perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
