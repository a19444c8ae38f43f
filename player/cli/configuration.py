"""`ambient-player config ...`: which config.yaml holds, one to edit, and single settings of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from player.cli.arguments import typed
from player.cli.library import ConfigOption, JsonOption
from player.cli.player_options import TokenFileOption, TokenOption, UrlOption, addressed_player
from player.cli.printing import print_lines, say
from player.config import document, loader
from player.config.settings.config import Config
from player.errors import ConfigError, ControlError, NeedsRestartError, ReloadRefusedError
from player.privacy.redaction import redacted
from player.state import state_file
from player.system import resources
from player.system.player_name import player_name
from player.types import Json, json_text

if TYPE_CHECKING:  # the parts that edit are loaded by the commands that need them
    from player.cli.remote_config import RemoteConfig
    from player.config.editing.config_file import ConfigFile, Written

configuration = typer.Typer(help="The settings' file.", no_args_is_help=True)

KeyArgument = Annotated[str, typer.Argument(help="A setting: playback.volume, or dayparts.evening.volume.")]
ReloadOption = Annotated[
    bool, typer.Option("--reload/--no-reload", help="Let a player that runs take it over at once.")
]


@configuration.command("path")
def config_path() -> None:
    """Print the path of the config.yaml that holds."""
    typer.echo(loader.default_path())


@configuration.command("init")
def config_init() -> None:
    """Write a config.yaml with every setting, its default and its range, to be edited."""
    like = "every setting in it has its default" if resources.INSTALLED else "it is a copy of config.yaml"
    typer.echo(f"wrote {loader.write_own()}; {like}.")
    if player_name():
        typer.echo(
            "two players cannot share a page's address: give this one a web.port and a camera of its own."
        )


@configuration.command("get")
def config_get(
    key: Annotated[str | None, typer.Argument(help="A setting or a section; none prints all.")] = None,
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Print what holds for a setting, without passwords."""
    from player.config.editing.config_file import NO_FILE, ConfigFile  # noqa: PLC0415
    from player.config.editing.setting_keys import value_at  # noqa: PLC0415

    if (there := _elsewhere(config_path, url, token, token_file)) is not None:
        values = there.values()
    else:
        held = ConfigFile(config_path).read()
        if held.etag == NO_FILE:
            document.contents(config_path or loader.default_path())  # of no file, nothing holds
        values = held.values
    found = value_at(values, typed(key)) if key else values
    if as_json or not isinstance(found, dict):
        typer.echo(found if isinstance(found, str) and not as_json else json_text(found))
        return
    for name, value in _flat(found, ""):
        typer.echo(f"{name}: {json_text(value)}")


@configuration.command("set", context_settings={"ignore_unknown_options": True})
def config_set(
    key: KeyArgument,
    value: Annotated[str, typer.Argument(help=r"What it is to be; lists as \[jazz, soul].")],
    config_path: ConfigOption = None,
    reload: ReloadOption = True,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Change one setting in config.yaml; comments and all else in it stay as they are."""
    name = typed(key)
    if (there := _elsewhere(config_path, url, token, token_file, reload)) is not None:
        there.write({name: _meant(there.values(), name, typed(value))})
        return
    file = _file(config_path)
    meant = _meant(file.read_loosely(), name, typed(value))
    _write(file, config_path, reload, lambda now: file.write({name: meant}, None, now))


@configuration.command("unset")
def config_unset(
    key: KeyArgument,
    config_path: ConfigOption = None,
    reload: ReloadOption = True,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Let a setting have its default again; an item of a list is taken out."""
    name = typed(key)
    if (there := _elsewhere(config_path, url, token, token_file, reload)) is not None:
        there.write({name: None})
        return
    file = _file(config_path)
    _write(file, config_path, reload, lambda now: file.write({name: None}, None, now))


@configuration.command("schema")
def config_schema(
    config_path: ConfigOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Print every setting with its type, default, unit, range and explanation: one JSON object each."""
    from player.config.editing.form import fields  # noqa: PLC0415

    there = _elsewhere(config_path, url, token, token_file)
    print_lines(fields() if there is None else there.settings())


@configuration.command("versions")
def config_versions(
    config_path: ConfigOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """List the earlier versions of config.yaml that `revert` can go back to, the newest first."""
    there = _elsewhere(config_path, url, token, token_file)
    versions: list[Json]
    if there is not None:
        versions = there.versions()
    else:
        versions = [version.summary for version in _file(config_path).versions()]
    if as_json:
        print_lines(versions)
        return
    for version in versions:
        time = datetime.fromisoformat(version["time"]).astimezone()
        say(redacted(f"{version['number']:>4}  {time:%Y-%m-%d %H:%M:%S}  {version['changed']}"))
    if not versions:
        typer.echo("no earlier version is kept yet.")


@configuration.command("revert")
def config_revert(
    number: Annotated[int, typer.Argument(help="As `config versions` lists it.")],
    config_path: ConfigOption = None,
    reload: ReloadOption = True,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Go back to an earlier version of config.yaml."""
    if (there := _elsewhere(config_path, url, token, token_file, reload)) is not None:
        there.revert(number)
        return
    file = _file(config_path)
    _write(file, config_path, reload, lambda now: file.revert(number, now))


def _elsewhere(
    config_path: Path | None,
    url: str | None,
    token: str | None,
    token_file: Path | None,
    reload: bool = True,
) -> RemoteConfig | None:
    """The config.yaml of a player on another machine; None if none is named."""
    if url is None and token is None and token_file is None:
        return None
    from player.cli.remote_config import RemoteConfig  # noqa: PLC0415

    if not reload:
        raise typer.BadParameter("a player takes a change over at once: --no-reload does not go with --url")
    return RemoteConfig(addressed_player(config_path, url, token, token_file))


def _file(config_path: Path | None) -> ConfigFile:
    """The file, with its versions where its own state_dir is."""
    from player.config.editing.config_file import ConfigFile  # noqa: PLC0415

    try:
        settings = loader.whereabouts(config_path)
    except ConfigError:  # there is none yet, or it is broken
        settings = Config()
    place = state_file.state_place(settings)
    return ConfigFile(config_path, place and place / state_file.CONFIG_VERSIONS)


def _meant(values: Json, key: str, text: str) -> Any:
    """A word as the setting takes it: text needs no quotes, and a list is written as in the file."""
    from player.config.editing.setting_keys import location, schema_at  # noqa: PLC0415

    schema = schema_at(location(key, values))
    if schema.get("nullable") and text.strip() in ("null", "~"):
        return None
    if schema.get("type") not in ("array", "object"):
        return text
    try:
        return document.parse(Path(key), f"x: {text}").values["x"]
    except ConfigError:
        raise ConfigError([f"{key}: this is no list and no section; one is [jazz, soul]."]) from None


def _write(
    file: ConfigFile, config_path: Path | None, reload: bool, write: Callable[[datetime], Written]
) -> None:
    """Write, and let a player that runs take it over; what it refuses is taken back."""
    from player.cli.running_player import control_socket  # noqa: PLC0415
    from player.interfaces import socket  # noqa: PLC0415

    try:
        # Before it is written: a player stays where it was.
        listening = socket.answering([control_socket(config_path)])
    except ConfigError:
        listening = None
    written = write(datetime.now().astimezone())
    made = written.candidate
    if written.before == written.after:
        typer.echo("nothing has changed.")
        return
    for doubt in made.doubts:
        say(redacted(f"but {doubt}"))
    if written.kept:
        say(redacted(f"but the earlier version could not be kept ({written.kept})."))
    said = redacted(f"{made.said}; written to {file.path}")
    if made.needs_restart:
        say(f"{said}. {', '.join(made.needs_restart)} needs a restart: stop the player and start it.")
    elif listening is None or not reload:
        say(f"{said}. It holds from the next start, or `ambient-player reload`.")
    else:
        try:
            answer = socket.send(listening, "reload")
        except ControlError as error:
            if NeedsRestartError.SAID in str(error):
                say(f"{said}. An earlier change needs a restart, and this holds from then on.")
                return
            refused = str(error)
            if file.take_back(written):
                refused = f"the player refuses it, and config.yaml is as it was: {refused}"
            raise ReloadRefusedError(refused) from None
        say(f"{said}. {answer['message'][0].upper()}{answer['message'][1:]}.")


def _flat(values: dict[str, Any], above: str) -> list[tuple[str, Any]]:
    """The settings of all sections, by their whole keys."""
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        key = f"{above}{name}"
        found += _flat(value, f"{key}.") if isinstance(value, dict) and value else [(key, value)]
    return found
