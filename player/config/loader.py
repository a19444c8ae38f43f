"""config.yaml: read, checked as a whole, and every mistake explained at once.

A problem names the file and line, the key, what was found and what is allowed, and for an unknown key the
one that was probably meant.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from player.config.absolute_paths import Paths, with_absolute_paths
from player.config.document import Document, read
from player.config.explanations import explain, place, unknown_moods
from player.config.plausibility import unlikely
from player.config.settings.config import Config
from player.errors import ConfigError
from player.privacy.private_files import make_folder
from player.system import resources
from player.system.player_name import player_name, suffix
from player.types import Json

SHIPPED_PATH = resources.ROOT / "config.yaml"
"""Every setting with its default: the checkout's own file, or the one inside a wheel."""
WHEREABOUTS = ("state_dir", "control")
"""The keys that say where the running player is to be found."""


def load(path: Path | None = None) -> Config:
    """Read and check a config file; None is `default_path()`.

    Relative paths in it are relative to its folder, and ~ is the user's home. Raises ConfigError with every
    problem found.
    """
    return validated(read(path or default_path()))


def own_path() -> Path:
    """Where the owner's file is, or would be: in the checkout, or, if installed, in the user's folder.

    A player with a name has one of its own, config-NAME.yaml. Raises ConfigError if that folder is not known.
    """
    file = f"config{suffix(player_name())}.yaml"
    if not resources.INSTALLED:
        return SHIPPED_PATH.with_name(file)
    try:
        return resources.user_folder("XDG_CONFIG_HOME", "~/.config") / file
    except RuntimeError as error:
        raise ConfigError(["This user's home is not known: name a config file with --config."]) from error


def default_path() -> Path:
    """The file that holds if nobody names one: the owner's, or, if there is none, the shipped defaults.

    For a player with a name its own alone: with another's it would take that one's port and camera.
    """
    try:
        path = own_path()
    except ConfigError:
        return SHIPPED_PATH
    try:
        return path if player_name() or path.is_file() else SHIPPED_PATH
    except OSError:  # its folder is closed to us: whoever reads it says so
        return path


def write_own() -> Path:
    """Write the shipped file, comments and all, where the owner's is looked for; returns where that is.

    Raises ConfigError if there is one already, or it cannot be written.
    """
    from player.config.editing.safe_write import create  # noqa: PLC0415

    path = own_path()
    try:
        make_folder(path.parent)
        create(path, SHIPPED_PATH.read_bytes())
    except FileExistsError as error:
        raise ConfigError([f"{path} is there already; it stays as it is."]) from error
    except OSError as error:
        raise ConfigError([f"{path} cannot be written ({error.strerror})."]) from error
    return path


def whereabouts(path: Path | None = None) -> Config:
    """Of a config file that may be wrong elsewhere, what says where the running player is.

    Raises ConfigError if not even that can be read.
    """
    document = read(path or default_path())
    return _checked(
        document, {key: document.values[key] for key in WHEREABOUTS if key in document.values}, []
    )


def doubts_about(document: Document, config: Config) -> list[str]:
    """What is written as it may be, but cannot be meant: addresses without a host, paths to nowhere.

    The player starts in spite of it.
    """
    found = sorted(
        document.problem(at, text)
        for at, text in unlikely(config, document.values, document.path.resolve().parent)
    )
    return [f"{document.path}:{line}: {text}" for line, text in found]


def validated(document: Document) -> Config:
    """The settings that a document holds, with absolute paths. Raises ConfigError with every problem."""
    problems = [document.problem(at, text) for at, text in unknown_moods(document.values)]
    return _checked(document, document.values, problems)


def _checked(document: Document, values: Json, problems: list[tuple[int, str]]) -> Config:
    """The settings, with absolute paths. Raises ConfigError with these problems and all that it finds."""
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems += [document.problem(place(detail), explain(detail)) for detail in error.errors()]
        raise document.error(problems) from None
    paths = Paths(document.path.resolve().parent)
    config = with_absolute_paths(config, paths)
    problems += [document.problem(at, text) for at, text in paths.problems]
    if problems:
        raise document.error(problems)
    return config
