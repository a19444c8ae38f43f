"""config.yaml edited while the player plays: what is right is taken over, nonsense is refused, unheard."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from player.config import loader
from player.errors import ControlError
from tests.integration.test_daemon import ambient_player, simple
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.processes import PROC, children
from tests.support.pulse import SINK, PrivatePulse, level_db, longest_silence_s, recording
from tests.support.quiet import gaps_judged_in_quiet, unbroken
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    music.calm(folder / "calm 1.wav", 120)
    music.calm(folder / "calm 2.wav", 120, 247)  # no copy: that would be the same track again
    return folder


def edit(daemon: Daemon, **sections: object) -> None:
    """Change sections of the daemon's config as an editor does: another file takes its place."""
    values = yaml.safe_load(daemon.config.read_text(encoding="utf-8"))
    for name, changes in sections.items():
        before = values.get(name)
        both = isinstance(before, dict) and isinstance(changes, dict)
        values[name] = {**before, **changes} if both else changes
    new = daemon.config.with_suffix(".new")
    new.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    new.replace(daemon.config)


@pytest.mark.alone
@gaps_judged_in_quiet
def test_what_is_edited_holds_and_nonsense_does_not(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    music.lively(other / "lively.wav", 120)
    with recording(pulse) as heard, Daemon(tmp_path / "player", simple(songs), pulse.env) as daemon:
        first = daemon.wait_for("track")
        daemon.wait_until(lambda status: status["perception"]["problem"] is None)
        daemon.wait_until(lambda status: status["library"]["tracks"] == 2)
        decks = status_decks(daemon)
        daemon.tell("pin", "sad")
        first = daemon.wait_for("track", after=first)
        wait_for(heard.sounds, 10, "sound")
        began = time.monotonic()

        written = daemon.tell("config_write", {"playback.skip_fade_s": 1.25, "mood.lift": 0.5})
        assert written["changed"] == ["playback.skip_fade_s", "mood.lift"]
        daemon.wait_for("reload", changed=["mood", "playback"])
        assert daemon.tell("config")["values"]["playback"]["skip_fade_s"] == 1.25
        assert loader.load(daemon.config).mood.lift == 0.5

        good = daemon.config.read_text(encoding="utf-8")
        daemon.config.write_text(good + "\nvolumne: 3\nchoice: {variety: loud}\n", encoding="utf-8")
        with pytest.raises(
            ControlError, match=r"config\.yaml:\d+: choice: this key stands here a second time"
        ):
            daemon.tell("reload")
        edit_text = good.replace("variety: 0", "variety: loud") + "\nvolumne: 3\n"
        daemon.config.write_text(edit_text, encoding="utf-8")
        with pytest.raises(ControlError) as refused:
            daemon.tell("reload")
        lines = str(refused.value).splitlines()
        assert len(lines) == 2, "every mistake is named"
        assert all(line.startswith(f"{daemon.config}:") for line in lines)
        for line in lines:
            daemon.wait_for("reload", message=line)
        done = ambient_player("reload", "-c", str(daemon.config))
        assert done.returncode == 1, "a broken file does not hide the player from its commands"
        assert lines[0] in done.stderr
        daemon.config.write_text(good, encoding="utf-8")
        edit(daemon, state_dir=str(tmp_path / "elsewhere"))
        with pytest.raises(ControlError, match="state_dir: has changed, which needs a restart"):
            daemon.tell("reload")
        assert not (tmp_path / "elsewhere").exists()
        for broken in (
            daemon.config.read_text(encoding="utf-8"),
            "state_dir: [",
            "state_dir: ~nobody-at-all/x",
        ):
            daemon.config.write_text(broken, encoding="utf-8")
            assert ambient_player("status", "-c", str(daemon.config)).returncode == 0, "it is where it was"
        assert not (tmp_path / "elsewhere").exists()
        daemon.config.write_text(good, encoding="utf-8")
        assert daemon.tell("reload")["changed"] == []

        edit(daemon, mood={"policy": "steady"}, gate={"interval_s": 0.7}, log={"level": "warning"})
        assert daemon.tell("reload")["changed"] == ["gate", "mood", "log"]
        assert daemon.tell("status")["room"]["pinned"] == "sad"
        edit(
            daemon,
            log={"level": "info"},
            playback={"volume": 55},
            library={"folders": [str(other)]},
            camera={"enabled": True},
            dayparts=[{"name": "ever", "start": "00:00", "mood": "joyful"}],
            choice={"variety": 0.3},
        )
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_until(
            lambda status: (
                status["playback"]["volume"] == 55
                and status["room"]["daypart"] == "ever"
                and status["perception"]["camera"]["state"] == "live"
                and status["library"]["tracks"] == 1
            )
        )
        status = daemon.tell("status")
        assert status["room"]["pinned"] == "sad"
        assert status["playback"]["track"]["path"] == first["path"], "what plays goes on"
        daemon.tell("unpin")
        lively = daemon.wait_for("track", after=first)
        assert lively["path"] == str(other / "lively.wav")
        assert lively["target"] == "joyful"
        assert status_decks(daemon) == decks, "the decks have stayed"
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 3)
        unbroken(longest_silence_s(heard.since(began)), 0.3)
        threads = len(PROC.threads(daemon.process.pid))
        for n in range(6):
            edit(
                daemon,
                library={"rescan_s": 100 + n},
                gate={"interval_s": 1.0 + n},
                choice={"variety": n / 10},
            )
            daemon.tell("reload")
        wait_for(
            lambda: len(PROC.threads(daemon.process.pid)) <= threads + 2,
            20,
            "the threads of replaced parts to end",
        )
        assert daemon.tell("status")["playback"]["state"] == "playing"


def test_the_newer_of_setting_and_command_holds_over_restarts_and_edits(
    pulse: PrivatePulse, songs: Path, tmp_path: Path
) -> None:
    """player/config/precedence.py has the tables; this is whether every part goes by them."""
    part = {"name": "ever", "start": "00:00", "mood": "calm", "volume": 50}
    changes = simple(songs, camera={"enabled": False}, dayparts=[part], playback={"ceiling": 60})

    def holds(daemon: Daemon, camera: bool, volume: int, night: bool) -> None:
        daemon.wait_until(
            lambda status: (
                (
                    status["perception"]["camera"]["enabled"],
                    status["playback"]["volume"],
                    status["playback"]["night"],
                )
                == (camera, volume, night)
            )
        )

    daemon = Daemon(tmp_path / "player", changes, pulse.env)
    with daemon:
        holds(daemon, False, 50, False)
        daemon.tell("volume", 90)
        daemon.tell("night", "on")
        holds(daemon, False, 40, True)  # the night's ceiling
    with daemon:
        holds(daemon, False, 40, True)
        daemon.tell("night", "auto")
        holds(daemon, False, 60, False)  # 90 by command, under the ceiling: the night's was not taken for it
        daemon.tell("camera", "on")
        daemon.tell("night", "on")
        edit(daemon, gate={"interval_s": 9}, playback={"volume": 5})
        daemon.tell("reload")
        holds(daemon, True, 40, True)  # nothing was edited that counts against a command
        daemon.tell("night", "off")
    edit(daemon, camera={"enabled": True}, dayparts=[{**part, "volume": 30, "night": True}])
    with daemon:
        holds(daemon, True, 30, True)
        daemon.tell("camera", "off")
        daemon.tell("volume", 20)
        daemon.tell("night", "off")
        holds(daemon, False, 20, False)
        edit(daemon, camera={"enabled": False}, dayparts=[{**part, "volume": 35}])
        daemon.tell("reload")
        holds(daemon, False, 35, False)
        edit(daemon, camera={"enabled": True}, dayparts=[{**part, "volume": 36, "night": True}])
        daemon.tell("reload")
        holds(daemon, True, 36, True)


def status_decks(daemon: Daemon) -> set[int]:
    """The processes of the decks."""
    return set(children(daemon.process.pid, "deck_child"))


@pytest.mark.alone
@gaps_judged_in_quiet
def test_another_output_takes_over_without_silence(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """From the default sink to a second one by name, and back to the first by its name."""
    env = {**os.environ, **pulse.env}
    load = ["pactl", "load-module", "module-null-sink", "sink_name=second", "rate=48000", "channels=2"]
    if "second" not in pulse.sinks():
        subprocess.run(load, env=env, check=True, capture_output=True)
    with (
        recording(pulse) as heard,
        recording(pulse, "second") as second,
        Daemon(tmp_path / "player", simple(songs, playback={"output": f"pulse:{SINK}"}), pulse.env) as daemon,
    ):
        track = daemon.wait_for("track")["path"]
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 3 and heard.sounds())
        began = time.monotonic()
        edit(daemon, playback={"output": "pulse:second"})
        daemon.tell("reload")
        wait_for(second.sounds, 15, "sound from the second sink")
        wait_for(lambda: not heard.sounds(), 15, "silence from the first one")
        status = daemon.tell("status")["playback"]
        assert status["track"]["path"] == track, "the same music, on the other output"
        assert status["output"] == "pulse:second"
        wait_for(lambda: second.sounds(2.0), 10, "music from the second sink")
        first, other = heard.since(began), second.since(began)
        size = min(first.size, other.size)
        unbroken(longest_silence_s(first[:size] + other[:size]), 0.3)
        daemon.tell("next")
        daemon.wait_until(lambda status: status["playback"]["track"]["path"] != track)
        daemon.tell("next")
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 9) < 5)
        wait_for(lambda: second.sounds(1.0), 10, "music from the second sink")
        assert level_db(heard.samples[-4800:]) < -60, "both decks have gone over"
