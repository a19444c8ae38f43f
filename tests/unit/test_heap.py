"""The limit is the C library's own: whether it is obeyed is asked of a process with many threads."""

import subprocess
import sys

import pytest

from player.heap import ARENAS, limit_arenas

THREADS = """
import ctypes, sys, threading
from player.heap import limit_arenas
if sys.argv[1] == "limited" and not limit_arenas():
    sys.exit("no mallopt")
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
barrier = threading.Barrier(12)
def work():
    libc.malloc(200)
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def heaps(mode: str) -> int:
    """How many heaps a process of twelve threads has."""
    done = subprocess.run(
        [sys.executable, "-c", THREADS, mode], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_threads_share_a_few_heaps() -> None:
    assert heaps("unlimited") > ARENAS
    assert heaps("limited") <= ARENAS


def test_it_says_whether_it_could() -> None:
    assert isinstance(limit_arenas(), bool)
