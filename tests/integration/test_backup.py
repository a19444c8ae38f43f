"""The nightly backup of a player that plays: nobody hears it, and another machine goes on from it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.test_daemon import simple
from tests.support import music
from tests.support.daemon import ROOT, Daemon
from tests.support.pulse import longest_silence_s, private_pulse, recording
from tests.support.quiet import gaps_judged_in_quiet, unbroken
from tests.support.waiting import wait_for


def ambient_player(config: Path, *words: str) -> str:
    command = [sys.executable, "-m", "player", *words, "--config", str(config)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.timeout(600)
@gaps_judged_in_quiet
def test_a_backup_is_made_while_it_plays_and_another_machine_goes_on_from_it(tmp_path: Path) -> None:
    songs, kept = tmp_path / "songs", tmp_path / "disk" / "backups"
    for folder in (songs, kept.parent):
        folder.mkdir()
    for number in range(3):
        music.calm(songs / f"{number}.wav", 40, 220.0 + 20 * number)
    changes = simple(songs, backup={"folder": str(kept)})
    with private_pulse() as pulse, recording(pulse) as recorded:
        with Daemon(tmp_path / "player", changes, pulse.env) as daemon:
            daemon.wait_until(lambda _: recorded.sounds())
            began = recorded.samples.size
            daemon.wait_until(lambda _: list(kept.glob("*.zip")), 150)
            assert daemon.tell("status")["problems"] == []
            wait_for(lambda: recorded.samples.size > began, 10, "what is on its way to the output")
            played = recorded.samples[began:]
        (backup,) = kept.glob("*.zip")

        moved = tmp_path / "elsewhere"
        songs.rename(moved)
        other = tmp_path / "other" / "config.yaml"
        other.parent.mkdir()
        other.write_text(f"state_dir: {other.parent / 'state'}\n", encoding="utf-8")
        ambient_player(other, "restore", str(backup), "--folder", f"{songs}={moved}")
        tracks = ambient_player(other, "library", "list", "--json").splitlines()
        assert [Path(json.loads(line)["path"]).parent for line in tracks] == [moved] * 3
    unbroken(longest_silence_s(played), 0.2)
