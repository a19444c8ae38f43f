"""`ambient-player backup` and `restore`: what a player knows in one file, and put back on any machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from player.cli.arguments import typed
from player.cli.library import ConfigOption
from player.cli.printing import say
from player.config import loader
from player.config.plausibility import not_there
from player.errors import BackupError
from player.privacy.redaction import redacted


def backup(
    file: Annotated[
        Path, typer.Argument(help="The file to write; a folder gets one with the date in its name.")
    ],
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Passwords of settings, stations and the page, too.")
    ] = False,
    config_path: ConfigOption = None,
) -> None:
    """Write settings, library, taste, history and what the room was taught into one file; no music."""
    from player.backup import making  # noqa: PLC0415
    from player.backup.names import names_here  # noqa: PLC0415
    from player.clock import HouseClock  # noqa: PLC0415
    from player.state import places  # noqa: PLC0415

    settings = loader.load(config_path)
    now = HouseClock(settings.timezone)()
    place = places.place(settings)
    target = file / names_here().name_of(now) if os.path.isdir(file) else file
    config = config_path or loader.default_path()
    hidden = making.make(target, config, place.folder, place.passwords, now, secrets=secrets)
    say(f"wrote {target} ({target.stat().st_size / 1e6:.1f} MB)")
    if hidden:
        say(f"without the passwords in {', '.join(hidden)}; --secrets takes them along.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    folder: Annotated[
        list[str] | None,
        typer.Option(
            "--folder", metavar="OLD=NEW", help="Music was in OLD, and is in NEW here. Again for more."
        ),
    ] = None,
    config_path: ConfigOption = None,
) -> None:
    """Put a backup back, all of it or nothing; what was there before is kept beside it."""
    from player.backup.restoring import Restoration  # noqa: PLC0415
    from player.clock import HouseClock  # noqa: PLC0415
    from player.interfaces import socket  # noqa: PLC0415
    from player.state import places  # noqa: PLC0415

    target = config_path or loader.own_path()
    restoration = Restoration(file, target, dict(_pair(typed(text)) for text in folder or ()))
    if socket.answering(_sockets(target) + places.sockets(restoration.config)):
        raise BackupError(
            "A player runs here: stop it first (`systemctl --user stop ambient-player`, for a machine's own"
            " `sudo systemctl stop ambient-player`, or Ctrl-C), then restore again."
        )
    for said in restoration.carry_out(HouseClock(restoration.config.timezone)()):
        say(redacted(said))
    for missing in not_there(restoration.config.library.folders):
        say(redacted(f"but {missing} (library.folders) is not there: is your music elsewhere here?"))
        typer.echo("Then restore again, with --folder OLD=NEW.")


def _sockets(config_path: Path) -> list[Path]:
    """Where a player of the settings that are here now would listen."""
    from player.cli.running_player import control_socket  # noqa: PLC0415
    from player.errors import ConfigError  # noqa: PLC0415

    try:
        return [control_socket(config_path)]
    except ConfigError:  # there is none yet, or it is broken and nobody plays by it
        return []


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not equals or not all(part.startswith(("/", "~")) for part in (old, new)):
        raise typer.BadParameter(
            f"{text!r} is no OLD=NEW: both are whole paths, as in /home/ann/Music=/srv/music",
            param_hint="--folder",
        )
    if old.startswith("~") and old[1:2] not in ("", "/"):
        raise typer.BadParameter(
            f"{old!r} is a home of another machine: write it in full", param_hint="--folder"
        )
    try:
        return old, str(Path(new).expanduser())
    except RuntimeError:
        raise typer.BadParameter(
            f"{new!r} is in nobody's home here: write it in full", param_hint="--folder"
        ) from None
