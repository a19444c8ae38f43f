"""The watchdog: what silence it lets pass, and how it climbs."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.config.settings.playback import WatchdogSettings
from player.playback.monitor.watchdog import (
    LADDER,
    PAUSE_MAX_S,
    START_S,
    STEADY_S,
    Claim,
    Heard,
    Watchdog,
    WatchdogStep,
    silent_at,
)
from player.types import Track

PLAYING = Claim(due=True)
SOUND, SILENCE = Heard(sounds=True), Heard(sounds=False)
STEP_S = 0.25


class Watch:
    """A watchdog with a clock, and what it said."""

    def __init__(self, silent_s: float = 8, restarts_per_hour: int = 3, **more: object) -> None:
        settings = WatchdogSettings(silent_s=silent_s, restarts_per_hour=restarts_per_hour)
        self.dog = Watchdog(settings, **more)  # type: ignore[arg-type]
        self.now = 1000.0
        self.said: list[tuple[float, WatchdogStep]] = []

    def run(self, seconds: float, heard: Heard, claim: Claim = PLAYING) -> list[WatchdogStep]:
        said = []
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            step = self.dog.update(self.now, claim, heard)
            if step is not None:
                said.append(step)
                self.said.append((self.now, step))
        return said


@pytest.mark.parametrize(
    ("claim", "heard"),
    [
        pytest.param(PLAYING, SOUND, id="sound"),
        pytest.param(Claim(due=False), SILENCE, id="paused, stopped, or a reason is known"),
        pytest.param(Claim(due=True, resting=True), SILENCE, id="the music itself is silent"),
        pytest.param(Claim(due=True, loudness_lufs=-70), SILENCE, id="too quiet to be told from silence"),
        pytest.param(PLAYING, Heard(sounds=False, muted="somebody muted it"), id="muted by somebody"),
    ],
)
def test_no_alarm(claim: Claim, heard: Heard) -> None:
    watch = Watch(silent_s=3)
    watch.run(2, SOUND)
    assert not watch.run(3600, heard, claim)
    assert watch.dog.silent_s == 0


def test_the_ladder_is_climbed_rung_by_rung_at_an_even_pace() -> None:
    watch = Watch(silent_s=8)
    watch.run(20, SOUND)
    silent_from = watch.now
    watch.run(40, SILENCE)
    assert watch.said == [(silent_from + 8 * n, step) for n, step in enumerate(LADDER, start=1)]
    assert watch.dog.steps == dict.fromkeys(LADDER, 1)


def test_sound_for_a_while_resets_the_ladder_and_a_click_does_not() -> None:
    watch = Watch(silent_s=8)
    assert watch.run(17, SILENCE) == [WatchdogStep.NEXT, WatchdogStep.DECK]
    watch.run(2, SOUND)
    assert watch.run(9, SILENCE) == [WatchdogStep.DECKS]
    watch.run(STEADY_S + 1, SOUND)
    assert watch.run(9, SILENCE) == [WatchdogStep.NEXT]


def test_sound_with_rests_in_it_resets_the_ladder_all_the_same() -> None:
    watch = Watch(silent_s=8)
    assert watch.run(9, SILENCE) == [WatchdogStep.NEXT]
    for _ in range(12):
        watch.run(1, SOUND)
        watch.run(2, SILENCE)
    assert watch.run(9, SILENCE) == [WatchdogStep.NEXT]


def test_restarts_are_rationed_and_the_pauses_grow() -> None:
    watch = Watch(silent_s=8, restarts_per_hour=2)
    watch.run(3600, SILENCE)
    restarts = [at for at, step in watch.said if step is WatchdogStep.RESTART]
    assert len(restarts) == 2
    rest = [step for _, step in watch.said if step is not WatchdogStep.RESTART]
    assert rest == [LADDER[n % 4] for n in range(len(rest))]
    times = [at for at, _ in watch.said]
    silences = [b - a for a, b in itertools.pairwise(times)]
    assert silences == sorted(silences)
    assert max(silences) <= PAUSE_MAX_S


def test_no_restart_where_none_is_allowed() -> None:
    watch = Watch(silent_s=3, restarts_per_hour=0)
    watch.run(3600, SILENCE)
    assert WatchdogStep.RESTART not in watch.dog.steps


def test_the_restarts_of_an_earlier_life_count() -> None:
    watch = Watch(silent_s=8, restarts_per_hour=1, restarted_at=(900.0, 7000.0, -5000.0))
    watch.run(100, SILENCE)
    assert WatchdogStep.RESTART not in watch.dog.steps
    assert watch.dog.restarted_at == (900.0,)  # one from before the hour and one from before a reboot do not


def test_the_first_sound_may_take_its_time() -> None:
    watch = Watch(silent_s=8)
    assert not watch.run(START_S + 7.5, SILENCE, Claim(due=True, starting=True))
    assert watch.run(1, SILENCE, Claim(due=True, starting=True)) == [WatchdogStep.NEXT]


def test_the_clock_runs_again_from_the_end_of_a_pause() -> None:
    watch = Watch(silent_s=8)
    watch.run(7, SILENCE)
    watch.run(60, SILENCE, Claim(due=False))
    assert not watch.run(7.5, SILENCE)
    assert watch.run(1, SILENCE) == [WatchdogStep.NEXT]


Stretch = st.tuples(
    st.floats(0.25, 30),
    st.sampled_from(["sound", "known", "silence", "muted", "paused", "quiet"]),
)


@given(st.lists(Stretch, max_size=40), st.floats(3, 20), st.integers(0, 3))
def test_only_unexplained_silence_alarms_and_the_order_is_fixed(
    stretches: list[tuple[float, str]], silent_s: float, per_hour: int
) -> None:
    watch = Watch(silent_s, per_hour)
    unexplained_s = 0.0
    for seconds, kind in stretches:
        claim = Claim(
            kind != "paused", resting=kind == "known", loudness_lufs=-80 if kind == "quiet" else -18
        )
        heard = Heard(kind == "sound", muted="by hand" if kind == "muted" else "")
        said = watch.run(seconds, heard, claim)
        if kind != "silence":
            assert not said
            unexplained_s = 0.0
            continue
        unexplained_s += seconds
        assert not said or unexplained_s >= silent_s - STEP_S
    allowed = {*itertools.pairwise(LADDER), *((step, WatchdogStep.NEXT) for step in LADDER)}
    steps = [step for _, step in watch.said]
    assert steps[:1] in ([], [WatchdogStep.NEXT])
    assert set(itertools.pairwise(steps)) <= allowed
    assert watch.dog.steps[WatchdogStep.RESTART] <= per_hour


@pytest.mark.parametrize(
    ("position_s", "silent"),
    [
        (0.0, True),  # before the music begins
        (5.9, True),  # the output is a second behind
        (6.1, False),
        (58.9, False),
        (59.1, True),  # a silence inside it, from 60 to 80 s
        (80.9, True),
        (81.1, False),
        (118.9, False),
        (119.1, True),  # after its end
    ],
)
def test_a_track_is_silent_only_where_the_library_knows_it(position_s: float, silent: bool) -> None:
    track = Track(Path("a"), "a", music_start_s=5.0, music_end_s=120.0, silences=((60.0, 80.0),))
    assert silent_at(track, position_s) == silent
    assert not silent_at(Track(Path("b"), "never analysed"), position_s)
