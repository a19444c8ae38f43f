"""`ambient-player update --check`: what a newer version would do here. Nothing is ever updated by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from player.cli.library import ConfigOption, JsonOption


def update(
    check: Annotated[
        bool, typer.Option("--check", help="Only look. There is nothing else: the owner updates.")
    ] = False,
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which version is there, what it would do to the library, and how to go back; calls nobody."""
    if not check:
        raise typer.BadParameter(
            "the player updates nothing by itself; `ambient-player update --check` says what is there and how"
            " to take it.",
            param_hint="--check",
        )
    from player.cli.doctor import tell  # noqa: PLC0415
    from player.cli.releases import releases  # noqa: PLC0415
    from player.cli.update_check import examine  # noqa: PLC0415
    from player.system.installation import installation  # noqa: PLC0415

    found = installation()
    tell(examine(config_path, found, releases(found)), as_json)
