"""A crowd at the HTTP API beside recorded music: `scripts/bench/front.py` does the same for longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.daemon import Daemon
from tests.support.front_load import (
    PLANNED_S,
    Heard,
    Loaded,
    heard,
    killed_and_back_s,
    load,
    memory_mb,
    playing,
)
from tests.support.pulse import PrivatePulse, recording
from tests.support.quiet import is_soon_enough, judged_in_quiet

pytestmark = pytest.mark.alone

STREAMS, SLOW, AS_FAST_AS_CAN_BE, SECONDS = 50, 10, 10_000.0, 14.0
TAKES = 3
GAP_MS, LATE_MS = 20.0, 100.0
MORE_MB = 60.0
"""A quarter of the full house's 200 streams and 50 slow readers, and what Python keeps of a first crowd."""


@pytest.fixture(scope="module")
def player(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, int]]:
    with playing(tmp_path_factory.mktemp("load"), pulse) as running:
        yield running


@dataclass(frozen=True)
class Take:
    """What was heard of the music, what came of the crowd, and the memory before it."""

    heard: Heard
    loaded: Loaded
    before_mb: float


@pytest.mark.long
def test_a_crowd_is_answered_and_not_heard(player: tuple[Daemon, int], pulse: PrivatePulse) -> None:
    daemon, port = player

    def crowd() -> Take:
        before_mb = memory_mb(daemon)
        with recording(pulse) as recorded:
            loaded = load(daemon, port, streams=STREAMS, slow=SLOW, rate=AS_FAST_AS_CAN_BE, seconds=SECONDS)
            return Take(heard(recorded.samples), loaded, before_mb)

    def unheard(take: Take) -> None:
        assert len(take.heard.late_ms) >= int(SECONDS / PLANNED_S) - 1
        assert take.heard.gap_ms <= GAP_MS
        assert abs(take.heard.latest_ms) < LATE_MS
        said = take.loaded.said
        assert (said["status"]["refused"], said["commands"]["refused"]) == (0, 0)
        assert (said["streams_lost"], said["slow_lost"]) == (0, 0)
        assert said["status"]["per_s"] > 50
        assert said["commands"]["per_s"] > 0.5
        assert said["events_per_s"] > STREAMS / 2
        assert take.loaded.most_mb - take.before_mb < MORE_MB

    judged_in_quiet(crowd, unheard, most=TAKES)


def test_a_front_that_is_killed_is_not_heard(player: tuple[Daemon, int], pulse: PrivatePulse) -> None:
    """Nor is the start of the next one."""
    daemon, port = player

    def kill() -> tuple[Heard, float]:
        with recording(pulse) as recorded:
            back_s = killed_and_back_s(daemon, port)
            return heard(recorded.samples), back_s

    def unheard(take: tuple[Heard, float]) -> None:
        assert take[0].gap_ms <= GAP_MS
        assert abs(take[0].latest_ms) < LATE_MS
        assert is_soon_enough(take[1], 3)

    judged_in_quiet(kill, unheard, most=TAKES)
