"""Which player a command is for: the one on this machine, or, with --url, one on another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from player.cli.addressed_player import AddressedPlayer, LocalPlayer
from player.errors import ControlError
from player.privacy.printable import printable
from player.privacy.redaction import redacted

UrlOption = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="A player on another machine: http://cafe.example:8787."),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        help="Its token. Others on this machine can see it: better --token-file, or AMBIENT_PLAYER_TOKEN.",
    ),
]
TokenFileOption = Annotated[
    Path | None, typer.Option("--token-file", metavar="FILE", help="A file that holds its token.")
]


def addressed_player(
    config_path: Path | None, url: str | None, token: str | None, token_file: Path | None
) -> AddressedPlayer:
    """The player that these options name. Raises BadParameter where they do not fit, or ConfigError."""
    if url is None:
        if token is not None or token_file is not None:
            raise typer.BadParameter("--token and --token-file go with --url.")
        from player.cli.running_player import control_socket  # noqa: PLC0415

        return LocalPlayer(control_socket(config_path))
    if config_path is not None:
        raise typer.BadParameter("--config names a file of this machine, and does not go with --url")
    from player.cli.remote_player import remote_player  # noqa: PLC0415

    try:
        remote = remote_player(url, token, token_file)
    except ControlError as error:
        raise typer.BadParameter(printable(redacted(str(error)))) from None
    if remote.warning is not None:
        typer.echo(remote.warning, err=True)
    return remote
