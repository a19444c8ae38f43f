"""`ambient-player library ...`: the commands on the music. Those that listen import that part late."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from player.cli.printing import print_lines, progress, report, say
from player.config import loader
from player.counting import counted
from player.privacy.redaction import redacted
from player.types import Json

library = typer.Typer(help="The music library.", no_args_is_help=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Another file than `config path` says.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def exit_code(all_read: bool) -> None:
    """End a command that read many things: 1 if one of them could not be read."""
    raise typer.Exit(0 if all_read else 1)


@library.command("scan")
def library_scan(config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find new, changed and removed files now."""
    from player.cli.standalone import scan  # noqa: PLC0415

    with progress("scanning", 0) as advance:
        found = scan(loader.load(config_path), advance)
    if as_json:
        print_lines([found])
        return
    typer.echo("{added} new, {changed} changed, {removed} removed, {tracks} in all".format(**found))
    if found["left_out"]:
        typer.echo(f"left out {found['left_out']}: bins, system folders, unfinished downloads, hidden names")
    for skipped in found["unreadable"]:
        say(f"skipped {skipped['path']}: {skipped['error']}")
    for sentence in found["playlists"]:
        say(redacted(f"playlist {sentence}"))


@library.command("analyze")
def library_analyze(
    files: Annotated[list[Path] | None, typer.Argument(help="Music files; none: all new ones.")] = None,
    workers: Annotated[
        int,
        typer.Option(min=1, max=64, help="Processes at once; each takes a core.", show_default="all cores"),
    ] = os.cpu_count() or 1,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, whose workers listen instead.")
    ] = None,
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Listen to files: mood, loudness, tempo (JSON unless at a terminal). Without any, to all new ones."""
    from player.cli.standalone import analyses, analyses_on_cluster, pending  # noqa: PLC0415

    settings = loader.load(config_path)
    wanted = files if files else pending(settings)
    if dask:
        found = analyses_on_cluster(settings, wanted, dask, store=not files)
    else:
        found = analyses(settings, wanted, store=not files, workers=workers)
    exit_code(report(found, len(wanted), as_json, "listening"))


@library.command("list")
def library_list(config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the tracks with their moods; a question mark if none is clear."""
    from player.cli.standalone import tracks  # noqa: PLC0415

    found = tracks(loader.load(config_path))
    if as_json:
        print_lines(found)
        return
    for track in found:
        say(_track_line(track))


def _track_line(track: Json) -> str:
    analysed = track["valence"] is not None
    point = (
        f"{track['valence']:+.2f} {track['energy']:+.2f} {track['quadrant']}" if analysed else "not analysed"
    )
    if analysed and not track["clear"]:
        point += "?"
    return f"{point:<14} {track['artist'] or '?'} - {track['title']}"


@library.command("map")
def library_map(
    file: Annotated[Path, typer.Argument(help="Where the SVG picture goes.")] = Path("map.svg"),
    korean: Annotated[bool, typer.Option("--korean", help="Name the moods in Korean.")] = False,
    config_path: ConfigOption = None,
) -> None:
    """Draw the library as a map of moods: valence to the right, energy upwards (SVG)."""
    from player.cli.library_tools import write_map  # noqa: PLC0415

    say(f"{file}: {counted(write_map(loader.load(config_path), file, korean), 'track')}")


CsvOption = Annotated[Path, typer.Option("--csv", help="The table: artist, music_name, duration, ...")]


@library.command("export")
def library_export(csv: CsvOption, config_path: ConfigOption = None) -> None:
    """Write the tracks and their moods, in English and Korean, as a CSV table."""
    from player.cli.library_tools import export_table  # noqa: PLC0415

    say(f"{csv}: {counted(export_table(loader.load(config_path), csv), 'track')}")


@library.command("import")
def library_import(csv: CsvOption, config_path: ConfigOption = None) -> None:
    """Take moods from a CSV table of the same form; lines that fit no track are listed."""
    from player.cli.library_tools import import_table  # noqa: PLC0415

    taken, problems = import_table(loader.load(config_path), csv)
    for problem in problems:
        say(problem)
    passed = "1 line was" if len(problems) == 1 else f"{len(problems)} lines were"
    say(f"{csv}: {counted(taken, 'track')} got a mood, {passed} passed over")


@library.command("tags")
def library_tags(
    lastfm: Annotated[bool, typer.Option("--lastfm", help="Ask Last.fm, with a key of your own.")] = False,
    config_path: ConfigOption = None,
) -> None:
    """Fetch what others call the mood of your tracks; goes on where it stopped."""
    from player.cli.library_tools import lastfm_tags  # noqa: PLC0415

    if not lastfm:
        raise typer.BadParameter("name the source: --lastfm")
    settings, asked, known = loader.load(config_path), 0, 0
    with progress("asking Last.fm", 0) as advance:
        for asked, total, found in lastfm_tags(settings):
            advance(asked, total)
            known += bool(found)
    typer.echo(f"{counted(asked, 'track')} asked about, {known} with moods at Last.fm")
