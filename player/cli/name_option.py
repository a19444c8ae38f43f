"""`--name NAME` at every command that is for one of several players on this machine."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from player.system import player_name


class PlayerGroup(TyperGroup):
    """The command line whose commands take the name, before the group as well as behind it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        small = typer.Typer(add_completion=False)
        small.command()(_named)
        self._option = next(one for one in typer.main.get_command(small).params if one.name == "which_player")
        self._add_to(self)

    def _add_to(self, group: TyperGroup) -> None:
        group.params.append(self._option)
        for command in group.commands.values():
            if isinstance(command, TyperGroup):
                self._add_to(command)
            else:
                command.params.append(self._option)


def _take(value: str | None) -> None:
    if value is not None:
        # Children, a restart in the same process and all that asks where the state is go by it.
        os.environ[player_name.VARIABLE] = player_name.checked(value)


def _named(
    which_player: Annotated[  # `name` is what commands call arguments of their own
        str | None,
        typer.Option(
            player_name.OPTION,
            metavar="NAME",
            help=f"Which of several players on this machine; also {player_name.VARIABLE}.",
            is_eager=True,  # the file that --config is looked for without depends on it
            expose_value=False,
            callback=_take,
        ),
    ] = None,
) -> None:
    """What typer makes the option of."""
