"""A mount whose server never answers: a FUSE file system that nobody serves. Needs root and /dev/fuse."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MNT_DETACH = 2
POSSIBLE = os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)


@contextmanager
def hanging_mount(folder: Path) -> Iterator[Callable[[], None]]:
    """Whoever looks into `folder` waits from now on, until what this gives is called, or the context ends.

    Those who wait then get an error, and what was in the folder before is there again.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"hanging", os.fsencode(folder), b"fuse.hanging", 0, options) != 0:
        os.close(device)
        raise OSError(ctypes.get_errno(), "the hanging file system cannot be mounted")
    mounted = True

    def answer() -> None:
        nonlocal mounted
        if mounted:
            mounted = False
            os.close(device)
            libc.umount2(os.fsencode(folder), MNT_DETACH)

    try:
        yield answer
    finally:
        answer()
