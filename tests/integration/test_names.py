"""Several players on one machine, by their names: two daemons, each with its own loudspeaker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from player.system.player_name import VARIABLE
from player.types import Json
from tests.integration.test_daemon import simple
from tests.support.daemon import ROOT, Daemon
from tests.support.music import calm
from tests.support.pulse import PrivatePulse, levels_db, recording
from tests.support.waiting import wait_for

WINDOW_S = 0.02


def named(name: str, tmp_path: Path, music: Path, pulse: PrivatePulse) -> Daemon:
    """A player with a state folder that it would share, if it had no name."""
    pulse.add_sink(name)
    changes: Json = {"state_dir": str(tmp_path / "s"), "playback": {"output": f"pulse:{name}"}}
    daemon = Daemon(tmp_path / name, simple(music, **changes), {**pulse.env, VARIABLE: name})
    daemon.socket = tmp_path / "s" / "players" / name / "control.sock"
    return daemon


def test_two_by_name(pulse: PrivatePulse, tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    music = calm(tmp_path / "music" / "calm.wav", 120).parent
    bar, terrace = (named(name, tmp_path, music, pulse) for name in ("bar", "terrace"))
    with bar, terrace, recording(pulse) as nobodys:
        with recording(pulse, "bar") as at_bar, recording(pulse, "terrace") as at_terrace:
            wait_for(at_bar.sounds, 30, "music at the bar")
            wait_for(at_terrace.sounds, 30, "music on the terrace")
            terrace.tell("pause")
            wait_for(lambda: not at_terrace.sounds(0.5), 10, "the terrace to fall silent")
            assert at_bar.sounds(0.5), "the bar is told nothing"
        config = str(bar.config)
        said = subprocess.run(
            [sys.executable, "-m", "player", "status", "--json", "--config", config, "--name", "terrace"],
            cwd=ROOT, env={**os.environ, VARIABLE: "bar"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert '"state": "paused"' in said.stdout, (
            "the terrace's answer, whosever config it is: " + said.stderr
        )
        terrace.tell("resume")
        with recording(pulse, "bar") as at_bar, recording(pulse, "terrace") as at_terrace:
            wait_for(at_bar.sounds, 30, "music at the bar")
            bar.kill()
            wait_for(lambda: not at_bar.sounds(0.5), 10, "the bar's decks to end with it")
            wait_for(at_terrace.sounds, 30, "music on the terrace still")
            assert terrace.tell("status")["playback"]["state"] == "playing"
        assert WINDOW_S * (levels_db(nobodys.samples, WINDOW_S) > -80).sum() < 0.3
    assert (tmp_path / "s" / "players" / "terrace" / "state.json").is_file()
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"players"}
