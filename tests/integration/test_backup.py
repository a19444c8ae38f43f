"""The nightly backup of a player that plays: nobody hears it, and another machine goes on from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.test_daemon import ambient_player, simple
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.pulse import longest_silence_s, private_pulse, recording
from tests.support.quiet import gaps_judged_in_quiet, unbroken


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
            played = recorded.samples[began:]
        (backup,) = kept.glob("*.zip")

        moved = tmp_path / "elsewhere"
        songs.rename(moved)
        other = tmp_path / "other" / "config.yaml"
        other.parent.mkdir()
        other.write_text(f"state_dir: {other.parent / 'state'}\n", encoding="utf-8")
        here = ("--config", str(other))
        restored = ambient_player("restore", str(backup), "--folder", f"{songs}={moved}", *here)
        assert restored.returncode == 0, restored.stderr
        listed = ambient_player("library", "list", "--json", *here).stdout.splitlines()
        assert [Path(json.loads(line)["path"]).parent for line in listed] == [moved] * 3
    unbroken(longest_silence_s(played), 0.2)
