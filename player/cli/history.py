"""`ambient-player history`: what was played, whether or not a player runs; tables for licensing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from typing import Annotated

import typer

from player.cli.addressed_player import AddressedPlayer, understood
from player.cli.arguments import typed
from player.cli.library import ConfigOption, JsonOption
from player.cli.player_options import TokenFileOption, TokenOption, UrlOption, addressed_player
from player.cli.printing import print_lines, say, write_lines
from player.config import loader
from player.config.settings.config import Config
from player.errors import ArgumentError, NoLibraryError
from player.types import Json

PAGE = 200
"""Plays asked for at once; the command gives no more."""


def history(
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="From then on: 2026-05-01, or 2026-05-01T18:00.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until then; a date counts as a whole day.")
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="Words that title, artist, album, composer or label hold."),
    ] = None,
    csv: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a table for spreadsheets; - prints it.")
    ] = None,
    sound_exchange: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write SoundExchange's Report of Use; - prints it."),
    ] = None,
    category: Annotated[
        str, typer.Option(metavar="LETTER", help="The Report of Use's transmission category.")
    ] = "A",
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """What was played when, the newest first: title, artist, ISRC, composer, label, how long it was heard."""
    if not (len(category) == 1 and category.isascii() and category.isalpha()):
        raise typer.BadParameter("takes one letter", param_hint="--category")
    here = url is None and token is None and token_file is None
    try:
        if here:
            found = _records(loader.load(config_path), since, until, text)
        else:
            asked = {"since": since, "until": until, "text": typed(text or "") or None}
            found = _pages(addressed_player(config_path, url, token, token_file), asked)
    except ArgumentError as error:
        raise typer.BadParameter(str(error)) from None
    with nullcontext() if here else understood():
        _show(found, csv, sound_exchange, category.upper(), as_json)


def _show(
    found: Iterator[Json], csv: str | None, sound_exchange: str | None, category: str, as_json: bool
) -> None:
    """Write the tables that are asked for, or else print the plays."""
    from player.interfaces.play_exports import csv_lines, performances, report_of_use  # noqa: PLC0415

    if csv or sound_exchange:
        records = list(found) if csv and sound_exchange else found
        if csv:
            write_lines(csv_lines(records), csv)
        if sound_exchange:
            write_lines(report_of_use(performances(records), category), sound_exchange)
    elif as_json:
        print_lines(found)
    else:
        for record in found:
            say(_line(record))


def _pages(player: AddressedPlayer, asked: Json) -> Iterator[Json]:
    """The same from a player that runs elsewhere, page by page. Raises ControlError."""
    asked = {name: value for name, value in asked.items() if value is not None} | {"limit": PAGE}
    while True:
        page = player.command("history", asked)
        yield from page["plays"]
        if page["next"] is None:
            return
        asked = asked | {"before": page["next"]}


def _records(config: Config, since: str | None, until: str | None, text: str | None) -> Iterator[Json]:
    """The plays asked for, as the command `history` answers them. Raises PlayerError."""
    from player.cli.library_reading import library_place, open_to_read  # noqa: PLC0415
    from player.clock import house_zone  # noqa: PLC0415
    from player.library.queries.history import PlayQuery, all_plays, moment  # noqa: PLC0415

    zone = house_zone(config.timezone)
    plays = PlayQuery(moment(since, zone), moment(until, zone, end=True), typed(text or ""))
    try:
        open_to_read(config).close()  # one of an earlier version is brought up to date, if that may be
    except NoLibraryError:  # nothing was played yet
        return iter(())
    return (asdict(record) for record in all_plays(library_place(config), plays, zone))


def _line(record: Json) -> str:
    when = str(record["started_at"])[:16].replace("T", " ")
    by = f"{record['artist']} - " if record["artist"] else ""
    if record["audible_s"] is not None:
        seconds = round(record["audible_s"])
        heard = f"heard {seconds // 60}:{seconds % 60:02d}"
    else:
        heard = "not heard" if record["audible"] is False else ""
    return f"{when}  {by}{record['title']}  {heard}".rstrip()
