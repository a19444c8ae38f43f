"""What a benchmark says of memory is of its own process."""

import subprocess
import sys
from pathlib import Path

from scripts.bench.peak_memory import peak_mb

ROOT = Path(__file__).resolve().parents[3]


def test_a_large_parent_is_not_counted_for_its_child() -> None:
    held = bytearray(300 * 1024 * 1024)
    held[::4096] = b"x" * len(held[::4096])  # only what was written to is there
    assert peak_mb() > 300
    code = "from scripts.bench.peak_memory import peak_mb; print(peak_mb())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 1 < float(done.stdout) < 100
