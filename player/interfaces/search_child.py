"""The process that looks around on this machine: it may hang on a dead disk or a driver, and is then ended.

    search_child outputs | music | folders PATH

Says what it has found as one line of JSON.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from player.errors import MissingError, PlayerError
from player.library.scan.music_count import count
from player.playback.pulse import default_sink
from player.playback.vlc import outputs
from player.system import child_side
from player.system.audio_output import AudioOutput, OutputKind
from player.system.folders import folders
from player.types import Json

LOOKS_S = 1.5
"""For all folders together."""
CARDS = ("sysdefault:", "hdmi:")
"""How ALSA names the ways out of a card that people use, among dozens of converters."""
MUSIC = ("Music", "music", "Musik", "Musique", "Música", "음악")
MOUNTS = ("media", "run/media", "mnt")


def found_outputs() -> Iterator[Json]:
    """By the name that config.yaml takes, and as people call it; the sound server's before the cards'."""
    try:
        found = outputs()
    except PlayerError:
        return
    default = default_sink() or ""
    served = any(each.kind is OutputKind.PULSE and each.device for each in found)
    for each, said in found.items():
        card = each.kind is OutputKind.ALSA and each.device.startswith(CARDS)
        if (each.kind is OutputKind.PULSE and each.device) or (card and not served):
            name, is_default = str(each), each == AudioOutput(OutputKind.PULSE, default)
            yield {"name": name, "said": said or each.device, "default": is_default}


def found_music(home: Path, top: Path = Path("/")) -> Iterator[Json]:
    """Folders that likely hold the owner's music, with the most files first."""
    until = time.monotonic() + LOOKS_S
    counted = [(place, count(place, until)) for place in dict.fromkeys(_likely(home, top))]
    for place, held in sorted(counted, key=lambda each: -each[1].files):
        if held.files:
            yield {"path": str(place), "files": held.files, "more": held.more}


def _likely(home: Path, top: Path) -> Iterator[Path]:
    try:
        said = (home / ".config" / "user-dirs.dirs").read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        said = ""
    if named := re.search(r'^XDG_MUSIC_DIR="(?:\$HOME/([^"\n]+)|(/[^"\n]*))"', said, re.MULTILINE):
        yield from _there([home / named[1] if named[1] else Path(named[2])])
    yield from _there([home / name for name in MUSIC])
    for mount in MOUNTS:
        try:
            inside = sorted(each for each in (top / mount).iterdir() if not each.name.startswith("."))
        except OSError:
            continue
        # /media/USER/STICK, and /media/STICK
        users = [each for each in inside if each.name == home.name]
        yield from _there([each for each in inside if each not in users][:20])
        for user in users:
            try:
                yield from _there(sorted(each for each in user.iterdir())[:20])
            except OSError:
                continue


def _there(places: list[Path]) -> Iterator[Path]:
    for place in places:
        try:
            if place.is_dir() and not place.is_symlink():
                yield place
        except OSError:
            continue


def found_folders(path: Path, home: Path) -> Json:
    """The folders in one, each with how many music files lie in it. Raises MissingError."""
    found, until = folders(path, home), time.monotonic() + LOOKS_S
    inner = [(name, count(path / name, until, most=1000)) for name in found.names]
    return {
        "path": str(found.path),
        "above": str(found.above) if found.above else None,
        "folders": [{"name": name, "files": held.files, "more": held.more} for name, held in inner],
        "left_out": found.left_out,
    }


def main() -> None:
    """Look for what the command line says."""
    child_side.at_parents_end(signal.SIGKILL)
    match sys.argv[1:]:
        case ["outputs"]:
            said: object = list(found_outputs())
        case ["music"]:
            said = list(found_music(Path.home()))
        case ["folders", path]:
            try:
                said = found_folders(Path(path), Path.home())
            except MissingError as error:
                said = {"missing": str(error)}
        case _:
            raise SystemExit(2)
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
