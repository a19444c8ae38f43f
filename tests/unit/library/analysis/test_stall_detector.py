"""Whether a process gets on, by its processor time: the clock blames no file."""

import os
import subprocess
import sys
from collections.abc import Iterable

import pytest

from player.library.analysis.stall_detector import (
    MOST_LIMITS,
    ProcessPulse,
    Progress,
    StallDetector,
    pulse_of,
)
from tests.support.waiting import wait_for

LIMIT_S = 10.0
TICK_S = 0.2


def judged(pulses: Iterable[ProcessPulse | None], elapsed_s: float = TICK_S) -> Progress:
    """The first judgement that is not WORKS, or WORKS."""
    patience = StallDetector(LIMIT_S)
    for pulse in pulses:
        if (found := patience.update(pulse, elapsed_s)) is not Progress.WORKS:
            return found
    return Progress.WORKS


def test_processor_time_without_progress_is_a_loop() -> None:
    assert judged(ProcessPulse(TICK_S * n, 5, "RS") for n in range(100)) is Progress.LOOPS


def test_a_slow_machine_on_which_it_reads_on_is_no_loop() -> None:
    """Emulated, say: fifty times the processor time, and still a little further each time."""
    assert judged(ProcessPulse(TICK_S * n, n // 40, "R") for n in range(400)) is Progress.WORKS


def test_a_loop_that_reads_ends_too() -> None:
    ticks = round(MOST_LIMITS * LIMIT_S / TICK_S) + 10
    assert judged(ProcessPulse(TICK_S * n, n, "R") for n in range(ticks)) is Progress.LOOPS


@pytest.mark.parametrize("states", ["R", "SR", "T", "SST", "DR"])
def test_who_gets_no_processor_or_is_stopped_is_waited_for(states: str) -> None:
    assert judged(ProcessPulse(1.0, 5, states) for _ in range(10_000)) is Progress.WORKS


@pytest.mark.parametrize("states", ["D", "S", "SSD"])
def test_who_sleeps_for_long_waits_for_a_disk_or_a_lock(states: str) -> None:
    assert judged(ProcessPulse(1.0, 5, states) for _ in range(100)) is Progress.STUCK


def test_what_little_it_gets_between_sleeps_counts() -> None:
    assert judged(ProcessPulse(n // 40 * 0.01, 5, "D") for n in range(1000)) is Progress.WORKS


def test_a_suspend_counts_for_no_more_than_a_second() -> None:
    assert judged([ProcessPulse(1.0, 5, "S")] * 5, elapsed_s=3600) is Progress.WORKS


def test_where_the_system_says_nothing_the_clock_has_to_do() -> None:
    assert judged([None] * 40) is Progress.WORKS
    assert judged([None] * 60) is Progress.LOOPS


def test_the_pulse_of_a_real_process() -> None:
    body = "import sys; open('/dev/zero', 'rb').read(3_000_000)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", body]) as process:
        try:
            wait_for(lambda: (p := pulse_of(process.pid)) and p.cpu_s > 0.3, 30, "processor time")
            pulse = pulse_of(process.pid)
        finally:
            process.kill()
    assert pulse is not None
    assert pulse.read_bytes > 3_000_000
    assert "R" in pulse.states
    mine = pulse_of(os.getpid())
    assert mine is not None
    assert mine.cpu_s > 0
    process.wait()
    assert pulse_of(process.pid) is None
