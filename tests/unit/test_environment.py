"""What other processes are told, and what libraries are forbidden to tell."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from player.environment import NO_TELEMETRY, forbid_telemetry, plain

ROOT = Path(__file__).resolve().parents[2]


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
