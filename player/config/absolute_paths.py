"""The paths of config.yaml in full: ~ is the home, the rest is relative to the file's folder."""

from __future__ import annotations

import re
from os.path import abspath
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from player.config.document import Location
from player.config.plausibility import ADDRESS, may_be_there, names_camera
from player.config.settings.config import Config


class Paths:
    """Makes paths absolute: ~ is the home, the rest is relative to the config file's folder."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self.problems: list[tuple[Location, str]] = []
        """What cannot be made absolute, by key path."""

    def absolute(self, at: Location, path: Path) -> Path:
        """A path in full. It may lie on a mount that never answers: no link in it is followed."""
        try:
            return Path(abspath(self._base / path.expanduser()))
        except RuntimeError:
            user = path.parts[0][1:]
            if not user:  # nobody knows this user's home (a container): the music plays all the same
                return Path("/nonexistent", *path.parts[1:])
            named = f" {user}" if re.fullmatch(r"[\w.-]{1,32}", user) else " of that name"
            self.problems.append((at, f"there is no user{named}; write the path in full."))
        except (OSError, ValueError):
            self.problems.append((at, "this can be no path, or a link in it leads in a circle."))
        return path

    def file(self, at: Location, path: Path | None) -> Path | None:
        """A file's path in full: the root of all folders can be none."""
        full = path and self.absolute(at, path)
        if full is not None and not full.name:
            self.problems.append((at, "names no file; write the path of one."))
        return full

    def exists(self, path: Path) -> bool:
        """Whether there is such a file or folder; True also if its disk does not answer."""
        return may_be_there(self._base / path)


def with_absolute_paths(config: Config, paths: Paths) -> Config:
    """The settings with all paths absolute, as far as that can be; `paths` keeps the problems."""

    def updated(section: Any, **changes: Any) -> Any:
        assert isinstance(section, BaseModel)
        return section.model_copy(update=changes)

    def maybe(path: Path | None, *at: str | int) -> Path | None:
        return path and paths.absolute(at, path)

    library, camera = config.library, config.camera
    playlists = tuple(
        playlist
        if ADDRESS.match(playlist.source)
        else updated(playlist, source=str(paths.absolute(("library", "playlists", n), Path(playlist.source))))
        for n, playlist in enumerate(library.playlists)
    )
    folders = tuple(
        paths.absolute(("library", "folders", n), folder) for n, folder in enumerate(library.folders)
    )
    dayparts = tuple(
        updated(part, safe_folder=maybe(part.safe_folder, "dayparts")) for part in config.dayparts
    )
    items = tuple(
        updated(item, file=maybe(item.file, "announcements", "items", n))
        for n, item in enumerate(config.announcements.items)
    )
    source = camera.source
    is_path = not (names_camera(source) or ADDRESS.match(source))
    if source.startswith("~") or (is_path and paths.exists(Path(source))):
        source = str(paths.absolute(("camera", "source"), Path(source)))
    return config.model_copy(
        update={
            "camera": updated(camera, source=source),
            "dayparts": dayparts,
            "announcements": updated(config.announcements, items=items),
            "library": updated(library, folders=folders, playlists=playlists),
            "control": updated(
                config.control, socket=paths.file(("control", "socket"), config.control.socket)
            ),
            "fleet": updated(config.fleet, ca_file=maybe(config.fleet.ca_file, "fleet", "ca_file")),
            "mqtt": updated(config.mqtt, ca_file=maybe(config.mqtt.ca_file, "mqtt", "ca_file")),
            "backup": updated(config.backup, folder=maybe(config.backup.folder, "backup", "folder")),
            "state_dir": maybe(config.state_dir, "state_dir"),
        }
    )
