"""The file of a backup: a ZIP archive with a list of contents, written whole or not at all, never trusted."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shlex
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from player.errors import BackupError
from player.state import state_file, taught_moments
from player.types import Json, is_utf8, json_text

KIND = "ambient-player backup"
FORMAT = 1
MANIFEST, CONFIG, PASSWORDS = "manifest.json", "config.yaml", "web_secrets.json"
LARGEST = {
    CONFIG: 256 * 1024,
    state_file.DATABASE: 16 * 1024**3,
    state_file.STATE: state_file.LARGEST,
    taught_moments.NAME: state_file.LARGEST,
    PASSWORDS: state_file.LARGEST,
}
"""All that a backup may hold, and the most bytes of each; other names are not looked at any further."""
_CHUNK = 1 << 20
_LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    player: str
    """The version of the player that made it."""
    schema: int
    """The version of its library."""
    made_at: str
    """In ISO 8601, with the house's offset from UTC."""
    secrets: bool
    hidden: tuple[str, ...]
    """Keys of the settings that lost a password."""
    files: Mapping[str, str]
    """Their SHA-256, by name."""
    home: str = ""
    """The folder that ~ was in the settings; "" if nobody knew, or an earlier player made it."""


def check_target(target: Path) -> None:
    """Raises BackupError if something else than a backup is where one is to be written."""
    if os.path.exists(target) and not (target.is_file() and _is_ours(target)):
        raise BackupError(
            f"{target} is there already and is no backup: it stays as it is. Name another file."
        )


def write(
    target: Path,
    scratch: Path,
    files: Mapping[str, Path],
    about: Callable[[Mapping[str, str]], Manifest],
) -> None:
    """Write a backup in one go: until it is whole, `target` is what it was. Raises BackupError.

    scratch  a folder on the same disk, to write it in; the caller removes it
    about    makes the list of contents from the checksums
    """
    partial = scratch / "backup.partial"
    check_target(target)
    with in_words(f"{target} cannot be written"):
        with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                sums = {name: _pack(archive, name, path) for name, path in files.items()}
                said = {"kind": KIND, "format": FORMAT, **asdict(about(sums))}
                archive.writestr(MANIFEST, json_text(said))
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(target)


def read(path: Path) -> Manifest:
    """What a backup says of itself, if all that it holds is as it says. Raises BackupError."""
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        names = [info.filename for info in archive.infolist()]
        if len(set(names)) != len(names) or set(names) != {MANIFEST, *manifest.files}:
            raise BackupError(
                f"{path} does not hold what its list says: it is damaged, or somebody changed it."
            )
        for name in manifest.files:
            _checked(path, archive, name, manifest, None)
        return manifest


def extract(path: Path, manifest: Manifest, folder: Path) -> None:
    """Write what a backup holds into an empty folder. Raises BackupError."""
    with _opened(path) as archive, in_words(f"{folder} cannot be written to"):
        for name in manifest.files:
            target = folder / name
            with open(target, "xb", opener=lambda made, flags: os.open(made, flags, 0o600)) as file:
                _checked(path, archive, name, manifest, file)
                file.flush()
                os.fsync(file.fileno())


def _is_ours(path: Path) -> bool:
    try:
        with _opened(path) as archive:
            return MANIFEST in archive.namelist()
    except BackupError:
        return False


def _pack(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    # No file's own time is told, and none before 1980, which ZIP does not know, is a fault.
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    info.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(info, "w") as into:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            into.write(chunk)
    return digest.hexdigest()


def _checked(
    path: Path, archive: zipfile.ZipFile, name: str, manifest: Manifest, into: IO[bytes] | None
) -> None:
    """Read one file of it whole, and write it down if asked to. Raises BackupError, OSError of the target."""
    digest, left = hashlib.sha256(), LARGEST[name]
    with archive.open(name) as source:
        while chunk := _read(path, source):
            left -= len(chunk)
            if left < 0:
                raise BackupError(
                    f"{path} holds a {name} that is too large to be one: it is no backup of ours."
                )
            digest.update(chunk)
            if into is not None:
                into.write(chunk)
    if digest.hexdigest() != manifest.files[name]:
        raise BackupError(f"{path} is damaged ({name} is not what it was): take another backup.")


def _read(path: Path, source: IO[bytes]) -> bytes:
    try:
        return source.read(_CHUNK)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise BackupError(f"{path} is damaged ({error}): take another backup.") from error
    except Exception as error:  # zlib.error is no child of any of these
        raise BackupError(f"{path} is damaged ({type(error).__name__}): take another backup.") from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    # Not Path's own, which raise where a folder is closed: opening it says that in a sentence.
    if os.path.exists(path) and not os.path.isfile(path):  # a device may have no end
        raise BackupError(f"{path} is no file.")
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BackupError(f"{path} is not there.") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BackupError(f"{path} is no backup of this player, or not the whole of one.") from None
    except PermissionError as error:
        user, copied = os.geteuid(), f"{home() or '/tmp'}/to-restore.zip"
        raise BackupError(
            f"{path} cannot be read ({error.strerror}): this runs as the user with the number {user}. Give it"
            f" a copy with `sudo install -m 0600 -o {user} {shlex.quote(str(path))} {copied}`, and restore"
            " that."
        ) from error
    except OSError as error:
        raise BackupError(f"{path} cannot be read ({error.strerror}).") from error
    with archive:
        yield archive


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    foreign = BackupError(f"{path} is no backup of this player.")
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > state_file.LARGEST:
            raise foreign
        with archive.open(info) as file:
            said: Any = json.loads(_read(path, file))
    except (
        KeyError,
        ValueError,
        RecursionError,
        RuntimeError,
        NotImplementedError,
        OSError,
        zipfile.BadZipFile,
    ):
        raise foreign from None
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise foreign
    if said.get("format") != FORMAT:
        raise BackupError(
            f"{path} was made by a newer player ({str(said.get('player'))[:40]}): update this one first."
        )
    try:
        return _parsed(said)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BackupError(f"{path} has a list of contents that makes no sense ({error}).") from None


def _parsed(said: Json) -> Manifest:
    """Raises KeyError, TypeError, ValueError or OverflowError."""
    files = {str(name): str(digest) for name, digest in dict(said["files"]).items()}
    if unknown := sorted(files.keys() - LARGEST.keys()):
        raise ValueError(f"{unknown[0][:60]!r} is no file of a backup")
    if not {CONFIG, state_file.DATABASE} <= files.keys():
        raise ValueError("settings or library are missing")
    return Manifest(
        player=str(said["player"])[:40],
        schema=int(said["schema"]),
        made_at=str(said["made_at"])[:40],
        secrets=said["secrets"] is True,
        hidden=tuple(str(key)[:200] for key in list(said["hidden"])[:500]),
        files=files,
        home=_whole(str(said.get("home", ""))),
    )


def home() -> str:
    """The folder that ~ is in this machine's settings; "" if nobody knows."""
    return _whole(os.path.expanduser("~"))


def _whole(path: str) -> str:
    return path if path.startswith("/") and len(path) <= _LONGEST_PATH and is_utf8(path) else ""


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """An OSError as a sentence that begins so: raises BackupError."""
    try:
        yield
    except OSError as error:
        raise BackupError(sentence(what, error)) from error


def sentence(what: str, error: OSError) -> str:
    """What happened, and what to do about it."""
    return f"{what} ({error.strerror}); {remedy(error, 'check that it is there, and who may write to it')}."


def remedy(error: OSError, otherwise: str) -> str:
    """What to do about a disk that cannot be written to."""
    return "make room on its disk" if error.errno in (errno.ENOSPC, errno.EDQUOT) else otherwise
