"""`ambient-player config ...`: which config.yaml holds, and one to edit."""

from __future__ import annotations

import typer

from player.config import loader

configuration = typer.Typer(help="The settings' file.", no_args_is_help=True)


@configuration.command("path")
def config_path() -> None:
    """Print the path of the config.yaml that holds."""
    typer.echo(loader.default_path())


@configuration.command("init")
def config_init() -> None:
    """Write a config.yaml with every setting, its default and its range, to be edited."""
    typer.echo(f"wrote {loader.write_own()}; every setting in it has its default.")
