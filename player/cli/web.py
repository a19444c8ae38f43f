"""`ambient-player web ...`: who may use the player over the network. No secret stands in a command line."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from player.cli.arguments import typed
from player.cli.library import ConfigOption, JsonOption
from player.cli.printing import print_lines, say
from player.config import loader
from player.errors import ControlError
from player.interfaces.command_table import Role

if TYPE_CHECKING:
    from player.interfaces.front.web.security.secrets_file import Credential, Secrets, SecretsFile

web = typer.Typer(help="Who may use the player over the network.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens: how programs log in.", invoke_without_command=True)
sessions = typer.Typer(help="Who is logged in.", invoke_without_command=True)
web.add_typer(tokens, name="tokens")
web.add_typer(sessions, name="sessions")


@web.command("password")
def web_password(
    role: Annotated[Role, typer.Argument(help="Whose password.")] = Role.OWNER,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read it from standard input: one line.")] = False,
    config_path: ConfigOption = None,
) -> None:
    """Set the password of the owner, or of the staff. Whoever is logged in with the old one is logged out."""
    after = set_password(_file(config_path), role, stdin)
    if after.tokens:
        typer.echo("Tokens hold as before; `ambient-player web tokens` lists them.")
    if Role.OWNER not in after.passwords:
        typer.echo("The owner has no password yet: set one with `ambient-player web password`.", err=True)


def set_password(file: SecretsFile, role: Role, stdin: bool) -> Secrets:
    """Ask for a password, or read it, and keep it in a file; what stands there then.

    Raises SecretsError. A file that is damaged is set aside.
    """
    from player.interfaces.front.web.security import passwords  # noqa: PLC0415
    from player.interfaces.front.web.security.secrets_file import SecretsError  # noqa: PLC0415

    if stdin:
        password = sys.stdin.readline().removeprefix("\ufeff").rstrip("\r\n")  # Notepad's first sign
    else:
        password = typer.prompt(f"New password of the {role}", hide_input=True, confirmation_prompt=True)
    hashed = passwords.hashed(typed(password))
    try:
        file.read()
    except SecretsError:
        typer.echo(
            f"the old file was damaged; it is kept as {file.set_aside()}. Set all passwords again.", err=True
        )
    after = file.change(lambda found: found.with_password(role, hashed))
    typer.echo(f"The {role}'s password is set; whoever was logged in as {role} is logged out.")
    return after


@tokens.callback()
def web_tokens(context: typer.Context, config_path: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the tokens."""
    if context.invoked_subcommand is None:
        _print(_file(config_path).read().tokens, as_json, "there are no tokens.")
    else:
        pass_on(context, config_path)


@tokens.command("add")
def tokens_add(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[Role, typer.Option("--role", help="What it may do.")],
    config_path: ConfigOption = None,
) -> None:
    """Make a token for a program, and print it this once."""
    from player.interfaces.front.web.security.secrets_authenticator import new_credential  # noqa: PLC0415

    name = " ".join(typed(name).split())
    if not name or len(name) > 60 or not name.isprintable():
        raise typer.BadParameter("a name has 1 to 60 characters.")
    secret, token = new_credential(role, name, time.time(), None)
    if token not in _file(config_path).change(lambda found: found.with_token(token)).tokens:
        raise ControlError(f"there is a token named {name} already, or there are too many: remove one first.")
    typer.echo(secret)
    typer.echo("This is shown only now: give it to the program, and keep it nowhere else.", err=True)


@tokens.command("remove")
def tokens_remove(
    name: Annotated[str, typer.Argument(help="Its name, or its id.")], config_path: ConfigOption = None
) -> None:
    """End a token, at once."""
    name = typed(name)
    file = _file(config_path)
    before = file.read().tokens
    after = file.change(lambda found: found.without_token(name)).tokens
    if len(after) == len(before):
        raise ControlError(f"there is no token {name}; `ambient-player web tokens` lists them.")
    typer.echo("The token is no longer taken.")


@sessions.callback()
def web_sessions(
    context: typer.Context, config_path: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """List who is logged in."""
    if context.invoked_subcommand is None:
        now_s = time.time()
        held = tuple(one for one in _file(config_path).read().sessions if one.holds(now_s))
        _print(held, as_json, "nobody is logged in.")
    else:
        pass_on(context, config_path)


@sessions.command("end")
def sessions_end(
    session: Annotated[str | None, typer.Argument(metavar="ID", help="As the list has it.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    config_path: ConfigOption = None,
) -> None:
    """Log somebody out, or everybody, at once."""
    if (session is None) != everyone:
        raise typer.BadParameter("name one session, or --all.")
    if session is not None and len(session) < 6:
        raise typer.BadParameter("an id has 12 characters; give at least 6 of them.")
    file = _file(config_path)
    before = file.read().sessions
    after = file.change(lambda found: found.without_session(session or "")).sessions
    ended = len(before) - len(after)
    if session is not None and not ended:
        raise ControlError(f"there is no session {session}; `ambient-player web sessions` lists them.")
    typer.echo(f"{ended} logged out.")


def pass_on(context: typer.Context, config_path: Path | None) -> None:
    """Let the subcommand go by the --config that stands before it, unless one stands behind it."""
    context.default_map = {str(context.invoked_subcommand): {"config_path": config_path}}


def _file(config_path: Path | None) -> SecretsFile:
    """Of the player that this config is for, whether or not it runs."""
    from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile  # noqa: PLC0415
    from player.state import places  # noqa: PLC0415

    place = places.place(loader.whereabouts(config_path))
    if place.problem:
        typer.echo(place.problem, err=True)
    return SecretsFile(place.passwords / NAME)


def _print(credentials: tuple[Credential, ...], as_json: bool, none: str) -> None:
    if as_json:
        print_lines({"id": one.id, **one.model_dump(mode="json", exclude={"hash"})} for one in credentials)
        return
    for one in credentials:
        until = f", until {_day(one.expires_s)}" if one.expires_s is not None else ""
        when = f"since {_day(one.created_s)}{until}; used {_day(one.used_s)}"
        say(f"{one.id}  {one.role:<5}  {one.name} ({when})")
    if not credentials:
        typer.echo(none)


def _day(at_s: float) -> str:
    return datetime.fromtimestamp(at_s).strftime("%Y-%m-%d %H:%M")
