"""Announcements over a controller on fake decks: the music makes room, and comes back whatever happens."""

import logging
from pathlib import Path

import pytest

from player.config.settings.schedule import AnnouncementSettings
from player.playback.announcements.announcer import LIMIT_S, WAITING_MAX, Announcement, Announcer
from player.playback.announcements.players import OPEN_S, STALL_S, CommandPlayer
from player.status import AnnouncementStatus
from player.types import Track
from tests.fakes.playback import FakeDeck, Studio
from tests.support.processes import alive
from tests.support.waiting import wait_for

DUCKED = 10 ** (-15 / 10)
"""Power of the music while something is announced."""
GONG = Path("/gong.wav")


class Stage:
    """A studio whose announcements have decks of their own."""

    def __init__(self, **settings: float) -> None:
        self.studio = Studio({"a": 600.0, "b": 600.0, "c": 600.0}, **settings)
        self.durations = {GONG: 4.0}
        self.decks: list[FakeDeck] = []
        self.closed: list[FakeDeck] = []
        self.said = AnnouncementSettings(duck_db=15, duck_ramp_s=0.5, target_lufs=-16)
        self.announcer = Announcer(self.said, self.studio.controller, self._make_deck)
        self.told: list[str] = []
        """Why something is not heard; nothing as it begins."""
        self.spoiled: dict[str, object] = {}
        """What the next deck is like."""

    def _make_deck(self) -> FakeDeck:
        deck = FakeDeck("C", self.durations)
        deck.now = self.studio.now
        for name, value in self.spoiled.items():
            setattr(deck, name, value)
        deck.close = lambda: self.closed.append(deck)  # type: ignore[method-assign]
        self.decks.append(deck)
        return deck

    def gong(self, path: Path = GONG, loudness_lufs: float | None = -16.0) -> None:
        track = Track(path, path.name, loudness_lufs=loudness_lufs, peak_dbfs=-12.0)
        self.announcer.announce(Announcement(path.name, track, told=self.told.append))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.studio.run(0.05)
            self.announcer.step(self.studio.now)

    def music(self) -> float:
        """Power of the music now."""
        return self.studio.power[-1]

    def voice(self) -> float:
        """Level of the announcement now."""
        return self.decks[-1].level()


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.studio.controller.start(None, 0, 0)
    made.run(5)
    return made


def test_the_music_makes_room_and_comes_back_without_a_click(stage: Stage) -> None:
    stage.studio.jump = 0.0
    stage.gong()
    stage.run(0.3)
    assert stage.announcer.status() == AnnouncementStatus("gong.wav", 0)
    assert stage.voice() == 0, "the music goes down first"
    stage.run(0.7)
    assert stage.music() == pytest.approx(DUCKED, rel=0.01)
    stage.run(1)
    assert stage.voice() == pytest.approx(1)
    stage.run(4)
    assert stage.music() == pytest.approx(1)
    assert stage.closed == stage.decks
    assert stage.announcer.status() == AnnouncementStatus(None, 0)
    assert stage.studio.jump < 0.1


def test_it_is_as_loud_as_it_should_be_at_the_music_s_volume(stage: Stage) -> None:
    stage.studio.controller.set_volume(70, 0)
    stage.gong(loudness_lufs=-22.0)
    stage.run(2)
    assert stage.voice() == pytest.approx(10 ** (6 / 20) * 0.343, rel=0.01)
    stage.studio.controller.set_volume(50, 0)
    stage.run(1)
    assert stage.voice() == pytest.approx(10 ** (6 / 20) * 0.125, rel=0.01)


@pytest.mark.parametrize(
    ("noise_db", "ceiling", "heard_db"), [(-6.0, 100, -6.0), (6.0, 100, 6.0), (6.0, 70, 0.0)]
)
def test_it_keeps_its_distance_from_music_that_follows_the_noise_of_the_room(
    noise_db: float, ceiling: int, heard_db: float
) -> None:
    stage = Stage(ceiling=ceiling)
    controller = stage.studio.controller
    controller.start(None, 0, 0)
    stage.run(5)
    controller.set_volume(70, 0)
    controller.follow_noise(noise_db, 0)
    stage.durations[GONG] = 10.0
    stage.gong()
    stage.run(2)
    assert stage.voice() == pytest.approx(0.343 * 10 ** (heard_db / 20), rel=0.01)
    assert stage.music() == pytest.approx(stage.voice() ** 2 * DUCKED, rel=0.02)
    controller.follow_noise(0.0, 0)
    stage.run(1)
    assert stage.voice() == pytest.approx(0.343, rel=0.01), "it follows"


def test_what_nobody_measured_is_rather_too_soft(stage: Stage) -> None:
    stage.gong(loudness_lufs=None)
    stage.run(2)
    assert stage.voice() == pytest.approx(10 ** (-6 / 20), rel=0.01)


@pytest.mark.parametrize("what", ["skip", "shift", "volume"])
def test_whatever_the_music_does_meanwhile_it_stays_low(stage: Stage, what: str) -> None:
    controller, now = stage.studio.controller, stage.studio.now
    stage.durations[GONG] = 20.0
    stage.gong()
    stage.run(2)
    if what == "volume":
        controller.set_volume(50, 0.5)
    else:
        controller.skip(now) if what == "skip" else controller.shift("livelier", now)
    stage.run(12)
    expected = 0.125**2 if what == "volume" else 1
    assert stage.music() == pytest.approx(DUCKED * expected, rel=0.02)
    assert max(stage.studio.power[-220:]) < DUCKED * 1.1
    stage.run(10)
    assert stage.music() == pytest.approx(expected, rel=0.02)


def test_two_at_once_are_heard_one_after_the_other_and_the_music_waits(stage: Stage) -> None:
    stage.gong()
    stage.gong()
    stage.run(1)
    assert stage.announcer.status() == AnnouncementStatus("gong.wav", 1)
    stage.studio.power.clear()
    stage.run(7)
    assert max(stage.studio.power) < DUCKED * 1.1, "it came back in between"
    assert len(stage.decks) == 2
    stage.run(5)
    assert stage.music() == pytest.approx(1)


def test_too_many_are_dropped(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(1000):
        stage.gong()
    assert stage.announcer.status().waiting == WAITING_MAX
    assert "too many are waiting" in caplog.text
    assert stage.told == ["too many are waiting"] * (1000 - WAITING_MAX)
    stage.run(1)
    assert stage.told[-1] == "", "it begins"


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ({"durations": {}}, "it is broken"),
        ({"no_output": "no audio device"}, "no audio device"),
        ({"frozen": True}, "it stands still"),
        ({"_ready_at": 1e9}, "it stands still"),
    ],
)
def test_the_music_comes_back_when_an_announcement_fails(
    stage: Stage, spoiled: dict[str, object], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.spoiled = spoiled
    with caplog.at_level(logging.WARNING):
        stage.gong()
        stage.run(max(OPEN_S, STALL_S) + 3)
    assert why in caplog.text
    assert why in stage.told[-1]
    assert stage.music() == pytest.approx(1)
    assert stage.closed == stage.decks
    assert stage.announcer.status().title is None


def test_the_music_comes_back_when_the_deck_of_an_announcement_crashes(stage: Stage) -> None:
    stage.gong()
    stage.run(2)
    stage.decks[0].die()
    stage.run(1)
    assert stage.music() == pytest.approx(1)


def test_what_is_spoken_is_shown_while_it_is_heard_and_stands_in_no_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    spoken = Announcement("a spoken announcement", Track(GONG, GONG.name), words="We close in ten minutes.")
    stage.announcer.announce(spoken)
    stage.run(2)
    assert stage.announcer.status().title == "We close in ten minutes."
    stage.run(10)
    assert stage.announcer.status().title is None
    assert "announced: a spoken announcement" in caplog.messages
    assert "ten minutes" not in caplog.text


def test_nothing_is_announced_for_ever(stage: Stage) -> None:
    stage.durations[GONG] = 3600.0
    stage.gong()
    stage.run(LIMIT_S - 10)
    assert stage.music() == pytest.approx(DUCKED, rel=0.01)
    stage.run(15)
    assert stage.music() == pytest.approx(1)


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_without_music_it_is_heard_all_the_same(stage: Stage, state: str) -> None:
    controller = stage.studio.controller
    controller.pause() if state == "paused" else controller.stop(0.1, stage.studio.now)
    stage.run(1)
    stage.gong()
    stage.run(2)
    assert stage.voice() == pytest.approx(1)
    assert stage.music() == 0
    stage.run(4)
    assert stage.studio.status().state == state


def test_a_failure_of_the_announcer_s_own_costs_no_music(stage: Stage) -> None:
    stage.announcer.announce(Announcement("nonsense", track=None, command="\0"))
    stage.run(3)
    assert stage.announcer.status().title is None
    assert stage.music() == pytest.approx(1)


def until_over(voice: CommandPlayer, now: float) -> None:
    wait_for(lambda: voice.step(now) == "over", 5, "the command to end")


def test_a_command_gets_no_key_of_the_players(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTFM_API_KEY", "hunter2")
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("PULSE_SERVER", "unix:/run/somewhere")
    voice = CommandPlayer(f"env > '{tmp_path}/env'")
    voice.begin(0.0)
    until_over(voice, 1.0)
    told = (tmp_path / "env").read_text(encoding="utf-8")
    assert "PULSE_SERVER=unix:/run/somewhere" in told
    assert "PATH=" in told
    assert "hunter2" not in told
    assert "NOTIFY_SOCKET" not in told


def test_a_command_speaks_for_itself(tmp_path: Path) -> None:
    voice = CommandPlayer(f"echo 'Cake!' > '{tmp_path}/said'; cat")
    assert voice.step(10.0) == "ready"
    voice.begin(11.0)
    assert voice.step(10.9) == "speaking"
    assert not list(tmp_path.iterdir()), "before its time"
    until_over(voice, 11.0)
    assert voice.problem == ""
    assert (tmp_path / "said").read_text() == "Cake!\n"


def test_a_command_that_fails_says_so() -> None:
    voice = CommandPlayer("exit 3")
    voice.begin(0.0)
    until_over(voice, 0.0)
    assert voice.problem == "the command ended with 3"


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    voice = CommandPlayer(f"sleep 600 & echo $! > '{tmp_path}/pid'; wait")
    voice.begin(0.0)
    wait_for(lambda: voice.step(0.0) and (tmp_path / "pid").exists(), 5, "the command to start")
    wait_for(lambda: (tmp_path / "pid").read_text().strip(), 5, "its child's number")
    child = int((tmp_path / "pid").read_text())
    voice.close()
    wait_for(lambda: not alive(child), 5, "its child to end")


def test_a_sleep_of_the_whole_machine_ends_no_announcement(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    stage.run(2)
    stage.gong()
    stage.run(2)
    assert stage.voice() > 0
    stage.studio.now += LIMIT_S + 1
    stage.decks[-1].now = stage.studio.now
    for part in (stage.studio.controller, stage.announcer):
        part.slept(LIMIT_S + 1)
    stage.run(1)
    assert stage.voice() > 0, "it goes on"
    stage.run(4)
    assert len(stage.closed) == 1
    assert "could not be announced" not in caplog.text
