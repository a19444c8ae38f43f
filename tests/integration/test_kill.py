"""A few of the kills that scripts/system/kills.py makes a hundred of (docs/faults.md)."""

from pathlib import Path

import pytest

from scripts.system.kills import run
from tests.support.pulse import private_pulse


@pytest.mark.long
def test_it_comes_back_from_every_kill(tmp_path: Path) -> None:
    with private_pulse() as pulse:
        report = run(5, tmp_path, pulse, seed=7, longest_s=4.0)
    assert report.faults == []
    assert len(report.sound_s) == 6
