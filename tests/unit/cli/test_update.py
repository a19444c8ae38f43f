"""`ambient-player update --check` for each way to install, with what their package managers say."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from player import __version__
from player.cli import releases, update_check
from player.cli.doctor import Finding
from player.cli.main import app
from player.cli.releases import Releases
from player.library.database.schema import MIGRATIONS, connect
from player.system.installation import DEBIAN_HOME, IMAGE, Installation, Way, installation
from tests.unit.library.database.test_migration_trial import EARLIER, earlier_library

NOTHING_NEWER = Releases("1.0", "", "look there", "keep it")
ASKED = {"apt-cache policy", "apt-cache show", "git -C /x rev-parse", "git -C /x rev-list"}
"""All that is ever asked; none of it calls anybody."""


class Machine:
    """What programs say on a machine, by how their command begins."""

    def __init__(self, said: dict[str, str]) -> None:
        self._said = said

    def __call__(self, command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
        words = " ".join(command).removeprefix("env LC_ALL=C ")
        assert any(words.startswith(each) for each in ASKED), words
        for begins, said in self._said.items():
            if words.startswith(begins):
                return subprocess.CompletedProcess(command, 0, said, "")
        return subprocess.CompletedProcess(command, 1, "", "no")


def policy(installed: str, candidate: str) -> str:
    return f"ambient-player:\n  Installed: {installed}\n  Candidate: {candidate}\n  Version table:\n"


def test_apt_is_asked_for_what_it_knows_already() -> None:
    machine = Machine(
        {
            "apt-cache policy": policy("0.1.0-1~deb12", "0.1.1-1~deb12"),
            "apt-cache show": "Package: ambient-player\nVersion: 0.1.1-1~deb12\nLibrary-Version: 9\n",
        }
    )
    found = releases.releases(Installation(Way.DEBIAN, DEBIAN_HOME), machine)
    assert found.installed == "0.1.0-1~deb12"
    assert "0.1.1-1~deb12" in found.newer
    assert found.library == 9
    assert "0.1.0-1~deb12" in found.back


@pytest.mark.parametrize(
    "said",
    [
        {"apt-cache policy": policy("0.1.0-1~deb12", "0.1.0-1~deb12")},
        {"apt-cache policy": policy("0.1.0-1~deb12", "(none)")},
        {},
    ],
)
def test_without_a_newer_one_it_says_what_would_look(said: dict[str, str]) -> None:
    found = releases.releases(Installation(Way.DEBIAN, DEBIAN_HOME), Machine(said))
    assert not found.newer
    assert "`sudo apt update` looks" in found.look


def test_a_checkout_says_what_git_has_fetched() -> None:
    place = Installation(Way.CHECKOUT, Path("/x"))
    fetched = {"git -C /x rev-parse": "abc1234\n", "git -C /x rev-list": "3\n"}
    found = releases.releases(place, Machine(fetched))
    assert found.installed == f"{__version__}, commit abc1234"
    assert found.newer.startswith("3 newer commits were fetched")
    assert "git -C /x checkout abc1234" in found.back
    assert not releases.releases(place, Machine({**fetched, "git -C /x rev-list": "0\n"})).newer
    assert "git knows nothing" in releases.releases(place, Machine({})).look


def test_a_wheel_from_a_file_is_never_looked_for_in_an_index() -> None:
    """There, a stranger's package may have that name."""
    for way in (Way.PIPX, Way.UV, Way.PIP):
        found = releases.releases(Installation(way, Path("/opt/a b"), "/home/ann/x.whl"), Machine({}))
        assert "/home/ann/x.whl" in found.look
        assert "index" not in found.look
    assert "pip index versions" in releases.releases(Installation(Way.PIP, Path("/v")), Machine({})).look


def test_a_machine_without_those_programs_is_no_error() -> None:
    def nothing(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
        raise FileNotFoundError(command[0])

    for way in Way:
        assert releases.releases(Installation(way, Path("/x"), "/y.whl"), nothing).look


def test_how_it_was_installed_is_seen_from_where_it_is(tmp_path: Path) -> None:
    assert installation({}, tmp_path, False, Path("/src")) == Installation(Way.CHECKOUT, Path("/src"))
    assert installation({}, DEBIAN_HOME, True).way is Way.DEBIAN
    assert installation({IMAGE: "1"}, tmp_path, True).way is Way.IMAGE
    assert installation({}, tmp_path, True).way is Way.PIP
    (tmp_path / "uv-receipt.toml").touch()
    assert installation({}, tmp_path, True).way is Way.UV
    (tmp_path / "pipx_metadata.json").touch()
    assert installation({}, tmp_path, True).way is Way.PIPX


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"state_dir: {tmp_path / 'state'}\n")
    (tmp_path / "state").mkdir(mode=0o700)
    return path


def library_line(config: Path, known: Releases = NOTHING_NEWER) -> list[Finding]:
    found = update_check.examine(config, Installation(Way.PIP, Path("/v")), known)
    return [each for each in found if each.name == "library"]


def test_the_migration_is_tried_on_a_copy_that_is_gone_afterwards(config: Path, tmp_path: Path) -> None:
    earlier_library(tmp_path / "state" / "library.db")
    (found,) = library_line(config)
    assert found.ok
    assert f"from version {EARLIER} to {len(MIGRATIONS)} at the next start" in found.text
    assert "0 tracks and 1 play are there afterwards" in found.text
    assert f"library.db.version-{EARLIER}" in found.text
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["library.db"]


def test_a_library_that_the_migration_breaks_on_is_bad_and_untouched(config: Path, tmp_path: Path) -> None:
    path = earlier_library(tmp_path / "state" / "library.db")
    with closing(sqlite3.connect(path)) as library:
        library.execute("ALTER TABLE tracks RENAME COLUMN track_no TO mine")  # what the next version needs
    before = path.read_bytes()
    (found,) = library_line(config)
    assert found.bad
    assert "fails on a copy" in found.text
    assert path.read_bytes() == before


def test_a_full_disk_is_said_before_anything_is_copied(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier_library(tmp_path / "state" / "library.db")
    monkeypatch.setattr(update_check, "has_room", lambda *_: False)
    (found,) = library_line(config)
    assert found.bad
    assert "make room" in found.text


def test_a_newer_players_library_says_how_to_go_back(config: Path, tmp_path: Path) -> None:
    path, newest = tmp_path / "state" / "library.db", len(MIGRATIONS)
    with closing(connect(path)) as library:
        library.execute(f"PRAGMA user_version = {newest + 1}")
    (found,) = library_line(config)
    assert found.bad
    assert f"brought to version {newest + 1} by a newer player" in found.text
    kept = path.with_name(f"library.db.version-{newest}")
    assert kept.name not in found.text
    kept.touch()
    assert kept.name in library_line(config)[0].text


def test_going_back_as_the_page_says_keeps_the_newest_plays_and_the_librarys_owner(tmp_path: Path) -> None:
    """Of a player that was killed: what it played last stands in the log beside the library."""
    page = (Path(__file__).parents[3] / "docs/install.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"```sh\n([^`]*library\.db\.newer[^`]*)```", page)
    used, state = tmp_path / "used" / "library.db", tmp_path / "state"
    used.parent.mkdir()
    earlier_library(used)
    with closing(connect(used)) as player:
        player.execute(
            "INSERT INTO plays (path, title, artist, started_at, why) VALUES ('/b', 'b', 'c', 2, '{}')"
        )
        shutil.copytree(used.parent, state)
    older, owner = state / f"library.db.version-{EARLIER}", 4711 if os.geteuid() == 0 else os.geteuid()
    os.chown(older, owner, -1)
    (state / "library.db.newer-wal").write_bytes(b"of an earlier time")
    subprocess.run(
        commands.replace("version-8", f"version-{EARLIER}"), shell=True, check=True, cwd=state, umask=0o077
    )
    assert _plays(state / "library.db") == ["/a"]
    assert (state / "library.db").stat().st_uid == owner
    assert not list(state.glob("library.db-*"))
    assert _plays(state / "library.db.newer") == ["/a", "/b"]


def _plays(db_path: Path) -> list[str]:
    with closing(sqlite3.connect(db_path)) as library:
        return [path for (path,) in library.execute("SELECT path FROM plays ORDER BY started_at")]


def test_what_the_newer_package_does_to_the_library_is_said(config: Path, tmp_path: Path) -> None:
    connect(tmp_path / "state" / "library.db").close()
    newer = Releases("1.0", "1.1", "", "keep it", len(MIGRATIONS) + 1)
    now, then = library_line(config, newer)
    assert "nothing to migrate" in now.text
    assert f"brings it to version {len(MIGRATIONS) + 1}" in then.text
    assert len(library_line(config, Releases("1.0", "1.1", "", "keep it", len(MIGRATIONS)))) == 1


def test_the_command_prints_for_people_and_programs(config: Path) -> None:
    shown = CliRunner().invoke(app, ["update", "--check", "--config", str(config)])
    assert shown.exit_code == 0, shown.output
    assert f"in order for {__version__}" in shown.output
    lines = CliRunner().invoke(app, ["update", "--check", "--json", "--config", str(config)]).output
    names = [json.loads(line)["name"] for line in lines.splitlines()]
    assert names == ["runs", "installed", "newer", "settings", "library", "back"]


def test_settings_that_this_version_cannot_use_are_bad(config: Path) -> None:
    config.write_text(config.read_text() + "camera: {fps: -1}\nnonsense: 1\n")
    shown = CliRunner().invoke(app, ["update", "--check", "--config", str(config)])
    assert shown.exit_code == 1
    assert "names 2 mistakes" in shown.output


def test_nothing_is_updated_by_itself() -> None:
    shown = CliRunner().invoke(app, ["update"])
    assert shown.exit_code == 2
    assert "updates nothing by itself" in " ".join(shown.output.replace("│", " ").split())
