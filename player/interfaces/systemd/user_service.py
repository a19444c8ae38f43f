"""The player as a systemd service of its user: deploy/ambient-player.service, filled in, put in place."""

from __future__ import annotations

import compileall
import getpass
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from player import models
from player.config.settings.config import Config
from player.errors import ServiceError
from player.privacy import private_files
from player.state import state_file
from player.system import child_process, resources
from player.system.player_name import player_name

TEMPLATE, SANDBOX = "ambient-player.service", "sandbox.conf"
COMMAND = "ambient-player" if resources.INSTALLED else "./scripts/run"
START_S = 200.0
"""Longer than the unit's TimeoutStartSec."""
PLAYS = "it plays, and starts with every login; its log:"
HINT_S = 10.0
_SETUP_FAILED = range(200, 250)
"""What systemd.exec(5) ends with if it cannot even set up the process: no namespaces, no filter, ..."""


def unit() -> str:
    """What the service is called; one player of several is an instance, ambient-player@terrace.service."""
    name = player_name()
    return f"ambient-player@{name}.service" if name else TEMPLATE


def _sandbox() -> Path:
    return folder() / f"{unit()}.d" / SANDBOX


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
    template, sandbox = (resources.ROOT / "deploy" / name for name in (TEMPLATE, SANDBOX))
    if not template.is_file():
        raise ServiceError(f"{template} is missing: {models.REMEDY}.")
    values = _values(config, config_path)
    for source, target in ((template, folder() / unit()), (sandbox, _sandbox())):
        _write(target, filled(source.read_text(encoding="utf-8"), values))
    # The service may not write into the checkout: without this, each start would compile it again.
    compileall.compile_dir(resources.PACKAGE, quiet=2)
    yield f"wrote {folder() / unit()}"
    _systemctl("daemon-reload")
    _systemctl("enable", unit())
    yield from _start()
    if not _lingers():
        yield (
            "It starts with your login. To have music after a power cut without one: "
            f"sudo loginctl enable-linger {getpass.getuser()}"
        )


def uninstall() -> Iterator[str]:
    """Stop the service and remove what `install` wrote; state and music stay. Raises ServiceError."""
    _needs_systemd()
    if not (folder() / unit()).exists():
        yield "the service is not installed"
        return
    _systemctl("disable", "--now", unit())
    (folder() / unit()).unlink()
    _remove_sandbox()
    _systemctl("daemon-reload")
    yield f"removed {folder() / unit()}; your music, config.yaml and the player's state are untouched"


def _remove_sandbox() -> None:
    with suppress(OSError):  # as where its folder has settings of the owner's, too: override.conf
        _sandbox().unlink(missing_ok=True)
        _sandbox().parent.rmdir()


def condition() -> tuple[bool, str]:
    """Whether the service runs, and one line about it. Raises ServiceError."""
    _needs_systemd()
    names = ("LoadState", "ActiveState", "UnitFileState", "StatusText", "NRestarts", "ExecMainStatus")
    shown = _systemctl("show", unit(), *(f"--property={name}" for name in names))
    found = dict(line.partition("=")[::2] for line in shown.splitlines())
    if found.get("LoadState") != "loaded":
        return False, f"the service is not installed: {_install()}"
    active = found.get("ActiveState", "unknown")
    said = f": {found['StatusText']}" if found.get("StatusText") else ""
    if active != "active" and int(found.get("ExecMainStatus") or 0) in _SETUP_FAILED:
        return False, f"systemd can no longer set up its sandbox: {_install()}"
    restarts = found.get("NRestarts", "?")
    restarted = f"{restarts} restart" if restarts == "1" else f"{restarts} restarts"
    line = f"{active}, {found.get('UnitFileState') or 'not enabled'}, {restarted}"
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


def _install() -> str:
    return " ".join(filter(None, (f"{COMMAND} service install", player_name() and f"--name {player_name()}")))


def _values(config: Config, config_path: Path) -> dict[str, str]:
    wanted = state_file.socket_path(config)
    folders = dict.fromkeys((state_file.state_dir(config), *([wanted.parent] if wanted else [])))
    for path in folders:
        private_files.make_folder(path)
    base = os.environ.get("XDG_STATE_HOME") or str(_home() / ".local" / "state")
    settings = os.path.realpath(config_path)
    place = _settings_place(settings)
    writable = [os.path.realpath(path) for path in folders]
    code = sorted(_code() - {settings, place, *writable})
    return {
        "DOCUMENTATION": (resources.ROOT / "docs" / "service.md").as_uri().replace("%", "%%"),
        "PLAYER": _program(sys.executable) + " -P -m player",
        "CONFIG": _word(settings),
        "ROOT": _folder(resources.ROOT),
        "STATE_HOME": quoted(f"XDG_STATE_HOME={base}"),
        # "-": one that is gone later is no reason for silence.
        "WRITABLE": " ".join(map(quoted, (*writable, f"-{place}"))),
        "CODE": " ".join(quoted(f"-{path}") for path in code),
    }


def _settings_place(settings: str) -> str:
    """What must be writable for the page to save settings: their folder, as a save makes a new file in it.

    The file alone if that would open the whole home; whoever puts another in its place from outside, as many
    editors do, takes this right away until the service restarts.
    """
    place = os.path.dirname(settings)
    return settings if Path(os.path.realpath(_home())).is_relative_to(place) else place


def _code() -> set[str]:
    """What the player runs: never to be written to, also if its settings lie beside it, as in a checkout."""
    paths = (Path(sys.prefix), resources.ROOT, *resources.ROOT.iterdir())
    return {os.path.realpath(path) for path in paths}


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
        yield f"{PLAYS} journalctl --user -u {unit().removesuffix('.service')} -f"
        return
    if _exit_status() in _SETUP_FAILED:
        yield "this system gives a user's service no sandbox; the player runs with its other protections"
        _remove_sandbox()
        _systemctl("daemon-reload")
        if _try_start():
            yield f"{PLAYS} journalctl --user -u {unit().removesuffix('.service')} -f"
            return
    raise ServiceError(f"the service does not start; `journalctl --user -u {unit()}` says why.")


def _try_start() -> bool:
    """Whether it is up. Restarting takes a changed unit over, and starts one that does not run."""
    return _run("restart", unit()).returncode == 0


def _exit_status() -> int:
    shown = _systemctl("show", unit(), "--property=ExecMainStatus", "--value").strip()
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
