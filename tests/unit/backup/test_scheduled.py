"""Backups by the clock: when one is due, which stay, what is said when none can be made."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from player.backup import retention, scheduled
from player.backup.names import BackupNames
from player.backup.scheduled import ScheduledBackups
from player.config.settings.backup import BackupSettings
from player.errors import BackupError

START = datetime(2026, 11, 2, 12, 0)  # a Monday
NAMES = BackupNames("music", "")


@dataclass
class House:
    """A clock that is set by hand, and what is written and said."""

    folder: Path
    now: datetime = field(default_factory=lambda: START.replace(tzinfo=UTC))
    names_given: BackupNames = NAMES
    fstab: Path = Path("/nonexistent")
    running_s: float = 100.0
    fault: str = ""
    tries: int = 0
    problems: list[str] = field(default_factory=list)

    def backups(self, **settings: object) -> ScheduledBackups:
        values = {"folder": self.folder, **settings}
        return ScheduledBackups(
            BackupSettings.model_validate(values),
            self.make, self.names_given, lambda: self.now, self.problems.append, self.problems.remove,
            self.fstab, lambda: self.running_s,
        )  # fmt: skip

    def wait(self, **passed: float) -> None:
        self.now += timedelta(**passed)
        self.running_s += timedelta(**passed).total_seconds()

    def make(self, target: Path, now: datetime) -> None:
        self.tries += 1
        if self.fault:
            raise BackupError(self.fault)
        target.write_text("a backup")

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "backups")


def test_a_new_folder_gets_one_at_once_and_then_one_a_day_at_its_time(house: House) -> None:
    backups = house.backups(at="04:30")
    for _ in range(2 * 24 * 60):
        backups.look()
        house.wait(minutes=1)
    assert house.names() == [
        "ambient-player-music-2026-11-02-1200.zip",
        "ambient-player-music-2026-11-03-0430.zip",
        "ambient-player-music-2026-11-04-0430.zip",
    ]


def test_one_that_was_missed_is_made_as_soon_as_the_player_runs(house: House) -> None:
    house.backups().look()
    house.now = house.now.replace(day=9, hour=17)
    house.backups().look()
    house.backups().look()  # another start of the player
    assert house.names()[1:] == ["ambient-player-music-2026-11-09-1700.zip"]


def test_of_a_year_seven_days_and_four_weeks_are_kept_and_strangers_stay(house: House) -> None:
    backups = house.backups()
    house.folder.mkdir()
    cut_off = "ambient-player-music-2020-01-01-0000.zip.old"
    for name in ("notes.txt", cut_off, "ambient-player-2026-99-99-0000.zip"):
        (house.folder / name).touch()
    for _ in range(365):
        backups.look()
        house.wait(days=1)
    kept = [moment for name in house.names() if (moment := house.names_given.moment_of(name)) is not None]
    days = [(date(2027, 11, 1) - moment.date()).days for moment in kept]
    assert sorted(days) == [0, 1, 2, 3, 4, 5, 6, 8, 15]
    assert len(set(house.names()) & {"notes.txt", "ambient-player-2026-99-99-0000.zip"}) == 2


@pytest.mark.parametrize(
    "other",
    [BackupNames("music", "terrace"), BackupNames("music-2", ""), BackupNames("music-2", "terrace")],
    ids=lambda names: names.name_of(START),
)
def test_players_that_share_a_folder_are_all_backed_up_and_keep_their_own(
    other: BackupNames, house: House
) -> None:
    second = House(house.folder, names_given=other)
    ours, theirs = house.backups(keep_daily=2, keep_weekly=0), second.backups(keep_daily=1, keep_weekly=0)
    for _ in range(5):
        ours.look()
        theirs.look()
        house.wait(days=1)
        second.wait(days=1)
    kept = [START + timedelta(days=day) for day in (3, 4)]
    own = [house.names_given.name_of(moment) for moment in kept]
    assert house.names() == sorted([*own, other.name_of(kept[1])])


@pytest.mark.parametrize("player", ["", "terrace"])
def test_backups_of_before_count_for_the_player_without_a_name(player: str, house: House) -> None:
    house.folder.mkdir()
    before = [f"ambient-player-2026-11-{day:02}-0430.zip" for day in (1, 2)]
    for name in before:
        (house.folder / name).touch()
    house.names_given = BackupNames("music", player)
    backups = house.backups(keep_daily=2, keep_weekly=0)
    backups.look()
    assert house.tries == (1 if player else 0)
    house.wait(days=1)
    backups.look()
    assert sorted(set(house.names()) & set(before)) == (before if player else before[1:])


def test_no_week_is_kept_if_none_is_asked_for() -> None:
    made = [START - timedelta(days=n) for n in range(30)]
    old = retention.superfluous(made, START, daily=3, weekly=0)
    assert sorted(set(made) - old, reverse=True) == made[:3]


def test_what_a_wrong_clock_dated_into_the_future_keeps_nobody_from_making_one(house: House) -> None:
    house.folder.mkdir()
    future = house.folder / "ambient-player-music-2036-01-01-0430.zip"
    future.touch()
    house.backups(keep_daily=1, keep_weekly=0).look()
    assert house.names() == ["ambient-player-music-2026-11-02-1200.zip", future.name]


def test_a_clock_that_is_plainly_wrong_makes_none(house: House) -> None:
    house.now = datetime(1970, 1, 1, 5, tzinfo=UTC)
    house.backups().look()
    assert house.tries == 0


def test_a_disk_that_is_not_plugged_in_is_said_once_and_its_mount_point_stays_empty(
    house: House, tmp_path: Path
) -> None:
    backups = house.backups(folder=tmp_path / "usb" / "backups")
    for _ in range(180):
        backups.look()
        house.wait(minutes=1)
    assert len(house.problems) == 1
    assert "plug its disk in" in house.problems[0]
    assert not (tmp_path / "usb").exists()
    (tmp_path / "usb").mkdir()
    house.wait(hours=1)
    backups.look()
    assert house.problems == []
    assert len(list((tmp_path / "usb" / "backups").iterdir())) == 1


@pytest.mark.parametrize("inner", ["", "backups", "ours/backups"])
def test_a_mount_point_whose_disk_is_away_is_no_place(inner: str, house: House, tmp_path: Path) -> None:
    """It is there, and empty: what is written into it is on the card, and hidden once the disk comes back."""
    point = tmp_path / "usb disk"
    house.folder = point / inner
    house.folder.mkdir(parents=True)
    house.fstab = tmp_path / "fstab"
    house.fstab.write_text(f"LABEL=usb {str(point).replace(' ', chr(92) + '040')} ext4 nofail 0 2\n")
    house.backups().look()
    assert house.names() == []
    assert len(house.problems) == 1
    assert "plug its disk in" in house.problems[0]


def test_a_folder_that_does_not_answer_is_said_and_another_counts_at_once(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mount that lost its server holds whoever asks it anything, for days."""
    answers, asked, is_dir = threading.Event(), [], Path.is_dir

    def hangs(path: Path) -> bool:
        if path == house.folder:
            asked.append(path)
            answers.wait(60)
        return is_dir(path)

    monkeypatch.setattr(scheduled, "ANSWER_S", 0.1)
    monkeypatch.setattr(Path, "is_dir", hangs)
    backups = house.backups()
    try:
        for _ in range(3):
            backups.look()
            house.wait(hours=2)
        assert len(asked) == 1, "who hangs already is enough"
        (problem,) = house.problems
        assert f"{house.folder} (backup.folder) does not answer" in problem
        backups.configure(BackupSettings(folder=tmp_path / "other"))
        backups.look()
        assert house.problems == []
        assert len(list((tmp_path / "other").iterdir())) == 1
    finally:
        answers.set()


def test_a_failure_is_tried_again_in_an_hour_not_every_minute(house: House) -> None:
    house.fault = "The disk is full; make room on it."
    backups = house.backups()
    for _ in range(150):
        backups.look()
        house.wait(minutes=1)
    assert house.tries == 3
    assert house.problems == [f"There is no backup of today: {house.fault} It is tried again in an hour."]
    house.fault = ""
    backups.configure(BackupSettings(folder=house.folder, at=time(5)))
    backups.look()
    assert house.problems == []


def test_a_folder_that_cannot_be_used_is_said_with_what_to_do(house: House, tmp_path: Path) -> None:
    house.folder = tmp_path / ("x" * 300)
    house.backups().look()
    said = f"{house.folder} cannot be written (File name too long); check that it is there, and who may write"
    assert house.problems == [f"There is no backup of today: {said} to it. It is tried again in an hour."]


def test_a_failure_under_a_clock_that_is_ahead_is_tried_again_in_an_hour_of_its_own(house: House) -> None:
    house.fault = "The disk is full; make room on it."
    house.now = house.now.replace(year=2036)
    backups = house.backups()
    backups.look()
    house.fault = ""
    house.now = house.now.replace(year=2026)
    house.wait(minutes=59)
    backups.look()
    assert house.tries == 1
    house.wait(minutes=1)
    backups.look()
    assert house.problems == []
    assert len(house.names()) == 1


def test_without_a_folder_there_is_none_and_what_was_wrong_is_forgotten(house: House) -> None:
    house.fault = "No."
    backups = house.backups()
    backups.look()
    backups.configure(BackupSettings())
    backups.look()
    assert house.problems == []
    assert house.tries == 1


def test_a_clock_change_makes_no_second_one(house: House) -> None:
    """In autumn 02:30 comes twice; the names have the house's own time."""
    backups = house.backups(at="02:30")
    backups.look()
    for minutes in (0, 60, 120):
        house.now = datetime(2026, 11, 3, 2, 30, tzinfo=UTC) + timedelta(minutes=minutes % 60)
        backups.look()
    assert house.names()[1:] == ["ambient-player-music-2026-11-03-0230.zip"]
