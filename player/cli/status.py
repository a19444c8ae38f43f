"""`ambient-player status`, once or for every change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from player.cli.addressed_player import AddressedPlayer, understood
from player.cli.library import ConfigOption, JsonOption
from player.cli.player_options import TokenFileOption, TokenOption, UrlOption, addressed_player
from player.cli.printing import print_lines, say
from player.errors import ControlError

WatchOption = Annotated[
    bool, typer.Option("--watch", help="Go on, with a line for every change, until Ctrl-C.")
]


def status(
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
    watch: WatchOption = False,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """See the table."""
    told = addressed_player(config_path, url, token, token_file)
    if watch:
        _watch(told, as_json)
        return
    answer = told.command("status", {})
    if as_json:
        print_lines([answer])
    else:
        from player.cli.status_text import describe  # noqa: PLC0415

        with understood():
            typer.echo(describe(answer))


def _watch(told: AddressedPlayer, as_json: bool) -> None:
    """Print each status as JSON, or for a person what of it is new in a line with the time."""
    from player.cli.status_text import in_a_line  # noqa: PLC0415

    said = ""
    try:
        for line in told.watch():
            if as_json:
                if "heartbeat" not in line:
                    print_lines([line["status"]])
                continue
            with understood():
                news = in_a_line(line["status"])
            if news != said:
                said = news
                say(f"{datetime.now():%H:%M:%S} {news}")
    except KeyboardInterrupt:  # the way to end it
        raise typer.Exit from None
    raise ControlError("the player has stopped.")
