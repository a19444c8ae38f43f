"""`ambient-player status`, once or for every change."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from player.cli.library import ConfigOption, JsonOption
from player.cli.printing import print_lines
from player.errors import ControlError
from player.interfaces import socket

WatchOption = Annotated[
    bool, typer.Option("--watch", help="Go on, with a line for every change, until Ctrl-C.")
]


def status(config_path: ConfigOption = None, as_json: JsonOption = False, watch: WatchOption = False) -> None:
    """See the table."""
    from player.cli.running_player import control_socket  # noqa: PLC0415

    path = control_socket(config_path)
    if watch:
        _watch(path, as_json)
        return
    answer = socket.send(path, "status")
    answer.pop("ok")
    if as_json:
        print_lines([answer])
    else:
        from player.cli.status_text import describe  # noqa: PLC0415

        typer.echo(describe(answer))


def _watch(path: Path, as_json: bool) -> None:
    """Print each status as JSON, or for a person what of it is new in a line with the time."""
    from player.cli.status_text import in_a_line  # noqa: PLC0415

    said = ""
    try:
        for line in socket.watch(path):
            if as_json and "heartbeat" not in line:
                print_lines([line["status"]])
            elif not as_json and (news := in_a_line(line["status"])) != said:
                said = news
                typer.echo(f"{datetime.now():%H:%M:%S} {news}")
    except KeyboardInterrupt:  # the way to end it
        raise typer.Exit from None
    raise ControlError("the player has stopped.")
