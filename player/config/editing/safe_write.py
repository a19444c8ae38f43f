"""A file that is replaced as a whole, and stays the file it was: its links, its owner, its rights."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from player.errors import ConfigFileError
from player.privacy.private_files import FILE_MODE, flush, make_folder

_IN_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
"""The folder may not be written to, or the file is a mount of its own: the file itself may be."""
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system that knows no hard links says (exFAT, SMB)."""


def replace(path: Path, data: bytes) -> None:
    """Let a file hold this, through links. After a power cut it is the old one or the new one.

    A new file is its owner's alone, as is its folder. Raises ConfigFileError, in one sentence; the file
    is then as it was.
    """
    real = Path(os.path.realpath(path))
    try:
        before = real.stat() if real.exists() else None
        if before is None:
            if path.is_symlink():
                raise ConfigFileError([f"{path}: is a link to a file that is not there; mend the link."])
            make_folder(real.parent)
        elif not stat.S_ISREG(before.st_mode):
            raise ConfigFileError([f"{path}: is no file that can be written to."])
        elif not os.access(real, os.W_OK):
            disk = os.statvfs(real).f_flag & os.ST_RDONLY
            raise OSError(errno.EROFS if disk else errno.EACCES, "it is read-only")
        _write(real, data, before)
    except OSError as error:
        hint = {
            errno.ENOSPC: "make room on its disk", errno.EDQUOT: "make room on its disk",
            errno.EROFS: "its disk is read-only",
        }.get(error.errno or 0, "check its permissions")  # fmt: skip
        raise ConfigFileError(
            [f"{path}: cannot be written ({error.strerror}), and is as it was; {hint}."]
        ) from None


def create(path: Path, data: bytes) -> None:
    """Write a new file, its owner's alone: whole or not at all, and over none that is there.

    Raises OSError; FileExistsError if something has that name.
    """
    try:
        _beside(path, data, None, os.link)
    except OSError as error:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        if error.errno not in _NO_LINKS:
            raise
        _beside(path, data, None, os.replace)


def _write(real: Path, data: bytes, before: os.stat_result | None) -> None:
    if before is None or before.st_nlink == 1:
        try:
            _beside(real, data, before, os.replace)
            return
        except OSError as error:
            if before is None or error.errno not in _IN_PLACE:
                raise
    _into(real, data)


def _beside(real: Path, data: bytes, before: os.stat_result | None, put: Callable[[str, Path], None]) -> None:
    """Written beside it, and then put in its place: moved over it or, with `link`, where nothing is.

    Raises OSError.
    """
    descriptor, name = mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if before is not None and (before.st_uid, before.st_gid) != _owners(file.fileno()):
                os.chown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), FILE_MODE if before is None else stat.S_IMODE(before.st_mode))
            os.fsync(file.fileno())
        put(name, real)
    finally:
        with suppress(OSError):
            os.unlink(name)
    flush(real.parent)


def _owners(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_uid, found.st_gid


def _into(real: Path, data: bytes) -> None:
    """Written into the file itself. Raises OSError; what it held is then put back."""
    with real.open("r+b") as file:
        held = file.read()
        os.posix_fallocate(
            file.fileno(), 0, max(len(data), 1)
        )  # a full disk is noticed before anything is lost
        try:
            _over(file.fileno(), data)
        except OSError:
            _over(file.fileno(), held)
            raise


def _over(descriptor: int, data: bytes) -> None:
    os.pwrite(descriptor, data, 0)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)
