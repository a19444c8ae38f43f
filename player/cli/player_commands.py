"""The commands to the running player, made from command_table.py, where name, argument and help stand."""

# No `from __future__ import annotations`: typer reads the annotations of functions that are made here.

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from player.cli.arguments import named, typed
from player.cli.library import ConfigOption, JsonOption
from player.cli.printing import print_lines
from player.errors import ControlError
from player.interfaces import socket
from player.interfaces.command_table import COMMANDS, CommandSpec
from player.interfaces.messages import Request, StatusAnswer
from player.privacy.redaction import redacted

PANEL = "Commands to the running player"


def add_to(app: typer.Typer) -> None:
    """Give the command line every command of the table."""
    for spec in COMMANDS.values():
        function = _without_argument(spec) if spec.argument is None else _with_argument(spec)
        app.command(spec.name, help=spec.help, rich_help_panel=PANEL)(function)


def _without_argument(spec: CommandSpec) -> Callable[..., None]:
    def command(config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
        _tell(spec, spec.read(), config_path, as_json)

    return command


def _with_argument(spec: CommandSpec) -> Callable[..., None]:
    assert spec.argument is not None
    takes = spec.argument[1]
    is_file = takes.annotation is Path
    wanted = "a file" if is_file else str(takes.description)
    help_text = f"{wanted[0].upper()}{wanted[1:]}."
    # A sentence need not stand in quotes.
    kind: Any = list[str] if takes.annotation is str else str

    def command(
        argument: Annotated[kind, typer.Argument(metavar=spec.metavar, help=help_text)],
        config_path: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        text = argument if isinstance(argument, str) else " ".join(argument)
        text = named(Path(text)) if is_file else typed(text)
        try:
            request = spec.read(text)
        except ControlError as error:
            raise typer.BadParameter(redacted(str(error))) from None
        _tell(spec, request, config_path, as_json)

    return command


def _tell(spec: CommandSpec, request: Request, config_path: Path | None, as_json: bool) -> None:
    """Send it, and print the answer."""
    from player.cli.running_player import control_socket  # noqa: PLC0415

    answer = socket.send(control_socket(config_path), spec.name, request.argument)
    if spec.answer is StatusAnswer:
        answer.pop("ok")
    if as_json:
        print_lines([answer])
    elif spec.answer is StatusAnswer:
        from player.cli.status_text import describe  # noqa: PLC0415

        typer.echo(describe(answer))
    else:
        typer.echo(answer["message"])
