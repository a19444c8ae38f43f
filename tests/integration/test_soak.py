"""A year of tracks in a minute: nothing may grow."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from player.playback.vlc_deck import VlcDeck
from tests.support import music
from tests.support.daemon import ROOT
from tests.support.pulse import private_pulse
from tests.support.quiet import gaps_judged_in_quiet, unbroken

LONGEST_GAP_S = 0.31
"""What docs/soak.md allows, where no deck was killed."""


def test_a_deck_keeps_nothing_of_the_tracks_that_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-vlc remembers every player that it was once asked about: 6 KB a track, 400 MB a year."""
    song = music.calm(tmp_path / "song.wav", 3)
    with private_pulse() as pulse:
        monkeypatch.setenv("PULSE_SERVER", pulse.env["PULSE_SERVER"])
        deck = VlcDeck("pulse")
        for _ in range(12):
            deck.load(str(song), 0.0)
        gc.collect()
        kept = [type(thing).__name__ for thing in gc.get_objects() if type(thing).__module__ == "vlc"]
        deck.release()
    for kind in ("MediaPlayer", "EventManager", "Media"):
        assert kept.count(kind) <= 1, kind


@pytest.mark.long
@gaps_judged_in_quiet
def test_a_small_soak(tmp_path: Path) -> None:
    """The whole player for some fifty transitions; docs/soak.md has the long run."""
    result = tmp_path / "soak.json"
    options = {"seconds": 45, "kill-s": 20, "warm": 10, "gap-s": 60}  # the gaps are judged below
    command = [sys.executable, "-m", "scripts.system.soak"]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = subprocess.run(
        [*command, "--json", str(result)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(result.read_text(encoding="utf-8"))
    assert said["transitions"] > 20
    assert said["decks_killed"] == 2
    assert {trend["role"] for trend in said["trends"]} >= {"daemon", "deck", "monitor"}
    unbroken(said["longest_gap_s"], LONGEST_GAP_S)
