"""When the analysis in the background waits, and how long."""

import os
from pathlib import Path

import pytest

from player.library.analysis import throttle
from player.library.analysis.system_load import AnalysisThrottle, SystemLoad
from player.library.analysis.throttle import Throttle
from player.library.service import playback_busy_reason
from tests.fakes.status import decks, playback


def run(
    paced: Throttle, seconds: range, others: float | None, disturbed: str = "", stalled: float = 0.0
) -> list[str]:
    """The answers to one look a second."""
    return [paced.update(others, stalled, disturbed, float(now)) for now in seconds]


def test_a_machine_that_is_always_a_little_busy_is_no_reason_to_wait() -> None:
    assert set(run(Throttle(0.6), range(7200), 0.55)) == {""}


def test_it_waits_while_others_are_busy_and_goes_on_when_they_have_been_quiet_for_a_while() -> None:
    paced = Throttle(0.6)
    run(paced, range(10), 0.1)
    busy = run(paced, range(10, 40), 0.9)
    quiet = run(paced, range(40, 80), 0.1)
    assert busy[-1] == "other programs keep the machine 90% busy"
    assert quiet[0]
    assert quiet[-1] == ""
    resumed = quiet.index("")
    assert resumed >= throttle.SETTLE_S
    assert not any(quiet[resumed:])


def test_the_start_of_a_program_is_no_load() -> None:
    paced = Throttle(0.6)
    run(paced, range(10), 0.1)
    assert run(paced, range(10, 11), 1.0) == [""]


def test_between_the_two_thresholds_it_stays_as_it_is() -> None:
    between = 0.6 - throttle.BAND / 2
    calm, crowded = Throttle(0.6), Throttle(0.6)
    run(calm, range(20), 0.0)
    run(crowded, range(20), 1.0)
    assert not any(run(calm, range(20, 60), between))
    assert all(run(crowded, range(20, 60), between))


def test_at_100_percent_others_never_count_even_after_another_pause() -> None:
    paced = Throttle(1.0)
    run(paced, range(10), 1.0, disturbed="a crossfade is on")
    assert run(paced, range(10, 30), 1.0)[-1] == ""


def test_a_disturbance_acts_at_once_and_says_what_it_is() -> None:
    paced = Throttle(0.6)
    run(paced, range(10), 0.0)
    assert run(paced, range(10, 11), 0.0, disturbed="a crossfade is on") == ["a crossfade is on"]
    assert run(paced, range(11, 20), 0.0)[-1] == ""


def test_it_waits_while_memory_is_short() -> None:
    paced = Throttle(0.6)
    assert "memory" in run(paced, range(3), 0.0, stalled=0.5)[-1]
    assert run(paced, range(3, 20), 0.0, stalled=0.01)[-1] == ""


def test_where_it_is_never_quiet_it_takes_a_turn_now_and_then() -> None:
    answers = run(Throttle(0.6), range(7200), 1.0)
    turns = answers[10:].count("")
    assert 0.05 < turns / len(answers) < 0.15
    assert answers[10 : 10 + int(throttle.PATIENCE_S) - 20].count("") == 0


def test_an_unknown_load_is_none() -> None:
    assert set(run(Throttle(0.6), range(60), None)) == {""}


def machine(proc: Path, busy: int, idle: int, own: int, child: int, reaped: int = 0) -> None:
    """A /proc with one processor's ticks, ours (process 7), our child's and somebody else's."""
    (proc / "stat").write_text(f"cpu  {busy} 0 0 {idle} 0 0 0 0 50 0\ncpu0 1 2 3\n")
    rows = {7: (1, own, reaped), 8: (7, child, 0), 9: (1, 5000, 0)}
    for pid, (parent, ticks, waited) in rows.items():
        (proc / str(pid)).mkdir(exist_ok=True)
        rest = f"{parent} 0 0 0 0 0 0 0 0 0 {ticks} 0 {waited} 0 35 15 1 0 0"
        (proc / str(pid) / "stat").write_text(f"{pid} (a) name) S {rest}\n")


def test_what_we_and_our_children_take_is_not_others(tmp_path: Path) -> None:
    load = SystemLoad(1, tmp_path, pid=7)
    machine(tmp_path, busy=1000, idle=1000, own=100, child=100)
    assert load.others() is None
    machine(tmp_path, busy=1090, idle=1010, own=130, child=140)
    assert load.others() == pytest.approx(0.2)
    machine(tmp_path, busy=1100, idle=1100, own=130, child=0, reaped=140)  # it ended: no time is lost
    assert load.others() == pytest.approx(0.1)


def test_where_there_is_no_proc_the_load_average_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (3.0, 9.0, 9.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    load = SystemLoad(1, tmp_path / "none")
    assert load.others() == pytest.approx(0.5)
    assert load.stalled() == 0.0


def test_the_pressure_on_memory_is_read(tmp_path: Path) -> None:
    (tmp_path / "pressure").mkdir()
    text = "some avg10=37.50 avg60=1.00 avg300=0.00 total=9\nfull avg10=1.00 avg60=0.00\n"
    (tmp_path / "pressure" / "memory").write_text(text)
    assert SystemLoad(1, tmp_path).stalled() == pytest.approx(0.375)


def test_the_brake_hears_a_disturbance_between_two_measurements(tmp_path: Path) -> None:
    machine(tmp_path, busy=1000, idle=1000, own=0, child=0)
    now, disturbed = [0.0], [""]
    brake = AnalysisThrottle(
        Throttle(0.6), SystemLoad(1, tmp_path, pid=7), lambda: disturbed[0], lambda: now[0]
    )
    assert brake() == ""
    now[0], disturbed[0] = 0.2, "a crossfade is on"
    assert brake() == "a crossfade is on"


@pytest.mark.parametrize(
    ("roles", "ready", "why"),
    [
        (("current", "idle"), True, ""),
        (("current", "preparing"), True, "a track is about to begin"),
        (("current", "leaving"), True, "a crossfade is on"),
        (("current", "idle"), False, "a deck is being replaced"),
    ],
)
def test_what_a_decode_would_disturb(roles: tuple[str, str], ready: bool, why: str) -> None:
    assert playback_busy_reason(playback(decks=decks(*roles, ready=ready))) == why
