"""What other processes are told, and what libraries are forbidden to tell."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from player.errors import AudioFileError
from player.library.analysis import analysis_process as analysis
from player.library.analysis import measure
from player.playback.child import ChildProcess
from player.privacy.environment import (
    NO_TELEMETRY,
    forbid_telemetry,
    forget_relative_folders,
    inner,
    plain,
)
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]


def test_any_part_of_the_player_forbids_telemetry_before_a_library_can_read_it() -> None:
    code = (
        "import os, sys; import player.models;"
        "assert 'onnxruntime' not in sys.modules; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    own = {**os.environ, "ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_whoever_imports_onnxruntime_has_imported_the_player_before() -> None:
    """scripts and tests alike; in the player itself models.py alone imports it, when the package is there."""
    for path in [*ROOT.glob("scripts/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        names = [
            (node.lineno, name.split(".")[0])
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )
        ]  # fmt: skip
        first = {name: min(line for line, other in names if other == name) for _, name in names}
        if "onnxruntime" in first:
            assert first.get("player", 10**6) < first["onnxruntime"], path


@pytest.mark.parametrize("name", ["setup.sh", "../deploy/ambient-player.service"])
def test_scripts_and_the_service_forbid_it_too(name: str) -> None:
    assert "ORT_DISABLE_TELEMETRY=1" in (ROOT / "scripts" / name).read_text(encoding="utf-8")


def test_an_owners_value_does_not_count() -> None:
    env = {"ORT_DISABLE_TELEMETRY": "0", "HOME": "/home/me"}
    forbid_telemetry(env)
    assert env == {"HOME": "/home/me"} | NO_TELEMETRY


@pytest.mark.parametrize(
    "name",
    ["LC_API_KEY", "XDG_LLM_TOKEN", "PULSE_SECRET", "PYTHON_PASSWORD", "VLC_PASSWD", "LD_credentials"],
)
def test_a_key_is_one_however_its_name_begins(name: str) -> None:
    given = {name: "x", "PULSE_COOKIE": "/c", "XAUTHORITY": "/a", "LC_ALL": "C"}
    for kept in (plain(given), inner(given)):
        assert name not in kept
        assert {"PULSE_COOKIE", "XAUTHORITY", "LC_ALL"} <= kept.keys()


def test_folders_that_are_relative_or_empty_are_passed_over() -> None:
    env = {"HOME": "", "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": ".", "XDG_DATA_HOME": "/data", "TZ": ""}
    forget_relative_folders(env)
    assert env == {"XDG_DATA_HOME": "/data", "TZ": ""}


def test_the_command_line_passes_them_over(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("library: {folders: []}\n", encoding="utf-8")
    env = {**os.environ, "HOME": str(tmp_path / "home"), "XDG_STATE_HOME": "state", "PYTHONPATH": str(ROOT)}
    scan = [sys.executable, "-m", "player", "library", "scan", "--config", str(config)]
    subprocess.run(scan, env=env, cwd=tmp_path, capture_output=True, check=False)
    assert not (tmp_path / "state").exists()
    assert (tmp_path / "home" / ".local" / "state" / "ambient-player").is_dir()


def test_a_command_gets_its_programs_home_and_sound_and_no_key() -> None:
    given = {
        "PATH": "/bin", "HOME": "/home/me", "LANG": "ko_KR.UTF-8", "LC_ALL": "C", "TZ": "Asia/Seoul",
        "XDG_RUNTIME_DIR": "/run/user/1000", "PULSE_SERVER": "unix:/run/pulse", "DISPLAY": ":0",
    }  # fmt: skip
    secret = {
        "LASTFM_API_KEY": "a", "OPENAI_API_KEY": "b", "AWS_SECRET_ACCESS_KEY": "c", "MY_PASSWORD": "d",
        "NOTIFY_SOCKET": "/run/systemd/notify", "LD_PRELOAD": "x.so", "PYTHONPATH": "/tmp",
    }  # fmt: skip
    assert plain(given | secret) == given | NO_TELEMETRY


def test_the_players_own_processes_get_no_key_and_keep_no_cache() -> None:
    given = {
        "PATH": "/bin",
        "PYTHONPATH": "/tmp",
        "LD_LIBRARY_PATH": "/opt",
        "https_proxy": "http://proxy:3128",
    }
    secret = {"LASTFM_API_KEY": "a", "OPENAI_API_KEY": "b", "NOTIFY_SOCKET": "/run/systemd/notify"}
    cache = {"XDG_CACHE_HOME": "/home/me/.cache"}
    assert inner(given | secret | cache) == given | NO_TELEMETRY | {"XDG_CACHE_HOME": os.devnull}


PRINTS_ITS_ENVIRONMENT = "import json, os; print(json.dumps({'ready': dict(os.environ)}), flush=True)"


@pytest.fixture
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTFM_API_KEY", "hunter2")
    monkeypatch.setenv("PULSE_SERVER", "unix:/run/somewhere")


@pytest.mark.usefixtures("_keys")
def test_a_deck_and_a_monitor_get_the_sound_server_and_no_key() -> None:
    child, said = ChildProcess("Deck", (sys.executable, "-c", PRINTS_ITS_ENVIRONMENT)), []
    try:
        wait_for(lambda: said.extend(child.poll(0.0)) or said, 10, "the child to speak")
    finally:
        child.close()
    told = said[0]["ready"]
    assert told["PULSE_SERVER"] == "unix:/run/somewhere"
    assert "hunter2" not in told.values()


@pytest.mark.usefixtures("_keys")
def test_who_analyses_and_measures_gets_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    tell = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(repr(dict(os.environ)))"
    own = (sys.executable, "-c", f"{tell}; {PRINTS_ITS_ENVIRONMENT}; input()")
    with pytest.raises(AudioFileError), analysis.AnalysisProcess(own) as process:
        process.analyze(tmp_path / "none.mp3")
    seen = told.read_text(encoding="utf-8")
    assert "OPENBLAS_NUM_THREADS" in seen
    assert "hunter2" not in seen
    told.unlink()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(tell, encoding="utf-8")
    with pytest.raises(AudioFileError):
        measure.measure(tmp_path / "none.mp3")
    assert "hunter2" not in told.read_text(encoding="utf-8")
