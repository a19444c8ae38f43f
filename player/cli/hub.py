"""`ambient-player hub`: the watch over a fleet's rooms, a program that plays nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from player import log
from player.cli.printing import write_lines
from player.cli.web import pass_on, set_password
from player.errors import ArgumentError
from player.interfaces.command_table import Role

hub = typer.Typer(help="Watch over the rooms of a fleet (docs/fleet.md).", invoke_without_command=True)
HubFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="hub.yaml; without it, the user's own.")
]


@hub.callback()
def hub_run(context: typer.Context, config_path: HubFile = None) -> None:
    """Run the hub until stopped (Ctrl-C): at its broker, with its page."""
    if context.invoked_subcommand is not None:
        pass_on(context, config_path)
        return
    from player.config import hub as hub_config  # noqa: PLC0415
    from player.hub.run import run  # noqa: PLC0415

    settings = hub_config.load(config_path)
    log.setup("info")
    run(settings)


@hub.command("password")
def hub_password(
    role: Annotated[Role, typer.Argument(help="Whose password.")] = Role.OWNER,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read it from standard input: one line.")] = False,
    config_path: HubFile = None,
) -> None:
    """Set the password of the owner, or of the staff, for the hub's page."""
    from player.config import hub as hub_config  # noqa: PLC0415
    from player.hub.run import state_folder  # noqa: PLC0415
    from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile  # noqa: PLC0415

    set_password(SecretsFile(state_folder(hub_config.load(config_path)) / NAME), role, stdin)


@hub.command("plays")
def hub_plays(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where the table goes; - prints it.")],
    since: Annotated[str, typer.Option(metavar="WHEN", help="From then on: 2026-05-01.")] = "",
    until: Annotated[
        str, typer.Option(metavar="WHEN", help="Until then; a date counts as a whole day.")
    ] = "",
    room: Annotated[str, typer.Option(metavar="ID", help="Of one room alone.")] = "",
    config_path: HubFile = None,
) -> None:
    """Write the plays of all rooms as a table for spreadsheets, as licensing asks for it."""
    from player.clock import house_zone  # noqa: PLC0415
    from player.config import hub as hub_config  # noqa: PLC0415
    from player.hub.export import plays_table  # noqa: PLC0415
    from player.hub.run import state_folder  # noqa: PLC0415

    folder = state_folder(hub_config.load(config_path))
    try:
        table = plays_table(folder, since, until, room, house_zone(None))
    except ArgumentError as error:
        raise typer.BadParameter(str(error)) from None
    write_lines(table, file)
