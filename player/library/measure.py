"""How loud a file is, measured in a process of its own: what crashes a decoder must not end the player."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from player.errors import AudioFileError

TIME_LIMIT_S = 60.0


def measure(path: Path) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of a file. Takes about half a second.

    Raises AudioFileError where it cannot be read, or not within TIME_LIMIT_S.
    """
    command = [sys.executable, "-m", __name__, str(path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT_S, check=False
        )
        answer = json.loads(done.stdout)
        if "error" not in answer:
            return float(answer["loudness_lufs"]), float(answer["true_peak_dbtp"])
        reason = str(answer["error"])
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        reason = f"{path} cannot be measured ({type(error).__name__}): replace or remove it."
    raise AudioFileError(reason)


def main() -> None:
    """Measure the file that the first argument names; the answer is one line of JSON."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from player.library.decode import decode  # noqa: PLC0415 - the player itself needs no decoder for this

    try:
        audio = decode(Path(sys.argv[1]))
        answer: dict[str, object] = {
            "loudness_lufs": audio.loudness_lufs,
            "true_peak_dbtp": audio.true_peak_dbtp,
        }
    except AudioFileError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
