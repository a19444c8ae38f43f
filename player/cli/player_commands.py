"""The commands to the running player, made from command_table.py, where name, argument and help stand."""

# No `from __future__ import annotations`: typer reads the annotations of functions that are made here.

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from player.cli.addressed_player import AddressedPlayer, understood
from player.cli.arguments import named, typed
from player.cli.library import ConfigOption, JsonOption
from player.cli.player_options import TokenFileOption, TokenOption, UrlOption, addressed_player
from player.cli.printing import print_lines, say
from player.cli.status import status
from player.errors import ArgumentError, ControlError, ReloadRefusedError
from player.interfaces.command_table import COMMANDS, CommandSpec, flag, metavar, plain_type
from player.interfaces.messages.base import Request
from player.interfaces.messages.library import LibraryProblemsRequest, TrackRequest
from player.interfaces.messages.playing import (
    ReloadRequest,
    SeekRequest,
    SensorRequest,
    StatusRequest,
    VolumeRequest,
)
from player.interfaces.messages.support import ReportRequest
from player.interfaces.messages.teaching import TeachRequest
from player.privacy.redaction import redacted
from player.types import Json

PANEL = "Commands to the running player"
OF_NUMBERS = (SensorRequest, SeekRequest, VolumeRequest)


def add_to(app: typer.Typer) -> None:
    """Give the command line every command of the table that has none of its own there."""
    for spec in COMMANDS.values():
        if spec.at_terminal:
            function = status if spec.request is StatusRequest else _function(spec)
            # A number below nothing begins as an option does.
            settings = {"ignore_unknown_options": spec.request in OF_NUMBERS}
            app.command(spec.name, help=spec.help, rich_help_panel=PANEL, context_settings=settings)(function)


def _function(spec: CommandSpec) -> Callable[..., None]:
    """What typer makes a command of: its signature has the fields of the request, and our own options."""

    def command(
        config_path: Path | None,
        as_json: bool,
        url: str | None,
        token: str | None,
        token_file: Path | None,
        **given: Any,
    ) -> None:
        fields = spec.request.model_fields
        # An argument that may be left out is an empty list if it is.
        said = {name: _text(fields[name], value) for name, value in given.items() if value not in (None, [])}
        try:
            request = spec.read(more=said)
        except ArgumentError as error:
            hint = flag(error.field, spec.options[error.field]) if error.field in spec.options else None
            raise typer.BadParameter(redacted(str(error)), param_hint=hint) from None
        _tell(spec, request, addressed_player(config_path, url, token, token_file), as_json)

    parameters = [*_parameters(spec), *_OURS]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def _parameters(spec: CommandSpec) -> list[inspect.Parameter]:
    """The main argument, and an option for each further field."""
    made = []
    for name, info in spec.request.model_fields.items():
        wanted = "a file" if plain_type(info) is Path else str(info.description)
        help_text = f"{wanted[0].upper()}{wanted[1:]}."
        kind: Any = bool if plain_type(info) is bool else str
        if name in spec.options:
            said = typer.Option(
                flag(name, info), metavar=None if kind is bool else metavar(name, info), help=help_text
            )
        else:
            # A sentence need not stand in quotes.
            kind = list[str] if plain_type(info) is str else kind
            said = typer.Argument(metavar=spec.metavar, help=help_text, show_default=False)
        default = inspect.Parameter.empty if info.is_required() else None
        taken: Any = kind if info.is_required() else kind | None
        made.append(_parameter(name, Annotated[taken, said], default))
    return made


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_OURS = (
    _parameter("config_path", ConfigOption, None),
    _parameter("as_json", JsonOption, False),
    _parameter("url", UrlOption, None),
    _parameter("token", TokenOption, None),
    _parameter("token_file", TokenFileOption, None),
)
"""The options that every command has."""


def _text(info: FieldInfo, value: Any) -> Any:
    """What was typed, as the request takes it."""
    if isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else " ".join(value)
    return named(Path(text)) if plain_type(info) is Path else typed(text)


def _tell(spec: CommandSpec, request: Request, told: AddressedPlayer, as_json: bool) -> None:
    """Send it, and print the answer."""
    try:
        answer = told.command(spec.name, request.as_json())
    except ControlError as error:
        if spec.request is not ReloadRequest:
            raise
        raise ReloadRefusedError(str(error)) from None
    if as_json:
        print_lines([answer])
        return
    with understood():
        for line in _lines(request, answer):
            say(line)


def _lines(request: Request, answer: Json) -> Iterable[str]:
    """An answer for a person."""
    match request:
        case LibraryProblemsRequest():
            from player.cli.library_text import problem_lines  # noqa: PLC0415

            return problem_lines(answer, request.limit)
        case TrackRequest():
            from player.cli.library_text import track_lines  # noqa: PLC0415

            return track_lines(answer)
        case ReportRequest() | TeachRequest():  # these are made of lines; no other is, whatever a title holds
            return str(answer["message"]).split("\n")
    return [answer["message"]]
