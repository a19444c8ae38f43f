"""Would the soak notice? Series that grow, that do not, and processes that are replaced."""

import os
import random
import subprocess
import sys

import pytest

from player.library.analysis import analysis_process
from player.playback import deck_process
from player.playback.monitor import audio_monitor
from scripts.system.soak_measure import ROLES, Sample, Trend, children, look, trends

LEVELS = {"anon_kb": 20_000.0, "pss_kb": 40_000.0, "threads": 7.0, "handles": 17.0}


def run(transitions: int, replaced_every: int = 10**9, **per_transition: float) -> list[Trend]:
    """A deck that loads what it needs within 40 transitions, with noise, and what else grows."""
    random.seed(1)
    samples = []
    for at in range(0, transitions, 5):
        age = at % replaced_every
        values = {
            name: level * (1 + 0.5 * min(age, 40) / 40) + per_transition.get(name, 0.0) * age
            for name, level in LEVELS.items()
        }
        values["anon_kb"] += random.uniform(-300, 300)
        samples.append(Sample(at, "deck", 100 + at // replaced_every, values))
    return trends(samples, warm=60)


def flat(found: list[Trend]) -> dict[str, bool]:
    return {trend.metric: trend.flat for trend in found}


@pytest.mark.parametrize("replaced_every", [10**9, 400])
def test_what_does_not_grow_is_flat(replaced_every: int) -> None:
    found = run(2000, replaced_every)
    assert set(flat(found)) == {"anon_kb", "threads", "handles"}
    assert all(flat(found).values())


@pytest.mark.parametrize("replaced_every", [10**9, 400])
@pytest.mark.parametrize(
    ("metric", "per_transition"),
    [("anon_kb", 3.0), ("threads", 0.005), ("handles", 0.005)],
)
def test_what_grows_is_found(metric: str, per_transition: float, replaced_every: int) -> None:
    """3 KB for each transition is what a deck kept of its tracks once: 6 KB for each of its own."""
    found = flat(run(2000, replaced_every, **{metric: per_transition}))
    assert [name for name, is_flat in found.items() if not is_flat] == [metric]


def test_a_short_run_says_little_but_speaks() -> None:
    assert all(flat(run(150)).values())
    assert not flat(run(150, anon_kb=60.0))["anon_kb"]
    assert run(60) == [], "all of it was warm-up"


@pytest.mark.parametrize(("leak_kb", "is_flat"), [(0.0, True), (300.0, False)])
def test_what_goes_up_and_down_between_two_levels_grows_only_if_these_do(
    leak_kb: float, is_flat: bool
) -> None:
    """Each look at the room takes 9 MB for a while: more of the last samples may lie in one by chance."""
    looks = [at % 10 < 4 if at < 70 else at % 10 < 9 for at in range(100)]
    samples = [
        Sample(at, "daemon", 1, LEVELS | {"anon_kb": 138_000.0 + 9_000 * look + leak_kb * at})
        for at, look in enumerate(looks)
    ]
    assert flat(trends(samples, warm=10))["anon_kb"] == is_flat


def test_the_player_starts_what_the_roles_name() -> None:
    for command in (deck_process.CHILD, audio_monitor.CHILD, analysis_process.CHILD):
        assert [word for word in ROLES if word in " ".join(command)], command


def test_processes_are_found_by_what_they_are() -> None:
    # It says when it has started: until then it is whatever the system makes of a new process.
    code = "import sys; print(flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", code, "player.playback.deck_child"], stdin=pipe, stdout=pipe
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        assert children(os.getpid())[child.pid] == "deck"
        values = look(child.pid)
        assert child.stdin is not None
        child.stdin.close()
        child.wait()
        assert values is not None
        assert values["anon_kb"] > 1000
        assert values["threads"] == 1
        assert look(child.pid) is None
