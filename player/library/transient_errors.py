"""Whether a file that cannot be read is at fault, or the system that was to read it: that passes."""

from __future__ import annotations

import errno
import os
import signal
import stat
from pathlib import Path

from player.errors import NotNowError

_NAMES = """
    EACCES EPERM ENOENT ENOTDIR EIO ENXIO ENODEV ENOMEDIUM EREMOTEIO EMFILE ENFILE ENOMEM ENOSPC EAGAIN EINTR
    EBUSY ETXTBSY EDEADLK ENOLCK EBADF EUCLEAN ESTALE ETIMEDOUT ENOTCONN ECONNRESET ECONNREFUSED ECONNABORTED
    EPIPE ESHUTDOWN EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENETRESET ENOLINK EKEYEXPIRED ENOKEY
    EKEYREVOKED EKEYREJECTED EDQUOT EROFS ENOBUFS EPROTO EBADMSG ENOSYS EOPNOTSUPP ECOMM ENODATA ELOOP
"""
PASSING = frozenset(getattr(errno, name) for name in _NAMES.split() if hasattr(errno, name))
"""What the system says of itself, a disk or a network, and never of what a file holds (errno(3))."""
SHORT_OF = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""It is this process that cannot look: what it looked for is there as before."""
_FILES_OWN = frozenset({errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EOVERFLOW, errno.EFBIG})
"""What reading may give for what the file is; whatever else a file system has to say is its own trouble."""
_DECODERS_OWN = frozenset(
    {errno.EIO, errno.ENOMEM, errno.EAGAIN, errno.EPERM, errno.EPIPE, errno.EBADF}
    | {errno.EPROTO, errno.EBADMSG, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENODATA}
)
"""ffmpeg gives these for torn files too: what reading the file gives decides."""
_NO_SUCH = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
"""There is nothing of that name, or can be none."""
_PIECE = 1 << 20
FROM_OUTSIDE = tuple(-number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT))
"""Return codes of a process that somebody ended, the kernel for its memory say: no file can do that."""


def misnamed(path: Path) -> NotNowError | None:
    """What is wrong with a name that somebody gave for that of a file; None if there is a file."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_SUCH:
            return None  # which reading it will show
        return NotNowError(f"There is no file {path}: correct its name, or bring it back.")
    return NotNowError(f"{path} is a folder: name the files in it.") if stat.S_ISDIR(mode) else None


def not_now(path: Path, error: BaseException, *, whole: bool = False) -> NotNowError | None:
    """The error that says that a file cannot be read at present; None if it is the file's own fault.

    With `whole`, all of it is read to find that out, else its beginning.
    """
    if isinstance(error, NotNowError):
        return error
    found = _system_error(error) or _reading(path, whole)
    if found is None:
        return None
    reason = os.strerror(found.errno) if found.errno else str(found)
    made = NotNowError(f"{path} cannot be read at present ({reason}): it is tried again.")
    made.__cause__ = error
    return made


def _system_error(error: BaseException | None) -> OSError | None:
    """The system's own error among the causes of another, if there is one."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for one in (error, *error.args):  # mutagen keeps it among its arguments
            if isinstance(one, MemoryError):
                return OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            if isinstance(one, OSError) and one.errno in PASSING:
                of_decoder = type(one).__module__.startswith("av")
                if not (of_decoder and one.errno in _DECODERS_OWN):
                    return one
        error = error.__cause__ or error.__context__
    return None


def _reading(path: Path, whole: bool) -> OSError | None:
    """What goes wrong with reading a file, if anything."""
    try:
        with path.open("rb", buffering=0) as file:
            while file.read(_PIECE) and whole:
                pass
    except OSError as error:
        return None if error.errno in _FILES_OWN else error
    except ValueError:  # a name that no file can have
        return None
    return None


def signature(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change of what a file holds: other ones, and it is being written."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns
