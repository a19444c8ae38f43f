"""The player as a systemd service of its user: deploy/ambient-player.service, filled in, put in place."""

from __future__ import annotations

import compileall
import getpass
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from player import models
from player.config.settings import Config
from player.errors import ServiceError
from player.privacy import private_files
from player.state import state_file
from player.system import child_process, resources

NAME = "ambient-player.service"
SANDBOX = Path(f"{NAME}.d") / "sandbox.conf"
COMMAND = "ambient-player" if resources.INSTALLED else "./scripts/run"
START_S = 200.0
"""Longer than the unit's TimeoutStartSec."""
HINT_S = 10.0
_SETUP_FAILED = range(200, 250)
"""What systemd.exec(5) ends with if it cannot even set up the process: no namespaces, no filter, ..."""


def folder() -> Path:
    """Where systemd looks for this user's units."""
    base = os.environ.get("XDG_CONFIG_HOME") or _home() / ".config"
    return Path(base) / "systemd" / "user"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise ServiceError("this user has no home folder (HOME is not set), and so no services.") from error


def install(config: Config, config_path: Path) -> Iterator[str]:
    """Write the unit, start it now and at each login; says what was done, a sentence at a time.

    Raises ServiceError.
    """
    _needs_systemd()
    template, sandbox = (resources.ROOT / "deploy" / name for name in (NAME, SANDBOX.name))
    if not template.is_file():
        raise ServiceError(f"{template} is missing: {models.REMEDY}.")
    values = _values(config, config_path)
    for source, target in ((template, folder() / NAME), (sandbox, folder() / SANDBOX)):
        _write(target, filled(source.read_text(encoding="utf-8"), values))
    # The service may not write into the checkout: without this, each start would compile it again.
    compileall.compile_dir(resources.PACKAGE, quiet=2)
    yield f"wrote {folder() / NAME}"
    _systemctl("daemon-reload")
    _systemctl("enable", NAME)
    yield from _start()
    if not _lingers():
        yield (
            "It starts with your login. To have music after a power cut without one: "
            f"sudo loginctl enable-linger {getpass.getuser()}"
        )


def uninstall() -> Iterator[str]:
    """Stop the service and remove what `install` wrote; state and music stay. Raises ServiceError."""
    _needs_systemd()
    if not (folder() / NAME).exists():
        yield "the service is not installed"
        return
    _systemctl("disable", "--now", NAME)
    (folder() / NAME).unlink()
    shutil.rmtree(folder() / SANDBOX.parent, ignore_errors=True)
    _systemctl("daemon-reload")
    yield f"removed {folder() / NAME}; your music, config.yaml and the player's state are untouched"


def condition() -> tuple[bool, str]:
    """Whether the service runs, and one line about it. Raises ServiceError."""
    _needs_systemd()
    names = ("LoadState", "ActiveState", "UnitFileState", "StatusText", "NRestarts", "ExecMainStatus")
    shown = _systemctl("show", NAME, *(f"--property={name}" for name in names))
    found = dict(line.partition("=")[::2] for line in shown.splitlines())
    if found.get("LoadState") != "loaded":
        return False, f"the service is not installed: {COMMAND} service install"
    active = found.get("ActiveState", "unknown")
    said = f": {found['StatusText']}" if found.get("StatusText") else ""
    if active != "active" and int(found.get("ExecMainStatus") or 0) in _SETUP_FAILED:
        return False, f"systemd can no longer set up its sandbox: {COMMAND} service install"
    line = f"{active}, {found.get('UnitFileState') or 'not enabled'}, {found.get('NRestarts', '?')} restarts"
    return active in {"active", "reloading"}, line + said


def filled(template: str, values: dict[str, str]) -> str:
    """A template with its @NAMES@ replaced."""
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    return template


def quoted(text: str) -> str:
    """A path as one word of a unit: in quotes, without specifiers."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


def _word(text: str) -> str:
    """A path as an argument of a command line: a dollar is a variable in it, and in it only."""
    return quoted(text).replace("$", "$$")


def _program(path: str) -> str:
    """The program of a command line, which knows fewer names than an argument: env takes them all."""
    return f"/usr/bin/env {_word(path)}" if set(path) & set("\"'\\$\n") else quoted(path)


def _values(config: Config, config_path: Path) -> dict[str, str]:
    wanted = state_file.socket_path(config)
    folders = dict.fromkeys((state_file.state_dir(config), *([wanted.parent] if wanted else [])))
    for writable in folders:
        private_files.make_folder(writable)
    base = os.environ.get("XDG_STATE_HOME") or str(_home() / ".local" / "state")
    return {
        "DOCUMENTATION": (resources.ROOT / "docs" / "service.md").as_uri().replace("%", "%%"),
        "PLAYER": _program(sys.executable) + " -m player",
        "CONFIG": _word(str(config_path.resolve())),
        "ROOT": _folder(resources.ROOT),
        "STATE_HOME": quoted(f"XDG_STATE_HOME={base}"),
        "WRITABLE": " ".join(quoted(str(path.resolve())) for path in folders),
    }


def _folder(path: Path) -> str:
    """A working directory, which takes no quotes; the home if its name cannot be written without them."""
    name = str(path)
    return "~" if "\n" in name or name != name.strip() or name.endswith("\\") else name.replace("%", "%%")


def _write(path: Path, text: str) -> None:
    try:
        private_files.make_folder(path.parent)
        with private_files.write(path) as file:  # whoever may write to it commands this user's processes
            file.write(text)
    except OSError as error:
        raise ServiceError(f"{path} cannot be written ({error.strerror}).") from error


def _start() -> Iterator[str]:
    """Start it, without the sandbox if this machine cannot set that up."""
    if _try_start():
        yield "it plays, and starts with every login; its log: journalctl --user -u ambient-player -f"
        return
    if _exit_status() in _SETUP_FAILED:
        yield "this system gives a user's service no sandbox; the player runs with its other protections"
        shutil.rmtree(folder() / SANDBOX.parent, ignore_errors=True)
        _systemctl("daemon-reload")
        if _try_start():
            yield "it plays, and starts with every login; its log: journalctl --user -u ambient-player -f"
            return
    raise ServiceError("the service does not start; `journalctl --user -u ambient-player` says why.")


def _try_start() -> bool:
    """Whether it is up. Restarting takes a changed unit over, and starts one that does not run."""
    return _run("restart", NAME).returncode == 0


def _exit_status() -> int:
    shown = _systemctl("show", NAME, "--property=ExecMainStatus", "--value").strip()
    return int(shown) if shown.isdecimal() else 0


def _lingers() -> bool:
    if not shutil.which("loginctl"):
        return True  # nothing to be hinted at
    command = ["loginctl", "show-user", getpass.getuser(), "--property=Linger", "--value"]
    try:
        return child_process.ask(command, HINT_S).stdout.strip() == "yes"
    except OSError:
        return True  # TimeoutError is one


def _needs_systemd() -> None:
    if not shutil.which("systemctl"):
        raise ServiceError(
            f"there is no systemd here (no systemctl): let whatever starts your session start {COMMAND}."
        )
    _systemctl("show-environment")  # can it be reached at all? Nothing is written if not


def _run(*arguments: str) -> child_process.Said:
    command = ["systemctl", "--user", *arguments]
    try:
        return child_process.ask(command, START_S)
    except TimeoutError as error:
        raise ServiceError(f"`{' '.join(command)}` did not answer within {START_S:g} s.") from error


def _systemctl(*arguments: str) -> str:
    """What systemctl says. Raises ServiceError if it fails."""
    done = _run(*arguments)
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.strip().splitlines()
    why = said[-1].rstrip(".") if said else f"it ended with {done.returncode}"
    if "bus" in why:
        raise ServiceError(
            f"your systemd cannot be reached ({why}): log in as this user, without su or sudo."
        )
    raise ServiceError(f"`systemctl --user {' '.join(arguments)}` failed: {why}.")
