"""`ambient-player update --check`: what a newer version would do here.

It calls nobody and changes nothing: only what this machine knows already is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from player import __version__
from player.cli.doctor import Finding
from player.cli.releases import Releases
from player.config import loader
from player.config.settings.config import Config
from player.counting import counted
from player.errors import ConfigError, ControlError, LibraryError
from player.interfaces import socket
from player.library.database import migration_trial
from player.library.database.copies import SCHEMA
from player.library.database.scratch_folder import scratch_folder
from player.state import places, state_file
from player.system.installation import Installation, Way
from player.system.machine import has_room

RESTARTS = {
    Way.DEBIAN: "`sudo systemctl restart ambient-player`",
    Way.IMAGE: "`docker compose -f deploy/compose.yaml up -d`",
}
AT_LOGIN = "`systemctl --user restart ambient-player`, or Ctrl-C and start it again"


def examine(config_path: Path | None, found: Installation, known: Releases) -> Iterator[Finding]:
    """Which version runs and which is there, whether settings and library fit, and how to go back."""
    try:
        config: Config | None = loader.whereabouts(config_path)
    except ConfigError:  # `_settings` says so
        config = None
    if config is not None:
        yield _running(config, RESTARTS.get(found.way, AT_LOGIN))
    yield Finding("installed", True, f"{known.installed} ({found.way}, {found.place})")
    yield Finding("newer", not known.newer, known.newer or known.look)
    yield _settings(config_path or loader.default_path())
    if config is not None:
        yield from _library(config, known)
    yield Finding("back", True, known.back)


def _running(config: Config, restart: str) -> Finding:
    try:
        answer = socket.send(socket.of_player(places.sockets(config)), "status", timeout_s=5)
    except ControlError as error:
        return Finding("runs", False, str(error))
    version = answer.get("version") or "a version that does not say which it is"
    if version == __version__:
        return Finding("runs", True, version)
    text = f"{version}; {__version__} takes over when the player starts again: {restart}"
    return Finding("runs", False, text)


def _settings(path: Path) -> Finding:
    try:
        loader.load(path)
    except ConfigError as error:
        mistakes = counted(len(error.problems), "mistake")
        text = f"{__version__} cannot use {path}: `ambient-player check` names {mistakes}"
        return Finding("settings", False, text, bad=True)
    return Finding("settings", True, f"{path} is in order for {__version__}")


def _library(config: Config, known: Releases) -> Iterator[Finding]:
    """Whether the library fits the program that is installed, and the newer one, as far as that is known."""
    place = state_file.state_place(config)
    db_path = None if place is None else place / state_file.DATABASE
    try:
        is_there = db_path is not None and db_path.is_file()
    except OSError as error:
        yield Finding("library", False, f"{db_path} cannot be looked at ({error.strerror})", bad=True)
        return
    if db_path is None or not is_there:
        yield Finding("library", True, "there is none yet: nothing has to be brought to another version")
        return
    try:
        version = migration_trial.version(db_path)
    except LibraryError as error:
        yield Finding("library", False, str(error), bad=True)
        return
    if version > SCHEMA:
        yield Finding("library", False, _too_new(db_path, version), bad=True)
    elif version < SCHEMA:
        yield _tried(db_path, version)
    else:
        yield Finding("library", True, f"version {version}, as {__version__} has it: nothing to migrate")
    if known.library is not None and known.library > version:
        text = (
            f"the newer package brings it to version {known.library}, once a copy has shown that this works;"
        )
        yield Finding("library", False, f"{text} {_kept(db_path, version).name} will be how it was before")


def _kept(db_path: Path, version: int) -> Path:
    """Where a migration leaves the library as it was before (player/library/database/schema.py)."""
    return db_path.with_name(f"{db_path.name}.version-{version}")


def _too_new(db_path: Path, version: int) -> str:
    text = f"{db_path} was brought to version {version} by a newer player, and {__version__} knows {SCHEMA}:"
    older = _kept(db_path, SCHEMA)
    if not older.is_file():
        return f"{text} install the newer one again"
    return f"{text} install the newer one again, or go back to {older.name} as docs/install.md says"


def _tried(db_path: Path, version: int) -> Finding:
    """What the migration does to a copy of the library."""
    what = f"from version {version} to {SCHEMA}"
    try:
        needed = migration_trial.room(db_path)
        if not has_room(db_path.parent, needed, 0):
            short = (
                f"{db_path.parent} has less than {needed / 1e6:.0f} MB free, which the next start needs too"
            )
            return Finding("library", False, f"{what}: not tried, as {short}; make room first", bad=True)
        with scratch_folder(".trial-", db_path.parent) as scratch:
            trial = migration_trial.try_on_copy(db_path, scratch / db_path.name)
    except LibraryError as error:
        return Finding("library", False, _fails(what, str(error)), bad=True)
    except OSError as error:
        return Finding("library", False, _fails(what, f"{db_path.parent}: {error.strerror}"), bad=True)
    rows = trial.rows
    kept = f"{counted(rows.get('tracks', 0), 'track')} and {counted(rows.get('plays', 0), 'play')} are there"
    text = f"{what} at the next start; on a copy it took {trial.elapsed_s:.1f} s, and {kept} afterwards"
    return Finding("library", True, f"{text}. {_kept(db_path, version).name} will be how it was before")


def _fails(what: str, why: str) -> str:
    return (
        f"{what}: this fails on a copy ({why}); nothing was changed. Keep the player that runs now,"
        " and give its `ambient-player report` to whoever helps you"
    )
