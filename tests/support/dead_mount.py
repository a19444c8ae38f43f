"""A mount whose server is gone: whoever asks it waits."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

DEAD = Path("/mnt/dead")


@contextmanager
def dead_mount(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that nothing in the system answers for, until the end; the main thread must not ask there."""
    end = threading.Event()

    def dead(real: Callable[..., Any]) -> Callable[..., Any]:
        def asked(path: Any, *args: Any, **named: Any) -> Any:
            if str(path).startswith(str(DEAD)):
                assert threading.current_thread() is not threading.main_thread(), f"{path} is waited for"
                end.wait(30)
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            return real(path, *args, **named)

        return asked

    with monkeypatch.context() as patched:
        for name in ("stat", "lstat", "readlink", "mkdir"):
            patched.setattr(os, name, dead(getattr(os, name)))
        try:
            yield DEAD
        finally:
            end.set()
