"""scripts/run, wherever the checkout is and whoever calls it: a real shell, a Python that notes its words."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from player.library.analysis import analysis_process
from player.playback import deck_process
from player.playback.monitor import audio_monitor

ROOT = Path(__file__).resolve().parents[2]

NOTES = """#!/bin/sh
printf '%s\\0' "$PWD" "$@" > "$NOTE"
"""


FOLLOWS = f"""#!/bin/sh
printf '%s\\n' "$*" >> .venv/words
case "$*" in
  "-P -c "*) PYTHONPATH=$(cat .venv/place) exec {sys.executable} "$@" ;;
  *"install"*"-e .") pwd > .venv/place ;;
esac
"""
"""A Python that knows the checkout's place as of the last installation."""
MAKES = """#!/bin/sh
case "$*" in
  "-m venv"*) rm .venv/other; printf '%s\\n' "$*" >> .venv/words ;;
esac
"""
"""The system's Python."""


class Checkout:
    """A checkout in which all is installed."""

    def __init__(self, root: Path, outside: Path) -> None:
        self.root, self._note, self._bin = root, outside / "note", outside / "bin"
        for folder in (root / "scripts", root / "requirements", root / ".venv" / "bin", self._bin):
            folder.mkdir(parents=True)
        locks = ("requirements/run.lock", "requirements/demo.lock", "pyproject.toml")
        for name in ("scripts/run", "scripts/setup.sh", *locks):
            (root / name).write_bytes((ROOT / name).read_bytes())
        (root / "scripts" / "run").chmod(0o755)
        stamp = sha256(b"".join((ROOT / name).read_bytes() for name in locks)).hexdigest()[:16]
        (root / ".venv" / f".run.lock-{stamp}").touch()
        self._program(root / ".venv" / "bin" / "python", NOTES)
        self._program(self._bin / "dpkg-query", "#!/bin/sh\necho install ok installed\n")

    def _program(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def has_python(self, text: str) -> None:
        """Another program as that of its virtual environment."""
        (self.root / "player").mkdir()
        (self.root / "player" / "__init__.py").touch()
        (self.root / ".venv" / "place").write_text(f"{self.root}\n")
        self._program(self.root / ".venv" / "bin" / "python", text)
        self._program(self._bin / "python3", MAKES)

    def installs(self) -> list[str]:
        """What is made and installed on the way to a player that starts."""
        words = self.root / ".venv" / "words"
        words.unlink(missing_ok=True)
        env = {**os.environ, "PATH": f"{self._bin}:{os.environ['PATH']}"}
        subprocess.run(["scripts/run", "status"], cwd=self.root, env=env, check=True, capture_output=True)
        *before, last = words.read_text().splitlines()
        assert last == "-P -m player status"
        return [said for said in before if " install " in said or said.startswith("-m venv")]

    def run(self, script: str | Path, *words: str, cwd: Path) -> tuple[Path, list[str]]:
        """Where Python was started, and with which words."""
        env = {**os.environ, "PATH": f"{self._bin}:{os.environ['PATH']}", "NOTE": str(self._note)}
        subprocess.run([str(script), *words], cwd=cwd, env=env, check=True, capture_output=True)
        place, *said = self._note.read_text().split("\0")[:-1]
        return Path(place), said


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The folder of somebody who calls it."""
    folder = tmp_path / "a shop"
    folder.mkdir()
    return folder


NAMES = (
    "plain",
    "we$HOME",
    "two words",
    "it's",
    'quo"te',
    "100%s",
    "#1",
    "line\nbreak",
    "end\n",
    "`id`$(id)",
    "-x",
    "*",
    "\\",
)


@pytest.mark.parametrize("name", NAMES)
def test_paths_are_the_caller_s_wherever_the_checkout_is(tmp_path: Path, shop: Path, name: str) -> None:
    checkout = Checkout(tmp_path / "src" / name, tmp_path)
    words = ["-P", "-m", "player", "check", "--config", "shop.yaml"]
    assert checkout.run(checkout.root / "scripts" / "run", *words[3:], cwd=shop) == (shop, words)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ((), ("run",)),
        (("--config", "a b.yaml"), ("run", "--config", "a b.yaml")),
        (("caption", "$x.jpg"), ("caption", "$x.jpg")),
    ],
)
def test_every_word_arrives_as_it_was_said(
    tmp_path: Path, shop: Path, said: tuple[str, ...], means: tuple[str, ...]
) -> None:
    checkout = Checkout(tmp_path / "src", tmp_path)
    _, words = checkout.run(checkout.root / "scripts" / "run", *said, cwd=shop)
    assert words == ["-P", "-m", "player", *means]


def test_it_may_be_called_through_links_and_by_a_relative_name(tmp_path: Path, shop: Path) -> None:
    checkout = Checkout(tmp_path / "we$ird\nsrc", tmp_path)
    (tmp_path / "player").symlink_to(checkout.root / "scripts" / "run")
    (shop / "again").symlink_to(Path("..") / "player")
    for script in (tmp_path / "player", "./again", "../player"):
        assert checkout.run(script, "status", cwd=shop) == (shop, ["-P", "-m", "player", "status"])
    assert checkout.run("scripts/run", "status", cwd=checkout.root)[0] == checkout.root


def test_a_folder_to_build_blip_from_is_the_caller_s(tmp_path: Path, shop: Path) -> None:
    checkout = Checkout(tmp_path / "src", tmp_path)
    (checkout.root / "requirements" / "export.lock").touch()
    (checkout.root / ".venv" / f".export.lock-{sha256(b'').hexdigest()[:16]}").touch()
    (shop / "my blip").mkdir()
    builds = f'#!/bin/sh\ncase "$*" in *export.blip*) printf "%s" "$3" > "{tmp_path}/source" ;; esac\n{NOTES}'
    (checkout.root / ".venv" / "bin" / "python").write_text(builds)
    for source, means in (("my blip", str(shop / "my blip")), ("hub/name", "hub/name")):
        checkout.run(checkout.root / "scripts" / "run", f"--with-blip={source}", "status", cwd=shop)
        assert (tmp_path / "source").read_text() == means


def test_after_a_move_it_is_installed_again_and_once(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "src", tmp_path)
    checkout.has_python(FOLLOWS)
    assert not checkout.installs()
    checkout.root = checkout.root.rename(tmp_path / "moved here")
    assert any(said.endswith("-e .") for said in checkout.installs())
    assert not checkout.installs()


def test_another_python_gets_a_virtual_environment_of_its_own(tmp_path: Path) -> None:
    """After an upgrade of the system: .venv/bin/python is the new one, which looks at no old package."""
    checkout = Checkout(tmp_path / "src", tmp_path)
    lost = 'test ! -e .venv/other || { echo "No module named ..." >&2; exit 1; }'
    checkout.has_python(FOLLOWS.replace("printf", f"{lost}\nprintf", 1))
    assert not checkout.installs()
    (checkout.root / ".venv" / "other").touch()
    first, *then = checkout.installs()
    assert first.startswith("-m venv --clear")
    assert any(said.endswith("-e .") for said in then)
    assert not checkout.installs()


def test_a_virtual_environment_of_another_checkout_stays_that_one_s(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "src", tmp_path)
    checkout.has_python(FOLLOWS)
    shared = (checkout.root / ".venv").rename(tmp_path / "shared")
    (checkout.root / ".venv").symlink_to(shared)
    (shared / "place").write_text("/nowhere\n")
    assert not checkout.installs()


@pytest.mark.parametrize(
    "command", [deck_process.CHILD, audio_monitor.CHILD, analysis_process.CHILD], ids=lambda words: words[-1]
)
def test_no_file_of_the_caller_s_is_taken_for_a_module_by_a_child(
    shop: Path, command: tuple[str, ...]
) -> None:
    for name in ("queue.py", "json.py", "logging.py", "numpy.py"):
        (shop / name).write_text("raise SystemExit('shadowed')")
    (shop / "player").mkdir()
    done = subprocess.run(
        [*command, "auto"], cwd=shop, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert b"shadowed" not in done.stderr
    assert b"No module named" not in done.stderr
