"""`ambient-player web ...`: passwords, tokens and sessions from the command line."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from pathlib import Path
from threading import Event

import pytest
import yaml

from player import components
from player.app import App
from player.components import Components
from player.config.settings.front import FrontSettings
from player.config.settings.web import WebSettings
from player.errors import ControlError, PlayerError
from player.interfaces.command_table import Role
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.secrets_authenticator import new_credential
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile, hash_of
from player.playback.monitor.audio_monitor import NullMonitor
from player.state import state_file
from player.system import signals
from tests.fakes.playback import FakeDeck
from tests.unit.cli.conftest import Command

SECRET = "correct horse battery"


class Desk:
    """The command line beside the file that it keeps."""

    def __init__(self, command: Command, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.command, self._patch = command, patch
        self.folder = folder
        self.file = SecretsFile(folder / "state" / NAME)
        self._config = folder / "config.yaml"
        self._config.write_text(yaml.safe_dump({"state_dir": str(folder / "state")}))

    def begin(self, what: str) -> tuple[int, str, str]:
        return self.command(what, "--config", str(self._config))

    def tell(self, *words: str, typed: str | bytes = "") -> tuple[int, str, str]:
        data = typed if isinstance(typed, bytes) else typed.encode()
        self._patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), errors="surrogateescape"))
        return self.command("web", *words, "--config", str(self._config))


@pytest.fixture
def desk(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("COLUMNS", "200")
    return Desk(command, tmp_path, monkeypatch)


@pytest.mark.parametrize("before", ["", "\ufeff"], ids=["plain", "as Notepad saves it"])
def test_a_password_is_set_and_its_hash_alone_kept(desk: Desk, before: str) -> None:
    code, said, _ = desk.tell("password", "--stdin", typed=f"{before}{SECRET}\n")
    assert (code, SECRET in said) == (0, False)
    hashed = desk.file.read().passwords
    assert passwords.matches(hashed[Role.OWNER], SECRET)
    path = desk.folder / "state" / NAME
    assert SECRET not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_staff_has_one_of_its_own_and_the_owner_is_reminded(desk: Desk) -> None:
    code, _, warned = desk.tell("password", "staff", "--stdin", typed=SECRET)
    assert code == 0
    assert list(desk.file.read().passwords) == [Role.STAFF]
    assert "The owner has no password yet" in warned


def test_a_password_is_asked_for_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([SECRET, "something else", SECRET, SECRET])
    asked = []

    def ask(prompt: str = "", *_: object, **__: object) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr("getpass.getpass", ask)
    code, said, warned = desk.tell("password")
    assert code == 0
    assert len(asked) == 4, "the two did not match at first"
    assert SECRET not in said + warned
    assert passwords.matches(desk.file.read().passwords[Role.OWNER], SECRET)


@pytest.mark.parametrize("short", ["", "1234567", "x" * 1001, "tab\tand more"])
def test_what_is_no_password_is_refused_in_words(desk: Desk, short: str) -> None:
    code, said, warned = desk.tell("password", "--stdin", typed=f"{short}\n")
    assert (code, said) == (1, "")
    assert "a password has" in warned
    assert not short or short not in warned
    assert not desk.file.read().passwords


def test_a_password_is_no_word_of_the_command_line(desk: Desk) -> None:
    assert desk.tell("password", "owner", SECRET)[0] == 2
    assert desk.tell("password", SECRET)[0] == 2
    assert desk.tell("password", "--password", SECRET)[0] == 2


def test_a_damaged_file_is_set_aside_not_read_as_empty(desk: Desk) -> None:
    desk.tell("password", "--stdin", typed=SECRET)
    path = desk.folder / "state" / NAME
    path.write_text("{")
    for words in (
        ("tokens",),
        ("sessions",),
        ("tokens", "add", "x", "--role", "owner"),
        ("sessions", "end", "--all"),
    ):
        code, _, warned = desk.tell(*words)
        assert code == 1
        assert "is damaged: nobody gets in" in warned
    code, _, warned = desk.tell("password", "--stdin", typed=SECRET)
    assert code == 0
    assert "web_secrets.damaged" in warned
    assert passwords.matches(desk.file.read().passwords[Role.OWNER], SECRET)


def test_the_hubs_file_is_set_aside_as_well(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One way to set a password, whoever's page it is for."""
    path = desk.folder / "state" / NAME
    path.parent.mkdir()
    path.write_text("{")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    hub_file = desk.folder / "hub.yaml"
    hub_file.write_text(yaml.safe_dump({"state_dir": str(desk.folder / "state")}))
    code, _, warned = desk.command("hub", "password", "--stdin", "--config", str(hub_file))
    assert code == 0
    assert "web_secrets.damaged" in warned
    assert passwords.matches(desk.file.read().passwords[Role.OWNER], SECRET)


def test_a_new_password_logs_out_whom_the_old_one_let_in(desk: Desk) -> None:
    desk.file.change(lambda found: found.with_session(new_credential(Role.OWNER, "x", 0.0, 4e9)[1], 0.0))
    desk.tell("password", "--stdin", typed=SECRET)
    assert desk.file.read().sessions == ()


def test_tokens_are_made_listed_and_ended(desk: Desk) -> None:
    code, token, _ = desk.tell("tokens", "add", "door display", "--role", "staff")
    assert code == 0
    (held,) = desk.file.read().tokens
    assert (held.hash, held.name, held.role) == (hash_of(token.strip()), "door display", Role.STAFF)
    said = desk.tell("tokens")[1]
    assert "door display" in said
    assert token.strip() not in said
    (listed,) = map(json.loads, desk.tell("tokens", "--json")[1].splitlines())
    assert listed["id"] == held.id
    assert held.hash not in str(listed)
    assert desk.tell("tokens", "add", "door display", "--role", "owner")[0] == 1
    assert desk.tell("tokens", "remove", "door display")[0] == 0
    assert desk.tell("tokens", "remove", "door display")[0] == 1
    assert desk.tell("tokens")[1] == "there are no tokens.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("tokens", "add", "", "--role", "staff"),
        ("tokens", "add", "x" * 61, "--role", "staff"),
        ("tokens", "add", "a\x1b[2Jb", "--role", "staff"),
        ("tokens", "add", "x", "--role", "viewer"),
        ("tokens", "add", "x"),
        ("sessions", "end"),
        ("sessions", "end", "abc"),
        ("sessions", "end", "0123456789ab", "--all"),
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.tell(*words)[0] == 2
    assert not desk.file.read().tokens


def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    first, second, third = (new_credential(Role.STAFF, f"phone {n}", 0.0, 4e9)[1] for n in range(3))
    old = new_credential(Role.STAFF, "yesterday", 0.0, 1.0)[1]
    desk.file.change(lambda found: found.model_copy(update={"sessions": (first, second, third, old)}))
    listed = desk.tell("sessions")[1]
    assert [name in listed for name in ("phone 0", "phone 2", "yesterday")] == [True, True, False]
    assert desk.tell("sessions", "end", first.id)[0] == 0
    assert desk.file.read().sessions == (second, third, old)
    assert desk.tell("sessions", "end", first.id)[0] == 1
    assert desk.tell("sessions", "end", "--all")[0] == 0
    assert desk.tell("sessions")[1] == "nobody is logged in.\n"


def test_bytes_of_an_old_terminal_are_a_password_too(desk: Desk) -> None:
    assert desk.tell("password", "--stdin", typed="caf\xe9 noir".encode("latin-1"))[0] == 0
    assert passwords.matches(desk.file.read().passwords[Role.OWNER], "café noir")


def test_a_folder_that_cannot_be_written_is_said(desk: Desk) -> None:
    if os.geteuid() == 0:
        (desk.folder / "state").write_text("a file")
    else:
        (desk.folder / "state").mkdir(mode=0o500)
    code, _, warned = desk.tell("password", "--stdin", typed=SECRET)
    assert "state_dir" in warned
    assert "Traceback" not in warned
    assert code in (0, 1)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Components]:
    """The parts of each player that a command has built; none of them runs."""
    monkeypatch.setattr(components, "spawn_decks", lambda _: (FakeDeck("A", {}), FakeDeck("B", {})))
    monkeypatch.setattr(components, "AudioMonitorProcess", NullMonitor)
    begun: list[Components] = []

    def run(app: App, _: Event) -> bool:
        begun.append(app._components)
        raise PlayerError("it ends before it begins.")

    monkeypatch.setattr(App, "run", run)
    monkeypatch.setattr("faulthandler.enable", lambda: None)
    monkeypatch.setattr(signals.Receiver, "__init__", lambda _: None)
    monkeypatch.setattr(signals.Receiver, "stop", Event(), raising=False)
    monkeypatch.setattr(signals.Receiver, "reload_with", lambda *_: None)
    return begun


def test_passwords_hold_for_the_demo_too(desk: Desk, begun: list[Components]) -> None:
    """It listens on a network only because there is one, though it has a state folder of its own."""
    network = FrontSettings(web=WebSettings(listen="0.0.0.0"))
    assert desk.begin("demo")[0] == 1
    with pytest.raises(ControlError, match="without a password"):
        begun[-1].front.check(network)
    desk.tell("password", "--stdin", typed=SECRET)
    begun[-1].front.check(network)
    begun[-1].library.close()


def test_passwords_hold_where_the_state_has_no_room(
    desk: Desk, begun: list[Components], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    desk.tell("password", "--stdin", typed=SECRET)
    monkeypatch.setattr(state_file, "TemporaryFile", full)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert desk.begin("run")[0] == 1
    begun[-1].front.check(FrontSettings(web=WebSettings(listen="0.0.0.0")))
    begun[-1].library.close()
    code, _, warned = desk.tell("password", "staff", "--stdin", typed=SECRET)
    assert code == 0
    assert "make room on its disk" in warned
    assert set(desk.file.read().passwords) == {Role.OWNER, Role.STAFF}, "the front reads what is set"


@pytest.mark.parametrize(
    "words",
    [
        *["hub {} password --stdin", "hub {} plays -"],
        *["web tokens {} add bar --role staff", "web tokens {} remove bar", "web sessions {} end --all"],
    ],
)
def test_a_config_that_stands_before_the_subcommand_holds_for_it(
    desk: Desk, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = desk.folder / "broken.yaml"
    broken.write_text("state_dir: [")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    code, said, warned = desk.command(*words.format(f"--config {broken}").split())
    assert (code, said) == (2, "")
    assert warned.startswith(f"{broken}:1: ")


def test_a_config_behind_the_subcommand_goes_before_one_that_stands_before_it(desk: Desk) -> None:
    words = ("--config", str(desk.folder / "none.yaml"), "add", "bar", "--role", "staff")
    assert desk.tell("tokens", *words)[0] == 0
    assert [held.name for held in desk.file.read().tokens] == ["bar"]


def test_a_time_that_is_none_is_refused_before_the_hubs_table_is_begun(desk: Desk) -> None:
    hub_file = desk.folder / "hub.yaml"
    hub_file.write_text(yaml.safe_dump({"state_dir": str(desk.folder / "state")}))
    code, said, warned = desk.command("hub", "plays", "-", "--since", "bad", "--config", str(hub_file))
    assert (code, said) == (2, "")
    assert "since and until take a date" in warned
