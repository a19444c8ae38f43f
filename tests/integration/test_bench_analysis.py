"""The bench of the analysis runs and prints what the docs quote."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.library_audio import clicks, encode

ROOT = Path(__file__).resolve().parents[2]


def test_the_bench_prints_its_table(tmp_path: Path) -> None:
    track = encode(tmp_path / "짧은 곡.flac", clicks(4, 120))
    command = [sys.executable, "-m", "scripts.bench.analysis", str(track), "--runs", "1"]

    printed = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    ).stdout

    (row,) = re.findall(r"\| 짧은 곡.flac \| ([0-9.]+) s \| ([0-9.]+) s \| ([0-9]+) MB \|", printed)
    assert all(float(figure) > 0 for figure in row)
    assert re.search(r"stages: decode and meter \d+ ms, tagger \d+ ms, features \d+ ms", printed)
