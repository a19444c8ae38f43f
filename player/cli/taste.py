"""`ambient-player library taste ...`: what the venue's taste has become. They import their stage late."""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import typer

from player.cli.library import ConfigOption, JsonOption
from player.cli.printing import print_lines
from player.config import loader
from player.counting import counted

taste = typer.Typer(
    help="What was learnt from skips, likes and plays heard to the end.", no_args_is_help=True
)


@taste.command("show")
def taste_show(config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What the venue likes, in plain words, per part of the day."""
    from player.cli.standalone_taste import described  # noqa: PLC0415

    found = described(loader.load(config_path))
    if as_json:
        print_lines([found])
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in found["kinds"].items())
    judgements = counted(found["feedback"], "judgement")
    typer.echo(f"{judgements} ({kinds or 'none yet'}), {found['learnt_from']} learnt from")
    for daypart, sentences in found["plain"].items():
        typer.echo(f"{daypart}: {'; '.join(sentences)}")


@taste.command("export")
def taste_export(
    as_csv: Annotated[bool, typer.Option("--csv", help="The feedback alone, as a table.")] = False,
    config_path: ConfigOption = None,
) -> None:
    """Print all feedback and every weight as JSON, or the feedback as CSV."""
    from player.cli.standalone_taste import COLUMNS, described, feedback_rows  # noqa: PLC0415
    from player.interfaces.play_exports import text_cell  # noqa: PLC0415

    settings = loader.load(config_path)
    rows = feedback_rows(settings)
    if not as_csv:
        print_lines([described(settings) | {"rows": rows}])
        return
    table = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow(
            {name: text_cell(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        )


@taste.command("reset")
def taste_reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    config_path: ConfigOption = None,
) -> None:
    """Forget all feedback, and with it all that was learnt."""
    from player.cli.standalone_taste import forget  # noqa: PLC0415

    settings = loader.load(config_path)
    if not yes:
        typer.confirm("Forget everything learnt from skips, likes and plays?", abort=True)
    typer.echo(f"{counted(forget(settings), 'judgement')} forgotten")
