"""`ambient-player playlist`: a photo or a mood becomes a list of tracks: here, or by a player elsewhere."""

from __future__ import annotations

import os
from base64 import b64encode
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from player.camera.picture_limits import SENT, PictureError
from player.cli.addressed_player import AddressedPlayer
from player.cli.arguments import typed
from player.cli.library import ConfigOption
from player.cli.output_file import write
from player.cli.player_options import TokenFileOption, TokenOption, UrlOption, addressed_player
from player.cli.printing import say
from player.config import loader
from player.config.settings.config import Config
from player.errors import CameraError, ControlError, LibraryError, PlayerError
from player.privacy.redaction import cleaned, redacted
from player.selection.playlist import LEAST_MIN, MOST_MIN, Playlist, Wish
from player.state import state_file
from player.types import Frame, Track, is_utf8, json_text

if TYPE_CHECKING:
    from player.library.database.store import Library


class Format(StrEnum):
    """How the list is written."""

    M3U = "m3u"
    JSON = "json"
    LIST = "list"


def playlist(
    photo: Annotated[Path | None, typer.Option("--photo", help="A photo whose mood the music has.")] = None,
    mood: Annotated[
        str | None, typer.Option("--mood", help="Or a mood: a name (calm) or a sentence.", metavar="TEXT")
    ] = None,
    minutes: Annotated[int, typer.Option(min=LEAST_MIN, max=MOST_MIN, help="About how long.")] = 30,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.LIST,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it into this file.", show_default=False)
    ] = None,
    after: Annotated[
        Path | None,
        typer.Option("--after", metavar="FILE", help="Music that plays before: the list leads on from it."),
    ] = None,
    config_path: ConfigOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Make a playlist for a photo or a mood, and say on standard error how it came about."""
    from player.selection import playlist_formats as formats  # noqa: PLC0415

    if (photo is None) == (mood is None):
        raise typer.BadParameter("give either --photo or --mood")
    if url is None and token is None and token_file is None:
        found = make(loader.load(config_path), photo, typed(mood or ""), minutes, after)
    elif after is not None:
        raise typer.BadParameter("--after names a file of this machine, and does not go with --url")
    else:
        player = addressed_player(config_path, url, token, token_file)
        found = asked_for(player, photo, typed(mood or ""), minutes)
    for line in formats.explained(found):
        say(redacted(line), err=True)
    text: str | bytes
    if form is Format.M3U:
        # Whoever follows a link starts from another folder; another machine's files lie in none of ours.
        own = output is not None and not output.is_symlink() and url is None
        beside = output.absolute().parent if output is not None and own else None
        text = formats.as_m3u(found, beside)
    elif form is Format.JSON:
        text = f"{json_text(cleaned(formats.as_json(found)))}\n"
    else:
        text = "".join(f"{line}\n" for line in formats.as_list(found))
    if output is not None:
        write(output, [text.encode() if isinstance(text, str) else text], "playlist")
        return
    try:
        typer.echo(text, nl=False)
    except BrokenPipeError:  # whoever reads it has had enough: typer ends quietly
        raise
    except OSError as error:
        raise PlayerError(f"the list cannot be written ({error.strerror}): make room.") from error


def make(config: Config, photo: Path | None, text: str, minutes: int, after: Path | None = None) -> Playlist:
    """The list for a photo, or else for a text. Raises PlayerError, in one sentence."""
    from player.cli.library_reading import open_to_read  # noqa: PLC0415
    from player.clock import HouseClock  # noqa: PLC0415
    from player.selection.learning import Learning  # noqa: PLC0415
    from player.selection.playlist_planner import PlaylistPlanner  # noqa: PLC0415

    with closing(open_to_read(config)) as library:
        before = None if after is None else _known(library, after)
        wish = _seen(config, photo) if photo is not None else _said(config, text)
        learning = Learning(config.choice, library)
        if config.choice.learn:
            learning.learn_now()
        planner = PlaylistPlanner(config, library, learning.opinion)
        return planner.plan(wish, minutes, HouseClock(config.timezone)(), before)


def asked_for(player: AddressedPlayer, photo: Path | None, text: str, minutes: int) -> Playlist:
    """The same from a player that runs elsewhere, of its library. Raises PlayerError, in one sentence."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    wish = {"mood": text} if photo is None else {"picture": b64encode(_content(photo)).decode()}
    answer = player.command("playlist", {**wish, "minutes": minutes})
    try:
        return TypeAdapter(Playlist).validate_python(answer.get("playlist"))
    except ValidationError as error:
        raise ControlError("the player is of another version: its list cannot be read.") from error


def _content(photo: Path) -> bytes:
    """Raises CameraError for what the player would not take."""
    try:
        with photo.open("rb") as file:
            data = file.read(SENT.most_bytes + 1)
        SENT.check(data)
    except PictureError as error:
        raise CameraError(f"{photo} cannot be sent: {error.why}.") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise CameraError(f"{photo} cannot be read ({why}).") from error
    return data


def _known(library: Library, file: Path) -> Track:
    """The track at a path, or at the one that it leads to. Raises LibraryError."""
    for path in (os.path.abspath(file), os.path.realpath(file)):
        if is_utf8(path) and (track := library.track_at(Path(path))) is not None:
            return track
    raise LibraryError(f"{file} is not in the library: name a file that is.")


def _said(config: Config, text: str) -> Wish:
    from player.mood.factory import open_reader  # noqa: PLC0415
    from player.mood.wishes import read_wish  # noqa: PLC0415

    read = read_wish(text, lambda: open_reader(config.mood, lambda: state_file.state_dir(config)))
    return Wish(" ".join(text.split()), read.mood, read.why)


def _seen(config: Config, photo: Path) -> Wish:
    from player.camera.sources.photos import read_photo  # noqa: PLC0415
    from player.mood.factory import open_reader as open_mood_reader  # noqa: PLC0415
    from player.mood.wishes import of_scene  # noqa: PLC0415
    from player.vision.factory import open_reader  # noqa: PLC0415

    try:
        image = read_photo(photo, config.camera)
    except CameraError:
        raise
    except OSError as error:  # a name too long, a folder that is closed to us
        raise CameraError(f"{photo} cannot be read ({error.strerror}).") from error
    reader, _note = open_reader(config.vision)
    scene = reader.read(Frame(image, 0.0, 0, str(photo), live=False))
    moods = open_mood_reader(config.mood, lambda: state_file.state_dir(config))
    read = of_scene(scene, moods, config.mood.impression)
    return Wish(photo.name, read.mood, read.why, scene)
