"""The command line: `ambient-player --help`. Commands that look, read or listen import their stage late."""

from __future__ import annotations

import errno
import faulthandler
import io
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from player import __version__, log, restart
from player.cli import player_commands
from player.cli.arguments import decode, typed
from player.cli.backup import backup, restore
from player.cli.configuration import configuration
from player.cli.history import history
from player.cli.hub import hub
from player.cli.library import ConfigOption, JsonOption, exit_code, library
from player.cli.name_option import PlayerGroup
from player.cli.playlist import playlist
from player.cli.printing import print_lines, report, say
from player.cli.service import service
from player.cli.taste import taste
from player.cli.update import update
from player.cli.web import web
from player.config import document, loader
from player.config.plausibility import not_there
from player.config.settings.config import Config
from player.errors import ConfigError, PlayerError, ReloadRefusedError
from player.privacy import environment
from player.privacy.redaction import guard_tracebacks, redacted
from player.system import login_session, player_name, signals

app = typer.Typer(
    cls=PlayerGroup,
    help="A camera looks at a room, and the room's own music library follows its atmosphere.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
library.add_typer(taste, name="taste")
app.add_typer(library, name="library")
app.add_typer(service, name="service")
app.add_typer(configuration, name="config")
app.command("history")(history)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("update")(update)
app.add_typer(web, name="web")
app.add_typer(hub, name="hub")

PLAYERS = ("run", "demo")
"""The commands that play, and receive signals themselves."""
LogJsonOption = Annotated[bool, typer.Option("--log-json", help="Log one JSON object per line.")]


def main() -> None:
    """Entry point: errors are one sentence each; a wrong config exits with 2, anything else with 1."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name need not be Unicode; as \\udcNN it is still right JSON, and names the same file.
        sys.stdout.reconfigure(errors="backslashreplace")
    guard_tracebacks()
    try:
        app()
    except ConfigError as error:
        for problem in error.problems:
            say(redacted(problem), err=True)
        restart.delay()
        raise SystemExit(2) from None
    except PlayerError as error:
        said = f"ambient-player: {redacted(str(error))}"
        for line in said.split("\n") if isinstance(error, ReloadRefusedError) else [said]:
            say(line, err=True)
        restart.delay()
        raise SystemExit(1) from None
    except UnicodeEncodeError as error:
        found = error.object[error.start : error.end]
        say(f"ambient-player: a name is not UTF-8 (it holds {found!a}): rename it.", err=True)
        restart.delay()
        raise SystemExit(1) from None
    except OSError as error:  # whoever opened it knew no better sentence
        say(f"ambient-player: {_unforeseen(error)}", err=True)
        restart.delay()
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _unforeseen(error: OSError) -> str:
    """In a sentence. Where no file is named it was what is printed, or the folder that somebody is in."""
    if error.filename is None and error.errno == errno.ENOSPC:
        return f"what was printed cannot be written ({error.strerror}): make room."
    if error.filename is None and error.errno == errno.ENOENT:
        return "the folder that you are in is gone: go to another."
    what = redacted(str(error.filename or "a file that is needed"))
    return f"{what} cannot be used ({error.strerror or error})."


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    log.setup("warning")
    environment.forget_relative_folders()
    player_name.player_name()  # nonsense in the environment is refused before anything is looked for
    login_session.adopt()
    if context.invoked_subcommand not in PLAYERS:
        signals.interrupt_main()
        signals.release()
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def run(config_path: ConfigOption = None, log_json: LogJsonOption = False) -> None:
    """Play, following the room, until stopped (Ctrl-C)."""
    _play(lambda: _settings(config_path, log_json), config_path)


@app.command()
def demo(
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after this long.")] = None,
    config_path: ConfigOption = None,
    log_json: LogJsonOption = False,
) -> None:
    """Run the whole loop on real photos and real music, quickly enough to watch."""
    from player.cli.demo import demo_config, owners_folder  # noqa: PLC0415

    _play(lambda: demo_config(_settings(config_path, log_json)), config_path, seconds, owners_folder)


def _settings(config_path: Path | None, log_json: bool) -> Config:
    settings = loader.load(config_path)
    as_json = settings.log.model_copy(update={"json_lines": settings.log.json_lines or log_json})
    return settings.model_copy(update={"log": as_json})


def _play(
    read: Callable[[], Config],
    config_path: Path | None,
    seconds: float | None = None,
    owners: Callable[[Config], Path | None] = lambda _: None,
) -> None:
    from player.app import App  # noqa: PLC0415

    receiver = signals.Receiver()
    settings = read()
    log.setup(settings.log.level, settings.log.json_lines)
    faulthandler.enable()  # systemd ends a player that hangs with SIGABRT: the log then says where
    player = App(settings, read, config_path, owners(settings))
    receiver.reload_with(player.reload_soon)
    if seconds is not None:
        timer = threading.Timer(seconds, receiver.stop.set)
        timer.daemon = True
        timer.start()
    if player.run(receiver.stop):
        restart.reexec()
    logging.shutdown()
    # All is closed and saved; a thread that hangs in a library's C code can make Python's own end crash.
    os._exit(0)


@app.command()
def check(config_path: ConfigOption = None) -> None:
    """Check config.yaml and name every mistake in it."""
    found = document.read(config_path or loader.default_path())  # once: a pipe has no more than that
    settings = loader.validated(found)
    if doubts := loader.doubts_about(found, settings):
        raise ConfigError(doubts)
    from player.library.configured_playlists import missing_entries  # noqa: PLC0415

    music = settings.library
    say(f"{found.path}: in order")
    for folder in not_there(music.folders):
        say(redacted(f"but {folder} (library.folders) is not there now: the demo music plays meanwhile"))
    for sentence in missing_entries(music):
        say(redacted(f"but in the playlist {sentence}"))


@app.command()
def doctor(config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Look at everything the player needs on this machine, and say what is wrong."""
    from player.cli.doctor import examine, tell  # noqa: PLC0415

    tell(examine(loader.load(config_path)), as_json)


@app.command()
def caption(images: list[Path], config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what photos show, and with what mood: one line each (JSON unless at a terminal)."""
    from player.cli.standalone import captions  # noqa: PLC0415

    settings = loader.load(config_path)
    exit_code(report(captions(settings, images), len(images), as_json, "reading photos"))


@app.command()
def mood(
    texts: Annotated[list[str] | None, typer.Argument(show_default=False)] = None,
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read the mood of texts, or of each line of standard input (JSON unless at a terminal)."""
    from player.cli.standalone import moods  # noqa: PLC0415

    given = [typed(text) for text in texts or ()]
    lines = given or (decode(line).rstrip("\r\n") for line in sys.stdin.buffer)
    exit_code(report(moods(loader.load(config_path), lines), len(texts or ()), as_json, "reading"))


@app.command()
def moods(as_json: JsonOption = False) -> None:
    """List the moods that `pin` and config.yaml know by name."""
    from player.emotions import vocabularies  # noqa: PLC0415

    named = [mood for names in vocabularies().values() for mood in names.values()]
    if as_json:
        print_lines(
            {"name": m.name, "korean": m.korean, "vocabulary": m.vocabulary, "valence": m.point.valence,
             "energy": m.point.energy} for m in named
        )  # fmt: skip
        return
    for one in named:
        point = f"valence {one.point.valence:+.2f}  energy {one.point.energy:+.2f}"
        typer.echo(f"{one.name:<20} {point}  {one.vocabulary:<9} {one.korean}")


app.command("playlist")(playlist)
player_commands.add_to(app)
