"""A wheel, built and installed into an environment of its own, far from any checkout."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from player.models import manifest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]


class Installed:
    """The command of an installed wheel, for a user who has nothing else."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.site = folder / "site"
        # Its dependencies are those of this environment: what is tried is the package, not PyPI.
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--target", self.site, wheel], check=True, cwd=folder)

    def __call__(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        own = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(self.site), **(env or {}),
        }  # fmt: skip
        command = [sys.executable, "-m", "player", *words]
        return subprocess.run(command, env=own, cwd=self.home, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*build, "-w", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def player(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(wheel, tmp_path_factory.mktemp("installed"))


def test_the_wheel_carries_all_that_is_no_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"models_onnx/{name}" for name in manifest()} | {
        "config.yaml", "models_onnx/manifest.json", "deploy/ambient-player.service", "deploy/sandbox.conf",
        "docs/api.md", "docs/sensors.md", "docs/library/history.md", "docs/decisions/README.md",
    }  # fmt: skip
    assert {f"player/bundled/{name}" for name in wanted} <= names
    assert "player/py.typed" in names, "who uses the package may check the types of what he calls"
    texts = {name.partition(".dist-info/licenses/")[2] for name in names}
    page = "player/interfaces/front/web/page/static/vendor"
    own = {"LICENSE", "models_onnx/Apache-2.0.LICENSE", "models_onnx/ISC.LICENSE"}
    assert own | {f"{page}/htmx.LICENSE", f"{page}/pico.LICENSE"} <= texts
    assert not any("blip/manifest" in name for name in names), "what was built on this machine stays here"
    assert not any(name.startswith(("tests/", "scripts/")) for name in names)


def test_without_a_file_the_defaults_hold_and_one_can_be_had(player: Installed) -> None:
    own = player.home / ".config" / "ambient-player" / "config.yaml"
    shipped = Path(player("config", "path").stdout.strip())
    assert shipped == player.site / "player" / "bundled" / "config.yaml"
    assert player("check").returncode == 0
    assert str(own) in player("config", "init").stdout
    assert Path(player("config", "path").stdout.strip()) == own
    assert own.read_bytes() == (ROOT / "config.yaml").read_bytes()
    own.write_text("gate: {interval_s: 7}", encoding="utf-8")
    again = player("config", "init")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert own.read_text(encoding="utf-8") == "gate: {interval_s: 7}"


def test_it_reads_and_listens(player: Installed, tmp_path: Path) -> None:
    said = player("mood", "friends laugh at a long table")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["energy"] > 0
    code = (
        "import numpy as np; from player.vision import read_scene; from player.library import analyze;"
        "print(read_scene(np.zeros((90, 120, 3), np.uint8)).caption);"
        "print(analyze(np.random.default_rng(0).normal(0, .1, 48000).astype(np.float32), 48000).quadrant)"
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(player.home), "PYTHONPATH": str(player.site)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Q")
