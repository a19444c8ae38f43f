"""How the command line prints: a record a line, and a progress bar while something takes long."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from player.cli.output_file import write
from player.privacy.printable import printable
from player.privacy.redaction import cleaned
from player.types import Json, json_text


def report(records: Iterable[Json], total: int, as_json: bool, what: str) -> bool:
    """Print a record a line as it comes: JSON unless at a terminal. Returns whether all could be read."""
    failed = False
    text = sys.stdout.isatty() and not as_json
    with progress(what, total) as advance:
        for done, record in enumerate(records, 1):
            failed |= "error" in record
            if text:
                say(_line(record))
            else:
                typer.echo(json_text(record))
            advance(done, total)
    return not failed


def _line(record: Json) -> str:
    """A record for a person: what it is, its point, and its words."""
    name = record.get("path") or record.get("text")
    if "error" in record:
        return f"{name}: {record['error']}"
    word = record.get("mood7") or record["quadrant"]
    text = record.get("caption") or record.get("text") or Path(record["path"]).name
    return f"{record['valence']:+.2f} {record['energy']:+.2f} {word:<10} {text}"


def say(line: str, err: bool = False) -> None:
    """Print a line for a person, in which no tag and no name steers the terminal or begins a line."""
    typer.echo(printable(line), err=err)


def print_lines(records: Iterable[Json]) -> None:
    """Print JSON, one object a line."""
    for record in records:
        typer.echo(json_text(cleaned(record)))


@contextlib.contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while something takes long; nothing if standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total or None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def write_lines(lines: Iterable[str], file: str) -> None:
    """To a file, or to standard output, in UTF-8. Raises PlayerError."""
    if file == "-":
        for line in lines:
            sys.stdout.buffer.write(line.encode(errors="replace"))
        sys.stdout.buffer.flush()
        return
    write(Path(file), (line.encode(errors="replace") for line in lines), "table")
