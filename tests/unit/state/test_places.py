"""Where state and socket are if the folder for them cannot be used."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from player.config.settings.config import Config, ControlSettings
from player.errors import AlreadyRunningError
from player.interfaces import log_file, socket
from player.interfaces.command_table import Role
from player.interfaces.front.fleet import notebook
from player.interfaces.front.mqtt import kept_topics
from player.interfaces.front.web.security.secrets_file import NAME, SecretsError, SecretsFile
from player.interfaces.messages.base import Answer, Done, Request
from player.mood.factory import CACHE_FILE
from player.state import places, state_file, taught_moments
from player.state.store import StateStore, load
from player.system.proc import Proc
from tests.support.dead_mount import DEAD, dead_mount
from tests.unit.interfaces.front.web.security.conftest import HASHES


def execute(request: Request) -> Answer:
    return Done(str(request.argument))


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This user's folder in memory, with a short name as it has one."""
    with TemporaryDirectory() as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def unusable(tmp_path: Path, how: str) -> Path:
    match how:
        case "a file":
            (tmp_path / "file").touch()
            return tmp_path / "file"
        case "below a file":
            (tmp_path / "file").touch()
            return tmp_path / "file" / "state"
        case "not creatable":
            return Path("/proc/ambient")
        case "a link to nowhere":
            (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "at all")
            return tmp_path / "link"
    return tmp_path / ("x" * 300)


@pytest.mark.parametrize(
    "how", ["a file", "below a file", "not creatable", "a link to nowhere", "too long a name"]
)
def test_another_folder_stands_in_and_says_why(runtime: Path, tmp_path: Path, how: str) -> None:
    config = Config(state_dir=unusable(tmp_path, how))
    found = places.place(config)
    assert str(config.state_dir) in found.problem
    assert found.problem.endswith("is forgotten at the next start of this machine.")
    assert found.folder.is_relative_to(runtime)
    assert found.folder.parent.stat().st_mode & 0o777 == 0o700
    assert found.passwords == found.folder or how == "too long a name"
    state_file.save(found.folder / state_file.STATE, {"volume": 40})
    assert places.place(config) == found, "a restart finds it again"
    listening, problem = socket.listen(places.sockets(config), execute)
    assert listening is not None
    assert problem.startswith("cannot listen on") or how == "too long a name"
    try:
        reached = socket.of_player(places.sockets(config))
        assert socket.send(reached, "volume", 1)["message"] == "1"
        with pytest.raises(AlreadyRunningError):
            socket.listen(places.sockets(config), execute)
    finally:
        listening.stop()


def test_another_folder_stands_in_for_one_on_a_mount_that_never_answers(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SLOW_S", 0.05)
    monkeypatch.setattr(places, "ANSWER_S", 0.05)
    config = Config(state_dir=DEAD / "state")
    with dead_mount(monkeypatch):
        found, sockets = places.place(config), places.sockets(config)
    assert found.folder.is_relative_to(runtime)
    assert found.problem.startswith(f"{DEAD}/state cannot be written to (")
    assert sockets
    assert not any(path.is_relative_to(DEAD) for path in sockets)
    assert found.passwords == found.folder
    with pytest.raises(SecretsError, match="nobody gets in; set the passwords again"):
        SecretsFile(found.passwords / NAME).read()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_stand_in_begins_with_what_was_known_and_passwords_stay_where_they_are(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    state = tmp_path / "state"
    (state / state_file.CONFIG_VERSIONS).mkdir(parents=True)
    known = [*places.TAKEN_ALONG, f"{state_file.CONFIG_VERSIONS}/1.json"]
    for name in known:
        (state / name).write_text(f"{name} of before")
    SecretsFile(state / NAME).change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    monkeypatch.setattr(state_file, "TemporaryFile", full)
    found = places.place(Config(state_dir=state))
    assert found.folder.is_relative_to(runtime)
    assert [(found.folder / name).read_text() for name in known] == [f"{name} of before" for name in known]
    assert Role.OWNER in SecretsFile(found.passwords / NAME).read().passwords
    (found.folder / taught_moments.NAME).write_text("learnt since")
    assert places.place(Config(state_dir=state), owners=tmp_path) == places.Place(
        found.folder, tmp_path, found.problem
    )
    assert (found.folder / taught_moments.NAME).read_text() == "learnt since", "it is taken along once"


def test_a_stand_in_begins_with_the_newest_state_that_its_disk_has_refused(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that became read-only in the middle of an evening, and a player that is started again."""

    def refused(**_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(places, "in_memory", lambda folder: runtime / f"newest-{folder.name}.json")
    path = tmp_path / "state" / state_file.STATE
    path.parent.mkdir()
    now = {"volume": 60}
    memory = StateStore(path, lambda: now, newest=places.in_memory(path.parent))
    memory.save()
    now["volume"] = 20
    memory.note()
    monkeypatch.setattr(state_file, "TemporaryFile", refused)
    folder = places.place(Config(state_dir=path.parent)).folder
    assert folder != path.parent
    assert load(folder / state_file.STATE, places.in_memory(folder))["volume"] == 20


def test_passwords_in_a_folder_that_is_closed_let_nobody_in(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: object, *args: Any, **named: Any) -> os.stat_result:
        if str(path).startswith(str(tmp_path / "state")):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return stat(path, *args, **named)

    stat: Callable[..., os.stat_result] = os.stat
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", closed)
        found = places.place(Config(state_dir=tmp_path / "state"))
        assert found.folder.is_relative_to(runtime)
        with pytest.raises(SecretsError, match=r"Permission denied.*: nobody gets in"):
            SecretsFile(found.passwords / NAME).read()


def test_what_is_taken_along_is_called_as_those_call_it_who_have_written_it() -> None:
    written = {taught_moments.NAME, notebook.NAME, kept_topics.NAME, CACHE_FILE, log_file.NAME}
    assert written == set(places.TAKEN_ALONG) - {state_file.STATE, state_file.DATABASE}
    assert places.PASSWORDS == NAME


def test_a_usable_folder_needs_no_stand_in(runtime: Path, tmp_path: Path) -> None:
    config = Config(state_dir=tmp_path / "state")
    assert places.place(config) == places.Place(tmp_path / "state", tmp_path / "state")
    assert places.sockets(config)[0] == tmp_path / "state" / "control.sock"
    assert not list(runtime.iterdir())


def test_a_home_that_nobody_knows_matters_only_where_it_is_asked_for(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert places.place(Config(state_dir=tmp_path / "state")).problem == ""
    found = places.place(Config())
    assert "HOME is not set" in found.problem
    assert found.folder.is_relative_to(runtime)
    assert places.sockets(Config())[0].is_relative_to(runtime)


@pytest.mark.parametrize("setting", ["state_dir", "control.socket"])
def test_a_path_that_is_too_long_for_a_socket_is_left_out(
    runtime: Path, tmp_path: Path, setting: str
) -> None:
    deep = tmp_path.joinpath(*["a long name"] * 12)
    config = (
        Config(state_dir=deep)
        if setting == "state_dir"
        else Config(state_dir=tmp_path, control=ControlSettings(socket=deep / "socket"))
    )
    assert all(len(os.fsencode(path)) <= 107 for path in places.sockets(config))
    listening, _ = socket.listen(places.sockets(config), execute)
    assert listening is not None
    assert "too long a name" in places.too_long(config)
    listening.stop()


def test_a_folder_of_somebody_else_is_not_trusted(runtime: Path, tmp_path: Path) -> None:
    config = Config(state_dir=unusable(tmp_path, "a file"))
    found = places.place(config).folder.parent
    shutil.rmtree(found)
    found.mkdir()
    found.chmod(0o777)
    another = places.place(config).folder
    shutil.rmtree(another)
    assert not another.is_relative_to(found)
    assert not places.is_ours(found / "control.sock")


def test_what_changes_all_the_time_lies_in_memory_for_its_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = places.in_memory(tmp_path / "a")
    assert found is not None
    assert Proc().file_system(found.parent) == "tmpfs"
    assert found.parent.stat().st_mode & 0o777 == 0o700
    assert not found.exists()
    assert places.in_memory(tmp_path / "a") == found, "a restart finds it again"
    assert places.in_memory(tmp_path / "b") != found, "each player has its own"
    monkeypatch.setattr(places, "MEMORY", ("no such file system",))
    assert places.in_memory(tmp_path / "a") is None, "then all goes to the disk"
