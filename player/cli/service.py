"""`ambient-player service ...`: the player as a systemd service of its user."""

from __future__ import annotations

import typer

from player.cli.library import ConfigOption
from player.config import loader

service = typer.Typer(
    help="The player as a service of its user: starts by itself, is watched.", no_args_is_help=True
)


@service.command("install")
def service_install(config_path: ConfigOption = None) -> None:
    """Start the player now, at every login and after every failure. Again, after an update or a move."""
    from player.interfaces.systemd import user_service  # noqa: PLC0415

    if config_path is None and not loader.own_path().is_file():
        typer.echo(f"wrote {loader.write_own()}")  # a unit names the file that the owner edits
    settings = loader.load(config_path)
    for said in user_service.install(settings, config_path or loader.default_path()):
        typer.echo(said)


@service.command("uninstall")
def service_uninstall() -> None:
    """Stop it, and no longer start it."""
    from player.interfaces.systemd import user_service  # noqa: PLC0415

    for said in user_service.uninstall():
        typer.echo(said)


@service.command("status")
def service_status() -> None:
    """Whether it runs; the exit code is 1 if it does not."""
    from player.interfaces.systemd import user_service  # noqa: PLC0415

    runs, line = user_service.condition()
    typer.echo(line)
    raise typer.Exit(0 if runs else 1)
