"""When a ping is right, by the test's clock; the thread and the socket are in tests/integration."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.config.settings.playback import PlaybackSettings, WatchdogSettings
from player.interfaces.systemd import notify
from player.interfaces.systemd.supervision import LADDER_STEPS, Pulse, Supervision, audible, excuse, summary
from player.playback.service import PlaybackService
from player.status import PlaybackStatus
from player.types import Choice, Track
from tests.fakes.playback import FakeDeck
from tests.fakes.status import heard, playback

HANG_S = 15.0
SETTINGS = WatchdogSettings()


class Playing:
    """A playback service that says what it is told to."""

    def __init__(self, said: PlaybackStatus) -> None:
        self.turned_at, self.said = 0.0, said

    def status(self) -> PlaybackStatus:
        return self.said


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"state": "starting"}, None),
        ({"state": "silent"}, None),
        ({"state": "paused"}, "paused"),
        ({"state": "stopped"}, "stopped"),
        ({"state": "closed"}, "closed"),
        ({"volume": 0}, "the volume is 0"),
        ({"audible": heard(False, "the output is muted")}, "the output is muted"),
        ({"state": "silent", "silent_reason": "no audio device"}, "no audio device"),
    ],
)
def test_reasons_for_silence(changes: dict[str, object], why: str | None) -> None:
    assert excuse(playback(**changes)) == why


def test_the_audio_monitor_knows_better_than_the_deck() -> None:
    assert audible(playback())
    assert audible(playback(audible=heard(None)))
    assert not audible(playback(audible=heard(False)))
    assert not audible(playback(state="starting"))


def test_one_line_for_people() -> None:
    assert summary(playback()) == "playing: Song by Band"
    assert summary(playback(state="paused")) == "paused"
    assert summary(playback(state="silent", silent_reason="no audio device", track=None)) == "no audio device"
    assert summary(playback(state="starting", track=None)) == "starting"


def last_beat(said: PlaybackStatus, settings: WatchdogSettings = SETTINGS, hours: float = 2) -> float | None:
    """When the last ping is right if the player says the same from 0 on; None: always."""
    pulse = Pulse(HANG_S, 0.0)
    beats = [at for at in range(round(hours * 3600)) if pulse.beats(said, settings, at, at)]
    return None if beats[-1] == round(hours * 3600) - 1 else beats[-1]


def test_no_ping_while_the_playback_thread_hangs() -> None:
    pulse = Pulse(HANG_S, 0.0)
    assert pulse.beats(playback(), SETTINGS, turned_at=100, now=100 + HANG_S - 1)
    assert not pulse.beats(playback(), SETTINGS, turned_at=100, now=100 + HANG_S)
    assert not pulse.beats(playback(state="paused"), SETTINGS, turned_at=100, now=200)
    assert pulse.beats(playback(), SETTINGS, turned_at=201, now=201), "it turns again"


def test_after_a_sleep_of_the_whole_machine_the_playback_thread_has_time_for_a_turn() -> None:
    pulse = Pulse(HANG_S, 0.0)
    silent = playback(audible=heard(False))
    assert pulse.beats(silent, SETTINGS, turned_at=100, now=100)
    pulse.slept(1e6, 1e6 + 100)
    assert pulse.beats(silent, SETTINGS, turned_at=100, now=1e6 + 100)
    assert not pulse.beats(silent, SETTINGS, turned_at=100, now=1e6 + 100 + HANG_S)


def test_silence_with_a_reason_goes_on_for_ever() -> None:
    assert last_beat(playback(state="silent", silent_reason="no audio device")) is None
    assert last_beat(playback(volume=0, audible=heard(False))) is None


def test_silence_that_nobody_explains_ends_the_pings_after_the_players_own_steps() -> None:
    often = WatchdogSettings(silent_s=8, restarts_per_hour=60)
    assert last_beat(playback(audible=heard(False)), often) == 8 * LADDER_STEPS - 1
    assert last_beat(playback(state="starting"), often) == 8 * LADDER_STEPS - 1


def test_systemd_restarts_no_more_often_than_the_house_allows() -> None:
    assert last_beat(playback(audible=heard(False)), WatchdogSettings(restarts_per_hour=3)) == 1199
    assert last_beat(playback(audible=heard(False)), WatchdogSettings(restarts_per_hour=0)) is None


@pytest.fixture
def systemd_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A systemd that listens, and wants a ping every 0.4 s."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        bound.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield bound


def told(bound: socket.socket, line: str) -> None:
    """Wait until systemd is told this."""
    while line not in bound.recv(4096).decode().splitlines():
        pass


def until_quiet(bound: socket.socket, quiet_s: float) -> list[list[str]]:
    """All that systemd is told until it hears nothing for so long, which must come within 10 s."""
    bound.settimeout(quiet_s)
    received = []
    until = time.monotonic() + 10
    try:
        while time.monotonic() < until:
            received.append(bound.recv(4096).decode().splitlines())
    except TimeoutError:
        bound.settimeout(60)
        return received
    raise AssertionError(f"it goes on: {received[-1]}")


def test_a_hanging_playback_thread_gets_no_pings(systemd_socket: socket.socket) -> None:
    """A real playback service whose choice of the next track never returns."""
    hanging, go_on = threading.Event(), threading.Event()

    def choose(why: str) -> Choice:
        hanging.set()
        go_on.wait(60)
        return Choice(Track(Path("a"), "a"), why)

    decks = (FakeDeck("A", {}), FakeDeck("B", {}))
    playback = PlaybackService(PlaybackSettings(), decks, choose)
    supervision = Supervision(playback, SETTINGS)
    try:
        playback.start()
        playback.pause()
        supervision.start()
        told(systemd_socket, "READY=1")
        told(systemd_socket, "WATCHDOG=1")
        playback.resume()
        assert hanging.wait(60)
        until_quiet(systemd_socket, 1.5)  # several pings' time
        go_on.set()
        told(systemd_socket, "WATCHDOG=1")
    finally:
        go_on.set()
        supervision.stop()
        playback.close()
    told(systemd_socket, "STOPPING=1")


def test_without_systemd_no_thread_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    before = threading.active_count()
    supervision = Supervision(Playing(playback()), SETTINGS)
    supervision.start()
    assert threading.active_count() == before
    supervision.stop()


def test_the_start_is_over_once_it_is_known_that_there_is_no_loudspeaker(
    systemd_socket: socket.socket,
) -> None:
    player = Playing(playback(state="starting", track=None))
    supervision = Supervision(player, SETTINGS)
    supervision.look(0.0)
    player.said = playback(state="silent", silent_reason="no audio device", track=None)
    supervision.look(0.1)
    received = until_quiet(systemd_socket, 0.2)
    assert "READY=1" not in received[0]
    assert received[1][:2] == ["READY=1", "STATUS=no audio device"]


def test_the_start_is_not_over_while_the_first_track_is_chosen(systemd_socket: socket.socket) -> None:
    """On a busy machine that takes longer than a look."""
    player = Playing(playback(state="stopped", track=None))
    supervision = Supervision(player, SETTINGS)
    supervision.look(0.0)
    player.said = playback()
    supervision.look(0.1)
    received = until_quiet(systemd_socket, 0.2)
    assert "READY=1" not in received[0]
    assert received[1][:2] == ["READY=1", "STATUS=playing: Song by Band"]


def test_what_a_busy_systemd_did_not_take_is_said_again(systemd_socket: socket.socket) -> None:
    while notify.notify("noise"):
        pass
    supervision = Supervision(Playing(playback()), SETTINGS)
    supervision.look(0.0)
    assert until_quiet(systemd_socket, 0.2)[-1] == ["noise"]
    supervision.look(0.1)
    assert until_quiet(systemd_socket, 0.2) == [["READY=1", "STATUS=playing: Song by Band", "WATCHDOG=1"]]
    supervision.look(0.2)
    assert until_quiet(systemd_socket, 0.2) == []


def test_other_settings_hold_from_the_next_look_on(systemd_socket: socket.socket) -> None:
    """A house that never restarts is never ended by systemd either."""
    silent = playback(audible=heard(False))
    late = time.monotonic() + 1e6
    playing = Playing(silent)
    playing.turned_at = late + 10
    supervision = Supervision(playing, SETTINGS)
    supervision.look(late)
    assert "WATCHDOG=1" not in until_quiet(systemd_socket, 0.2)[-1]
    supervision.configure(SETTINGS.model_copy(update={"restarts_per_hour": 0}))
    supervision.look(late + 10)
    assert until_quiet(systemd_socket, 0.2)[-1] == ["WATCHDOG=1"]
