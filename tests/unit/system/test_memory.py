"""What is free again goes back to the machine, although other memory lies above it."""

import ctypes
import subprocess
import sys

import pytest

FREED_UNDER_A_PIN = """
from player.system.memory import give_back
from player.system.proc import Proc
import os

def held_mb():
    return Proc().memory_kb(os.getpid(), "Rss") / 1024

before = held_mb()
blocks = [bytearray(b"x" * 60_000) for _ in range(1000)]
blocks[:-1] = []
freed = held_mb()
give_back()
print(freed - before, held_mb() - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc")
def test_what_is_free_below_what_is_used_goes_back() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FREED_UNDER_A_PIN], capture_output=True, text=True, check=True
    )
    kept_mb, left_mb = (float(word) for word in ran.stdout.split())
    assert kept_mb > 40, "the C library keeps it by itself"
    assert left_mb < 10
